"""A person alone, on nothing: what `/cutout` hands over."""

from typing import TYPE_CHECKING

from engine.studio.colour import to_linear, to_srgb
from engine.studio.foreground import estimate_foreground

if TYPE_CHECKING:
    import numpy as np

FACE_SHARE = 0.3


def cutout_png(
    rgb: "np.ndarray", alpha: "np.ndarray", face_width: float | None = None
) -> "np.ndarray":
    """The pixels of a transparent PNG: uint8 HxWx4, straight alpha, the whole frame.

    `rgb` is uint8 HxWx3 sRGB and `alpha` float32 HxW 0..1. Edge colours are the person's own,
    without the old background; what is fully transparent is black, so that nothing of the photo
    can be brought back. `face_width` in pixels sets how far colours are looked for; without it,
    30 % of the width of what is kept.
    """
    import cv2
    import numpy as np

    share = (np.clip(alpha, 0, 1) * 255 + 0.5).astype(np.uint8)
    kept = np.flatnonzero(share.max(0))
    width = face_width or FACE_SHARE * max(8, int(np.ptp(kept)) if kept.size else 0)
    clean = to_srgb(estimate_foreground(to_linear(rgb), share.astype(np.float32) / 255, width))
    colour = cv2.convertScaleAbs(clean, alpha=255).reshape(rgb.shape)
    colour[share == 0] = 0
    return np.dstack([colour, share])
