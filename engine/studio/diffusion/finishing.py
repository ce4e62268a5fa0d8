"""The last steps of a drawn picture: its size, its files, its record."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.blobs import DiskBlobs
from engine.errors import StudioFailed
from engine.jobs import Check, Render
from engine.shots import Shot
from engine.speed import Options
from engine.studio.checks import sentences, tags
from engine.studio.clock import Clock
from engine.studio.diffusion.assignment import Assignment, Finished, hook
from engine.studio.faces import FaceFinder
from engine.studio.files import Files
from engine.studio.printing.card import print_card
from engine.studio.upscale import Tick, Upscaler, bounded, fitting

if TYPE_CHECKING:
    import numpy as np

log = logging.getLogger(__name__)

LARGE_PRINT = 4
ENLARGING = 0.3
"""Share of the time that enlarging takes where detail is drawn in afterwards."""
SUPERRES = "engine.studio.diffusion.superres"

Detail = Callable[["np.ndarray", "np.ndarray", Tick], "tuple[np.ndarray, tuple[Check, ...]] | None"]
"""Of a picture and the same enlarged: that with more detail and its checks, or None."""


class Finisher:
    """Enlarges, encodes and records."""

    def __init__(self, blobs: DiskBlobs, files: Files, enlarger: "Enlarger") -> None:
        self._blobs, self._files, self._enlarger = blobs, files, enlarger

    def finished(
        self,
        shot: Shot,
        assignment: Assignment,
        rgb: "np.ndarray",
        versions: dict[str, str],
        clock: Clock,
        detail: "Detail | None" = None,
    ) -> Render:
        """The render of a picture the model made for this shot; `detail` goes over a large one."""
        done = assignment.finish(rgb, clock) if assignment.finish else Finished(rgb)
        scale = shot.scale if assignment.enlarge else 1
        large, checks = self._enlarged(done.rgb, scale, clock, detail)
        with clock.step("step_encode"):
            blob = self._files.png(large, assignment.kind)
            preview = self._files.jpeg(large, assignment.kind)
        said, facts = self._card(shot, large)
        return Render(
            blob=blob,
            preview=preview,
            width=large.shape[1],
            height=large.shape[0],
            seed=assignment.request.seed,
            model=versions["profile"],
            versions=versions,
            checks=(*done.checks, *checks, self._tags(blob, assignment)),
            timings=clock.seconds,
            notes=(*assignment.notes, *done.notes, *sentences(checks), *said),
            facts=facts,
        )

    def _enlarged(
        self, rgb: "np.ndarray", scale: int, clock: Clock, detail: "Detail | None"
    ) -> "tuple[np.ndarray, tuple[Check, ...]]":
        if scale <= 1:
            return rgb, ()
        with clock.step("step_upscale") as tick:
            factor, share = fitting(rgb, scale), ENLARGING if detail else 1.0
            large, checks = self._enlarger.enlarge(rgb, factor, lambda f: tick(f * share))
            large = bounded(large)
            if detail is None:
                return large, checks
            more = detail(rgb, large, lambda f: tick(share + f * (1 - share)))
            return more or (large, checks)

    def _tags(self, blob: str, assignment: Assignment) -> Check:
        return tags(self._blobs.get(blob), assignment.kind)

    @staticmethod
    def _card(shot: Shot, large: "np.ndarray") -> tuple[tuple[str, ...], dict[str, Any]]:
        """How large it prints, where a large print was asked for."""
        if shot.scale < LARGE_PRINT and shot.operation != "upscale":
            return (), {}
        said = print_card(large.shape[1], large.shape[0]).sentences()
        return tuple(key for key, _ in said), {k: v for _, each in said for k, v in each.items()}


class Enlarger:
    """Super-resolution on the card where it has the network, else on the processor.

    On a card faces are led back to what was drawn, where the network made them up.
    """

    def __init__(
        self,
        device: str,
        weights: Callable[[str], Path],
        finder: FaceFinder,
        options: Options | None = None,
    ) -> None:
        self._plain, self._finder = Upscaler(weights), finder
        try:
            found = hook(f"{SUPERRES}:upscaler_for")(device, weights, options=options)
            self._fine: Upscaler = found
        except StudioFailed:
            self._fine = self._plain

    def enlarge(
        self, rgb: "np.ndarray", factor: int, tick: Tick
    ) -> "tuple[np.ndarray, tuple[Check, ...]]":
        """uint8 HxWx3 enlarged, and checks of its faces. A card without room leaves it to SPAN."""
        if type(self._fine) is Upscaler:
            return self._fine.enlarge(rgb, factor, tick), ()
        try:
            large = self._fine.enlarge(rgb, factor, tick)
        except StudioFailed as error:
            if error.code != "gpu_out_of_memory":
                raise
            log.warning("enlarged on the processor: %s", error.detail)
            return self._plain.enlarge(rgb, factor, tick), ()
        return self.with_faces_of(rgb, large)

    def with_faces_of(
        self, rgb: "np.ndarray", large: "np.ndarray"
    ) -> "tuple[np.ndarray, tuple[Check, ...]]":
        """The large picture with its faces led back to those of `rgb`, and checks of them."""
        faces = [self._finder.landmarks(rgb, face) for face in self._finder.find(rgb)]
        return hook(f"{SUPERRES}:keep_faces")(rgb, large, faces, self._plain)
