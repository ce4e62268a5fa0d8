"""A finished picture gone over once more, larger: low-strength img2img in tiles that overlap.

The model sees each tile at its own size and draws texture that an enlargement lacks. What is wider
than a feature stays as it was, so that neighbouring tiles cannot drift apart in colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import StudioFailed
from engine.studio.diffusion.request import STRIDE, Request

if TYPE_CHECKING:
    import numpy as np

STRENGTH = 0.25
"""How far a tile is drawn from noise: texture, no new things."""
OVERLAP = 128
"""Least overlap of two tiles, in pixels."""
STEADY = 0.03
"""What is wider than this share of a tile is kept from the picture."""


@dataclass(frozen=True, slots=True)
class HiRes:
    """A picture, uint8 HxWx3 at its final size, cut into tiles.

    `rows` and `columns` are where tiles start, `tile` their (width, height).
    """

    picture: "np.ndarray"
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    tile: tuple[int, int]

    @staticmethod
    def of(picture: "np.ndarray", native: tuple[int, int]) -> "HiRes":
        """Cut for a model that works at `native` (width, height). Raises `StudioFailed` when the
        picture has a side under 64 pixels."""
        sides = [
            min(want, side // STRIDE * STRIDE)
            for want, side in zip(native, picture.shape[1::-1], strict=True)
        ]
        if min(sides) < 64:
            raise StudioFailed("too small a picture to go over")
        columns, rows = (
            _starts(length, side) for length, side in zip(picture.shape[1::-1], sides, strict=True)
        )
        return HiRes(picture, rows, columns, (sides[0], sides[1]))

    def requests(self, like: Request, strength: float = STRENGTH) -> list[Request]:
        """One for each tile, row by row, with the words and the seed of `like`."""
        width, height = self.tile
        return [
            replace(
                like,
                width=width,
                height=height,
                image=self.picture[top : top + height, left : left + width],
                mask=None,
                references=(),
                strength=strength,
            )
            for top in self.rows
            for left in self.columns
        ]

    def joined(self, drawn: "Sequence[np.ndarray]") -> "np.ndarray":
        """The tiles, uint8 in the order of `requests`, as one picture without seams."""
        import numpy as np

        width, height = self.tile
        out, tiles = self.picture.copy(), iter(drawn)
        done_rows = 0
        for top in self.rows:
            strip = out[top : top + height].astype(np.float32)
            done_columns = 0
            for left in self.columns:
                part = self.picture[top : top + height, left : left + width]
                fine = _steadied(next(tiles), part)
                fade = max(0, done_columns - left)
                _fade_in(strip[:, left : left + width].swapaxes(0, 1), fine.swapaxes(0, 1), fade)
                done_columns = left + width
            under = out[top : top + height].astype(np.float32)
            _fade_in(under, strip, max(0, done_rows - top))
            out[top : top + height] = np.clip(under + 0.5, 0, 255).astype(np.uint8)
            done_rows = top + height
        return out


def _starts(length: int, tile: int) -> tuple[int, ...]:
    """Where tiles start so that they cover `length` and overlap by at least `OVERLAP`."""
    if length <= tile:
        return (0,)
    step = max(1, tile - min(OVERLAP, tile // 2))
    count = -(-(length - tile) // step) + 1
    return tuple(round(i * (length - tile) / (count - 1)) for i in range(count))


def _steadied(drawn: "np.ndarray", part: "np.ndarray") -> "np.ndarray":
    """A drawn tile with the low frequencies of the picture's: float32 levels."""
    import cv2
    import numpy as np

    fine, plain = drawn.astype(np.float32), part.astype(np.float32)
    sigma = max(2.0, STEADY * max(part.shape[:2]))
    return fine + cv2.GaussianBlur(plain, (0, 0), sigma) - cv2.GaussianBlur(fine, (0, 0), sigma)


def _fade_in(under: "np.ndarray", over: "np.ndarray", fade: int) -> None:
    """Put `over` in the place of `under`, its first `fade` rows growing from 0 to 1; float32."""
    import numpy as np

    share = ((np.arange(fade, dtype=np.float32) + 0.5) / max(fade, 1))[:, None, None]
    share = share * share * (3 - 2 * share)
    under[:fade] += share * (over[:fade] - under[:fade])
    under[fade:] = over[fade:]
