"""The subject's own colour where the old background shines through its edge."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

WIDE, NARROW = 0.12, 0.015
WORK_SIDE = 1024


def estimate_foreground(
    linear: "np.ndarray", alpha: "np.ndarray", face_width: float
) -> "np.ndarray":
    """Estimate edge colours without the old background: float32 HxWx3 linear light.

    Blur-fusion (Forte and Pitié 2021): a wide pass, then a narrow one; windows are shares of
    `face_width` in pixels. The two smooth layers are estimated on a copy of at most 1024 pixels;
    the detail comes from the picture itself, which is unchanged where alpha is 1.
    """
    import cv2
    import numpy as np

    near, far = _layers(linear, alpha, face_width)
    size = (linear.shape[1], linear.shape[0])
    near = cv2.resize(near, size, interpolation=cv2.INTER_LINEAR)
    far = cv2.resize(far, size, interpolation=cv2.INTER_LINEAR)
    share = alpha[..., None]
    far *= 1 - share
    residual = linear - share * near - far
    residual *= share
    near += residual
    return np.clip(near, 0, 1, out=near)


def _layers(
    linear: "np.ndarray", alpha: "np.ndarray", face_width: float
) -> "tuple[np.ndarray, np.ndarray]":
    """The subject's and the old background's colour around each pixel, on a small copy."""
    import cv2

    scale = min(1.0, WORK_SIDE / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    small = cv2.resize(linear, size, interpolation=cv2.INTER_AREA)
    cover = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    wide, narrow = (max(2, round(share * face_width * scale)) for share in (WIDE, NARROW))
    near, far = _weighted(small, cover, wide), _weighted(small, 1 - cover, wide)
    share = cover[..., None]
    clean = near + share * (small - share * near - (1 - share) * far)
    return _weighted(clean, cover + 1e-3, narrow), far


def _weighted(layer: "np.ndarray", weight: "np.ndarray", radius: int) -> "np.ndarray":
    import cv2
    import numpy as np

    window = (2 * radius + 1, 2 * radius + 1)
    total = cv2.blur(weight, window)
    return cv2.blur(layer * weight[..., None], window) / np.maximum(total, 1e-4)[..., None]
