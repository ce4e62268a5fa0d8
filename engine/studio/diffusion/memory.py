"""The one owner of models in memory: loads, keeps, releases, and finds room when there is none."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from engine.errors import EngineError, ProcessSpoiled, StudioFailed
from engine.profiles import Profile
from engine.studio.diffusion.pipelines import Pipeline, empty_cache, memory_said

log = logging.getLogger(__name__)

T = TypeVar("T")
Load = Callable[[Profile, bool], Pipeline]
"""Loads a model; True has all but the part that works wait beside the card."""
Work = Callable[[Pipeline, list[T]], list]
"""Makes pictures of some members, in their order."""

SHARE = 0.9
"""Of the card's memory; the rest is the driver's and the desktop's."""
WORKING_GB = 3.0
"""Room for what a picture needs while it is made, beside the weights; measured peaks of SDXL and
FLUX.2 klein at one megapixel lie below."""


class OutOfMemory(StudioFailed):
    """Nothing that could be given up was enough."""

    code = "gpu_out_of_memory"


@dataclass
class Resident:
    """A loaded model: how often it was used, and when last."""

    pipeline: Pipeline
    size_gb: float
    uses: int = 0
    used_at: float = 0.0


class Residents:
    """Models in memory by profile, the most used of them for as long as they fit.

    `room` says what weights may take together, GiB; it is asked when the first model is loaded.
    None means a processor, whose memory belongs to others too: one model at a time. Serves one
    thread.
    """

    def __init__(
        self,
        load: Load,
        room: Callable[[], float | None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load, self._room, self._now = load, room, now
        self._budget_gb: float | None = None
        self._kept: dict[str, Resident] = {}

    def get(self, profile: Profile) -> Pipeline:
        """The loaded model. Raises `WeightsMissing`, `StudioFailed`, `OutOfMemory`."""
        resident = self._kept.get(profile.name) or self._loaded(profile)
        resident.uses += 1
        resident.used_at = self._now()
        return resident.pipeline

    def names(self) -> tuple[str, ...]:
        """Profiles in memory."""
        return tuple(self._kept)

    def run(self, profile: Profile, members: Sequence[T], work: Work[T]) -> list:
        """Work on all members, in as few batches as memory allows.

        What runs out of memory is tried again with other models released, without recorded passes,
        in half batches, with the autoencoder in tiles, with waiting parts moved off the card, and
        then refused: each member that still does not fit ends as `OutOfMemory`.
        """
        pipeline = self.get(profile)
        most = pipeline.most or len(members)
        results: list = []
        for start in range(0, len(members), most):
            results += self._fitted(pipeline, list(members[start : start + most]), work)
        return results

    def release(self, keep: str = "") -> bool:
        """Let go of every model but one. Whether there was any."""
        others = [name for name in self._kept if name != keep]
        for name in others:
            self._let_go(name)
        return bool(others)

    def _fitted(self, pipeline: Pipeline, members: list[T], work: Work[T]) -> list:
        try:
            with told_apart():
                return work(pipeline, members)
        except OutOfMemory as error:
            # Leaving the block first frees the frames that hold the failed attempt's tensors.
            refusal: EngineError = error
            detail = error.detail
        empty_cache()
        if relief := self._relieved(pipeline, members):
            log.warning("out of memory for %d: %s; %s", len(members), detail, relief)
            half = -(-len(members) // 2) if relief == "half the batch" else len(members)
            return [
                result
                for start in range(0, len(members), half)
                for result in self._fitted(pipeline, members[start : start + half], work)
            ]
        log.error("out of memory: %s; %s", detail, memory_said(pipeline.device))
        return [refusal] * len(members)

    def _relieved(self, pipeline: Pipeline, members: list[T]) -> str:
        """Give up the cheapest thing that is left; "" when nothing is."""
        if self.release(keep=pipeline.profile.name):
            return "other models released"
        if pipeline.lighten():
            return "recorded passes let go"
        if len(members) > 1:
            pipeline.most = -(-len(members) // 2)
            return "half the batch"
        if pipeline.tile():
            return "the autoencoder works in tiles"
        return "waiting parts leave the card" if pipeline.offload() else ""

    def _loaded(self, profile: Profile) -> Resident:
        self._budget_gb = self._room()
        self._make_room(profile)
        pipeline = self._first(profile)
        resident = Resident(pipeline, pipeline.size_gb())
        self._kept[profile.name] = resident
        self._trim(keep=profile.name)
        return resident

    def _first(self, profile: Profile) -> Pipeline:
        """Load; where there is no room, without the others, then with parts beside the card."""
        try:
            with told_apart():
                return self._load(profile, False)
        except OutOfMemory as error:
            log.warning("no room for %s: %s", profile.name, error.detail)
        others = self.release()
        empty_cache()
        if others:
            return self._first(profile)
        with told_apart():
            return self._load(profile, True)

    def _make_room(self, profile: Profile) -> None:
        """Before loading: what the profile says it needs must be free, or be made so."""
        if self._budget_gb is None:
            self.release()
            return
        while self._kept and self._total() + profile.min_vram_gb > self._budget_gb + WORKING_GB:
            self._let_go(self._least_used(""))

    def _trim(self, keep: str) -> None:
        while self._budget_gb is not None and self._total() > self._budget_gb:
            if len(self._kept) == 1:
                return
            self._let_go(self._least_used(keep))

    def _least_used(self, keep: str) -> str:
        others = {name: r for name, r in self._kept.items() if name != keep}
        return min(others, key=lambda name: (others[name].uses, others[name].used_at))

    def _total(self) -> float:
        return sum(resident.size_gb for resident in self._kept.values())

    def _let_go(self, name: str) -> None:
        resident = self._kept.pop(name)
        device = resident.pipeline.device
        resident.pipeline.release()
        log.info("released %s (%.1f GiB); %s", name, resident.size_gb, memory_said(device))


def budget(total_gb: float | None) -> float | None:
    """What weights may take of a card with this much memory, GiB."""
    return None if total_gb is None else max(1.0, SHARE * total_gb - WORKING_GB)


@contextmanager
def told_apart() -> Iterator[None]:
    """Turn the library's out-of-memory errors into `OutOfMemory`, a lost card's into their own.

    After a fault on the card (a bad address, a failed launch) every later call in this process
    fails as well, which is `ProcessSpoiled`.
    """
    import torch

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(_line(error)) from None
    except (RuntimeError, MemoryError) as error:
        # cuBLAS, cuDNN, Metal and the processor's allocator have errors of their own for it.
        said = str(error).lower()
        if isinstance(error, MemoryError) or any(sign in said for sign in SIGNS):
            raise OutOfMemory(_line(error)) from None
        if lost := _lost(error):
            raise ProcessSpoiled(lost) from error
        raise


def _lost(error: Exception) -> str:
    """What the card says when it is asked once more after an error of its driver; "" if nothing."""
    import torch

    if not isinstance(error, torch.AcceleratorError):
        return ""
    try:
        torch.cuda.synchronize()
    except RuntimeError as again:
        return _line(again)
    return ""


SIGNS = (
    "out of memory",
    "alloc_failed",
    "allocation_failed",
    "cublas_status_not_initialized",  # no room for cuBLAS's own workspace
    "can't allocate memory",
    "not enough memory",
)


def _line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".split("\n", 1)[0][:200]
