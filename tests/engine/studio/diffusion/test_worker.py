"""The studio that draws, in its worker behind the dispatcher: batches, and what befalls them.

One engine serves all of it, since starting a process that imports diffusers is what takes time.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import pytest
from msgspec import structs
from support.jobs import make_job
from support.studios import worker_env
from support.tiny_studio import FACTORY, batches

from engine.blobs import DiskBlobs
from engine.dispatch.local import LocalEngine
from engine.jobs import Cancelled, Done, Job, JobEvent, Rendered, Started, Step
from engine.profiles import Profile
from engine.shots import Series

E = TypeVar("E", bound=JobEvent)

PATIENCE_S = 240.0
"""Two starts of a process that imports diffusers, on a machine with other things to do."""
STEPS = 24
ROOM, BATCH = 2, 4
TOLERANCE = 1
"""8-bit levels by which a picture of a batch may differ from the same one drawn alone."""


async def test_batches_through_a_worker_that_dies_and_runs_short_of_memory(
    profile_of: Callable[[str], Profile],
    models_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Pictures of different people share batches and are what they are alone; kill -9, a memory
    for half the batch, and one who calls off change nothing for the others."""
    monkeypatch.setattr("engine.dispatch.camera.PLANS_S", 30.0)  # they meet, however busy it is
    settings = {
        "data_dir": str(tmp_path),
        "models_dir": str(models_dir),
        "tiny": profile_of("z-image").folder,
        "profile": "z-image-turbo",
        "device": "cpu",
        "steps": str(STEPS),
        "room": str(ROOM),
        "options": f"batch={BATCH}",
    }
    engine = LocalEngine(FACTORY, settings, uploads=tmp_path / "uploads", env=worker_env())
    await engine.start()
    assert engine.capabilities().batch == BATCH
    studio = Studio(engine, tmp_path)
    try:
        async with asyncio.timeout(PATIENCE_S):
            alone = await studio.killed_in_mid_batch()
            await studio.halved(alone)
            await studio.one_called_off(alone)
    finally:
        await engine.close()


class Studio:
    """The engine, and what of its pictures and batches is to be seen."""

    def __init__(self, engine: LocalEngine, folder: Path) -> None:
        self._engine, self._folder = engine, folder
        self._blobs = DiskBlobs(folder / "blobs")

    async def killed_in_mid_batch(self) -> dict[int, np.ndarray]:
        """Two people's batch is killed as it begins. Each is drawn again, alone, so that a shot
        that kills its worker takes nobody along twice; these pictures, by seed."""
        ann, bob = drawing("a", 100), drawing("b", 101)
        made = await asyncio.gather(self._run(ann, kill=True), self._run(bob))
        assert [e.attempt for e in of(made[0], Started)][-1] == 2
        assert all(isinstance(events[-1], Done) for events in made)
        assert batches(self._folder) == [[100, 101], [100], [101]]
        return {seed: self._pixels(events) for seed, events in zip((100, 101), made, strict=True)}

    async def halved(self, alone: dict[int, np.ndarray]) -> None:
        """Four in a batch do not fit, two do; each is what its seed is alone."""
        before = len(batches(self._folder))
        events = await self._run(drawing("c", 100, 101, 102, 103))
        assert isinstance(events[-1], Done)
        drawn = batches(self._folder)[before:]
        assert drawn == [[100, 101, 102, 103], [100, 101], [102, 103]]
        pictures = [self._read(event) for event in of(events, Rendered)]
        assert apart(alone[100], pictures[0]) <= TOLERANCE
        assert apart(alone[101], pictures[1]) <= TOLERANCE
        assert apart(pictures[2], pictures[3]) > TOLERANCE
        assert of(events, Rendered)[2].render.versions["steps"] == str(STEPS)

    async def one_called_off(self, alone: dict[int, np.ndarray]) -> None:
        """Of two in a batch one leaves after it has begun; the other comes out as ever."""
        first, other = self._run(drawing("e", 100)), self._run(drawing("f", 101), call_off=True)
        stayed, left = await asyncio.gather(first, other)
        assert sorted(batches(self._folder)[-1]) == [100, 101]
        assert isinstance(left[-1], Cancelled)
        assert not of(left, Rendered)
        assert apart(self._pixels(stayed), alone[100]) <= TOLERANCE

    async def _run(self, job: Job, *, kill: bool = False, call_off: bool = False) -> list[JobEvent]:
        seen: list[JobEvent] = []
        struck = False
        async for event in self._engine.run(job):
            seen.append(event)
            drawing = isinstance(event, Step) and event.name == "step_draw"
            if not struck and drawing and (kill or call_off):
                struck = True
                if kill:
                    os.kill(self._worker(), signal.SIGKILL)
                else:
                    await self._engine.cancel(job.id)
        assert struck == (kill or call_off)
        return seen

    def _worker(self) -> int:
        worker = self._engine._process._worker
        assert worker
        return worker.pid

    def _pixels(self, events: list[JobEvent]) -> np.ndarray:
        return self._read(of(events, Rendered)[0])

    def _read(self, event: Rendered) -> np.ndarray:
        picture = cv2.imread(str(self._blobs.path(event.render.blob)))
        assert picture is not None
        return picture.astype(int)


def drawing(job: str, *seeds: int) -> Job:
    """One person's job of these seeds, at the model's own size."""
    one = make_job(job, "a portrait", owner=job)
    shot = structs.replace(one.series.shots[0], scale=1)
    shots = tuple(structs.replace(shot, seed=seed) for seed in seeds)
    return structs.replace(one, series=Series(shots))


def of(events: list[JobEvent], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def apart(one: np.ndarray, other: np.ndarray) -> int:
    """The largest difference, in 8-bit levels."""
    return int(np.abs(one - other).max())
