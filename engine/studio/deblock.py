"""JPEG's block edges: measured, and smoothed before anything sharpens them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

BLOCK = 8
SEEN, HEAVY = 1.25, 1.9


def blockiness(rgb: "np.ndarray") -> float:
    """Steps across JPEG's 8-pixel grid against steps elsewhere, uint8 HxWx3: 1 is none.

    The ratio of mean absolute luminance differences (after Wang, Sheikh and Bovik 2002), the more
    visible direction. Knows only a grid that starts at the picture's corner.
    """
    import cv2
    import numpy as np

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return max(_ratio(np.abs(np.diff(grey, axis=1))), _ratio(np.abs(np.diff(grey, axis=0)).T))


def deblocked(rgb: "np.ndarray", level: float) -> "np.ndarray":
    """Smooth block edges and mosquito noise in proportion to `level` (see `blockiness`).

    A small bilateral filter (Tomasi and Manduchi 1998) on luminance alone: edges of more than a
    few levels stay. Below 1.25 the picture itself comes back.
    """
    import cv2
    import numpy as np

    share = min(1.0, (level - SEEN) / (HEAVY - SEEN))
    if share <= 0:
        return rgb
    tone = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)
    smooth = cv2.bilateralFilter(np.ascontiguousarray(tone[..., 0]), 7, 16, 2.0)
    tone[..., 0] = cv2.addWeighted(smooth, share, tone[..., 0], 1 - share, 0)
    return cv2.cvtColor(tone, cv2.COLOR_YCrCb2RGB)


def _ratio(steps: "np.ndarray") -> float:
    """Mean step on the grid's columns over the mean elsewhere."""
    if steps.shape[1] < 4 * BLOCK:
        return 1.0
    columns = steps.mean(0)
    on_grid = columns[BLOCK - 1 :: BLOCK]
    rest = (columns.sum() - on_grid.sum()) / (len(columns) - len(on_grid))
    return float(on_grid.mean() / max(float(rest), 0.05))
