"""The doctor says in plain words what is ready, shows no secret, and knows what is essential."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config import Settings, load_settings
from bot.doctor import (
    Finding,
    check_cards,
    check_folder,
    check_generative,
    check_images,
    check_llm,
    check_port,
    check_python,
    check_studio,
    check_tokens,
    check_weights,
    exit_code,
    run_checks,
)
from engine.profiles import COMPLETE, load_profiles, repo_folder, stamp
from engine.weights import Weights


class _Models(BaseHTTPRequestHandler):
    def __init__(self, status: int, seen: list[str], *args: object) -> None:
        self.status, self.seen = status, seen
        super().__init__(*args)  # type: ignore[arg-type]  # the server's own three

    def do_GET(self) -> None:
        self.seen.append(f"{self.path} {self.headers.get('Authorization')}")
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(json.dumps({"data": []}).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@contextmanager
def language_model(status: int = 200) -> Iterator[tuple[str, list[str]]]:
    seen: list[str] = []
    with HTTPServer(("127.0.0.1", 0), partial(_Models, status, seen)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", seen
        server.shutdown()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(None).model_copy(
        update={
            "data_dir": tmp_path / "data",
            "models_dir": tmp_path / "models",
            "port": free_port(),
            "openai_api_key": SecretStr(""),
        }
    )


def install(folder: Path, name: str) -> None:
    """Files of the right size: what a cheap look can see."""
    for file in Weights(folder).manifest.find(name).files:
        path = folder / name / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as out:
            out.truncate(file.size)


def words(*findings: Finding) -> str:
    return "\n".join(f"{finding.name} {finding.status} {finding.text}" for finding in findings)


async def test_a_fresh_machine_is_told_what_to_fetch(settings: Settings) -> None:
    """Without models nothing can be shot: each is named with its command, and the exit is 1."""
    findings = await run_checks(settings)
    assert "`northlight models fetch u2net`" in words(*findings)
    assert exit_code(findings) == 1


async def test_with_the_models_here_nothing_essential_is_missing(settings: Settings) -> None:
    """No GPU, no token and no key: ready all the same."""
    for name in Weights(settings.models_dir).defaults():
        install(settings.models_dir, name)
    assert exit_code(await run_checks(settings)) == 0


def test_looking_leaves_nothing_behind(settings: Settings, tmp_path: Path) -> None:
    """The doctor makes no folder and no file."""
    asyncio.run(run_checks(settings))
    assert list(tmp_path.iterdir()) == []


def test_only_the_chosen_matte_is_demanded(tmp_path: Path) -> None:
    """Who runs the light matte need not fetch the careful one."""
    assert "'u2net'" not in words(*check_weights(Weights(tmp_path), "u2netp"))
    assert "'u2netp'" not in words(*check_weights(Weights(tmp_path), "u2net"))


def test_a_non_commercial_model_is_called_so(tmp_path: Path) -> None:
    """The licence is said where the model is named."""
    install(tmp_path, "random-face-synthesis")
    assert "non-commercial" in words(*check_weights(Weights(tmp_path), "u2net"))


@pytest.mark.parametrize(
    ("version", "status"), [((3, 10, 9), "fail"), ((3, 11, 0), "ok"), ((3, 14, 0), "warn")]
)
def test_python_is_judged(version: tuple[int, int, int], status: str) -> None:
    """Too old cannot work; newer than tested may."""
    assert check_python(version).status == status


def test_no_gpu_is_no_fault() -> None:
    """The embedded studio needs none."""
    assert check_cards("no-such-tool").status == "ok"


def test_a_gpu_is_named(tmp_path: Path) -> None:
    """Whatever the driver's tool says."""
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho '0, 81559, NVIDIA H100'\n")
    tool.chmod(0o755)
    assert "NVIDIA H100, 79.6 GB" in check_cards(str(tool)).text


def test_generative_models_that_are_here_are_named(tmp_path: Path) -> None:
    """None has to be; that is no fault, and says where to look."""
    none = check_generative(tmp_path)
    assert (none.status, "northlight models list" in none.text) == ("ok", True)
    sdxl = load_profiles()["sdxl"]
    for part in (sdxl, *sdxl.extras):
        folder = repo_folder(part.repo, tmp_path)
        folder.mkdir(parents=True)
        (folder / COMPLETE).write_text(stamp(part), encoding="utf-8")
    assert check_generative(tmp_path).text == "Here: sdxl."


def test_a_model_that_is_not_here_fails_with_its_command(settings: Settings) -> None:
    """Asked for by name, it must not be replaced in silence."""
    finding = check_studio(settings.model_copy(update={"model": "sdxl"}))
    assert finding.status == "fail"
    assert "northlight models fetch sdxl" in finding.text


def test_a_folder_that_cannot_be_made_fails(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").touch()
    assert check_folder("data folder", tmp_path / "file" / "data").status == "fail"
    assert check_folder("data folder", tmp_path / "new" / "data").status != "fail"


def test_a_taken_port_is_a_hint_not_a_failure() -> None:
    """Most often it is Northlight itself that listens there."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        finding = check_port("127.0.0.1", other.getsockname()[1])
    assert finding.status == "warn"
    assert "NORTHLIGHT_PORT" in finding.text


def test_tokens_are_seen_but_never_shown(settings: Settings) -> None:
    """Set or not set is all the doctor says."""
    with_token = settings.model_copy(update={"telegram_bot_token": SecretStr("123:hush")})
    telegram, discord = check_tokens(with_token)
    assert telegram.text == "A token is set."
    assert "DISCORD_BOT_TOKEN" in discord.text
    assert "hush" not in words(telegram, discord)


async def test_without_a_key_nobody_is_asked(settings: Settings) -> None:
    """The lexicon reads the words, and that is fine."""
    with language_model() as (url, seen):
        finding = await check_llm(settings.model_copy(update={"openai_base_url": url}))
    assert finding.status == "ok"
    assert seen == []


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [(200, "ok", "answers"), (401, "warn", "refuses the key"), (503, "warn", "answers 503")],
)
async def test_the_language_model_is_asked_for_its_models(
    settings: Settings, answer: int, status: str, says: str
) -> None:
    """One light question, with the key in its header and nowhere else."""
    with language_model(answer) as (url, seen):
        finding = await check_llm(
            settings.model_copy(
                update={"openai_base_url": url, "openai_api_key": SecretStr("hush")}
            )
        )
    assert seen == ["/v1/models Bearer hush"]
    assert finding.status == status
    assert says in finding.text
    assert "hush" not in finding.text


async def test_a_dead_language_model_is_not_essential(settings: Settings) -> None:
    """The lexicon stands in."""
    dead = {
        "openai_base_url": f"http://127.0.0.1:{free_port()}/v1",
        "openai_api_key": SecretStr("k"),
    }
    finding = await check_llm(settings.model_copy(update=dead))
    assert finding.status == "warn"
    assert "lexicon" in finding.text


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        (200, "ok", "draws for 0.17 USD"),
        (401, "warn", "refuses the key"),
        (503, "warn", "answers 503"),
    ],
)
async def test_the_server_that_draws_is_asked_for_its_models_alone(
    settings: Settings, answer: int, status: str, says: str
) -> None:
    """Nothing is drawn, so nothing is paid; without a key it is not asked at all."""
    with language_model(answer) as (url, seen):
        known = settings.model_copy(update={"images_base_url": url, "images_price": "0.17 USD"})
        assert await check_images(known) == []
        keyed = known.model_copy(update={"images_api_key": SecretStr("hush")})
        (finding,) = await check_images(keyed)
    assert seen == ["/v1/models Bearer hush"]
    assert (finding.status, says in finding.text) == (status, True)
    assert "hush" not in finding.text
