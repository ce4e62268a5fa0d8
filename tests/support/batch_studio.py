"""A studio that makes several shots at once, in lockstep, as a diffusion model does."""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import structs

from engine.base import Capabilities, Report
from engine.blobs import DiskBlobs
from engine.errors import EngineError, JobCancelled, StudioFailed
from engine.jobs import Render
from engine.shots import Shot
from support.studios import CardStudio

FACTORY = "support.batch_studio:batch_studio"


def batch_studio(settings: Mapping[str, str]) -> "BatchStudio":
    """The factory for worker processes."""
    blobs = DiskBlobs(Path(settings["blobs"]))
    return BatchStudio(
        blobs, batch=int(settings.get("batch", "4")), delay=float(settings.get("delay", "0"))
    )


class BatchStudio(CardStudio):
    """Shots of one `aspect` and profile go together; every batch leaves a line in `batches.log`:
    process, card, and the seeds.

    Besides `CardStudio`'s faults: `solo` must be made alone, `odd` ends as a foreign exception in
    the list, `break` breaks the whole batch.
    """

    def __init__(self, blobs: DiskBlobs, batch: int = 4, delay: float = 0.0) -> None:
        super().__init__(blobs, delay=delay)
        self._batch = batch

    def capabilities(self) -> Capabilities:
        return structs.replace(super().capabilities(), batch=self._batch)

    def abreast(self, shot: Shot) -> str:
        return "" if shot.prompt == "solo" else f"{shot.profile}/{shot.aspect}"

    def render(self, shot: Shot, report: Report) -> Render:
        self._log([shot])
        return super().render(shot, report)

    def render_all(
        self, shots: Sequence[Shot], reports: Sequence[Report]
    ) -> list[Render | EngineError]:
        self._log(shots)
        if any(shot.prompt == "break" for shot in shots):
            raise ZeroDivisionError("the whole batch")
        ends: dict[int, Render | EngineError] = {}
        members = list(enumerate(zip(shots, reports, strict=True)))
        for step in (f"step_{n}" for n in range(self._steps)):
            for number, (shot, report) in members:
                self._told(ends, number, report, step, 0.0, f"look-{shot.seed}")
                self._suffer(ends, number, shot)
            while self._is_held(shots, ends):
                for number, (_, report) in members:
                    self._told(ends, number, report, step, 0.5)
                time.sleep(0.005)
            time.sleep(self._delay)
        return [ends.get(n) or self._last(shot, report) for n, (shot, report) in members]

    def _told(
        self, ends: dict[int, Render | EngineError], number: int, report: Report, *what: Any
    ) -> None:
        if number in ends:
            return
        try:
            report(*what)
        except JobCancelled as error:
            ends[number] = error

    def _is_held(self, shots: Sequence[Shot], ends: Mapping[int, object]) -> bool:
        held = any(s.prompt == "hold" and n not in ends for n, s in enumerate(shots))
        return held and not (self._folder / "release").exists()

    def _suffer(self, ends: dict[int, Render | EngineError], number: int, shot: Shot) -> None:
        if shot.prompt.startswith("fail:"):
            ends[number] = StudioFailed("asked for", code=shot.prompt[5:])
        if shot.prompt == "odd":
            ends[number] = ValueError("a stranger")  # type: ignore[assignment] # on purpose
        once = shot.prompt == "crash_once"
        if shot.prompt == "crash" or (once and self._note("crash", shot) == 1):
            os.kill(os.getpid(), signal.SIGKILL)

    def _last(self, shot: Shot, report: Report) -> Render | EngineError:
        try:
            return super().render(structs.replace(shot, prompt=""), report)
        except JobCancelled as error:
            return error

    def _log(self, shots: Sequence[Shot]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        card = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        with (self._folder / "batches.log").open("a") as file:
            file.write(f"{os.getpid()} {card} {','.join(str(shot.seed) for shot in shots)}\n")


def batches(blobs: Path) -> list[list[int]]:
    """The seeds of every batch that was begun, in order."""
    lines = (blobs / "batches.log").read_text().splitlines()
    return [[int(seed) for seed in line.split()[-1].split(",")] for line in lines]


def one_card_is_broken(settings: Mapping[str, str]) -> BatchStudio:
    """A factory that fails on the first card."""
    if os.environ["CUDA_VISIBLE_DEVICES"] == "0":
        raise OSError("this card has fallen off the bus")
    return batch_studio(settings)
