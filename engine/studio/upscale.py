"""Super-resolution by SPAN (Wan et al. 2024): tiles that overlap, so that no seam shows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import StudioFailed

if TYPE_CHECKING:
    import numpy as np

TILE, OVERLAP = 224, 16
NETS = {2: "span-x2", 4: "span-x4"}
EXACT, FAST = "f32", "bf16"
"""bfloat16 takes half the time where the processor has it, and errs by half a level on average:
good enough for clothes. Elsewhere OpenVINO computes in single precision by itself."""

Tick = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Tile:
    """A part of the picture: `core` is what it contributes, `seen` what the network looks at."""

    core: tuple[slice, slice]
    seen: tuple[slice, slice]


class Upscaler:
    """Doubles or quadruples uint8 HxWx3 RGB pictures. Loads each network on first use."""

    def __init__(self, weights: Callable[[str], Path]) -> None:
        self._weights = weights
        self._nets: dict[tuple[int, str], Any] = {}

    def enlarge(
        self,
        rgb: "np.ndarray",
        factor: int,
        tick: Tick = lambda _: None,
        where: "np.ndarray | None" = None,
        face: "np.ndarray | None" = None,
    ) -> "np.ndarray":
        """Enlarge by 2 or 4. `tick(fraction)` runs before each tile and may raise to stop.

        Tiles in which the bool HxW mask `where` holds nothing are only interpolated. Tiles that
        touch the bool HxW mask `face` are computed exactly, the rest fast; without a mask, all
        exactly. Raises `StudioFailed` for another factor, `WeightsMissing`.
        """
        import cv2

        if factor not in NETS:
            raise StudioFailed(f"cannot enlarge by {factor}")
        size = (rgb.shape[1] * factor, rgb.shape[0] * factor)
        large = cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)
        wanted = [t for t in tiles(*rgb.shape[:2]) if where is None or where[t.core].any()]
        for number, tile in enumerate(wanted):
            tick(number / len(wanted))
            exact = face is None or bool(face[tile.core].any())
            self._fill(large, rgb, tile, factor, EXACT if exact else FAST)
        return large

    def _fill(
        self, large: "np.ndarray", rgb: "np.ndarray", tile: Tile, factor: int, precision: str
    ) -> None:
        rows, columns = tile.core
        top, left = tile.seen[0].start, tile.seen[1].start
        fine = self._run(rgb[tile.seen], factor, precision)
        inner = (_scaled(rows, factor, top), _scaled(columns, factor, left))
        large[_scaled(rows, factor), _scaled(columns, factor)] = fine[inner]

    def _run(self, rgb: "np.ndarray", factor: int, precision: str) -> "np.ndarray":
        """One tile through the network: uint8 RGB in and out."""
        import numpy as np

        planes = np.ascontiguousarray(rgb.transpose(2, 0, 1)[None], dtype=np.float32) / 255
        try:
            out = self._load(factor, precision)(planes)[0]
        except RuntimeError as error:
            raise StudioFailed(f"super-resolution failed: {error}") from error
        fine = np.clip(out[0], 0, 1).transpose(1, 2, 0)
        return (fine * 255 + 0.5).astype(np.uint8)

    def _load(self, factor: int, precision: str) -> Any:  # noqa: ANN401  openvino is untyped
        from engine.studio.span import load_span

        key = (factor, precision)
        if key not in self._nets:
            self._nets[key] = load_span(self._weights(NETS[factor]), precision)
        return self._nets[key]


def tiles(height: int, width: int) -> Iterator[Tile]:
    """Cover a picture with cores of at most 224 pixels, each seen with 16 pixels around it."""
    for rows in _spans(height):
        for columns in _spans(width):
            yield Tile((rows[0], columns[0]), (rows[1], columns[1]))


def _spans(length: int) -> list[tuple[slice, slice]]:
    count = max(1, -(-length // TILE))
    cuts = [round(i * length / count) for i in range(count + 1)]
    return [
        (slice(a, b), slice(max(0, a - OVERLAP), min(length, b + OVERLAP)))
        for a, b in pairwise(cuts)
    ]


def _scaled(span: slice, factor: int, origin: int = 0) -> slice:
    return slice((span.start - origin) * factor, (span.stop - origin) * factor)
