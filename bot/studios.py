"""Which studio this machine gets: the embedded one, or one that draws with a generative model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from bot.config import Settings
from bot.errors import ConfigError
from bot.links import host_of
from engine.cards import Card, DriverSilent, cards, chosen
from engine.profiles import Profile, choose, load_profiles, named, present, recommended

EMBEDDED = "engine.studio.factory:embedded"
DIFFUSION = "engine.studio.factory:diffusion"
HOSTED = "engine.studio.factory:hosted"
NONE, SERVER = "none", "hosted"
IMAGES_KEY = "NORTHLIGHT_IMAGES_API_KEY"
NEEDS = ("torch", "diffusers", "transformers")
INSTALL = "make run EXTRAS=studio,web,gpu"


@dataclass(frozen=True, slots=True)
class Studio:
    """A worker's factory and its settings; `text` says in a sentence why it is this one.

    `profile` is the generative model, None in the embedded studio. `cards` are those to use, one
    worker each; none for the processor. `secrets` are for the worker's environment alone.
    """

    factory: str
    settings: dict[str, str]
    text: str
    profile: Profile | None = None
    cards: tuple[Card, ...] = ()
    secrets: dict[str, str] = field(default_factory=dict, repr=False)


def studio_for(
    settings: Settings,
    find_cards: Callable[[], Sequence[Card]] = cards,
    installed: Callable[[], bool] = lambda: all(find_spec(name) for name in NEEDS),
) -> Studio:
    """The studio for this machine. Blocks for as long as the driver takes to answer.

    Raises:
        ConfigError: NORTHLIGHT_MODEL names a model that is unknown, not here, or cannot run;
            NORTHLIGHT_GPUS a card that is not there.
    """
    found = _cards(find_cards, settings.gpus)
    vram = max((card.vram_gb for card in found), default=0.0)
    wanted = settings.model.strip()
    if wanted == NONE:
        return _embedded(settings, "NORTHLIGHT_MODEL is none: the embedded studio makes pictures.")
    if wanted == SERVER:
        return _hosted(settings)
    if wanted:
        return _diffusion(settings, _asked_for(wanted, settings, vram, installed), found)
    profiles = load_profiles().values()
    profile = choose(profiles, vram, lambda p: present(p, settings.models_dir))
    if profile and installed():
        return _diffusion(settings, profile, found)
    if settings.images_api_key.get_secret_value():
        return _hosted(settings)
    return _embedded(settings, _advice(profile, vram))


def _asked_for(
    wanted: str, settings: Settings, vram: float, installed: Callable[[], bool]
) -> Profile:
    try:
        profile = named(wanted, load_profiles())
    except ValueError as error:
        raise ConfigError(f"NORTHLIGHT_MODEL: {error}") from error
    if not installed():
        raise ConfigError(f"NORTHLIGHT_MODEL needs torch and diffusers: {INSTALL} brings them")
    if not present(profile, settings.models_dir):
        how = f"run `northlight models fetch {profile.name}`"
        raise ConfigError(f"NORTHLIGHT_MODEL: '{profile.name}' is not on this machine: {how}")
    if vram and profile.min_vram_gb > vram:
        need = f"'{profile.name}' needs a card of {profile.min_vram_gb:g} GB"
        raise ConfigError(f"NORTHLIGHT_MODEL: {need}, and this one has {vram:g}")
    return profile


def _cards(find_cards: Callable[[], Sequence[Card]], wanted: str) -> tuple[Card, ...]:
    try:
        return chosen(wanted, find_cards())
    except DriverSilent:
        return ()
    except ValueError as error:
        raise ConfigError(f"NORTHLIGHT_GPUS: {error}") from error


def _embedded(settings: Settings, text: str) -> Studio:
    return Studio(EMBEDDED, _common(settings), text)


def _hosted(settings: Settings) -> Studio:
    key = settings.images_api_key.get_secret_value()
    if not key:
        raise ConfigError(f"NORTHLIGHT_MODEL: 'hosted' needs a key in {IMAGES_KEY}")
    price = f" at {settings.images_price} a picture" if settings.images_price else ""
    where = f"'{settings.images_model}' at {host_of(settings.images_base_url)}"
    text = f"{where} draws{price}, for those who agree to send it; all else is made here."
    more = {
        "images_base_url": settings.images_base_url,
        "images_model": settings.images_model,
        "images_price": settings.images_price,
        "images_sizes": settings.images_sizes,
        "images_quality": settings.images_quality,
        "images_timeout_s": f"{settings.images_timeout_s:g}",
    }
    return Studio(HOSTED, _common(settings) | more, text, secrets={IMAGES_KEY: key})


def _diffusion(settings: Settings, profile: Profile, found: Sequence[Card]) -> Studio:
    fit = tuple(card for card in found if card.vram_gb >= profile.min_vram_gb)
    on_cards = f"on {' and '.join(card.name for card in fit)}"
    where = on_cards if fit else "on the processor, which takes minutes a picture"
    text = f"'{profile.name}' draws {where}."
    if not profile.commercial:
        text += " Its pictures are for non-commercial use."
    more = {
        "profile": profile.folder or profile.name,
        "device": "cuda" if fit else "cpu",
        "options": settings.speed,
    }
    return Studio(DIFFUSION, _common(settings) | more, text, profile, fit)


def _common(settings: Settings) -> dict[str, str]:
    return {
        "data_dir": str(settings.data_dir),
        "models_dir": str(Path(settings.models_dir)),
        "matte": settings.matte,
        "c2pa_cert": settings.c2pa_cert,
        "c2pa_key": settings.c2pa_key,
        "c2pa_tsa": settings.c2pa_tsa,
    }


def _advice(profile: Profile | None, vram: float) -> str:
    if profile:
        return f"'{profile.name}' is here, but torch and diffusers are not: {INSTALL} brings them."
    best = recommended(load_profiles().values(), vram) if vram else None
    if best is None:
        return "No NVIDIA card: the embedded studio makes pictures, which needs none."
    return (
        f"Your card could draw portraits from words, wardrobe and scene included: "
        f"northlight models fetch {best.name}"
    )
