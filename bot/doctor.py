"""`northlight doctor`: what is ready and what is not, in plain words."""

import asyncio
import os
import platform
import shutil
import socket
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from msgspec import Struct

from bot.config import Settings
from bot.errors import ConfigError
from bot.studios import studio_for
from engine.cards import COMMAND, DriverSilent, cards
from engine.profiles import load_profiles, present
from engine.weights import Weights

Status = Literal["ok", "warn", "fail"]

_LLM_TIMEOUT_S = 3.0
_ROOM_FAIL_MB = 200
_ROOM_WARN_MB = 2000


class Finding(Struct, frozen=True):
    """One thing looked at. `fail` means that the studio cannot work without it."""

    name: str
    status: Status
    text: str


async def run_checks(settings: Settings) -> list[Finding]:
    """Look at everything the studio needs; connect only to configured servers of models."""
    return [
        check_python(sys.version_info[:3]),
        await asyncio.to_thread(check_cards),
        await asyncio.to_thread(check_studio, settings),
        await asyncio.to_thread(check_generative, settings.models_dir),
        *await asyncio.to_thread(check_weights, Weights(settings.models_dir), settings.matte),
        *await asyncio.to_thread(check_certificate, settings),
        await asyncio.to_thread(check_folder, "data folder", settings.data_dir),
        await asyncio.to_thread(check_folder, "models folder", settings.models_dir),
        await asyncio.to_thread(check_port, settings.host, settings.port),
        *check_tokens(settings),
        await check_llm(settings),
        *await check_images(settings),
    ]


def exit_code(findings: Iterable[Finding]) -> int:
    """1 when something essential is missing, else 0."""
    return int(any(finding.status == "fail" for finding in findings))


def check_python(version: tuple[int, int, int]) -> Finding:
    """Python 3.11 or newer; warns beyond what is tested."""
    text = f"Python {'.'.join(map(str, version))} on {platform.system()} {platform.machine()}"
    if version < (3, 11):
        return Finding("python", "fail", f"{text}: 3.11 or newer is needed.")
    if version >= (3, 14):
        return Finding("python", "warn", f"{text}: tested up to 3.13.")
    return Finding("python", "ok", f"{text}.")


def check_cards(command: str = COMMAND) -> Finding:
    """The cards, by NVIDIA's own tool; the embedded studio needs none, so their absence is fine."""
    try:
        found = cards(command)
    except DriverSilent:
        return Finding("gpu", "warn", "The NVIDIA driver does not answer.")
    if not found:
        return Finding("gpu", "ok", "No NVIDIA GPU; the embedded studio works without one.")
    return Finding("gpu", "ok", "; ".join(f"{c.name}, {c.vram_gb:g} GB" for c in found) + ".")


def check_studio(settings: Settings) -> Finding:
    """Who makes the pictures here, and what a generative model would need."""
    try:
        return Finding("studio", "ok", studio_for(settings).text)
    except ConfigError as error:
        return Finding("studio", "fail", f"{error}.")


def check_generative(models_dir: Path) -> Finding:
    """Which generative models are here; none has to be."""
    here = [name for name, profile in load_profiles().items() if present(profile, models_dir)]
    if here:
        return Finding("generative", "ok", f"Here: {', '.join(here)}.")
    text = "No generative model is here; one adds clothes, scene and pose from words, on a card."
    return Finding("generative", "ok", f"{text} `northlight models list` says which.")


def check_weights(weights: Weights, matte: str) -> list[Finding]:
    """Each model the studio needs, by the sizes of its files; sha256 is `models fetch`'s work."""
    needed = set(weights.defaults()) - {"u2net", "u2netp", "birefnet-portrait"} | {matte}
    return [_weight(weights, name) for name in weights.names() if name in needed]


def _weight(weights: Weights, name: str) -> Finding:
    model = weights.manifest.find(name)
    if not weights.present(name):
        text = f"'{name}' is missing: run `northlight models fetch {name}`."
        return Finding("model", "fail", text)
    licence = "" if model.commercial else "; its pictures are for non-commercial use"
    return Finding("model", "ok", f"'{name}' is here ({model.purpose}{licence}).")


def check_certificate(settings: Settings) -> list[Finding]:
    """Whether pictures can be signed, where a certificate is configured; nothing otherwise."""
    wanted = {"c2pa_cert": settings.c2pa_cert, "c2pa_key": settings.c2pa_key}
    named = {name: path for name, path in wanted.items() if path}
    if not named:
        return []
    missing = [path for path in named.values() if not Path(path).is_file()]
    if len(named) < len(wanted):
        return [Finding("signature", "fail", "Certificate and key belong together: name both.")]
    if missing:
        return [Finding("signature", "fail", f"{missing[0]} is not there.")]
    if find_spec("c2pa") is None:
        hint = "make run EXTRAS=studio,web,provenance installs it"
        return [Finding("signature", "fail", f"c2pa-python is not installed: {hint}.")]
    return [Finding("signature", "ok", f"Pictures are signed with {settings.c2pa_cert}.")]


def check_folder(name: str, folder: Path) -> Finding:
    """Whether the folder, or its nearest existing parent, can be written and has room."""
    standing = next(path for path in (folder, *folder.parents) if path.exists())
    if not standing.is_dir() or not os.access(standing, os.W_OK | os.X_OK):
        return Finding(name, "fail", f"{folder} cannot be written.")
    free_mb = shutil.disk_usage(standing).free // 1_000_000
    return Finding(name, _room(free_mb), f"{folder}, {free_mb / 1000:.1f} GB free.")


def _room(free_mb: int) -> Status:
    if free_mb < _ROOM_FAIL_MB:
        return "fail"
    return "warn" if free_mb < _ROOM_WARN_MB else "ok"


def check_port(host: str, port: int) -> Finding:
    """Whether the web page could listen there; taken may mean that Northlight already runs."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        hint = "is Northlight running already? Else set NORTHLIGHT_PORT"
        return Finding("web page", "warn", f"{host}:{port} is not free ({error.strerror}): {hint}.")
    return Finding("web page", "ok", f"http://{host}:{port} is free.")


def check_tokens(settings: Settings) -> list[Finding]:
    """Whether the chat tokens are set; they are never shown."""
    tokens = (("telegram", settings.telegram_bot_token), ("discord", settings.discord_bot_token))
    return [
        Finding(
            name,
            "ok",
            "A token is set."
            if token.get_secret_value()
            else f"No token ({name.upper()}_BOT_TOKEN): the web page and the console still work.",
        )
        for name, token in tokens
    ]


async def check_llm(settings: Settings) -> Finding:
    """Ask the language model's server for its models, when a key is set."""
    import httpx2

    key = settings.openai_api_key.get_secret_value()
    if not key:
        text = "No key (OPENAI_API_KEY): the built-in lexicon reads what people write."
        return Finding("language model", "ok", text)
    where = f"{settings.openai_base_url}/models"
    try:
        async with httpx2.AsyncClient(timeout=_LLM_TIMEOUT_S) as client:
            answer = await client.get(where, headers={"Authorization": f"Bearer {key}"})
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeEncodeError) as error:
        text = f"{settings.openai_base_url} does not answer ({type(error).__name__})"
        return Finding("language model", "warn", f"{text}: the lexicon will stand in.")
    return _llm_answer(settings, answer.status_code)


def _llm_answer(settings: Settings, status: int) -> Finding:
    if status in (401, 403):
        text = f"{settings.openai_base_url} refuses the key: the lexicon will stand in."
        return Finding("language model", "warn", text)
    if status >= 500:
        text = f"{settings.openai_base_url} answers {status}: the lexicon will stand in."
        return Finding("language model", "warn", text)
    text = f"{settings.openai_base_url} answers; '{settings.llm_model}' will be asked."
    return Finding("language model", "ok", text)


async def check_images(settings: Settings) -> list[Finding]:
    """Ask the server that draws for its models, when a key is set; nothing is drawn."""
    import httpx2

    key, where = settings.images_api_key.get_secret_value(), settings.images_base_url
    if not key:
        return []
    name = "picture server"
    try:
        async with httpx2.AsyncClient(timeout=_LLM_TIMEOUT_S) as client:
            answer = await client.get(f"{where}/models", headers={"Authorization": f"Bearer {key}"})
    except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeEncodeError) as error:
        return [Finding(name, "warn", f"{where} does not answer ({type(error).__name__}).")]
    if answer.status_code in (401, 403):
        return [Finding(name, "warn", f"{where} refuses the key (NORTHLIGHT_IMAGES_API_KEY).")]
    if answer.status_code >= 500:
        return [Finding(name, "warn", f"{where} answers {answer.status_code}.")]
    price = settings.images_price or "an unknown price (NORTHLIGHT_IMAGES_PRICE)"
    return [Finding(name, "ok", f"{where} answers; '{settings.images_model}' draws for {price}.")]
