"""sRGB and linear light, and the hex names of colours.

Transfer curve: IEC 61966-2-1. Luminance weights: ITU-R BT.709.
"""

from functools import cache

import numpy as np

from engine.errors import StudioFailed

LUMINANCE = (0.2126, 0.7152, 0.0722)


def to_linear(srgb: np.ndarray) -> np.ndarray:
    """Decode sRGB (uint8, or float 0..1) to linear light, float32 0..1, any shape."""
    import cv2

    if srgb.dtype == np.uint8:
        return cv2.LUT(srgb, _decode_table())
    value = np.clip(np.asarray(srgb, np.float32), 0, 1)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def to_srgb(linear: np.ndarray) -> np.ndarray:
    """Encode linear light to sRGB, float32 0..1, same shape; values outside 0..1 are clipped."""
    import cv2

    value = np.clip(np.asarray(linear, np.float32), 0, 1)
    curved = cv2.pow(value, 1 / 2.4).reshape(value.shape)
    curved *= 1.055
    curved -= 0.055
    low = value <= 0.0031308
    curved[low] = value[low] * 12.92
    return curved


def hex_to_linear(colour: str) -> np.ndarray:
    """Turn "#rrggbb" into linear RGB, float32 (3,). Raises StudioFailed for anything else."""

    digits = colour.removeprefix("#")
    try:
        if len(digits) != 6:
            raise ValueError(colour)
        channels = np.array(list(bytes.fromhex(digits)), np.float32) / 255
    except ValueError as error:
        raise StudioFailed(f"not a colour: {colour!r}") from error
    return to_linear(channels).astype(np.float32)


def luminance(linear: np.ndarray) -> np.ndarray:
    """Relative luminance of a linear RGB picture HxWx3, float32 HxW."""
    import cv2

    return cv2.transform(linear, np.array([LUMINANCE], np.float32))


@cache
def _decode_table() -> np.ndarray:
    return to_linear(np.arange(256, dtype=np.float32) / 255).astype(np.float32)
