"""The subject in front of the backdrop, as one exposure: everything in linear light."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.studio.light import Light

if TYPE_CHECKING:
    import numpy as np

SHADOW, SHADOW_BLUR = 0.16, 0.45
SHADOW_ASIDE, SHADOW_DOWN = 0.45, 0.20
WRAP, WRAP_REACH = 0.15, 0.035
TINT = 0.04
RIM, RIM_REACH = 0.10, 0.012
BRIGHT = (0.30, 0.75)
"""Luminance from which a backdrop lights the sitter's edge, and where it does so fully."""
SHADOW_STEP, WRAP_STEP = 8, 4
STRIP = 128


@dataclass(frozen=True, slots=True)
class Join:
    """What the join needs to know: `face_width` in pixels, `skin` float32 HxW 0..1 (the faces).

    The others say how much there is of each part of the join: 1 as usual, 0 none.
    """

    face_width: float
    skin: "np.ndarray"
    shadow: float = 1.0
    wrap: float = 1.0
    rim: float = 1.0
    tint: float = 1.0


def compose(
    subject: "np.ndarray",
    alpha: "np.ndarray",
    backdrop: "np.ndarray",
    light: Light,
    how: Join,
) -> "np.ndarray":
    """Put the subject on the backdrop: float32 HxWx3 linear light.

    `subject` holds clean edge colours (`estimate_foreground`), `alpha` is float32 HxW 0..1. The
    subject throws a soft 16 % shadow away from the key, the backdrop's light wraps 15 % around the
    edge, a bright one draws a thin rim, and its tint reflects a little on all but skin.
    """
    import numpy as np

    shadow = how.shadow * cast_shadow(alpha, light, how.face_width)
    glow = _glow(backdrop, alpha, how)
    tint = _tint(backdrop, how.tint)
    over = np.empty(subject.shape, np.float32)
    for top in range(0, alpha.shape[0], STRIP):
        rows = slice(top, top + STRIP)
        behind = backdrop[rows] * (1 - shadow[rows])[..., None]
        front = subject[rows] * (1 + tint * (1 - 0.75 * how.skin[rows])[..., None])
        share = alpha[rows][..., None]
        front -= behind
        front *= share
        front += behind
        front += glow[rows] * share * (1 - front).clip(0, 1)
        np.clip(front, 0, 1, out=over[rows])
    return over


def cast_shadow(alpha: "np.ndarray", light: Light, face_width: float) -> "np.ndarray":
    """How much light the subject takes from the backdrop, float32 HxW 0..0.16."""
    import cv2
    import numpy as np

    height, width = alpha.shape
    size = (max(1, width // SHADOW_STEP), max(1, height // SHADOW_STEP))
    face = face_width / SHADOW_STEP
    low = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    low = cv2.GaussianBlur(low, (0, 0), max(1.0, SHADOW_BLUR * face))
    aside = -light.side * SHADOW_ASIDE * face
    move = np.array([[1, 0, aside], [0, 1, SHADOW_DOWN * face]], np.float32)
    low = cv2.warpAffine(low, move, size, borderMode=cv2.BORDER_REPLICATE)
    return SHADOW * cv2.resize(low, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)


def _glow(backdrop: "np.ndarray", alpha: "np.ndarray", how: Join) -> "np.ndarray":
    """What the backdrop adds around the subject's edge, float32 HxWx3: wrap and rim.

    The rim is thin and comes from bright backdrops only. Both are soft, so a quarter of the
    picture's size is enough to make them.
    """
    import cv2
    import numpy as np

    height, width = alpha.shape
    size = (max(1, width // WRAP_STEP), max(1, height // WRAP_STEP))
    plate = cv2.resize(backdrop, size, interpolation=cv2.INTER_AREA)
    seen = plate * (1 - cv2.resize(alpha, size, interpolation=cv2.INTER_AREA))[..., None]
    face = how.face_width / WRAP_STEP
    low = how.wrap * WRAP * cv2.GaussianBlur(seen, (0, 0), max(0.8, WRAP_REACH * face))
    bright = np.clip((plate.mean(2) - BRIGHT[0]) / (BRIGHT[1] - BRIGHT[0]), 0, 1)
    rim = cv2.GaussianBlur(seen, (0, 0), max(0.8, RIM_REACH * face))
    low += (how.rim * RIM) * rim * bright[..., None]
    return cv2.resize(low, (width, height), interpolation=cv2.INTER_LINEAR)


def _tint(backdrop: "np.ndarray", amount: float) -> "np.ndarray":
    """How far each channel of the subject leans towards the backdrop's hue, float32 (3,): 4 %."""
    import numpy as np

    mean = backdrop[::16, ::16].reshape(-1, 3).mean(0)
    level = float(mean.mean())
    lean = np.clip(mean / max(level, 1e-4), 0.5, 1.5) - 1
    return (amount * TINT * min(1.0, 4 * level) * lean).astype(np.float32)
