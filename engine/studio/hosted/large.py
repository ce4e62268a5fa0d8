"""From the server's size to the print's."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.studio.crop import Frame, output_size
from engine.studio.upscale import Tick, Upscaler

if TYPE_CHECKING:
    import numpy as np

ENOUGH, TWICE = 1.05, 2.1


def enlarged(
    rgb: "np.ndarray",
    heads: "Callable[[np.ndarray], np.ndarray]",
    aspect: str,
    scale: int,
    upscaler: Upscaler,
    tick: Tick,
) -> "np.ndarray":
    """The picture, uint8 HxWx3 of this aspect, at the size that `scale` promises everywhere.

    Where the bool HxW mask that `heads` gives holds, it is computed exactly, elsewhere fast.
    """
    import cv2

    height, width = rgb.shape[:2]
    size = output_size(Frame(0, 0, width, height), aspect, scale)
    ratio = size[1] / height
    if ratio > ENOUGH:
        rgb = upscaler.enlarge(rgb, 2 if ratio <= TWICE else 4, tick, face=heads(rgb))
    method = cv2.INTER_AREA if rgb.shape[1] > size[0] else cv2.INTER_CUBIC
    return cv2.resize(rgb, size, interpolation=method)
