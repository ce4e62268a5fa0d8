"""One suite for every engine: what the bot may rely on, wherever the studio lives."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
from support.jobs import PNG, TIMEOUT_S, collect, kinds, make_job, reach, release
from support.studios import FACTORY, CardStudio, times_made, worker_env

from engine.base import Engine
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.dispatch.local import LocalEngine
from engine.errors import EngineUnavailable, PhotoRejected, StudioFailed
from engine.jobs import (
    Cancelled,
    Done,
    Failed,
    Job,
    Queued,
    Rendered,
    Started,
    Step,
    Terminal,
    decode_event,
    decode_job,
    encode,
)
from engine.shots import LightPlan, Series


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def make_local(blobs: Path) -> Engine:
    return LocalEngine(FACTORY, {"blobs": str(blobs)}, uploads=blobs / "uploads", env=worker_env())


def make_inprocess(blobs: Path) -> Engine:
    return InProcessEngine(CardStudio(DiskBlobs(blobs)))


@pytest.fixture(params=[make_local, make_inprocess], ids=["local", "inprocess"])
def make(request: pytest.FixtureRequest) -> Callable[[Path], Engine]:
    return request.param


@pytest.fixture
def blobs(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[Engine]:
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()


@pytest.fixture
async def engine(make: Callable[[Path], Engine], blobs: Path) -> AsyncIterator[Engine]:
    async with running(make(blobs)) as engine:
        yield engine


async def test_a_job_runs_to_done_and_its_pictures_are_on_disk(engine: Engine, blobs: Path) -> None:
    events = await collect(engine.run(make_job("j", "", "")))
    assert kinds(events) == ["Queued", "Started", "Rendered", "Rendered", "Done"]
    renders = [e for e in events if isinstance(e, Rendered)]
    assert [(r.shot, r.render.seed) for r in renders] == [(0, 100), (1, 101)]
    for rendered in renders:
        assert DiskBlobs(blobs).get(rendered.render.blob).startswith(b"\x89PNG")


async def test_progress_is_told_in_order_and_never_falls(engine: Engine, blobs: Path) -> None:
    events = engine.run(make_job("j", "hold", "hold"))
    assert await reach(events, Step)
    release(blobs)
    steps = [e for e in await collect(engine.run(make_job("j"))) if isinstance(e, Step)]
    rest = [e for e in await collect(events) if isinstance(e, Step)]
    for told in (steps, rest):
        fractions = [s.fraction for s in told]
        assert fractions == sorted(fractions)
        assert all(0.0 <= s.fraction <= 1.0 and s.remaining_s >= 0.0 for s in told)
        assert [s.shot for s in told] == sorted(s.shot for s in told)


async def test_started_tells_the_attempt_and_an_estimate(engine: Engine) -> None:
    started = await reach(engine.run(make_job("j", "", "")), Started)
    assert started.attempt == 1
    assert started.total_s == pytest.approx(0.004)


async def test_people_take_turns_whoever_came_with_many_jobs(engine: Engine, blobs: Path) -> None:
    held = engine.run(make_job("held", "hold", owner="ann"))
    await reach(held, Started)
    order: list[str] = []

    async def follow(job: Job) -> None:
        events = engine.run(job)
        await reach(events, Started)
        order.append(job.id)
        await collect(events)

    jobs = [make_job(f"ann{n}", owner="ann") for n in range(3)]
    jobs += [make_job(f"bob{n}", owner="bob") for n in range(2)]
    tasks = [asyncio.create_task(follow(job)) for job in jobs]
    await asyncio.sleep(0)
    release(blobs)
    await asyncio.gather(*tasks)
    assert order == ["ann0", "bob0", "ann1", "bob1", "ann2"]


async def test_who_waits_hears_each_new_place_in_the_queue(engine: Engine, blobs: Path) -> None:
    await reach(engine.run(make_job("held", "hold", owner="ann")), Started)
    first, last = engine.run(make_job("b", owner="bob")), engine.run(make_job("c", owner="eve"))
    places = [await reach(events, Queued) for events in (first, last)]
    assert [p.position for p in places] == [0, 1]
    assert all(0.0 <= p.wait_s < 60.0 for p in places)
    assert await engine.cancel("b")
    moved = await reach(last, Queued)
    assert moved.position == 0
    release(blobs)
    assert kinds(await collect(last))[-1] == "Done"


async def test_a_newcomer_moves_those_back_who_have_had_their_turn(
    engine: Engine, blobs: Path
) -> None:
    await reach(engine.run(make_job("held", "hold", owner="ann")), Started)
    engine.run(make_job("a1", owner="ann"))
    second = engine.run(make_job("a2", owner="ann"))
    assert (await reach(second, Queued)).position == 1
    engine.run(make_job("b1", owner="bob"))
    assert (await reach(second, Queued)).position == 2
    release(blobs)
    assert kinds(await collect(second))[-1] == "Done"


async def test_a_waiting_job_can_be_called_off(engine: Engine, blobs: Path) -> None:
    await reach(engine.run(make_job("held", "hold")), Started)
    waiting = engine.run(make_job("w"))
    assert await engine.cancel("w")
    assert kinds(await collect(waiting)) == ["Queued", "Cancelled"]
    release(blobs)


async def test_a_running_job_is_called_off_at_its_next_report(engine: Engine, blobs: Path) -> None:
    events = engine.run(make_job("j", "hold"))
    await reach(events, Step)
    assert await engine.cancel("j")
    assert kinds(await collect(events)) == ["Cancelled"]
    assert times_made(blobs, 100) == 0


async def test_a_job_called_off_before_its_first_step_never_renders(
    engine: Engine, blobs: Path
) -> None:
    events = engine.run(make_job("j", "hold"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await engine.cancel("j")
    assert kinds(await collect(events))[-1] == "Cancelled"
    assert times_made(blobs, 100) == 0


async def test_what_has_ended_or_never_was_cannot_be_called_off(engine: Engine) -> None:
    await collect(engine.run(make_job("j")))
    assert not await engine.cancel("j")
    assert not await engine.cancel("nobody's")


async def test_calling_off_one_job_leaves_the_next_alone(engine: Engine) -> None:
    events = engine.run(make_job("j", "hold"))
    await reach(events, Step)
    after = engine.run(make_job("k"))
    await engine.cancel("j")
    assert kinds(await collect(after))[-1] == "Done"


async def test_two_jobs_at_once_keep_their_events_apart(engine: Engine) -> None:
    one, two = (
        make_job("one", "", "", owner="ann"),
        make_job("two", "fail:no_adult_found", owner="bob"),
    )
    ones, twos = await asyncio.gather(collect(engine.run(one)), collect(engine.run(two)))
    assert isinstance(ones[-1], Done)
    assert twos[-1] == Failed("no_adult_found", "asked for", {"name": "a-weight"})


async def test_a_studio_s_refusal_keeps_its_code_and_facts(engine: Engine) -> None:
    events = await collect(engine.run(make_job("j", "", "fail:weights_missing")))
    assert kinds(events) == ["Queued", "Started", "Rendered", "Failed"]
    assert events[-1] == Failed("weights_missing", "asked for", {"name": "a-weight"})


async def test_a_full_disk_fails_the_job_by_that_name(
    make: Callable[[Path], Engine], tmp_path: Path
) -> None:
    (tmp_path / "blobs").mkdir()
    for first_two in range(256):  # where a blob would go, there is no room for a folder
        (tmp_path / "blobs" / f"{first_two:02x}").touch()
    async with running(make(tmp_path / "blobs")) as engine:
        end = (await collect(engine.run(make_job("j"))))[-1]
    assert isinstance(end, Failed)
    assert end.code == "disk_full"


async def test_a_foreign_exception_shows_no_traceback_but_logs_it_with_the_job(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    end = (await collect(engine.run(make_job("unlucky", "raise"))))[-1]
    assert end == Failed("studio_failed", "ZeroDivisionError")
    await engine.close()  # a worker's last words have arrived by then
    record = next(r for r in caplog.records if "unlucky" in r.getMessage())
    assert record.levelname == "ERROR"
    assert "a secret traceback" in caplog.text


async def test_a_failed_job_leaves_the_engine_usable(engine: Engine) -> None:
    await collect(engine.run(make_job("j", "raise")))
    assert kinds(await collect(engine.run(make_job("k"))))[-1] == "Done"


async def test_a_photo_is_received_while_a_job_renders(engine: Engine, blobs: Path) -> None:
    events = engine.run(make_job("j", "hold"))
    await reach(events, Step)
    async with asyncio.timeout(TIMEOUT_S):
        photo = await engine.receive(PNG)
    assert DiskBlobs(blobs).get(photo.blob) == PNG
    assert photo.faces[0].height == 4
    release(blobs)
    assert kinds(await collect(events))[-1] == "Done"


async def test_a_light_plan_is_drawn_while_a_job_renders(engine: Engine, blobs: Path) -> None:
    events = engine.run(make_job("j", "hold"))
    await reach(events, Step)
    plan = LightPlan(-35, 30, labels={"title": "Loop light"})
    async with asyncio.timeout(TIMEOUT_S):
        drawing = await engine.draw(plan)
    assert b"Loop light" in DiskBlobs(blobs).get(drawing.svg)
    assert DiskBlobs(blobs).get(drawing.png).startswith(b"\x89PNG")
    assert await engine.draw(plan) == drawing
    release(blobs)
    assert kinds(await collect(events))[-1] == "Done"


async def test_a_rejected_photo_says_why(engine: Engine) -> None:
    with pytest.raises(PhotoRejected) as caught:
        await engine.receive(b"%PDF-1.7")
    assert caught.value.code == "photo_not_an_image"
    assert caught.value.facts == {"got": 8}


async def test_a_photo_that_breaks_the_studio_is_an_engine_error(engine: Engine) -> None:
    with pytest.raises(StudioFailed):
        await engine.receive(b"foreign")
    assert (await engine.receive(PNG)).width == 90


async def test_nothing_of_an_upload_remains_beside_the_blobs(engine: Engine, blobs: Path) -> None:
    await engine.receive(PNG)
    with pytest.raises(PhotoRejected):
        await engine.receive(b"GIF89a")
    assert [path.suffix for path in files(blobs)] == [".png"]


async def test_a_job_goes_on_when_its_reader_leaves(engine: Engine, blobs: Path) -> None:
    async with aclosing(engine.run(make_job("j", "hold"))) as events:  # type: ignore[type-var]
        await reach(events, Step)
    release(blobs)
    assert kinds(await collect(engine.run(make_job("j"))))[-1] == "Done"
    assert times_made(blobs, 100) == 1


async def test_a_job_nobody_ever_reads_still_runs(engine: Engine, blobs: Path) -> None:
    engine.run(make_job("unread"))
    assert kinds(await collect(engine.run(make_job("after"))))[-1] == "Done"
    assert times_made(blobs, 100) == 2


async def test_two_readers_of_a_job_hear_the_same_story_and_it_runs_once(
    engine: Engine, blobs: Path
) -> None:
    job = make_job("j", "", "hold")
    early = engine.run(job)
    await reach(early, Rendered)
    late = asyncio.create_task(collect(engine.run(job)))
    release(blobs)
    assert kinds(await late) == ["Queued", "Started", "Rendered", "Rendered", "Done"]
    assert kinds(await collect(early)) == ["Rendered", "Done"]
    assert times_made(blobs, 100) == times_made(blobs, 101) == 1


async def test_an_ended_job_is_replayed_not_repeated(engine: Engine, blobs: Path) -> None:
    first = await collect(engine.run(make_job("j")))
    again = await collect(engine.run(make_job("j")))
    assert kinds(again) == kinds(first)
    assert times_made(blobs, 100) == 1


async def test_closing_ends_the_events_without_a_verdict_and_the_job_can_run_again(
    make: Callable[[Path], Engine], blobs: Path
) -> None:
    async with running(make(blobs)) as engine:
        running_job, waiting = engine.run(make_job("r", "hold")), engine.run(make_job("w"))
        await reach(running_job, Step)
        readers = [asyncio.create_task(collect(e)) for e in (running_job, waiting)]
        await asyncio.sleep(0)
        await engine.close()
        told = [event for reader in readers for event in await reader]
    assert not [event for event in told if isinstance(event, Terminal)]
    release(blobs)
    async with running(make(blobs)) as engine:
        assert kinds(await collect(engine.run(make_job("r", "hold"))))[-1] == "Done"


async def test_closing_and_starting_twice_are_harmless(engine: Engine) -> None:
    await engine.start()
    await engine.close()
    await engine.close()


async def test_a_closed_engine_takes_nothing(engine: Engine) -> None:
    await engine.close()
    with pytest.raises(EngineUnavailable):
        await engine.receive(PNG)
    with pytest.raises(EngineUnavailable):
        engine.run(make_job("j"))
    with pytest.raises(EngineUnavailable):
        await engine.start()


async def test_capabilities_are_the_studio_s(engine: Engine) -> None:
    capabilities = engine.capabilities()
    assert capabilities == CardStudio(DiskBlobs(Path())).capabilities()
    spec = {"backdrop": "teal", "lighting": "split", "pose": "seated"}
    assert capabilities.not_honoured("generate", spec) == ("lighting", "pose")


async def test_events_and_jobs_survive_json(engine: Engine) -> None:
    job = make_job("j", "", "fail:no_adult_found")
    assert decode_job(encode(job)) == job
    for event in [*await collect(engine.run(job)), Cancelled(), Done()]:
        assert decode_event(encode(event)) == event


async def test_a_series_without_shots_is_done_at_once(engine: Engine) -> None:
    assert kinds(await collect(engine.run(Job("j", "ann", Series(()))))) == [
        "Queued",
        "Started",
        "Done",
    ]


async def test_a_studio_that_works_in_silence_is_still_seen_to_move(
    make: Callable[[Path], Engine], blobs: Path
) -> None:
    async with running(make(blobs)) as engine:
        events = engine.run(make_job("j", "hang"))
        first = await reach(events, Step)
        later = await reach(events, Step)
        release(blobs)
        assert later.name == first.name
        assert later.fraction > first.fraction
        assert kinds(await collect(events))[-1] == "Done"
