"""How clear a photo is in figures: the sharpness of the eyes, the blocks of compression."""

from typing import TYPE_CHECKING

from engine.studio.faces import Anatomy
from engine.studio.tones import luma, reduced

if TYPE_CHECKING:
    import numpy as np

EYES_AT = 96.0
"""Distance of the eyes in pixels at which sharpness is compared."""
REACH = 1.6


def sharpness(rgb: "np.ndarray", body: Anatomy) -> float:
    """Fine contrast of the eyes over their coarse contrast, at equal face size.

    Differences of Gaussians at sigma 1 and 5 once the eyes are 96 pixels apart; a ratio, so that
    neither exposure nor the colour of skin matters. Noise of a level or two is taken off first.
    """
    import cv2
    import numpy as np

    x, y, reach = *body.eyes, 0.8 * body.eye_distance
    top, left = max(0, round(y - 0.4 * reach)), max(0, round(x - reach))
    part = rgb[top : max(top + 1, round(y + 0.4 * reach)), left : max(left + 1, round(x + reach))]
    if part.size == 0 or min(part.shape[:2]) < 8:
        return 1.0
    scale = min(1.0, EYES_AT / body.eye_distance)
    part = luma(reduced(part, max(8, round(part.shape[1] * scale)))).astype(np.float32)
    blurred = [cv2.GaussianBlur(part, (0, 0), sigma) for sigma in (1.0, 5.0)]
    fine, coarse = float(np.std(part - blurred[0])), float(np.std(part - blurred[1]))
    return float(np.sqrt(max(0.0, fine**2 - 0.5))) / max(coarse, 1.0)


def blocks(rgb: "np.ndarray", body: Anatomy) -> float:
    """Mean step across the 8-pixel JPEG grid over the mean step elsewhere, round the face."""
    import numpy as np

    reach = REACH * body.width
    top, left = (max(0, int(v - reach)) // 8 * 8 for v in (body.eyes[1], body.eyes[0]))
    low, right = int(body.eyes[1] + reach) // 8 * 8, int(body.eyes[0] + reach) // 8 * 8
    part = luma(np.ascontiguousarray(rgb[top:low, left:right][:1024, :1024])).astype(np.float32)
    if min(part.shape) < 32:
        return 1.0
    ratios = [_grid_step(np.abs(np.diff(part, axis=axis)).mean(1 - axis)) for axis in (0, 1)]
    return min(ratios)


def _grid_step(steps: "np.ndarray") -> float:
    import numpy as np

    phase = np.arange(len(steps)) % 8
    beside = float(steps[phase != 7].mean())
    return float(steps[phase == 7].mean() + 0.3) / (beside + 0.3)
