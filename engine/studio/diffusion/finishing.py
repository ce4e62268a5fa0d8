"""The last steps of a drawn picture: its size, its files, its record."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.blobs import DiskBlobs
from engine.jobs import Check, Render
from engine.shots import Shot
from engine.studio.checks import tags
from engine.studio.clock import Clock
from engine.studio.diffusion.assignment import Assignment, Finished
from engine.studio.files import Files
from engine.studio.printing.card import print_card
from engine.studio.upscale import Upscaler

if TYPE_CHECKING:
    import numpy as np

LARGE_PRINT = 4


class Finisher:
    """Enlarges, encodes and records. `upscaler` is any with `Upscaler`'s `enlarge`."""

    def __init__(self, blobs: DiskBlobs, files: Files, upscaler: Upscaler) -> None:
        self._blobs, self._files, self._upscaler = blobs, files, upscaler

    def finished(
        self,
        shot: Shot,
        assignment: Assignment,
        rgb: "np.ndarray",
        versions: dict[str, str],
        clock: Clock,
    ) -> Render:
        """The render of a picture the model made for this shot."""
        done = assignment.finish(rgb, clock) if assignment.finish else Finished(rgb)
        large = self._enlarged(done.rgb, shot.scale, clock) if assignment.enlarge else done.rgb
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
            checks=(*done.checks, self._tags(blob, assignment)),
            timings=clock.seconds,
            notes=(*done.notes, *said),
            facts=facts,
        )

    def _enlarged(self, rgb: "np.ndarray", scale: int, clock: Clock) -> "np.ndarray":
        if scale <= 1:
            return rgb
        with clock.step("step_upscale") as tick:
            return self._upscaler.enlarge(rgb, 4 if scale >= LARGE_PRINT else 2, tick)

    def _tags(self, blob: str, assignment: Assignment) -> Check:
        return tags(self._blobs.get(blob), assignment.kind)

    @staticmethod
    def _card(shot: Shot, large: "np.ndarray") -> tuple[tuple[str, ...], dict[str, Any]]:
        """How large it prints, where a large print was asked for."""
        if shot.scale < LARGE_PRINT:
            return (), {}
        said = print_card(large.shape[1], large.shape[0]).sentences()
        return tuple(key for key, _ in said), {k: v for _, each in said for k, v in each.items()}


def upscaler_on(device: str, weights: Callable[[str], Path]) -> Upscaler:
    """Real-ESRGAN on a card that has it, else SPAN on the processor."""
    from engine.errors import StudioFailed
    from engine.studio.diffusion.assignment import hook

    try:
        return hook("engine.studio.diffusion.superres:upscaler_for")(device, weights)
    except StudioFailed:
        return Upscaler(weights)
