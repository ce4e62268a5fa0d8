"""Which studio a machine gets, and the sentence that says why."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.config import Settings, load_settings
from bot.errors import ConfigError
from bot.studios import DIFFUSION, EMBEDDED, HOSTED, Studio, studio_for
from engine.cards import Card, DriverSilent
from engine.profiles import COMPLETE, load_profiles, repo_folder, stamp
from engine.speed import Options, options_of

LARGE, SMALL = Card(0, "NVIDIA RTX 4090", 24.0), Card(1, "NVIDIA RTX 3070", 8.0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folders = {"data_dir": tmp_path / "data", "models_dir": tmp_path / "models"}
    return load_settings(None).model_copy(update=folders)


def bring(settings: Settings, name: str) -> None:
    profile = load_profiles()[name]
    for part in (profile, *profile.extras):
        folder = repo_folder(part.repo, settings.models_dir)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / COMPLETE).write_text(stamp(part))


def studio(settings: Settings, *found: Card, model: str = "", installed: bool = True) -> Studio:
    asked = settings.model_copy(update={"model": model})
    return studio_for(asked, lambda: found, lambda: installed)


def test_without_a_card_the_embedded_studio_is_the_default(settings: Settings) -> None:
    bring(settings, "dreamshaper-lcm")
    assert studio(settings).factory == EMBEDDED


def test_a_card_without_a_model_is_told_the_command(settings: Settings) -> None:
    made = studio(settings, LARGE)
    assert made.factory == EMBEDDED
    assert "northlight models fetch flux2-klein" in made.text


def test_a_card_and_a_model_make_the_diffusion_studio(settings: Settings) -> None:
    bring(settings, "sdxl")
    made = studio(settings, LARGE, SMALL)
    assert made.factory == DIFFUSION
    assert made.settings["profile"] == "sdxl"
    assert made.settings["device"] == "cuda"
    assert made.cards == (LARGE, SMALL)


def test_how_it_is_made_fast_reaches_the_worker_in_words_it_reads(settings: Settings) -> None:
    bring(settings, "sdxl")
    wish = settings.model_copy(update={"speed": "compile=off, fp8=on"})
    read = options_of(studio(wish, LARGE).settings["options"])
    assert (read.compile, read.fp8) == ("off", "on")
    assert options_of(studio(settings, LARGE).settings["options"]) == Options()


def test_only_cards_that_are_large_enough_are_used(settings: Settings) -> None:
    bring(settings, "flux2-klein")
    assert studio(settings, LARGE, SMALL).cards == (LARGE,)


def test_weights_without_torch_are_told_how_to_get_it(settings: Settings) -> None:
    bring(settings, "sdxl")
    made = studio(settings, LARGE, installed=False)
    assert made.factory == EMBEDDED
    assert "EXTRAS=studio,web,gpu" in made.text


def test_none_is_the_embedded_studio_whatever_is_here(settings: Settings) -> None:
    bring(settings, "sdxl")
    assert studio(settings, LARGE, model="none").factory == EMBEDDED


def test_by_name_the_processor_may_draw(settings: Settings) -> None:
    bring(settings, "dreamshaper-lcm")
    made = studio(settings, model="dreamshaper-lcm")
    assert made.settings["device"] == "cpu"
    assert "minutes" in made.text


@pytest.mark.parametrize(
    ("model", "here", "found", "says"),
    [
        ("flux3", "", LARGE, "No model is called 'flux3'"),
        ("sdxl", "", LARGE, "northlight models fetch sdxl"),
        ("flux2-klein", "flux2-klein", SMALL, "needs a card of 13 GB"),
    ],
)
def test_a_model_asked_for_by_name_is_never_replaced_in_silence(
    settings: Settings, model: str, here: str, found: Card, says: str
) -> None:
    if here:
        bring(settings, here)
    with pytest.raises(ConfigError, match=says):
        studio(settings, found, model=model)


def test_a_silent_driver_is_no_card(settings: Settings) -> None:
    def silent() -> tuple[Card, ...]:
        raise DriverSilent

    assert studio_for(settings, silent, lambda: True).factory == EMBEDDED


def keyed(settings: Settings, **more: str) -> Settings:
    return settings.model_copy(update={"images_api_key": SecretStr("sk-hush"), **more})


def test_a_key_makes_the_hosted_studio_where_no_model_is_here(settings: Settings) -> None:
    """Its key is for the worker's environment, and in no setting and no description of it."""
    made = studio(keyed(settings, images_price="0.04 USD"), LARGE)
    assert made.factory == HOSTED
    assert made.secrets == {"NORTHLIGHT_IMAGES_API_KEY": "sk-hush"}
    assert "sk-hush" not in f"{made} {made.settings}"
    assert "api.openai.com" in made.text
    assert "0.04 USD" in made.text


def test_a_model_that_is_here_is_used_rather_than_a_server(settings: Settings) -> None:
    bring(settings, "sdxl")
    assert studio(keyed(settings), LARGE).factory == DIFFUSION
    assert studio(keyed(settings), LARGE, model="hosted").factory == HOSTED


def test_none_keeps_everything_here_whatever_key_is_set(settings: Settings) -> None:
    made = studio(keyed(settings), model="none")
    assert (made.factory, made.secrets) == (EMBEDDED, {})


def test_a_server_asked_for_by_name_needs_its_key(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="NORTHLIGHT_IMAGES_API_KEY"):
        studio(settings, model="hosted")


def test_a_local_model_asked_for_by_name_wins_over_a_key(settings: Settings) -> None:
    bring(settings, "dreamshaper-lcm")
    made = studio(keyed(settings), model="dreamshaper-lcm")
    assert (made.factory, made.secrets) == (DIFFUSION, {})


def test_every_card_that_is_wanted_draws(settings: Settings) -> None:
    """All of them, or those named; one that is not there is told at once."""
    bring(settings, "flux2-klein")
    twin = Card(2, "NVIDIA RTX A6000", 48.0)
    assert studio(settings, LARGE, SMALL, twin).cards == (LARGE, twin)
    assert "NVIDIA RTX 4090 and NVIDIA RTX A6000" in studio(settings, LARGE, twin).text
    one = settings.model_copy(update={"gpus": "2"})
    assert studio(one, LARGE, SMALL, twin).cards == (twin,)
    with pytest.raises(ConfigError, match="NORTHLIGHT_GPUS: there is no card 7"):
        studio(settings.model_copy(update={"gpus": "7"}), LARGE)
