"""Super-resolution by Real-ESRGAN on a GPU: tiles whose seams are blended, and faces held back.

These networks were trained to restore: they draw crisp eyes and hair, and paint over pores. So each
face is measured against what it was enlarged from, and led back towards the plain enlargement as
far as its features and its skin ask for it.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import StudioFailed, WeightsMissing
from engine.speed import Options
from engine.studio.checks.bounds import least, within
from engine.studio.checks.chips import face_chip, face_mask, skin_spots
from engine.studio.checks.face import FACE, structure, texture
from engine.studio.diffusion.memory import OutOfMemory, told_apart
from engine.studio.diffusion.patches import TILE, Patch, patches, rows_of
from engine.studio.diffusion.pipelines import empty_cache
from engine.studio.diffusion.runner import Runner
from engine.studio.diffusion.speed import prepare_network
from engine.studio.diffusion.superres_nets import FACTOR, load_network
from engine.studio.upscale import FACTORS, Tick, Upscaler

if TYPE_CHECKING:
    import numpy as np

    from engine.jobs import Check

log = logging.getLogger(__name__)

Net = Literal["realesrgan-x4plus", "realesr-general-x4v3"]
LEAST_TILE = 128
BLOCKS = ("Dense", "ResidualDenseBlock_5C")
"""What is compiled of the larger network, by its class here and in spandrel; the other whole."""
STRUCTURE, TEXTURE = 0.85, (0.8, 1.5)
"""Of a face against its source: see `engine.studio.checks.face`. Stricter on skin than the swap's
.6, at which both networks still look painted (x4plus .63, general .66; SPAN has .93)."""
SHARES = (0.85, 0.7, 0.55, 0.4, 0.25, 0.1, 0.0)
REACH = 0.10
"""How far around a face it is led back, in face widths: forehead, ears and throat."""


class GpuUpscaler(Upscaler):
    """Enlarges uint8 HxWx3 RGB pictures 2, 3, 4 or 6 times. Loads its network on first use.

    `device` is torch's ("cuda:0", "cpu"); on a GPU it computes in half precision. `tile` bounds the
    memory: no more than one tile of that many input pixels a side is on the device.
    """

    def __init__(
        self,
        weights: Callable[[str], Path],
        device: str = "cuda",
        net: Net = "realesrgan-x4plus",
        tile: int = TILE,
        options: Options | None = None,
    ) -> None:
        super().__init__(weights)
        self._device, self._net, self._tile = device, net, tile
        self._options = options or Options()
        self._loaded: Any = None
        self._runner: Runner | None = None

    def enlarge(
        self,
        rgb: "np.ndarray",
        factor: int,
        tick: Tick = lambda _: None,
        where: "np.ndarray | None" = None,
        face: "np.ndarray | None" = None,
    ) -> "np.ndarray":
        """Enlarge by 2, 3, 4 or 6; `tick(fraction)` runs before each tile and may raise to stop.

        Tiles in which the bool HxW mask `where` holds nothing are only interpolated; `face` is
        ignored: all tiles are computed alike. Short of memory it goes on with smaller tiles. Raises
        `StudioFailed` for another factor, `OutOfMemory` when the smallest do not fit,
        `WeightsMissing`.
        """
        import cv2

        if factor not in FACTORS:
            raise StudioFailed(f"cannot enlarge by {factor}")
        size = (rgb.shape[1] * factor, rgb.shape[0] * factor)
        if factor == 6:
            rgb = _resized(rgb, 1.5)
            where = None if where is None else _stretched(where, rgb.shape)
        step = min(factor, FACTOR)
        plain = cv2.resize(
            rgb, (rgb.shape[1] * step, rgb.shape[0] * step), interpolation=cv2.INTER_CUBIC
        )
        large = self._fitted(rgb, plain, where, tick)
        # An odd side times 1.5 is rounded, so the last pixel is made good here.
        return large if large.shape[1::-1] == size else cv2.resize(large, size)

    def _fitted(
        self, rgb: "np.ndarray", plain: "np.ndarray", where: "np.ndarray | None", tick: Tick
    ) -> "np.ndarray":
        """The picture in tiles; once more in smaller ones, from now on, where they do not fit."""
        self._network()
        if self._runner:
            self._runner.begin()
        while True:
            try:
                return self._tiled(rgb, plain, where, tick)
            except OutOfMemory as error:
                if self._tile // 2 < LEAST_TILE:
                    raise
                log.warning("tiles of %d do not fit the card: %s", self._tile, error.detail)
            self._tile //= 2
            empty_cache()

    def _tiled(
        self, rgb: "np.ndarray", plain: "np.ndarray", where: "np.ndarray | None", tick: Tick
    ) -> "np.ndarray":
        """`plain`, replaced tile by tile: first along a row of them, then row upon row."""
        import numpy as np

        large, done = np.empty_like(plain), 0
        step = plain.shape[0] // rgb.shape[0]
        rows = rows_of(patches(rgb.shape[0], rgb.shape[1], self._tile))
        total = sum(_worth(where, patch) for row in rows for patch in row)
        for row in rows:
            high = _scaled(row[0].given[0], step)
            strip = plain[high].copy()
            for patch in row:
                wide = _scaled(patch.given[1], step)
                fine = plain[high, wide]
                if _worth(where, patch):
                    tick(done / total)
                    fine, done = self._fine(rgb, patch, step), done + 1
                # Columns are handled as rows, so that one function fades both ways.
                _fade_in(strip[:, wide].swapaxes(0, 1), fine.swapaxes(0, 1), patch.fade[1] * step)
            _fade_in(large[high], strip, row[0].fade[0] * step)
        return large

    def _fine(self, rgb: "np.ndarray", patch: Patch, step: int) -> "np.ndarray":
        """What a patch gives, `step` times as large: uint8 RGB."""
        import cv2

        rows, columns = (
            slice((g.start - s.start) * FACTOR, (g.stop - s.start) * FACTOR)
            for g, s in zip(patch.given, patch.seen, strict=True)
        )
        fine = self._run(rgb[patch.seen], FACTOR, "")[rows, columns]
        if step == FACTOR:
            return fine
        size = (fine.shape[1] * step // FACTOR, fine.shape[0] * step // FACTOR)
        return cv2.resize(fine, size, interpolation=cv2.INTER_AREA)

    def _run(self, rgb: "np.ndarray", factor: int, precision: str) -> "np.ndarray":
        """One tile through the network: uint8 RGB in, `factor` times as large out."""
        import numpy as np
        import torch

        network = self._network()
        planes = torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)[None]))
        kind = next(network.parameters()).dtype
        try:
            with told_apart(), torch.inference_mode():
                seen = planes.to(self._device).to(kind).div_(255)
                fine = network(seen)[0].clamp_(0, 1).mul_(255).add_(0.5)
                return fine.to(torch.uint8).permute(1, 2, 0).cpu().numpy()
        except RuntimeError as error:
            raise StudioFailed(f"super-resolution failed: {error}") from error

    def _network(self) -> Any:  # noqa: ANN401  torch's stubs lose the module's call
        import torch

        if self._loaded is None:
            half = torch.device(self._device).type != "cpu"
            network = load_network(self._weights(self._net))
            self._loaded = network.to(self._device, torch.float16 if half else torch.float32)
            self._runner = prepare_network(self._loaded, self._options, blocks=BLOCKS)
        return self._loaded


def upscaler_for(
    device: str,
    weights: Callable[[str], Path],
    net: Net = "realesrgan-x4plus",
    options: Options | None = None,
) -> Upscaler:
    """The upscaler of a device: Real-ESRGAN where it is a GPU and the weights are there, else SPAN.

    On a processor x4plus would take minutes for a picture, and SPAN keeps pores better.
    """
    if device.split(":", maxsplit=1)[0] == "cpu":
        return Upscaler(weights)
    try:
        weights(net)
    except WeightsMissing:
        return Upscaler(weights)
    return GpuUpscaler(weights, device, net, options=options)


def keep_faces(
    source: "np.ndarray",
    large: "np.ndarray",
    faces: "Sequence[np.ndarray]",
    gentler: Upscaler | None = None,
) -> "tuple[np.ndarray, tuple[Check, ...]]":
    """Lead faces of `large` back towards `source` plainly enlarged, as far as each one needs.

    Both uint8 HxWx3 RGB of one field of view; `faces` are landmarks (468,2+) in pixels of `source`.
    Plainly is by SPAN where `gentler` is given, which keeps pores, else by interpolation. Of each
    face the largest share of the network's work is kept with which its structure correlates >= .85
    with the source and its skin has .8 to 1.5 times the source's texture. The checks say what was
    reached, two per face.
    """
    checks: list[Check] = []
    for points in faces:
        rows, columns = _around(points, source.shape)
        ratio = large.shape[1] / source.shape[1]
        inner = tuple(slice(round(s.start * ratio), round(s.stop * ratio)) for s in (rows, columns))
        part, local = large[inner], points[:, :2] - (columns.start, rows.start)
        plain = _plain(source[rows, columns], (part.shape[1], part.shape[0]), gentler)
        kept, found = _led_back(source[rows, columns], plain, part, local)
        large = large if kept is part else _with(large, inner, kept)
        checks += found
    return large, tuple(checks)


def _fade_in(under: "np.ndarray", over: "np.ndarray", fade: int) -> None:
    """Put `over` in the place of `under`, its first `fade` rows growing from 0 to 1; uint8."""
    import numpy as np

    share = ((np.arange(fade, dtype=np.float32) + 0.5) / max(fade, 1))[:, None, None]
    first = under[:fade]
    first[:] = (first + share * (over[:fade].astype(np.float32) - first) + 0.5).astype(np.uint8)
    under[fade:] = over[fade:]


def _scaled(span: slice, step: int) -> slice:
    return slice(span.start * step, span.stop * step)


def _worth(where: "np.ndarray | None", patch: Patch) -> bool:
    return where is None or bool(where[patch.given].any())


def _resized(rgb: "np.ndarray", ratio: float) -> "np.ndarray":
    import cv2

    size = (round(rgb.shape[1] * ratio), round(rgb.shape[0] * ratio))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)


def _stretched(mask: "np.ndarray", shape: tuple[int, ...]) -> "np.ndarray":
    import cv2
    import numpy as np

    size = (shape[1], shape[0])
    return cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0


def _plain(rgb: "np.ndarray", size: tuple[int, int], gentler: Upscaler | None) -> "np.ndarray":
    import cv2

    if gentler is None:
        return cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC)
    fine = gentler.enlarge(rgb, 2 if size[0] <= 2 * rgb.shape[1] else FACTOR)
    method = cv2.INTER_AREA if size[0] < fine.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(fine, size, interpolation=method)


def _led_back(
    source: "np.ndarray", plain: "np.ndarray", fine: "np.ndarray", points: "np.ndarray"
) -> "tuple[np.ndarray, tuple[Check, ...]]":
    """The largest share of `fine` over `plain` with which the face holds, and its two checks.

    `points` are in pixels of `source`; `fine` itself comes back where all of it holds.
    """
    import cv2
    import numpy as np

    mask = _face_area(points, source.shape)
    mask = cv2.resize(mask, (fine.shape[1], fine.shape[0]), interpolation=cv2.INTER_LINEAR)
    kept, checks = fine, _face_checks(source, fine, points)
    for share in SHARES:
        if all(check.passed for check in checks):
            break
        lost = ((1 - share) * mask)[..., None]
        mixed = fine + lost * (plain.astype(np.float32) - fine)
        kept = (mixed + 0.5).astype(np.uint8)
        checks = _face_checks(source, kept, points)
    return kept, checks


def _face_checks(
    source: "np.ndarray", large: "np.ndarray", points: "np.ndarray"
) -> "tuple[Check, Check]":
    """Structure and skin of a face against its source, both at the source's size of the face."""
    import numpy as np

    ratio = large.shape[1] / source.shape[1]
    face = max(24.0, min(FACE, float(np.ptp(points[:, 0]))))
    placed = (points + 0.5) * ratio - 0.5
    before, after = face_chip(source, points, face), face_chip(large, placed, face)
    alike = structure(before, after, face_mask(points, face))
    skin = skin_spots(points, face)
    grain = texture(after, skin) / max(texture(before, skin), 1e-3)
    return least("upscale_structure", alike, STRUCTURE), within("upscale_skin", grain, *TEXTURE)


def _face_area(points: "np.ndarray", shape: tuple[int, ...]) -> "np.ndarray":
    """Float32 HxW 0..1: the hull of the landmarks, grown and softened by `REACH`."""
    import cv2
    import numpy as np

    reach = max(1, round(REACH * float(np.ptp(points[:, 0]))))
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(points[:, :2]).astype(np.int32)), 1)
    grown = cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    return cv2.GaussianBlur(grown.astype(np.float32), (0, 0), reach / 2)


def _around(points: "np.ndarray", shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns of a face with its surroundings."""
    import numpy as np

    low, high = points[:, :2].min(0), points[:, :2].max(0)
    air = 4 * REACH * float(high[0] - low[0])
    left, top = (max(0, int(v)) for v in np.floor(low - air))
    right, bottom = (int(v) for v in np.ceil(high + air))
    return slice(top, min(shape[0], bottom)), slice(left, min(shape[1], right))


def _with(large: "np.ndarray", place: tuple[slice, ...], part: "np.ndarray") -> "np.ndarray":
    copy = large.copy()
    copy[place] = part
    return copy
