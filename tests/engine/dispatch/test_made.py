"""Jobs that go on from what is made, shots that refer to others, and what a series will take."""

from pathlib import Path

import pytest
from support.jobs import collect, kinds
from support.set_studio import SetStudio

from engine.blobs import DiskBlobs
from engine.dispatch.dispatcher import resolved
from engine.dispatch.inprocess import InProcessEngine
from engine.jobs import Done, Job, Rendered, decode_job, encode
from engine.shots import Frame, Series, Shot

FRAMES = (Frame("#0", "one", "01"), Frame("#1", "two", "02", 0, ("skin",)))
SET = Series((Shot("generate", 1), Shot("generate", 2), Shot("contact-sheet", 0, frames=FRAMES)))


@pytest.fixture
def studio(tmp_path: Path) -> SetStudio:
    return SetStudio(DiskBlobs(tmp_path / "blobs"))


async def run(studio: SetStudio, job: Job) -> list:
    engine = InProcessEngine(studio)
    await engine.start()
    try:
        return await collect(engine.run(job))
    finally:
        await engine.close()


async def test_a_frame_is_named_by_its_number_and_found_by_its_blob(studio: SetStudio) -> None:
    """Nobody knows a picture's blob before it is made."""
    events = await run(studio, Job("j", "ann", SET))
    made = {e.shot: e.render.preview for e in events if isinstance(e, Rendered)}
    assert [f.source for f in studio.shots[-1].frames] == [made[0], made[1]]
    assert isinstance(events[-1], Done)


async def test_what_is_made_is_not_made_again(studio: SetStudio) -> None:
    """The other shots keep their numbers, and the sheet finds the blob it was told."""
    events = await run(studio, Job("j", "ann", SET, made={0: "a.jpg"}))
    assert [e.shot for e in events if isinstance(e, Rendered)] == [1, 2]
    assert [s.seed for s in studio.shots] == [2, 0]
    assert studio.shots[-1].frames[0].source == "a.jpg"


async def test_a_job_with_everything_made_is_done_at_once(studio: SetStudio) -> None:
    """A crash after the last frame costs nothing."""
    made = {0: "a.jpg", 1: "b.jpg", 2: "c.jpg"}
    events = await run(studio, Job("j", "ann", SET, made=made))
    assert kinds(events)[-1] == "Done"
    assert not studio.shots


async def test_a_series_has_a_price_before_it_is_shot(studio: SetStudio, tmp_path: Path) -> None:
    """Seconds, from what the studio promises and what shots took so far."""
    slow = SetStudio(DiskBlobs(tmp_path / "slow"), delay=0.05)
    engine = InProcessEngine(slow)
    await engine.start()
    one = await engine.estimate(Series(SET.shots[:1]))
    two = await engine.estimate(Series(SET.shots[:2]))
    assert (two.least, two.most) == pytest.approx((2 * one.least, 2 * one.most))
    slow.steps = lambda shot: {"step_0": 1.0, "step_1": 1.0}  # type: ignore[method-assign]
    promised = await engine.estimate(Series(SET.shots[:1]))
    await collect(engine.run(Job("j", "ann", Series(SET.shots[:1]))))
    assert (await engine.estimate(Series(SET.shots[:1]))).most < promised.most
    assert not [s for s in slow.shots if s.frames]
    await engine.close()


def test_a_job_with_frames_crosses_a_process() -> None:
    """JSON in, JSON out."""
    job = Job("j", "ann", SET, made={1: "b.jpg"})
    assert decode_job(encode(job)) == job


def test_jobs_of_older_versions_still_run() -> None:
    """A job written before there were frames has nothing made."""
    old = b'{"id":"j","owner":"a","series":{"shots":[{"operation":"generate","seed":1}]}}'
    assert decode_job(old).made == {}


def test_a_shot_without_references_stays_as_it_is() -> None:
    """Resolving changes sources that begin with #, and nothing else."""
    plain = Shot("contact-sheet", 0, frames=(Frame("a.jpg", "one"),))
    assert resolved(plain, {}) == plain


async def test_a_shot_that_is_left_out_is_neither_made_nor_shown(studio: SetStudio) -> None:
    """An empty blob says that it cannot be made; its number stays free."""
    events = await run(studio, Job("j", "ann", SET, made={0: ""}))
    assert [e.shot for e in events if isinstance(e, Rendered)] == [1, 2]
    assert [f.source != "" for f in studio.shots[-1].frames] == [False, True]
