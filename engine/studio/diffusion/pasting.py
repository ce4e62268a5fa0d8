"""A repainted part back in its picture: one light, one grain, no seam."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.studio.colour import to_linear, to_srgb
from engine.studio.diffusion.request import STRIDE
from engine.studio.noise import noise_of

if TYPE_CHECKING:
    import numpy as np

RIM = 0.08
"""Width of the band around a mask in which both pictures are compared, as a share of the window."""
STOPS, MOST_TINT = 0.35, 0.12
"""Most correction of brightness and of each colour, in natural logarithms of linear light."""
SEEN = 0.02
"""A mask that is fainter asks for nothing that one would see."""
GRAIN_WIDTH = 0.7
"""Sigma of a grain in pixels, as a lens and a sensor leave it."""
LEAST_GRAIN = 0.6
"""Grain in 8-bit levels below which nobody sees it."""


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of a picture, in whole pixels."""

    left: int
    top: int
    width: int
    height: int

    @property
    def part(self) -> tuple[slice, slice]:
        """The rows and columns."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


def window_around(
    mask: "np.ndarray", native: int, margin: float = 0.35
) -> tuple[Window, tuple[int, int]]:
    """The part of the picture a model should see to repaint `mask`, and the size it works at.

    `mask` float32 HxW, `native` the model's pixels. `margin` is what is seen around the mask, as a
    share of its longer side: for light, grain and meaning. The size (width, height) is of about
    `native` pixels in multiples of 16, and has the window's proportions within a pixel or two of
    each; a window is never narrower than 9:16.
    """
    import numpy as np

    rows, columns = np.flatnonzero(mask.max(1) > SEEN), np.flatnonzero(mask.max(0) > SEEN)
    tall, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    air = margin * max(tall, wide)
    box = [columns[0] - air, rows[0] - air, columns[-1] + 1 + air, rows[-1] + 1 + air]
    window = _fitted(box, mask.shape)
    scale = (native / (window.width * window.height)) ** 0.5
    sides = (window.width, window.height)
    width, height = (max(STRIDE, STRIDE * round(s * scale / STRIDE)) for s in sides)
    return window, (width, height)


def paste(
    picture: "np.ndarray",
    drawn: "np.ndarray",
    mask: "np.ndarray",
    window: Window,
    like: "np.ndarray | None" = None,
) -> "np.ndarray":
    """Lay a drawn window over a picture where the mask is: uint8 HxWx3, a new picture.

    `drawn` is uint8 of any size and shows the window; `mask` float32 HxW of the picture, 1 where
    the drawn counts. Its light and tint are brought to those of the picture where both show the
    same, and it gets the grain of the picture, or of `like`. What the mask leaves out is unchanged
    to the bit.
    """
    import numpy as np

    under, share = picture[window.part], mask[window.part]
    over = resized(drawn, (window.width, window.height))
    lit = to_linear(over) * np.exp(_correction(to_linear(over), to_linear(under), share))
    mixed = share[..., None] * lit + (1 - share[..., None]) * to_linear(under)
    levels = to_srgb(mixed) * 255 + share[..., None] * _missing_grain(
        under if like is None else like, over, share
    )
    out = picture.copy()
    inner = out[window.part]
    touched = share > 1e-3
    inner[touched] = np.clip(levels[touched] + 0.5, 0, 255).astype(np.uint8)
    return out


def behind(
    picture: "np.ndarray",
    drawn: "np.ndarray",
    mask: "np.ndarray",
    window: Window,
    sitter: "tuple[np.ndarray, float]",
) -> "np.ndarray":
    """The sitter before a drawn background: uint8 HxWx3. All but `sitter` as for `paste`.

    `sitter` is their alpha, float32 HxW, and the width of their face in pixels. Where both show,
    the drawn stands behind the sitter's own colour, and nothing of the old background with it: a
    rim of that would stay in the hair.
    """
    import numpy as np

    from engine.studio.foreground import estimate_foreground

    alpha, face = sitter
    wall = to_linear(paste(picture, drawn, (mask > SEEN).astype(np.float32), window))
    own = estimate_foreground(to_linear(picture), alpha, face)
    share = alpha[..., None]
    out = (to_srgb(share * own + (1 - share) * wall) * 255 + 0.5).astype(np.uint8)
    untouched = (alpha > 0.999) | (mask <= SEEN)
    out[untouched] = picture[untouched]
    return out


def resized(rgb: "np.ndarray", size: tuple[int, int]) -> "np.ndarray":
    """Uint8 at (width, height): averaged down, or interpolated up."""
    import cv2

    if rgb.shape[1::-1] == size:
        return rgb
    method = cv2.INTER_AREA if size[0] < rgb.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(rgb, size, interpolation=method)


def _correction(over: "np.ndarray", under: "np.ndarray", share: "np.ndarray") -> "np.ndarray":
    """Logarithm of what the drawn lacks to agree with the picture around it: float32 (3,).

    Read outside the mask, near it, where the model was to leave all as it was: what differs there
    is its colour drift, not what was asked for.
    """
    import cv2
    import numpy as np

    reach = max(3, round(RIM * max(share.shape)))
    near = cv2.blur((share > SEEN).astype(np.float32), (2 * reach + 1, 2 * reach + 1)) > 0
    ring = near & (share <= SEEN)
    if ring.sum() < 64:
        return np.zeros(3, np.float32)
    apart = np.log(under[ring] + 0.02) - np.log(over[ring] + 0.02)
    middle = np.median(apart, 0)
    level = float(middle.mean())
    tint = np.clip(middle - level, -MOST_TINT, MOST_TINT)
    return (np.clip(level, -STOPS, STOPS) + tint).astype(np.float32)


def _missing_grain(under: "np.ndarray", over: "np.ndarray", share: "np.ndarray") -> "np.ndarray":
    """Grain that the picture has and the drawn has not: float32 HxW x1, 8-bit levels."""
    import cv2
    import numpy as np

    lacking = max(0.0, noise_of(under).light ** 2 - noise_of(over).light ** 2) ** 0.5
    if lacking < LEAST_GRAIN:
        return np.zeros((*share.shape, 1), np.float32)
    grain = np.random.default_rng(7).standard_normal(share.shape).astype(np.float32)
    soft = cv2.GaussianBlur(grain, (0, 0), GRAIN_WIDTH)
    return (lacking * soft / float(soft.std()))[..., None]


def _fitted(box: "list[float]", shape: tuple[int, ...]) -> Window:
    """The box inside the picture, not narrower than 9:16 where the picture allows it."""
    least = 9 / 16
    left, top, right, low = box
    if (grow := least * (low - top) - (right - left)) > 0:
        left, right = left - grow / 2, right + grow / 2
    if (grow := least * (right - left) - (low - top)) > 0:
        top, low = top - grow / 2, low + grow / 2
    left, right = _inside(left, right, shape[1])
    top, low = _inside(top, low, shape[0])
    return Window(left, top, right - left, low - top)


def _inside(low: float, high: float, limit: int) -> tuple[int, int]:
    """Both moved into 0..limit together, and cut where they are further apart than that."""
    length = min(limit, round(high - low))
    start = min(max(0, round(low)), limit - length)
    return start, start + length
