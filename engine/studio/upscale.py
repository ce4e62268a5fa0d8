"""Super-resolution by SPAN (Wan et al. 2024) in ncnn: tiles that overlap, so that no seam shows."""

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
        self._nets: dict[int, Any] = {}

    def enlarge(
        self,
        rgb: "np.ndarray",
        factor: int,
        tick: Tick = lambda _: None,
        where: "np.ndarray | None" = None,
    ) -> "np.ndarray":
        """Enlarge by 2 or 4. `tick(fraction)` runs before each tile and may raise to stop.

        `where` (float32 HxW 0..1) says how much of the network's picture is wanted: the rest is
        interpolated, and tiles in which nothing is wanted cost nothing. Raises `StudioFailed` for
        another factor, `WeightsMissing`.
        """
        import cv2

        if factor not in NETS:
            raise StudioFailed(f"cannot enlarge by {factor}")
        size = (rgb.shape[1] * factor, rgb.shape[0] * factor)
        large = cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)
        wanted = [t for t in tiles(*rgb.shape[:2]) if where is None or where[t.core].any()]
        for number, tile in enumerate(wanted):
            tick(number / len(wanted))
            self._fill(large, rgb, tile, factor, where)
        return large

    def _fill(
        self,
        large: "np.ndarray",
        rgb: "np.ndarray",
        tile: Tile,
        factor: int,
        where: "np.ndarray | None",
    ) -> None:
        rows, columns = tile.core
        top, left = tile.seen[0].start, tile.seen[1].start
        fine = self._run(rgb[tile.seen], factor)
        inner = (_scaled(rows, factor, top), _scaled(columns, factor, left))
        place = (_scaled(rows, factor), _scaled(columns, factor))
        if where is None or where[tile.core].min() >= 1:
            large[place] = fine[inner]
        else:
            large[place] = _blended(large[place], fine[inner], where[tile.core])

    def _run(self, rgb: "np.ndarray", factor: int) -> "np.ndarray":
        """One tile through the network: uint8 RGB in and out."""
        import ncnn
        import numpy as np

        net = self._load(factor)
        planes = np.ascontiguousarray(rgb.transpose(2, 0, 1), dtype=np.float32) / 255
        extractor = net.create_extractor()
        extractor.input(net.input_names()[0], ncnn.Mat(planes))  # pyright: ignore[reportAttributeAccessIssue]
        code, out = extractor.extract(net.output_names()[0])
        if code != 0:
            raise StudioFailed(f"super-resolution failed with code {code}")
        fine = np.clip(np.array(out), 0, 1).transpose(1, 2, 0)
        return (fine * 255 + 0.5).astype(np.uint8)

    def _load(self, factor: int) -> Any:  # noqa: ANN401  ncnn is untyped
        import ncnn

        if factor not in self._nets:
            folder = self._weights(NETS[factor])
            net = ncnn.Net()  # pyright: ignore[reportAttributeAccessIssue]  untyped extension
            net.opt.use_vulkan_compute = False
            # Half precision costs accuracy and, on most CPUs, time.
            net.opt.use_fp16_arithmetic = False
            net.load_param(str(next(folder.glob("*.param"))))
            net.load_model(str(next(folder.glob("*.bin"))))
            self._nets[factor] = net
        return self._nets[factor]


def _blended(plain: "np.ndarray", fine: "np.ndarray", share: "np.ndarray") -> "np.ndarray":
    """The network's picture where it is wanted: uint8 HxWx3, `share` float32 at input size."""
    import cv2

    size = (plain.shape[1], plain.shape[0])
    wanted = cv2.resize(share, size, interpolation=cv2.INTER_LINEAR)
    return cv2.blendLinear(fine, plain, wanted, 1 - wanted)


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
