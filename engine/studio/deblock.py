"""The 8-pixel grid that heavy JPEG compression leaves: measured, and softened before enlarging."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

GRID = 8
LEAST_REACH = 6.5
SEEN, HEAVY = 1.25, 1.8
"""From the first on, what JPEG left shows when it is enlarged four times; from the second plainly.
JPEG of quality 90 measures about 1.3, 75 about 1.6, 60 about 1.9, 30 about 2.9 (a photograph of 512
pixels); a photograph that never was JPEG about 1.1."""


def blockiness(rgb: "np.ndarray") -> float:
    """How much larger steps are across the 8-pixel grid than elsewhere; 1 is none.

    uint8 HxWx3. The grid's phase is sought, for a photo may have been cut or turned. The smaller
    of the two directions counts, because a picture's own stripes have only one.
    """
    import cv2
    import numpy as np

    if min(rgb.shape[:2]) < 4 * GRID:
        return 1.0
    luma = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return min(_ratio(luma), _ratio(luma.T))


def deblock(rgb: "np.ndarray") -> "np.ndarray":
    """Soften a grid that shows in uint8 HxWx3; the same array where none does.

    A bilateral filter whose range grows with the grid's strength: steps as small as those between
    blocks are smoothed, lashes and lips stand. Colour, stored at half size in JPEG, is smoothed
    over its larger blocks.
    """
    import cv2

    strength = blockiness(rgb)
    if strength < SEEN:
        return rgb
    luma, red, blue = cv2.split(cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb))
    reach = min(18.0, LEAST_REACH + 15 * (strength - SEEN))
    soft = (
        cv2.bilateralFilter(luma, 5, reach, 2.5),
        cv2.bilateralFilter(red, 9, reach, 4),
        cv2.bilateralFilter(blue, 9, reach, 4),
    )
    return cv2.cvtColor(cv2.merge(soft), cv2.COLOR_YCrCb2RGB)


def _ratio(luma: "np.ndarray") -> float:
    """Second differences, which a smooth slope does not raise, on the worst phase and off it."""
    import numpy as np

    step = np.abs(luma[:, 1:-2] - luma[:, 2:-1]) - 0.5 * (
        np.abs(luma[:, :-3] - luma[:, 1:-2]) + np.abs(luma[:, 2:-1] - luma[:, 3:])
    )
    whole = step.shape[1] // GRID * GRID
    phases = np.maximum(step[:, :whole], 0).mean(0).reshape(-1, GRID).mean(0)
    worst = float(phases.max())
    return worst / max(float(np.median(phases)), 1e-3)
