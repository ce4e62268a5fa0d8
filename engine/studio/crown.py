"""Closes the crown of a sampled head that the sampler's frame cuts off.

The sampler frames faces tightly, so that hair often touches the upper edge. On a backdrop of our
own there is room above: the outline is carried on as a circle, and the hair between forehead and
cut is drawn up into it, more so the higher it is. Nothing is mirrored or repeated, so there is
neither a seam nor a second whorl. Only for people who do not exist: nothing of a real person's
photo is invented here.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.studio.crop import SOLID

if TYPE_CHECKING:
    import numpy as np

SLOPE_ROWS = 0.06
LARGEST_CHORD, LARGEST_CAP = 0.62, 0.10
SOFT = 0.004
ABOVE, LEAST_BAND = 0.9, 2.5
"""The hair that is drawn up: of the rows above the forehead, and at least so many caps high."""
DRAWN_IN, TIGHTEST = 0.5, 2.0
"""How far strands follow the outline inwards (at 1 they would meet in a point like a whorl), and
how many of them come to lie where one was: more would alias."""
AIR = 0.02
"""Rows of wall above the cap: a head that still touched the edge would be framed as a cut one."""


def close_crown(
    rgb: "np.ndarray", alpha: "np.ndarray", forehead: float
) -> "tuple[np.ndarray, np.ndarray, int] | None":
    """Uint8 HxWx3 and float32 HxW with rows added above, and how many; None when not needed.

    `forehead` is the row where the face begins: below it all stays as it was, to the bit, unless so
    little hair is left above that it has to give way, too. Also None when more is missing than can
    honestly be carried on: a cut wider than 62 % of the frame, or a cap higher than 10 % of it.
    """
    height, width = alpha.shape
    chord, lower = _span(alpha[0]), _span(alpha[round(SLOPE_ROWS * height)])
    if chord is None or lower is None:
        return None
    half = (chord[1] - chord[0]) / 2
    cap = _cap_height(half, (lower[1] - lower[0]) / 2, round(SLOPE_ROWS * height))
    if half < 2 or 2 * half > LARGEST_CHORD * width or cap > LARGEST_CAP * height:
        return None
    band = min(round(max(ABOVE * forehead, LEAST_BAND * cap)), height)
    return _drawn_up(rgb, alpha, _Cap((chord[0] + chord[1]) / 2, half, cap, band))


def _cap_height(upper: float, lower: float, apart: int) -> float:
    """Height of the circle above a chord, from half that chord and half the one `apart` below.

    Both chords c at depth d of a circle of radius R obey c² = 2Rd - d²; R is eliminated.
    """
    middle = lower**2 - upper**2 + apart**2
    return (((middle**2 + 4 * (apart * upper) ** 2) ** 0.5) - middle) / (2 * apart)


def _span(row: "np.ndarray") -> tuple[float, float] | None:
    import numpy as np

    solid = np.flatnonzero(row > SOLID)
    return (float(solid[0]), float(solid[-1])) if len(solid) else None


@dataclass(frozen=True, slots=True)
class _Cap:
    """A circle's cap above a cut, in pixels: its middle column, half its chord and its height.

    The `band` rows under the cut are what it is filled from.
    """

    centre: float
    half: float
    height: float
    band: int

    @property
    def radius(self) -> float:
        """Of the whole circle."""
        return (self.half**2 + self.height**2) / (2 * self.height)

    def half_width(self, rows: "np.ndarray") -> "np.ndarray":
        """Half the circle's width at rows below the cut, negative above it; pixels."""
        import numpy as np

        depth = np.clip(rows + self.height, 0, self.radius)
        return np.sqrt(2 * self.radius * depth - depth**2)

    def source(self, rows: "np.ndarray") -> "np.ndarray":
        """The row to look at for each row: the cut for the top, itself where the band ends."""
        import numpy as np

        whole = self.band + self.height
        up = np.clip((self.band - rows) / whole, 0, 1)
        return self.band - whole * up + self.height * up**2


def _drawn_up(
    rgb: "np.ndarray", alpha: "np.ndarray", cap: _Cap
) -> "tuple[np.ndarray, np.ndarray, int]":
    """Add the cap, filled with the band below it."""
    import cv2
    import numpy as np

    added = int(np.ceil(cap.height + AIR * alpha.shape[0]))
    rows = np.arange(-added, cap.band, dtype=np.float32)[:, None]
    across = np.arange(alpha.shape[1], dtype=np.float32)[None] - np.float32(cap.centre)
    seen = cap.source(rows)
    drawn_in = (cap.half_width(seen) / np.maximum(cap.half_width(rows), 1.0)) ** DRAWN_IN
    x = (across * np.clip(drawn_in, 1.0, TIGHTEST) + np.float32(cap.centre)).astype(np.float32)
    y = np.broadcast_to(seen, x.shape).astype(np.float32)
    hair = cv2.remap(rgb, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    solid = cv2.remap(alpha, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = cap.radius - np.hypot(across, rows + cap.height - cap.radius)
    round_ = np.clip(inside / max(1.0, SOFT * alpha.shape[1]) + 0.5, 0, 1)
    # Further down the hair ends as it does, not on the circle.
    own = np.clip(2 * rows / max(1, cap.band), 0, 1)
    outline = (solid * (own + (1 - own) * round_)).astype(np.float32)
    return np.vstack([hair, rgb[cap.band :]]), np.vstack([outline, alpha[cap.band :]]), added
