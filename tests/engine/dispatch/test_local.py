"""A worker process may die, hang, chatter or never start; the bot and its people go on."""

import asyncio
import os
import signal
import sys
import textwrap
import time
from pathlib import Path

import pytest
from support.jobs import PNG, TIMEOUT_S, collect, kinds, make_job, reach, release
from support.studios import FACTORY, times_made, worker_env

from engine.dispatch.local import Limits, LocalEngine
from engine.dispatch.worker import NICENESS
from engine.errors import EngineUnavailable
from engine.jobs import Done, Failed, Job, Rendered, Started, Step
from engine.shots import Series, Shot

QUICK = Limits(start_s=20.0, hang_s=0.5, hang_called_off_s=0.5, close_s=2.0, backoff_s=0.01)


def make_engine(
    blobs: Path, limits: Limits | None = None, uploads: str = "uploads", **settings: str
) -> LocalEngine:
    limits = limits or Limits(backoff_s=0.01)
    settings = {"blobs": str(blobs)} | settings
    return LocalEngine(FACTORY, settings, uploads=blobs / uploads, env=worker_env(), limits=limits)


async def worker_pid(engine: LocalEngine, blobs: Path) -> int:
    """Who drew the last card, by the mark it left."""
    await collect(engine.run(Job("who", "test", Series((Shot("generate", 9),)))))
    return int((blobs / "made-9.log").read_text().split()[-2])


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z")


async def gone(pid: int) -> bool:
    async with asyncio.timeout(TIMEOUT_S):
        while is_alive(pid):  # noqa: ASYNC110 - no event tells of a stranger's death
            await asyncio.sleep(0.02)
    return True


async def test_a_job_whose_worker_is_killed_runs_again_and_finishes(
    engine: LocalEngine, blobs: Path
) -> None:
    events = await collect(engine.run(make_job("j", "", "crash_once")))
    assert kinds(events) == ["Queued", "Started", "Rendered", "Started", "Rendered", "Done"]
    assert [e.attempt for e in events if isinstance(e, Started)] == [1, 2]
    assert times_made(blobs, 100) == 1, "a finished shot is not made again"


async def test_a_process_that_is_of_no_more_use_leaves_its_job_to_the_next(
    engine: LocalEngine, blobs: Path
) -> None:
    """After a fault on a graphics card every later call would fail as well."""
    before = await worker_pid(engine, blobs)
    events = await collect(engine.run(make_job("j", "spoiled_once")))
    assert kinds(events) == ["Queued", "Started", "Started", "Rendered", "Done"]
    assert await gone(before)


async def test_a_job_that_kills_two_workers_fails(engine: LocalEngine) -> None:
    events = await collect(engine.run(make_job("j", "crash")))
    assert [e.attempt for e in events if isinstance(e, Started)] == [1, 2]
    end = events[-1]
    assert isinstance(end, Failed)
    assert end.code == "worker_died"


async def test_other_people_s_jobs_survive_a_killer(engine: LocalEngine) -> None:
    killer, other = make_job("k", "crash"), make_job("o", "", owner="bob")
    _, events = await asyncio.gather(collect(engine.run(killer)), collect(engine.run(other)))
    assert isinstance(events[-1], Done)
    assert [e.attempt for e in events if isinstance(e, Started)] == [1]


async def test_a_loop_of_crashes_ends_and_leaves_the_engine_usable(engine: LocalEngine) -> None:
    for number in range(3):
        assert isinstance((await collect(engine.run(make_job(f"k{number}", "crash"))))[-1], Failed)
    assert isinstance((await collect(engine.run(make_job("ok"))))[-1], Done)


async def test_a_worker_killed_while_idle_is_replaced(engine: LocalEngine, blobs: Path) -> None:
    pid = await worker_pid(engine, blobs)
    os.kill(pid, signal.SIGKILL)
    assert await gone(pid)
    events = await collect(engine.run(make_job("j")))
    assert isinstance(events[-1], Done)
    assert (await engine.receive(PNG)).width == 90


async def test_a_job_called_off_while_its_worker_dies_does_not_come_back(blobs: Path) -> None:
    engine = make_engine(blobs, QUICK)
    events = engine.run(make_job("j", "hang"))
    await reach(events, Step)
    assert await engine.cancel("j")
    assert kinds(await collect(events)) == ["Cancelled"]
    assert kinds(await collect(engine.run(make_job("next"))))[-1] == "Done"
    await engine.close()


async def test_a_silent_worker_is_killed_and_the_job_tried_again(blobs: Path) -> None:
    engine = make_engine(blobs, QUICK)
    events = engine.run(make_job("j", "hang"))
    while (await reach(events, Started)).attempt < 2:
        pass
    release(blobs)
    assert kinds(await collect(events)) == ["Rendered", "Done"]
    await engine.close()


async def test_a_busy_worker_that_reports_is_not_taken_for_a_silent_one(blobs: Path) -> None:
    engine = make_engine(blobs, QUICK)
    events = engine.run(make_job("j", "hold"))
    await reach(events, Step)
    await asyncio.sleep(2 * QUICK.hang_s)
    release(blobs)
    assert kinds(await collect(events)) == ["Rendered", "Done"]
    await engine.close()


async def test_a_chatty_library_cannot_corrupt_the_answers(
    engine: LocalEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    events = await collect(engine.run(make_job("j", "noise", "")))
    await engine.close()
    assert kinds(events) == ["Queued", "Started", "Rendered", "Rendered", "Done"]
    assert "chatter" in caplog.text
    assert max(len(record.getMessage()) for record in caplog.records) < 10_000


async def test_a_studio_that_cannot_be_built_is_told_at_once(blobs: Path) -> None:
    engine = make_engine(blobs, broken="yes")
    with pytest.raises(EngineUnavailable):
        await engine.start()
    with pytest.raises(EngineUnavailable):
        engine.capabilities()
    events = await collect(engine.run(make_job("j")))
    end = events[-1]
    assert isinstance(end, Failed)
    assert end.code == "worker_died"
    await engine.close()


async def test_a_photo_is_received_although_the_worker_dies_of_a_job(
    engine: LocalEngine,
) -> None:
    events, photo = await asyncio.gather(
        collect(engine.run(make_job("k", "crash_once"))), engine.receive(PNG)
    )
    assert isinstance(events[-1], Done)
    assert photo.width == 90


async def test_the_bot_can_leave_within_seconds_of_a_hanging_job(blobs: Path) -> None:
    engine = make_engine(blobs)
    pid = await worker_pid(engine, blobs)
    await reach(engine.run(make_job("j", "hang")), Step)
    async with asyncio.timeout(5.0):
        await engine.close()
    assert not is_alive(pid)


async def test_the_bot_can_leave_while_a_worker_starts(blobs: Path) -> None:
    engine = make_engine(blobs)
    events = engine.run(make_job("j"))
    await asyncio.sleep(0.01)
    async with asyncio.timeout(5.0):
        await engine.close()
    assert kinds(await collect(events)) == ["Queued"]


async def test_an_upload_left_by_a_killed_bot_is_cleared(blobs: Path) -> None:
    uploads = blobs / "uploads"
    uploads.mkdir(parents=True)
    old, fresh = uploads / "old.upload", uploads / "fresh.upload"
    (uploads / "taken.upload").symlink_to(uploads / "cleared by another worker")
    old.touch()
    fresh.touch()
    os.utime(old, (0, time.time() - 7200))
    engine = make_engine(blobs)
    await engine.start()
    await engine.close()
    assert [path for path in uploads.iterdir() if path.exists()] == [fresh]


async def test_a_folder_for_uploads_that_cannot_be_made_is_told_as_such(blobs: Path) -> None:
    release(blobs)  # makes the folder
    engine = make_engine(blobs, uploads="release")
    with pytest.raises(EngineUnavailable):
        await engine.start()
    await engine.close()


async def test_the_worker_lets_the_chat_go_first(engine: LocalEngine, blobs: Path) -> None:
    pid = await worker_pid(engine, blobs)
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getpriority(os.PRIO_PROCESS, pid) == min(ours + NICENESS, 19)


@pytest.mark.parametrize(
    "name",
    [
        "NUMBA_DISABLE_JIT", "OMP_NUM_THREADS", "OPENCV_LOG_LEVEL", "PYTORCH_ALLOC_CONF",
        "TORCHINDUCTOR_COMPILE_THREADS",
    ],
)  # fmt: skip
async def test_the_studio_is_imported_with_its_environment_set(blobs: Path, name: str) -> None:
    engine = make_engine(blobs, needs_env=name)
    await engine.start()
    await engine.close()


async def test_a_studio_is_warmed_before_its_first_job(blobs: Path) -> None:
    engine = make_engine(blobs, mark_warm="yes")
    await collect(engine.run(make_job("j")))
    await engine.close()
    assert (blobs / "warmed").exists()


async def test_a_round_trip_can_be_timed(engine: LocalEngine) -> None:
    assert await engine.ping() > 0.0


BOT = """
import asyncio, sys
from pathlib import Path
from support.studios import FACTORY, worker_env
from engine.dispatch.local import LocalEngine
from engine.jobs import Job
from engine.shots import Series, Shot

async def main():
    blobs = Path(sys.argv[1])
    engine = LocalEngine(FACTORY, {"blobs": str(blobs)}, uploads=blobs / "u", env=worker_env())
    job = Job("j", "ann", Series((Shot("generate", 1), Shot("generate", 2, prompt=sys.argv[2]))))
    async for event in engine.run(job):
        if type(event).__name__ == "Rendered":
            print("rendered", flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("in_hand", ["hang", "hold"])
async def test_no_worker_outlives_a_killed_bot(blobs: Path, in_hand: str) -> None:
    bot = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(BOT),
        str(blobs),
        in_hand,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **worker_env()},
    )
    assert bot.stdout
    async with asyncio.timeout(TIMEOUT_S):
        assert await bot.stdout.readline() == b"rendered\n"
    pid = int((blobs / "made-1.log").read_text().split()[0])
    assert is_alive(pid)
    bot.kill()
    await bot.communicate()
    assert await gone(pid)


async def test_renders_of_before_a_crash_are_told_to_late_readers_too(
    engine: LocalEngine,
) -> None:
    await collect(engine.run(make_job("j", "", "crash_once")))
    replay = await collect(engine.run(make_job("j")))
    assert [e.shot for e in replay if isinstance(e, Rendered)] == [0, 1]
