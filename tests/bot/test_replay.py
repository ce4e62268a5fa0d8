"""A picture of the history, made again: the same, or with what differs from then named."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec import structs
from support.sittings import photo
from support.studios import CardStudio

from bot.app import App, running
from bot.config import load_settings
from bot.core.session import JobRecord, RenderRecord
from bot.errors import CannotReplay
from bot.replay import Replayed, listed, replay, replay_json, replay_text
from bot.shoot import shoot, shoot_json
from engine.base import Capabilities, Report
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.jobs import Job, Render
from engine.shots import Frame, Series, Shot

WORDS = "LinkedIn headshot, woman in her 30s, navy blazer, grey backdrop"


class Versioned(CardStudio):
    """A studio whose pictures depend on a version, made by a profile it says."""

    def __init__(self, blobs: DiskBlobs, version: str = "1", can: bool = True) -> None:
        super().__init__(blobs)
        self.version, self.shots = version, list[Shot]()
        self._can = can

    def capabilities(self) -> Capabilities:
        can = super().capabilities()
        return can if self._can else structs.replace(can, honours={"upscale": {}})

    def render(self, shot: Shot, report: Report) -> Render:
        self.shots.append(shot)
        render = super().render(shot, report)
        blob = self._blobs.put(self._blobs.get(render.blob) + self.version.encode(), "png")
        versions = {"profile": "klein", "torch": self.version}
        return structs.replace(render, blob=blob, preview=blob, versions=versions)


@asynccontextmanager
async def studio(folder: Path, version: str = "1", can: bool = True) -> AsyncIterator[App]:
    settings = load_settings(None).model_copy(update={"data_dir": folder})
    cards = Versioned(DiskBlobs(folder / "blobs"), version, can)
    async with running(settings, InProcessEngine(cards)) as app:
        yield app


def quiet(_: object) -> None:
    pass


def silent(step: str, fraction: float = 0.0, preview: str = "") -> None:
    pass


def shots_of(app: App) -> list[Shot]:
    return app.engine._cameras[0].executor._studio.shots  # type: ignore[attr-defined]


async def made(folder: Path, selfie: Path | None = None) -> str:
    """The id of a picture of an earlier day's studio."""
    async with studio(folder) as app:
        shot = await shoot(app, WORDS if not selfie else "dark canvas", selfie, quiet, seed=7)
        assert json.dumps(shoot_json(app, shot, [Path("a.png")]))
        return shot.records[0].id


async def again(folder: Path, render: str, version: str = "1") -> tuple[App, Replayed]:
    async with studio(folder, version) as app:
        return app, await replay(app, render, quiet)


async def test_the_same_studio_makes_the_same_picture(tmp_path: Path) -> None:
    """Byte for byte, which is said; seed, words and model are those of then."""
    app, replayed = await again(tmp_path, await made(tmp_path))
    assert replayed.same
    assert "byte for byte" in replay_text(app, replayed)
    (shot,) = shots_of(app)
    assert shot == structs.replace(replayed.then.shot, profile="klein")


async def test_another_version_is_named(tmp_path: Path) -> None:
    """What it was then and what it is now; the picture is made all the same."""
    app, replayed = await again(tmp_path, await made(tmp_path), version="2")
    assert not replayed.same
    assert replayed.differs == {"torch": ("1", "2")}
    assert "torch was 1, is 2" in replay_text(app, replayed)
    result = json.loads(json.dumps(replay_json(replayed, [tmp_path / "x.png"])))
    assert result["differs"] == {"torch": {"then": "1", "now": "2"}}
    assert result["same"] is False


async def test_what_is_made_again_is_in_the_history_too(tmp_path: Path) -> None:
    """So it can be found, made again and deleted like any other."""
    first = await made(tmp_path)
    _, replayed = await again(tmp_path, first)
    async with studio(tmp_path) as app:
        newest = await app.history.latest(5)
    assert [r.id for r in newest] == [replayed.now.id, first]
    assert all(record.id in listed(record) for record in newest)


async def test_a_picture_of_somebody_elses_made_again_goes_with_them(tmp_path: Path) -> None:
    """Who asks to be forgotten is also forgotten here: no copy keeps their face on the disk."""
    async with studio(tmp_path) as app:
        await app.history.session("web:ann", "web:ann")
        shot = Shot("generate", 5)
        job = Job("j1", "web:ann", Series((shot,)))
        await app.history.add_job(JobRecord(job, "web:ann", "web:ann", 0, 0, "done"))
        render = Versioned(app.blobs).render(shot, silent)
        await app.history.add_render(RenderRecord("j1-0", "web:ann", "j1", shot, render))
        again = await replay(app, "j1-0", quiet)
        assert again.now.session != "web:ann"
        assert not [r for r in await app.history.renders("web:ann") if r.id == again.now.id]
        gone = await app.history.forget("web:ann")
        assert render.blob in gone
        assert await app.history.latest(9) == []


async def test_a_stopped_command_leaves_nothing_to_take_up(tmp_path: Path) -> None:
    """A studio that opens later runs no job of the command line's."""
    await made(tmp_path)
    async with studio(tmp_path) as app:
        assert await app.history.jobs() == []


async def test_an_unknown_id_says_so(tmp_path: Path) -> None:
    """With where to find those there are."""
    with pytest.raises(CannotReplay) as refused:
        await again(tmp_path, "nobody-0")
    assert refused.value.code == "replay_unknown"


async def test_a_deleted_photo_cannot_be_worked_on_again(tmp_path: Path) -> None:
    """Erased is erased."""
    selfie = tmp_path / "me.png"
    selfie.write_bytes(photo())
    render = await made(tmp_path, selfie)
    assert (await again(tmp_path, render))[1].same
    async with studio(tmp_path) as app:
        record = await app.history.render(render)
        assert record
        assert record.shot.source
        app.blobs.delete(record.shot.source)
        with pytest.raises(CannotReplay) as refused:
            await replay(app, render, quiet)
    assert refused.value.code == "replay_source_gone"


async def test_a_studio_without_that_model_says_so(tmp_path: Path) -> None:
    """Instead of another picture."""
    render = await made(tmp_path)
    async with studio(tmp_path, can=False) as app:
        with pytest.raises(CannotReplay) as refused:
            await replay(app, render, quiet)
        assert refused.value.code in app.prompts.phrases
    assert refused.value.code == "replay_not_here"


async def test_a_server_s_picture_is_not_sent_for_again(tmp_path: Path) -> None:
    """It knows no seeds, costs money, and the agreement was for one picture."""
    first = await made(tmp_path)
    async with studio(tmp_path) as app:
        record = await app.history.render(first)
        assert record
        hosted = structs.replace(record.shot, profile="hosted")
        await app.history.add_render(structs.replace(record, id=f"{record.job}-1", shot=hosted))
        with pytest.raises(CannotReplay) as refused:
            await replay(app, f"{record.job}-1", quiet)
    assert refused.value.code == "replay_outside"


async def test_a_sheet_finds_the_frames_of_its_set(tmp_path: Path) -> None:
    """They are named by number in the job that made them."""
    first = await made(tmp_path)
    async with studio(tmp_path) as app:
        record = await app.history.render(first)
        assert record
        sheet = structs.replace(record.shot, seed=9, frames=(Frame("#0"),))
        await app.history.add_render(structs.replace(record, id=f"{record.job}-1", shot=sheet))
        await replay(app, f"{record.job}-1", quiet)
        assert shots_of(app)[-1].frames[0].source == record.render.preview


def northlight(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "NORTHLIGHT_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


async def test_the_command_line_lists_what_there_is(tmp_path: Path) -> None:
    """Ids, days, seeds; nothing where nothing was made."""
    assert northlight(tmp_path, "renders").stdout == ""
    render = await made(tmp_path)
    told = northlight(tmp_path, "renders")
    assert render in told.stdout
    assert "seed 7" in told.stdout
    as_json = json.loads(northlight(tmp_path, "renders", "--json", "--limit", "1").stdout)
    assert as_json["versions"]["profile"] == "klein"


@pytest.mark.slow
def test_the_embedded_studio_s_pictures_come_again_byte_for_byte(tmp_path: Path) -> None:
    """The real studio, through the command line, in another process."""
    out, again = tmp_path / "out", tmp_path / "again"
    shot = northlight(tmp_path, "shoot", WORDS, "--seed", "7", "--out", str(out), "--json")
    assert shot.returncode == 0, shot.stderr
    first = json.loads(shot.stdout)["renders"][0]
    replayed = northlight(tmp_path, "shoot", "--replay", first["id"], "--out", str(again))
    assert replayed.returncode == 0, replayed.stderr
    path, said = replayed.stdout.splitlines()
    assert Path(path).read_bytes() == Path(first["path"]).read_bytes()
    assert said == "Made again, byte for byte the same picture."
    unknown = northlight(tmp_path, "shoot", "--replay", "nobody-0")
    assert unknown.returncode == 1
    assert unknown.stderr.strip().startswith("There is no picture by that id")
    both = northlight(tmp_path, "shoot", "words", "--replay", first["id"])
    assert both.returncode == 1
    assert "leave out" in both.stderr
