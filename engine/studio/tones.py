"""The light on a face in figures: its tones, its surroundings, its cheeks, what covers its eyes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.studio.colour import LUMINANCE, to_linear
from engine.studio.faces import Anatomy

if TYPE_CHECKING:
    import numpy as np

CHEEKS = ((50, 101, 36, 205), (280, 330, 266, 425))
LENSES = ((27, 29, 23, 110, 230), (257, 259, 253, 339, 450))
"""Mesh points on the lids and under the eyes, which dark glasses cover."""
SKIN_POINTS = (50, 101, 205, 280, 330, 425, 151, 9)


@dataclass(frozen=True, slots=True)
class Tones:
    """Luma of a face, 0..255: median, 98th percentile; `burnt` is the share near 255."""

    median: float
    highlight: float
    burnt: float


def tones(rgb: "np.ndarray", landmarks: "np.ndarray") -> Tones:
    """Luma inside the face's hull."""
    import cv2
    import numpy as np

    rows, columns = _window(landmarks, rgb.shape, 0.0)
    part = luma(reduced(rgb[rows, columns], 256))
    scale = part.shape[1] / max(1, columns.stop - columns.start)
    hull = cv2.convexHull((landmarks[:, :2] - (columns.start, rows.start)).astype(np.float32))
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillConvexPoly(mask, np.rint(hull * scale).astype(np.int32), 1)
    inside = part[mask > 0]
    if not inside.size:
        return Tones(128.0, 200.0, 0.0)
    median, high = np.percentile(inside, (50, 98))
    return Tones(float(median), float(high), float(np.mean(inside >= 250)))


def glow(rgb: "np.ndarray", body: Anatomy, landmarks: "np.ndarray", highlight: float) -> float:
    """Light beside and above the head, over the face's own highlights."""
    import numpy as np

    rows, columns = _window(landmarks, rgb.shape, 1.2)
    part = luma(reduced(rgb[rows, columns], 256))
    scale = part.shape[1] / max(1, columns.stop - columns.start)
    y, x = np.mgrid[0 : part.shape[0], 0 : part.shape[1]] / scale
    aside = np.abs(x + columns.start - body.eyes[0]) > 0.85 * body.width
    around = part[
        (aside | (y + rows.start < body.eyes[1] - 1.3 * body.width)) & (y + rows.start < body.chin)
    ]
    if around.size < 50:
        return 1.0
    return _light(float(np.percentile(around, 60))) / max(_light(highlight), 1e-3)


def cheeks(rgb: "np.ndarray", landmarks: "np.ndarray") -> float:
    """Linear light of the brighter cheek over the darker one."""
    left, right = (_patch(rgb, landmarks, points) + 1e-3 for points in CHEEKS)
    return max(left, right) / min(left, right)


def glasses(rgb: "np.ndarray", landmarks: "np.ndarray") -> float:
    """Light where glasses sit over the skin's, in linear light: below 0.25 behind dark glasses."""
    skin = _patch(rgb, landmarks, SKIN_POINTS)
    lenses = max(_patch(rgb, landmarks, points) for points in LENSES)
    return lenses / max(skin, 1e-3)


def _patch(rgb: "np.ndarray", landmarks: "np.ndarray", points: tuple[int, ...]) -> float:
    """Median linear light of small squares round mesh points."""
    import numpy as np

    half = max(1, round(0.02 * float(np.ptp(landmarks[:, 0]))))
    height, width = rgb.shape[:2]
    found: list[float] = []
    for x, y in np.rint(landmarks[list(points), :2]).astype(int):
        if half <= x < width - half and half <= y < height - half:
            square = rgb[y - half : y + half + 1, x - half : x + half + 1]
            found.append(float(np.mean(to_linear(square) @ np.array(LUMINANCE))))
    return float(np.median(found)) if found else 0.5


def chroma(rgb: "np.ndarray") -> float:
    """The picture's mean distance from grey in levels."""
    import numpy as np

    step = max(1, max(rgb.shape) // 300)
    small = rgb[::step, ::step].astype(np.int16)
    return float(np.mean(small.max(2) - small.min(2)))


def _window(landmarks: "np.ndarray", shape: tuple[int, ...], margin: float) -> tuple[slice, slice]:
    """Rows and columns of the face with `margin` face widths of its surroundings."""
    import numpy as np

    (left, top), (right, low) = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    air = margin * float(right - left)
    rows = slice(max(0, int(top - air)), max(1, min(shape[0], int(np.ceil(low + air)))))
    return rows, slice(max(0, int(left - air)), max(1, min(shape[1], int(np.ceil(right + air)))))


def reduced(rgb: "np.ndarray", width: int) -> "np.ndarray":
    """The picture at most this wide."""
    import cv2

    scale = width / max(1, rgb.shape[1])
    if scale >= 1 or not rgb.size:
        return rgb
    size = (width, max(1, round(rgb.shape[0] * scale)))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def luma(rgb: "np.ndarray") -> "np.ndarray":
    """uint8 HxW of uint8 HxWx3; one black pixel of an empty picture."""
    import cv2
    import numpy as np

    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) if rgb.size else np.zeros((1, 1), np.uint8)


def _light(luma: float) -> float:
    import numpy as np

    return float(to_linear(np.array([luma / 255], np.float32))[0])
