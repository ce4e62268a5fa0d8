"""A picture is made again by the model of then: here, fetched, or today's, which is said."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.app import remembering
from bot.config import Settings, load_settings
from bot.core.session import JobRecord, RenderRecord
from bot.errors import CannotReplay
from bot.then import Then, as_then
from engine.errors import FetchFailed
from engine.jobs import Job, Render
from engine.profiles import COMPLETE, folder_of, load_profiles, named, present
from engine.shots import Series, Shot
from engine.weights.hub import Part

PERSON = "cli:you"
OLD = "0123456789abcdef0123456789abcdef01234567"
TODAY = load_profiles()["z-image-turbo"]


class Shelf:
    """A hub with every revision but those in `gone`."""

    def __init__(self, *gone: str) -> None:
        self.asked: list[tuple[str, str]] = []
        self._gone = gone

    def bring(self, wanted: Part, folder: Path) -> None:
        self.asked.append((wanted.repo.partition("@")[0], wanted.revision))
        if wanted.revision in self._gone:
            raise FetchFailed(f"{wanted.repo} is not on the hub any more")
        (folder / "model_index.json").write_text("{}")


def settings_of(folder: Path) -> Settings:
    return load_settings(None).model_copy(
        update={"data_dir": folder, "models_dir": folder / "models"}
    )


async def kept(folder: Path, **versions: str) -> Settings:
    """A history with one picture of these versions, whose id is "r"."""
    settings = settings_of(folder)
    shot = Shot("generate", 7)
    render = Render("b.png", "b.jpg", 64, 96, 7, "z-image-turbo", versions)
    async with remembering(settings) as history:
        await history.session(PERSON, PERSON)
        job = Job("j", PERSON, Series((shot,)))
        await history.add_job(JobRecord(job, PERSON, PERSON, 0, 0, "done"))
        await history.add_render(RenderRecord("r", PERSON, "j", shot, render))
    return settings


async def then(settings: Settings, shelf: Shelf | None = None) -> Then:
    return await as_then(settings, "r", shelf is not None, lambda _: None, shelf)


def test_a_model_at_a_revision_has_a_name_and_a_folder_of_its_own(tmp_path: Path) -> None:
    """And is read from its name; at its own revision it is itself."""
    old = TODAY.at(OLD)
    assert named(old.name, load_profiles()) == old
    assert folder_of(old, tmp_path) != folder_of(TODAY, tmp_path)
    assert TODAY.at(TODAY.revision) == TODAY.at("") == TODAY
    assert old.at(TODAY.revision).revision == TODAY.revision
    with pytest.raises(ValueError, match="No model is called"):
        named(f"{TODAY.name}@../../etc", load_profiles())


async def test_the_revision_of_then_is_fetched_and_used(tmp_path: Path) -> None:
    """Beside today's, which stays as it is."""
    settings = await kept(tmp_path, profile=TODAY.name, revision=OLD)
    shelf = Shelf()
    found = await then(settings, shelf)
    assert (TODAY.repo, OLD) in shelf.asked
    assert found.profile == found.settings.model == f"{TODAY.name}@{OLD}"
    assert not found.newer
    assert not present(TODAY, settings.models_dir)
    assert await then(settings) == found


async def test_today_s_weights_are_used_where_those_of_then_are_not_here(tmp_path: Path) -> None:
    """And that is told; with --fetch, a revision that is gone is told instead."""
    settings = await kept(tmp_path, profile=TODAY.name, revision=OLD)
    here(settings)
    found = await then(settings)
    assert (found.profile, found.newer) == (TODAY.name, OLD)
    with pytest.raises(FetchFailed, match="not on the hub any more"):
        await then(settings, Shelf(OLD))


async def test_a_model_that_is_not_here_is_asked_for_by_name(tmp_path: Path) -> None:
    settings = await kept(tmp_path, profile=TODAY.name, revision=TODAY.revision)
    with pytest.raises(CannotReplay) as refused:
        await then(settings)
    assert (refused.value.code, refused.value.facts) == (
        "replay_model_missing",
        {"name": TODAY.name},
    )
    assert (await then(settings, Shelf())).profile == TODAY.name


async def test_a_folder_of_ones_own_has_to_be_there_again(tmp_path: Path) -> None:
    settings = await kept(tmp_path, profile="mine", revision="")
    with pytest.raises(CannotReplay) as refused:
        await then(settings)
    assert refused.value.code == "replay_folder_gone"
    again = settings.model_copy(update={"model": "/models/mine"})
    assert await then(again) == Then(again)


async def test_what_no_model_drew_needs_none(tmp_path: Path) -> None:
    settings = await kept(tmp_path, northlight="1")
    assert await then(settings, Shelf()) == Then(settings)


async def test_the_command_says_what_is_missing_in_one_line(tmp_path: Path) -> None:
    await kept(tmp_path, profile=TODAY.name, revision=OLD)
    own = {"NORTHLIGHT_DATA_DIR": str(tmp_path), "NORTHLIGHT_MODELS_DIR": str(tmp_path / "m")}
    command = [sys.executable, "-m", "bot", "shoot", "--replay", "r"]
    told = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, env=os.environ | own, check=False
    )
    assert told.returncode == 1
    assert told.stderr.splitlines() == [
        f"That picture was drawn by '{TODAY.name}', which is not on this machine. Add --fetch to "
        f"bring it, or run: northlight models fetch {TODAY.name}"
    ]


def here(settings: Settings) -> None:
    """Today's model, as whole as a look at its folder tells."""
    shelf = Shelf()
    for part in (TODAY, *TODAY.extras):
        folder = folder_of(TODAY, settings.models_dir).with_name(part.repo.replace("/", "--"))
        folder.mkdir(parents=True, exist_ok=True)
        shelf.bring(part, folder)
        (folder / COMPLETE).write_text("\n".join((part.revision, *part.files)))
