"""Closes the crown of a sampled head that the sampler's frame cuts off.

The sampler frames faces tightly, so that hair often touches the upper edge. On a backdrop of our
own there is room above: the outline is carried on as a circle, and filled with the hair below it,
mirrored and drawn together towards the crown. Only for people who do not exist: nothing of a real
person's photo is invented here.
"""

from typing import TYPE_CHECKING

from engine.studio.crop import SOLID

if TYPE_CHECKING:
    import numpy as np

SLOPE_ROWS = 0.06
LARGEST_CHORD, LARGEST_CAP = 0.62, 0.10
SOFT = 0.004
AIR = 0.02
"""Rows of wall above the cap: a head that still touched the edge would be framed as a cut one."""


def close_crown(
    rgb: "np.ndarray", alpha: "np.ndarray"
) -> "tuple[np.ndarray, np.ndarray, int] | None":
    """Uint8 HxWx3 and float32 HxW with rows added above, and how many; None when not needed.

    Also None when more is missing than can honestly be carried on: a cut wider than 62 % of the
    frame, or a cap higher than 10 % of it.
    """
    height, width = alpha.shape
    chord, lower = _span(alpha[0]), _span(alpha[round(SLOPE_ROWS * height)])
    if chord is None or lower is None:
        return None
    half = (chord[1] - chord[0]) / 2
    cap = _cap_height(half, (lower[1] - lower[0]) / 2, round(SLOPE_ROWS * height))
    if half < 2 or 2 * half > LARGEST_CHORD * width or cap > LARGEST_CAP * height:
        return None
    return _capped(rgb, alpha, (chord[0] + chord[1]) / 2, half, cap)


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


def _capped(
    rgb: "np.ndarray", alpha: "np.ndarray", centre: float, half: float, cap: float
) -> "tuple[np.ndarray, np.ndarray, int]":
    """Add the cap of a circle with this chord (half its length) and height, in pixels."""
    import cv2
    import numpy as np

    width = alpha.shape[1]
    rows = int(np.ceil(cap + AIR * alpha.shape[0]))
    radius = (half**2 + cap**2) / (2 * cap)
    up = np.arange(rows, 0, -1, dtype=np.float32)[:, None]
    across = np.arange(width, dtype=np.float32)[None] - np.float32(centre)
    # Half the circle's width at each height above the cut; below it, the same circle goes on.
    above = np.sqrt(np.clip(radius**2 - (radius - cap + up) ** 2, 0, None))
    below = np.sqrt(np.clip(radius**2 - (radius - cap - up) ** 2, 0, None))
    stretch = below / np.maximum(above, 1.0)
    seen_x = (np.clip(across * stretch, -below, below) + np.float32(centre)).astype(np.float32)
    seen_y = np.broadcast_to(up, seen_x.shape).astype(np.float32)
    grown = cv2.remap(rgb, seen_x, seen_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    edge = np.clip((above - np.abs(across)) / max(1.0, SOFT * width) + 0.5, 0, 1)
    fuller = np.vstack([np.where(up <= cap, edge, 0).astype(np.float32), alpha])
    return np.vstack([grown, rgb]), fuller, rows
