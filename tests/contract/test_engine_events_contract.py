"""What any engine tells of a job, whoever reads it, and until when."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import pytest
from support.engines import running
from support.jobs import PNG, collect, kinds, make_job, reach, release
from support.studios import times_made

from engine.base import Engine
from engine.errors import EngineUnavailable
from engine.jobs import (
    Cancelled,
    Done,
    Job,
    Rendered,
    Started,
    Step,
    Terminal,
    decode_event,
    decode_job,
    encode,
)
from engine.shots import Series


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
