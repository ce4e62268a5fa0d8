"""The studio that draws, in its worker process: killed in the middle, its job is run again."""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

from support.jobs import make_job
from support.studios import worker_env
from support.tiny_studio import FACTORY

from engine.blobs import DiskBlobs
from engine.dispatch.local import LocalEngine
from engine.jobs import Done, JobEvent, Rendered, Started, Step
from engine.profiles import Profile

PATIENCE_S = 240.0
"""Two starts of a process that imports diffusers, on a machine with other things to do."""
STEPS = 60


async def test_a_worker_killed_while_it_draws_is_replaced_and_the_job_run_again(
    profile_of: Callable[[str], Profile], models_dir: Path, tmp_path: Path
) -> None:
    """kill -9 after the first look; the picture is what it would have been."""
    settings = {
        "data_dir": str(tmp_path),
        "models_dir": str(models_dir),
        "tiny": profile_of("z-image").folder,
        "profile": "z-image-turbo",
        "device": "cpu",
        "steps": str(STEPS),
    }
    engine = LocalEngine(FACTORY, settings, uploads=tmp_path / "uploads", env=worker_env())
    await engine.start()
    try:
        async with asyncio.timeout(PATIENCE_S):
            events = await _killed_once(engine)
    finally:
        await engine.close()
    attempts = [event.attempt for event in events if isinstance(event, Started)]
    assert attempts == [1, 2]
    render = next(event.render for event in events if isinstance(event, Rendered))
    assert isinstance(events[-1], Done)
    assert DiskBlobs(tmp_path / "blobs").get(render.blob)[:4] == b"\x89PNG"
    assert render.versions["steps"] == str(STEPS)


async def _killed_once(engine: LocalEngine) -> list[JobEvent]:
    seen: list[JobEvent] = []
    killed = False
    async for event in engine.run(make_job("draw", "a portrait")):
        seen.append(event)
        if isinstance(event, Step) and event.preview and not killed:
            killed = True
            os.kill(_worker_of(engine), signal.SIGKILL)
    assert killed
    return seen


def _worker_of(engine: LocalEngine) -> int:
    worker = engine._process._worker
    assert worker
    return worker.pid
