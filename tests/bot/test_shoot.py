"""One call from words to files, over test cards instead of portraits."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.faults import FailingStudio
from support.model_studio import ModelStudio
from support.sittings import another_photo, photo
from support.studios import CardStudio, CoachStudio

import prompts
from bot.app import App, running
from bot.config import load_settings
from bot.core.director import HINT
from bot.core.replies import Heard
from bot.errors import NorthlightError
from bot.shoot import (
    Refused,
    brief_json,
    brief_text,
    erase,
    question,
    read_brief,
    save,
    shoot,
    shoot_json,
    would_add,
)
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.errors import EngineError, PhotoRejected

WORDS = "I need a LinkedIn headshot, woman in her 30s, navy blazer"


@asynccontextmanager
async def studio(folder: Path, broken: str = "") -> AsyncIterator[App]:
    settings = load_settings(None).model_copy(update={"data_dir": folder})
    cards = FailingStudio(broken) if broken else CardStudio(DiskBlobs(folder / "blobs"))
    async with running(settings, InProcessEngine(cards)) as app:
        yield app


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with studio(tmp_path) as opened:
        yield opened


def holds_something(path: Path) -> bool:
    return path.stat().st_size > 0


def quiet(_: object) -> None:
    pass


async def test_the_brief_says_what_was_read_and_what_would_be_asked(app: App) -> None:
    """Sources and quotes for every slot; the next question in words."""
    brief = await read_brief(app, WORDS, seed=1)
    result = brief_json(app, brief)
    spec = result["spec"]
    assert isinstance(spec, dict)
    assert spec["look"] == {"value": "linkedin", "source": "said", "quote": "LinkedIn headshot"}
    assert spec["wardrobe"]["value"] == "navy blazer"
    assert spec["film"]["source"] == "assumed"
    assert "wardrobe" in brief.not_honoured
    assert question(app, brief) == prompts.load().say("ask_backdrop")
    assert "navy blazer" in brief_text(app, brief)


async def test_what_a_model_would_add_is_said_where_somebody_asked_for_it(app: App) -> None:
    """Clothes were said and are not honoured; where nothing of it was said, nothing is."""
    assert would_add(app, await read_brief(app, WORDS, seed=1)) == prompts.load().say(HINT)
    plain = await read_brief(app, "woman in her 30s on a grey backdrop", seed=1)
    assert would_add(app, plain) == ""


async def test_shooting_saves_a_png_and_a_jpeg_for_each_picture(app: App, tmp_path: Path) -> None:
    """Paths, sizes, seed and timings come back; the files are there."""
    shot = await shoot(app, WORDS, None, quiet, seed=7, count=2)
    paths = save(app, shot.renders, tmp_path / "out")
    result = json.loads(json.dumps(shoot_json(app, shot, paths)))
    assert result["seed"] == 7
    assert [r["seed"] for r in result["renders"]] == [7, 8]
    assert [r["path"] for r in result["renders"]] == [str(path) for path in paths]
    assert all(map(holds_something, paths))
    assert {"spec", "prompt", "renders", "timings", "not_honoured"} <= result.keys()


async def test_a_photo_is_swapped_and_nothing_about_the_sitter_is_assumed(
    app: App, tmp_path: Path
) -> None:
    """From a photo the studio decides light, backdrop and frame only."""
    selfie = tmp_path / "me.png"
    selfie.write_bytes(photo())
    shot = await shoot(app, "put me on a dark canvas backdrop", selfie, quiet, seed=1)
    first = shot.brief.series.shots[0]
    assert first.operation == "swap"
    assert first.backdrop.id == "canvas-dark"
    assert not {"subject", "age", "wardrobe"} & first.spec.keys()


async def test_with_a_model_a_photo_becomes_a_whole_portrait(tmp_path: Path) -> None:
    """The photo as reference, where more than a backdrop is asked for."""
    settings = load_settings(None).model_copy(update={"data_dir": tmp_path})
    selfie = tmp_path / "me.png"
    selfie.write_bytes(photo())
    engine = InProcessEngine(ModelStudio(DiskBlobs(tmp_path / "blobs")))
    async with running(settings, engine) as app:
        words = "a full studio portrait of me in a navy blazer"
        first = (await shoot(app, words, selfie, quiet, seed=1)).brief.series.shots[0]
        swapped = await shoot(app, "me on dark canvas", selfie, quiet, seed=1)
    assert (first.operation, first.spec["wardrobe"]) == ("edit", "navy blazer")
    assert not {"subject", "age", "gender"} & first.spec.keys()
    assert swapped.brief.series.shots[0].operation == "swap"


@pytest.mark.parametrize("words", ["a 12 year old girl", "put me on a dark canvas backdrop", " "])
async def test_what_cannot_be_shot_is_refused_by_name(app: App, words: str) -> None:
    """Minors, a swap without a photo, and silence."""
    with pytest.raises(Refused) as refused:
        await shoot(app, words, None, quiet, seed=1)
    assert refused.value.code in app.prompts.phrases
    assert isinstance(refused.value, NorthlightError)


async def test_a_missing_photo_names_itself(app: App, tmp_path: Path) -> None:
    """A mistyped path is one clear line."""
    with pytest.raises(PhotoRejected, match="nowhere"):
        await shoot(app, "me on canvas", tmp_path / "nowhere.jpg", quiet, seed=1)


async def test_a_failure_in_the_studio_comes_out_with_its_code(tmp_path: Path) -> None:
    """The command line can say what happened."""
    async with studio(tmp_path, "disk_full") as app:
        with pytest.raises(EngineError) as failed:
            await shoot(app, WORDS, None, quiet, seed=1)
    assert failed.value.code == "disk_full"


async def test_what_the_command_line_made_and_was_given_can_be_erased(
    app: App, tmp_path: Path
) -> None:
    """The photo too, also where nothing came of it; what others made stays."""
    selfie = tmp_path / "me.png"
    selfie.write_bytes(photo())
    await shoot(app, "put me on a dark canvas backdrop", selfie, quiet, seed=1)
    selfie.write_bytes(another_photo())
    with pytest.raises(Refused):
        await shoot(app, "a 12 year old girl", selfie, quiet, seed=1)
    theirs = app.blobs.put(b"theirs", "png")
    await app.history.post("web:ann", Heard(photo=theirs))
    assert len(blobs_in(tmp_path)) >= 4
    assert await erase(app.history, app.blobs) >= 3
    assert blobs_in(tmp_path) == {theirs}
    assert await app.history.latest(9) == []
    assert await erase(app.history, app.blobs) == 0


async def test_a_photo_nobody_is_in_is_not_kept(tmp_path: Path) -> None:
    """It was refused, so it is nowhere afterwards."""
    settings = load_settings(None).model_copy(update={"data_dir": tmp_path})
    view = tmp_path / "view.png"
    view.write_bytes(photo() + b"none")
    engine = InProcessEngine(CoachStudio(DiskBlobs(tmp_path / "blobs")))
    async with running(settings, engine) as app:
        with pytest.raises(PhotoRejected):
            await shoot(app, "on dark canvas", view, quiet, seed=1)
    assert blobs_in(tmp_path) == set()


def blobs_in(folder: Path) -> set[str]:
    return {path.name for path in (folder / "blobs").glob("*/*.*")}
