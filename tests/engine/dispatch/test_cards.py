"""One worker per graphics card: each sees its own, jobs find a free one, deaths stay private."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from support.batch_studio import FACTORY
from support.jobs import TIMEOUT_S, collect, kinds, make_job, reach, release
from support.studios import worker_env

from engine.dispatch.local import Limits, LocalEngine
from engine.errors import EngineUnavailable
from engine.jobs import Failed, Job, Queued, Started, Step
from engine.shots import Series, Shot

CARDS = (0, 1)


def make_engine(blobs: Path, factory: str = FACTORY, **settings: str) -> LocalEngine:
    return LocalEngine(
        factory,
        {"blobs": str(blobs), "batch": "1"} | settings,
        uploads=blobs / "u",
        env=worker_env(),
        limits=Limits(backoff_s=0.01),
        warm=False,
        cards=CARDS,
    )


def job(name: str, seed: int, prompt: str = "", profile: str = "") -> Job:
    return Job(name, name, Series((Shot("generate", seed, prompt=prompt, profile=profile),)))


def made_on(blobs: Path) -> dict[int, tuple[int, str]]:
    """Process and card by seed; the last, where a shot was begun twice."""
    lines = (blobs / "batches.log").read_text().splitlines()
    split = (line.split() for line in lines)
    return {int(seed): (int(pid), card) for pid, card, seed in split}


async def test_two_jobs_run_at_once_each_on_a_card_of_its_own(
    engine: LocalEngine, blobs: Path
) -> None:
    """A worker sees its card alone; the third job waits."""
    jobs = [engine.run(job("a", 1, "hold")), engine.run(job("b", 2, "hold"))]
    for events in jobs:
        await reach(events, Step)
    waiting = engine.run(job("c", 3))
    assert (await reach(waiting, Queued)).position == 0
    assert {card for _, card in made_on(blobs).values()} == {"0", "1"}
    release(blobs)
    for events in (*jobs, waiting):
        assert kinds(await collect(events))[-1] == "Done"


async def test_a_job_goes_where_its_model_is(engine: LocalEngine, blobs: Path) -> None:
    """To the free worker that holds its profile; another model to the one that holds less."""
    for seed, profile in enumerate(("klein", "sdxl", "klein", "sdxl", "sdxl", "klein")):
        await collect(engine.run(job(f"j{seed}", seed, profile=profile)))
    pids = [made_on(blobs)[seed][0] for seed in range(6)]
    assert pids[0] != pids[1]
    assert pids == [pids[0], pids[1], pids[0], pids[1], pids[1], pids[0]]


async def test_a_model_that_is_busy_elsewhere_is_loaded_again(
    engine: LocalEngine, blobs: Path
) -> None:
    """Nobody waits beside a free card."""
    await collect(engine.run(job("a", 1, profile="klein")))
    held = engine.run(job("b", 2, "hold", profile="klein"))
    await reach(held, Step)
    assert kinds(await collect(engine.run(job("c", 3, profile="klein"))))[-1] == "Done"
    made = made_on(blobs)
    assert made[1] == made[2] != made[3]
    release(blobs)
    assert kinds(await collect(held))[-1] == "Done"


async def test_a_killed_worker_s_job_runs_again_while_the_other_goes_on(
    engine: LocalEngine, blobs: Path
) -> None:
    """kill -9 in mid-job costs one attempt, of that job alone, and the worker comes back."""
    jobs = {1: engine.run(job("a", 1, "hold")), 2: engine.run(job("b", 2, "hold"))}
    for events in jobs.values():
        await reach(events, Step)
    pid, card = made_on(blobs)[1]
    other = made_on(blobs)[2]
    os.kill(pid, signal.SIGKILL)
    assert (await reach(jobs[1], Started)).attempt == 2
    release(blobs)
    first, second = await collect(jobs[1]), await collect(jobs[2])
    assert kinds(first)[-1] == kinds(second)[-1] == "Done"
    assert "Started" not in kinds(second)
    assert made_on(blobs)[2] == other
    again_pid, again_card = made_on(blobs)[1]
    assert again_pid not in (pid, other[0])
    assert again_card == card


async def test_a_killer_takes_nobody_on_the_other_card_along(engine: LocalEngine) -> None:
    """It fails after its second attempt; everybody else is served."""
    killer = asyncio.create_task(collect(engine.run(make_job("k", "crash", owner="kim"))))
    for n in range(4):
        assert kinds(await collect(engine.run(job(f"j{n}", n))))[-1] == "Done"
    end = (await killer)[-1]
    assert isinstance(end, Failed)
    assert end.code == "worker_died"


async def test_a_card_that_cannot_be_used_is_left_out(blobs: Path) -> None:
    """The other one serves everybody, and photos find it too."""
    engine = make_engine(blobs, "support.batch_studio:one_card_is_broken")
    await engine.start()
    async with asyncio.timeout(TIMEOUT_S):
        for n in range(3):
            assert kinds(await collect(engine.run(job(f"j{n}", n))))[-1] == "Done"
        assert (await engine.receive(b"\x89PNG")).width == 90
        assert engine.capabilities().studio == "card"
    assert {card for _, card in made_on(blobs).values()} == {"1"}
    await engine.close()


async def test_without_any_usable_card_the_start_says_so(blobs: Path) -> None:
    """As with one."""
    engine = make_engine(blobs, "support.studios:card_studio", broken="yes")
    with pytest.raises(EngineUnavailable):
        await engine.start()
    await engine.close()
