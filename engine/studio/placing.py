"""Faces brought to where a network wants to see them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from engine.base import Box

SIDE = 512


def similarity(source: "np.ndarray", target: "np.ndarray") -> "np.ndarray":
    """Rotation, scale and shift, (2,3) float64, that take points (n,2) to others (n,2).

    In the least squares sense (Umeyama 1991), without mirroring.
    """
    import numpy as np

    a, b = (np.asarray(points, np.float64) for points in (source, target))
    a0, b0 = a - a.mean(0), b - b.mean(0)
    spread = max(float((a0 * a0).sum()), 1e-9)
    real = float((a0 * b0).sum()) / spread
    turn = float((a0[:, 0] * b0[:, 1] - a0[:, 1] * b0[:, 0]).sum()) / spread
    linear = np.array([[real, -turn], [turn, real]])
    return np.c_[linear, b.mean(0) - linear @ a.mean(0)]


def square_around(rgb: "np.ndarray", box: "Box", around: float) -> "np.ndarray":
    """A face with its surroundings, uint8 512x512x3; beyond the picture its edge goes on.

    `rgb` is uint8 HxWx3 and `around` the square's side in sizes of the face's `box`.
    """
    import cv2
    import numpy as np

    scale = SIDE / (around * max(box.width, box.height))
    x, y = (scale * (start + size / 2) for start, size in ((box.x, box.width), (box.y, box.height)))
    move = np.array([[scale, 0, SIDE / 2 - x], [0, scale, SIDE / 2 - y]])
    if scale < 1:  # shrinking by a warp alone would alias, and an age is read off fine lines
        rgb = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        move[:, :2] = np.eye(2)
    return cv2.warpAffine(rgb, move, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
