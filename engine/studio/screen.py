"""Whether a photo was taken of a screen: its pixels, or their beat with the camera's, as a pattern.

Looked for on the face alone. A jacket or a blind has a pattern of its own; skin has none.
"""

from typing import TYPE_CHECKING

from engine.base import Box

if TYPE_CHECKING:
    import numpy as np

TILE, MOST = 128, 6
COARSEST = 0.08
"""Cycles per pixel below which features of a face, and not patterns, live."""
NEIGHBOURS = 13
FLOOR = 1e-3
"""Power of a pattern too faint to see, per pixel, in levels squared."""


def screen_pattern(rgb: "np.ndarray", face: Box) -> float:
    """The strongest regular pattern on a face: its spectral power over that of its neighbours.

    uint8 HxWx3 sRGB. Measured: below 10 on photographs, below 30 on drawn faces (140 when
    resized, whose lattice no camera makes), 80 to 60000, mostly over 400, on the same faces on
    a screen whose pixels are 1.3 to 4.5 camera pixels wide. 1 where the face is below 128 pixels.
    """
    import cv2
    import numpy as np

    part = rgb[face.y : face.y + face.height, face.x : face.x + face.width]
    if min(part.shape[:2]) < TILE:
        return 1.0
    grey = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY).astype(np.float32)
    power = np.log(_spectrum(grey) + FLOOR * TILE**2)
    low, high = float(power.min()), float(power.max())
    step = max(high - low, 1e-6) / 255
    around = cv2.medianBlur(((power - low) / step).astype(np.uint8), NEIGHBOURS) * step + low
    return float(np.exp(np.where(_telling(), power - around, 0).max()))


def _spectrum(grey: "np.ndarray") -> "np.ndarray":
    """Median power over tiles: what is everywhere on the face, and not one eyelash."""
    import cv2
    import numpy as np

    fine = grey - cv2.GaussianBlur(grey, (0, 0), 6)
    window = np.outer(np.hanning(TILE), np.hanning(TILE)).astype(np.float32)
    rows, columns = (_starts(length) for length in grey.shape)
    tiles = np.array([fine[y : y + TILE, x : x + TILE] * window for y in rows for x in columns])
    power = np.abs(np.fft.rfft2(tiles)) ** 2
    return np.fft.fftshift(np.median(power, axis=0), axes=0).astype(np.float32)


def _starts(length: int) -> "np.ndarray":
    import numpy as np

    count = min(MOST, max(2, length // 64 - 1))
    return np.unique(np.linspace(0, length - TILE, count).astype(int))


def _telling() -> "np.ndarray":
    """Frequencies that tell: not those of JPEG's blocks, of enlarged blocks (along the axes) or of
    a drawn face's lattice of 16 pixels."""
    import numpy as np

    fy = np.fft.fftshift(np.fft.fftfreq(TILE))[:, None]
    fx = np.fft.rfftfreq(TILE)[None]
    near = [np.abs(16 * f - np.round(16 * f)) / 16 < 1.6 / TILE for f in (fx, fy)]
    axes = (np.abs(fx) < 2.5 / TILE) | (np.abs(fy) < 2.5 / TILE)
    return (np.hypot(fx, fy) > COARSEST) & ~axes & ~(near[0] & near[1])
