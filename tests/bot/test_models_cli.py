"""`northlight models`: what there is, what is here, and one clear line when something is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.models_cli import app
from engine.profiles import load_profiles
from engine.weights import load_manifest


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NORTHLIGHT_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path / "models"


def call(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_the_list_shows_every_model_with_its_licence(models: Path) -> None:
    """Nobody has to look for what they may do with a picture."""
    shown = call("list").output
    for model in load_manifest().models:
        assert model.name in shown
        assert model.licence in shown
    assert "NON-COMMERCIAL" in shown
    assert not models.exists()


def test_the_list_ends_with_the_generative_models(models: Path) -> None:
    """Which there are, what card each needs, and the advice for this machine."""
    shown = call("list").output
    for profile in load_profiles().values():
        assert profile.name in shown
        assert profile.licence_url in shown
    assert "card of 13 GB" in shown


def test_where_knows_generative_models_too(models: Path) -> None:
    """One command for all of them."""
    result = call("where", "sdxl")
    assert result.exit_code == 1
    assert "northlight models fetch sdxl" in result.output


def test_where_prints_the_folder(models: Path) -> None:
    """Ready for a shell to use."""
    assert call("where").output.strip() == str(models)


def test_where_names_the_command_when_a_model_is_not_here(models: Path) -> None:
    """The place it would lie, and how it gets there; exit 1."""
    result = call("where", "yunet")
    assert result.exit_code == 1
    assert str(models / "yunet") in result.output
    assert "`northlight models fetch yunet`" in result.output


def test_an_unknown_model_is_one_line_with_the_known_ones(models: Path) -> None:
    """A typing mistake shows what could have been meant."""
    result = call("fetch", "yunnet")
    assert result.exit_code == 1
    assert "'yunnet'. Do you mean yunet?" in result.output
    assert "flux2-klein" in result.output
    assert result.output.count("\n") == 1


def test_a_name_like_no_other_is_not_guessed_at(models: Path) -> None:
    assert "Do you mean" not in call("where", "xxxxxxxx").output


def test_a_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No traceback."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("NORTHLIGHT_MODELS_DIR", str(tmp_path / "file" / "models"))
    result = call("fetch", "yunet")
    assert result.exit_code == 1
    assert "cannot be written" in result.output
    assert result.output.count("\n") == 1


def test_an_invalid_setting_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting is named."""
    monkeypatch.setenv("NORTHLIGHT_PORT", "eighty")
    result = call("where")
    assert result.exit_code == 1
    assert "NORTHLIGHT_PORT" in result.output
    assert result.output.count("\n") == 1


def test_fetching_what_is_here_says_where_it_lies(
    models_dir: Path, weights: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warm start is one line."""
    weights("yunet")
    monkeypatch.setenv("NORTHLIGHT_MODELS_DIR", str(models_dir))
    result = call("fetch", "yunet")
    assert result.exit_code == 0
    assert result.output == f"1 model is here, in {models_dir}\n"
