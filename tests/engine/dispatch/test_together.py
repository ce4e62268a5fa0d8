"""Several shots at once: each member's story is its own, whatever becomes of the others."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from msgspec import structs
from support.batch_studio import FACTORY, BatchStudio, batches
from support.jobs import TIMEOUT_S, collect, kinds, reach, release
from support.studios import times_made, worker_env

from engine.base import Engine
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.dispatch.local import Limits, LocalEngine
from engine.jobs import Failed, Job, Queued, Rendered, Started, Step
from engine.shots import Frame, Series, Shot

QUICK = Limits(hang_s=1.0, hang_called_off_s=0.3, backoff_s=0.01)


def make_local(blobs: Path) -> Engine:
    settings = {"blobs": str(blobs)}
    return LocalEngine(
        FACTORY, settings, uploads=blobs / "u", env=worker_env(), limits=QUICK, warm=False
    )


def make_inprocess(blobs: Path) -> Engine:
    return InProcessEngine(BatchStudio(DiskBlobs(blobs)))


@pytest.fixture
def blobs(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


BOTH = pytest.mark.parametrize("engine", [make_local, make_inprocess], indirect=True)


@pytest.fixture
async def engine(request: pytest.FixtureRequest, blobs: Path) -> AsyncIterator[Engine]:
    make: Callable[[Path], Engine] = getattr(request, "param", make_inprocess)
    engine = make(blobs)
    await engine.start()
    yield engine
    await engine.close()


@pytest.fixture
async def local(blobs: Path) -> AsyncIterator[Engine]:
    engine = make_local(blobs)
    await engine.start()
    yield engine
    await engine.close()


def job(name: str, first: int, *prompts: str, aspect: str = "3:4") -> Job:
    """A job of its own owner, with seeds counting from `first`."""
    shots = (Shot("generate", first + n, prompt=p, aspect=aspect) for n, p in enumerate(prompts))
    return Job(name, name, Series(tuple(shots)))


@BOTH
async def test_a_series_is_made_in_batches(engine: Engine, blobs: Path) -> None:
    """Six shots, four abreast: two batches, every picture once, in the words of one job."""
    events = await collect(engine.run(job("a", 1, *[""] * 6)))
    assert batches(blobs) == [[1, 2, 3, 4], [5, 6]]
    assert kinds(events) == ["Queued", "Started", *["Rendered"] * 6, "Done"]
    seeds = {e.shot: e.render.seed for e in events if isinstance(e, Rendered)}
    assert seeds == {n: n + 1 for n in range(6)}


async def test_people_ride_along_with_each_other(engine: Engine, blobs: Path) -> None:
    """Who waits with shots of the same word gets a place in the next batch."""
    held = engine.run(job("held", 90, "hold", aspect="1:1"))
    await reach(held, Step)
    jobs = [job("a", 1, *[""] * 4), job("b", 11, ""), job("c", 21, "", aspect="2:3")]
    told = [asyncio.create_task(collect(engine.run(j))) for j in jobs]
    await asyncio.sleep(0.1)
    release(blobs)
    for events in [await t for t in told]:
        assert kinds(events)[-1] == "Done"
    assert batches(blobs) == [[90], [1, 2, 3, 11], [4], [21]]


async def test_a_sheet_waits_for_what_it_shows(engine: Engine, blobs: Path) -> None:
    """Also where it could share a batch with it."""
    frames = (Frame("#0"), Frame("#1"))
    shots = (Shot("generate", 1), Shot("generate", 2), Shot("generate", 3, frames=frames))
    events = await collect(engine.run(Job("a", "a", Series(shots))))
    assert kinds(events)[-1] == "Done"
    assert batches(blobs) == [[1, 2], [3]]


@BOTH
async def test_every_member_tells_its_own_progress(engine: Engine, blobs: Path) -> None:
    """Two people of one batch: own first looks, own fractions that never fall."""
    one, two = engine.run(job("a", 1, "hold")), engine.run(job("b", 11, "hold"))
    steps = [await reach(one, Step), await reach(two, Step)]
    assert [s.preview for s in steps] == ["look-1", "look-11"]
    release(blobs)
    for events in await asyncio.gather(collect(one), collect(two)):
        fractions = [e.fraction for e in events if isinstance(e, Step)]
        assert fractions == sorted(fractions)
        assert kinds(events) == ["Rendered", "Done"]
    assert batches(blobs) == [[1, 11]]


async def test_a_series_abreast_tells_each_shot(engine: Engine, blobs: Path) -> None:
    """The job's fraction is of all of them and never falls."""
    events = engine.run(job("a", 1, "hold", "hold", "", ""))
    seen: list[Step] = []
    async with asyncio.timeout(TIMEOUT_S):
        while {s.shot for s in seen} < {0, 1}:
            seen.append(await reach(events, Step))
    assert all(0.0 <= s.fraction < 1.0 and s.remaining_s >= 0.0 for s in seen)
    release(blobs)
    seen += [e for e in await collect(events) if isinstance(e, Step)]
    assert [s.fraction for s in seen] == sorted(s.fraction for s in seen)


@BOTH
async def test_one_called_off_leaves_the_others_alone(engine: Engine, blobs: Path) -> None:
    """It is told at once, while the batch is still being made."""
    gone, stays = engine.run(job("a", 1, "hold")), engine.run(job("b", 11, "hold"))
    await reach(gone, Step)
    await reach(stays, Step)
    assert await engine.cancel("a")
    assert kinds(await collect(gone)) == ["Cancelled"]
    await asyncio.sleep(2 * QUICK.hang_called_off_s)  # the others' worker is not taken for dead
    release(blobs)
    assert kinds(await collect(stays)) == ["Rendered", "Done"]
    assert batches(blobs) == [[1, 11]]
    assert (times_made(blobs, 1), times_made(blobs, 11)) == (0, 1)


async def test_a_series_called_off_loses_all_its_places(engine: Engine, blobs: Path) -> None:
    """Every shot of it that is under way, and those to come."""
    gone = engine.run(job("a", 1, *["hold"] * 6))
    await reach(gone, Step)
    assert await engine.cancel("a")
    assert kinds(await collect(gone)) == ["Cancelled"]
    assert kinds(await collect(engine.run(job("b", 11, ""))))[-1] == "Done"
    assert batches(blobs) == [[1, 2, 3, 4], [11]]


async def test_who_waits_for_a_later_batch_can_leave(engine: Engine, blobs: Path) -> None:
    """Begun, with no shot under way just now."""
    first, second = engine.run(job("a", 1, *[""] * 3, "hold")), engine.run(job("b", 11, "", "", ""))
    await reach(second, Started)
    assert await engine.cancel("b")
    assert kinds(await collect(second))[-1] == "Cancelled"
    release(blobs)
    assert kinds(await collect(first))[-1] == "Done"


@BOTH
@pytest.mark.parametrize(
    ("prompt", "code"), [("fail:no_adult_found", "no_adult_found"), ("odd", "studio_failed")]
)
async def test_a_failed_member_fails_only_its_job(
    engine: Engine, blobs: Path, prompt: str, code: str
) -> None:
    """What its job had finished in the same batch is handed over first."""
    bad, good = engine.run(job("a", 1, "", prompt)), engine.run(job("b", 11, ""))
    failed, done = await asyncio.gather(collect(bad), collect(good))
    assert kinds(failed) == ["Queued", "Started", "Rendered", "Failed"]
    assert isinstance(failed[-1], Failed)
    assert failed[-1].code == code
    assert kinds(done)[-2:] == ["Rendered", "Done"]
    assert batches(blobs) == [[1, 2, 11]]


@BOTH
async def test_a_batch_that_breaks_as_a_whole_fails_as_a_whole(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """With the cause in the log, and an engine that goes on."""
    ends = await asyncio.gather(
        collect(engine.run(job("a", 1, "break"))), collect(engine.run(job("b", 11, "")))
    )
    assert [e[-1] for e in ends] == [Failed("studio_failed", "ZeroDivisionError")] * 2
    assert kinds(await collect(engine.run(job("c", 21, "", ""))))[-1] == "Done"
    await engine.close()
    assert "jobs a, b failed" in caplog.text


async def test_a_dead_worker_s_jobs_all_run_again_each_alone(local: Engine, blobs: Path) -> None:
    """Once, from the shots that are not finished, so that a killer takes nobody along twice."""
    ends = await asyncio.gather(
        collect(local.run(job("a", 1, "", "crash_once"))), collect(local.run(job("b", 11, "")))
    )
    for events in ends:
        assert [e.attempt for e in events if isinstance(e, Started)] == [1, 2]
        assert kinds(events)[-1] == "Done"
    assert batches(blobs) == [[1, 2, 11], [1], [2], [11]]


async def test_a_killer_fails_and_its_company_does_not(local: Engine) -> None:
    """The second attempt is alone."""
    killer, other = await asyncio.gather(
        collect(local.run(job("a", 1, "crash"))), collect(local.run(job("b", 11, "")))
    )
    assert isinstance(killer[-1], Failed)
    assert killer[-1].code == "worker_died"
    assert kinds(other)[-1] == "Done"


async def test_a_shot_that_must_be_alone_is(engine: Engine, blobs: Path) -> None:
    """Between shots that need not."""
    await collect(engine.run(job("a", 1, "", "", "solo", "", "")))
    assert batches(blobs) == [[1, 2], [3], [4, 5]]


async def test_a_stream_of_alike_jobs_keeps_nobody_waiting_for_ever(
    engine: Engine, blobs: Path
) -> None:
    """Once the job that led the batches is through, the others go in the order of their turns."""
    lead = engine.run(job("a", 1, "hold", "hold"))
    await reach(lead, Step)
    other = engine.run(job("b", 11, "", aspect="1:1"))
    later = [engine.run(job(f"c{n}", 20 + n, "")) for n in range(3)]
    await asyncio.sleep(0.1)
    release(blobs)
    for events in (lead, other, *later):
        assert kinds(await collect(events))[-1] == "Done"
    assert batches(blobs) == [[1, 2], [11], [20, 21, 22]]


async def test_the_queue_is_told_that_it_can_ride_along(engine: Engine, blobs: Path) -> None:
    """Waits are by batches: not the sum of all shots ahead."""
    held = engine.run(job("a", 1, "hold"))
    await reach(held, Step)
    waiting = [engine.run(job(f"w{n}", 10 + n, "")) for n in range(4)]
    await asyncio.sleep(0.2)  # until it is known what they want
    places = [await reach(events, Queued) for events in waiting]
    assert [p.position for p in places] == [0, 1, 2, 3]
    assert all(0.0 <= p.wait_s < 10.0 for p in places)
    release(blobs)
    for events in waiting:
        assert kinds(await collect(events))[-1] == "Done"
    assert batches(blobs) == [[1], [10, 11, 12, 13]]


async def test_who_is_left_behind_hears_the_new_place(engine: Engine, blobs: Path) -> None:
    """When those ahead have joined a batch."""
    held = engine.run(job("held", 90, "hold", aspect="1:1"))
    await reach(held, Step)
    first, rider = engine.run(job("a", 1, *["hold"] * 2)), engine.run(job("b", 11, "hold"))
    last = engine.run(job("c", 21, "", aspect="2:3"))
    assert (await reach(last, Queued)).position == 2
    assert await engine.cancel("held")
    await reach(rider, Step)
    assert (await reach(last, Queued)).position == 0
    release(blobs)
    for events in (first, rider, last):
        assert kinds(await collect(events))[-1] == "Done"


async def test_several_abreast_are_estimated_as_such(tmp_path: Path) -> None:
    """Cheaper than one after the other, dearer than one; and what was seen is learned."""
    engine = InProcessEngine(BatchStudio(DiskBlobs(tmp_path / "b"), delay=0.02))
    await engine.start()
    four = job("a", 1, *[""] * 4).series
    first = structs.replace(four, shots=four.shots[:1])
    one = (await engine.estimate(first)).most
    before = (await engine.estimate(four)).most
    assert one < before < 4 * one
    for n in range(4):
        await collect(engine.run(job(f"j{n}", 100 * n, *[""] * 4)))
    assert abs((await engine.estimate(first)).most - one) < 1e-9
    assert (await engine.estimate(four)).most != before
    await engine.close()
