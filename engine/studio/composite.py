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
    import cv2

    face_width = how.face_width
    behind = backdrop * (1 - how.shadow * cast_shadow(alpha, light, face_width))[..., None]
    tinted = subject * _reflection(backdrop, how.tint, how.skin)
    over = cv2.blendLinear(
        tinted.astype(subject.dtype), behind.astype(subject.dtype), alpha, 1 - alpha
    )
    glow = how.wrap * _wrap(behind, alpha, face_width)
    if how.rim:
        glow += how.rim * _rim(behind, alpha, face_width)
    over += glow * alpha[..., None] * (1 - over).clip(0, 1)
    return over.clip(0, 1, out=over)


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


def _wrap(behind: "np.ndarray", alpha: "np.ndarray", face_width: float) -> "np.ndarray":
    """The backdrop's light that reaches around the subject's edge."""
    import cv2

    height, width = alpha.shape
    size = (max(1, width // WRAP_STEP), max(1, height // WRAP_STEP))
    low = cv2.resize(behind * (1 - alpha)[..., None], size, interpolation=cv2.INTER_AREA)
    low = cv2.GaussianBlur(low, (0, 0), max(0.8, WRAP_REACH * face_width / WRAP_STEP))
    return WRAP * cv2.resize(low, (width, height), interpolation=cv2.INTER_LINEAR)


def _rim(behind: "np.ndarray", alpha: "np.ndarray", face_width: float) -> "np.ndarray":
    """The thin edge of light that a bright backdrop throws around the subject; none from a dark."""
    import cv2
    import numpy as np

    height, width = alpha.shape
    size = (max(1, width // WRAP_STEP), max(1, height // WRAP_STEP))
    low = cv2.resize(behind * (1 - alpha)[..., None], size, interpolation=cv2.INTER_AREA)
    low = cv2.GaussianBlur(low, (0, 0), max(0.8, RIM_REACH * face_width / WRAP_STEP))
    plate = cv2.resize(behind, size, interpolation=cv2.INTER_AREA).mean(2)
    bright = np.clip((plate - BRIGHT[0]) / (BRIGHT[1] - BRIGHT[0]), 0, 1)
    low *= (RIM * bright)[..., None]
    return cv2.resize(low, (width, height), interpolation=cv2.INTER_LINEAR)


def _reflection(backdrop: "np.ndarray", amount: float, skin: "np.ndarray") -> "np.ndarray":
    """Per-pixel gain that leans the subject towards the backdrop's hue, 4 %, 1 % on skin."""
    import numpy as np

    mean = backdrop[::16, ::16].reshape(-1, 3).mean(0)
    lean = mean / max(float(mean.mean()), 1e-4)
    share = amount * TINT * (1 - 0.75 * skin)[..., None] * min(1.0, 4 * float(mean.mean()))
    return (1 + share * (np.clip(lean, 0.5, 1.5) - 1)).astype(np.float32)
