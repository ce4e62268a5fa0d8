"""Super-resolution by SPAN (Wan et al. 2024): tiles that overlap, so that no seam shows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import StudioFailed
from engine.shots import LONGEST_SIDE

if TYPE_CHECKING:
    import numpy as np

TILE, OVERLAP = 224, 16
NETS = {2: "span-x2", 4: "span-x4"}
FACTORS = (2, 3, 4, 6)
STEPS = {3: 4, 6: 4}
"""The network's factor where it is another: the rest is plain resampling, before it or after."""
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
    """Enlarges uint8 HxWx3 RGB pictures 2, 3, 4 or 6 times. Loads each network on first use."""

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
        """Enlarge by 2, 3, 4 or 6. `tick(fraction)` runs before each tile and may raise to stop.

        Tiles in which the bool HxW mask `where` holds nothing are only interpolated. Tiles that
        touch the bool HxW mask `face` are computed exactly, the rest fast; without a mask, all
        exactly. Raises `StudioFailed` for another factor, `WeightsMissing`.
        """
        import cv2

        if factor not in FACTORS:
            raise StudioFailed(f"cannot enlarge by {factor}")
        size = (rgb.shape[1] * factor, rgb.shape[0] * factor)
        if factor in STEPS:
            rgb = _before(rgb, factor)
            where, face = (m if m is None else _before(m, factor) for m in (where, face))
            large = self.enlarge(rgb, STEPS[factor], tick, where, face)
            return large if large.shape[1::-1] == size else _to(large, size)
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


def fitting(rgb: "np.ndarray", factor: int) -> int:
    """The largest of `FACTORS` up to `factor` by which a picture stays within `LONGEST_SIDE`, else
    the least that takes it beyond: `bounded` then brings it back.
    """
    most = LONGEST_SIDE / max(rgb.shape[:2])
    allowed = [each for each in FACTORS if each <= factor]
    return max((each for each in allowed if each <= most), default=min(FACTORS))


def bounded(rgb: "np.ndarray") -> "np.ndarray":
    """The picture with its long side at most `LONGEST_SIDE`."""
    scale = LONGEST_SIDE / max(rgb.shape[:2])
    height, width = rgb.shape[:2]
    return rgb if scale >= 1 else _to(rgb, (round(width * scale), round(height * scale)))


def _before(layer: "np.ndarray", factor: int) -> "np.ndarray":
    """What the network gets for a factor of `STEPS`: a picture or a mask, 1.5 times as large for
    6, and for 3 as it is."""
    import cv2
    import numpy as np

    if factor < STEPS[factor]:
        return layer
    size = tuple(round(side * factor / STEPS[factor]) for side in layer.shape[1::-1])
    if layer.dtype == bool:
        return cv2.resize(layer.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    return cv2.resize(layer, size, interpolation=cv2.INTER_CUBIC)


def _to(rgb: "np.ndarray", size: tuple[int, int]) -> "np.ndarray":
    import cv2

    method = cv2.INTER_AREA if size[0] < rgb.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(rgb, size, interpolation=method)


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
