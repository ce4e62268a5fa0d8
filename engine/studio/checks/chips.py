"""Two faces brought to the same place and size, so that they can be compared pixel by pixel."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

WIDE, TALL = 1.15, 1.25
"""A chip's sides in face widths."""

FEATURES = (
    (33, 160, 158, 133, 153, 144, 70, 105, 107),
    (362, 385, 387, 263, 373, 380, 300, 334, 336),
    (61, 39, 0, 269, 291, 405, 17, 181),
    (98, 2, 327, 4),
)
"""Mesh points around each eye with its brow, the mouth and the nose's tip: not plain skin."""

FEATURE_AIR = 0.025


def face_chip(picture: "np.ndarray", landmarks: "np.ndarray", face: float) -> "np.ndarray":
    """The face, `face` pixels wide, upright as it is: uint8 or float32, 3 channels, in and out.

    `landmarks` (468,2+) are in pixels. Shrinking averages; the last step places the face to a
    fraction of a pixel, so that two chips of one face coincide.
    """
    import cv2
    import numpy as np

    size, matrix = _placed(landmarks, face)
    scale = float(matrix[0, 0])
    low = np.floor(-matrix[:, 2] / scale).astype(int) - 2
    high = low + np.ceil(np.array(size) / scale).astype(int) + 5
    limit = np.array([picture.shape[1], picture.shape[0]])
    low, high = np.clip(low, 0, limit - 1), np.clip(high, 1, limit)
    part = picture[low[1] : high[1], low[0] : high[0]]
    step = np.ones(2)
    if scale < 1:
        inner = tuple(max(1, round(side * scale)) for side in (part.shape[1], part.shape[0]))
        step = np.array([part.shape[1] / inner[0], part.shape[0] / inner[1]])
        part = cv2.resize(part, inner, interpolation=cv2.INTER_AREA)
    # Pixel centres: a shrunk pixel i stands for source position (i + .5) * step - .5 + low.
    shift = matrix[:, 2] + scale * (low + 0.5 * step - 0.5)
    move = np.array([[scale * step[0], 0, shift[0]], [0, scale * step[1], shift[1]]])
    mode = cv2.BORDER_REPLICATE
    return cv2.warpAffine(part, move, size, flags=cv2.INTER_CUBIC, borderMode=mode)


def chip_landmarks(landmarks: "np.ndarray", face: float) -> "np.ndarray":
    """The landmarks (468,2) in pixels of such a chip."""
    _, matrix = _placed(landmarks, face)
    return landmarks[:, :2] * matrix[0, 0] + matrix[:, 2]


def face_mask(landmarks: "np.ndarray", face: float) -> "np.ndarray":
    """Where the face is in its chip: bool, its hull less a rim of 4 % of its width."""
    import cv2
    import numpy as np

    (width, height), _ = _placed(landmarks, face)
    mask = np.zeros((height, width), np.uint8)
    hull = cv2.convexHull(np.rint(chip_landmarks(landmarks, face)).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, 1)
    rim = max(1, round(0.04 * face))
    return cv2.erode(mask, np.ones((2 * rim + 1, 2 * rim + 1), np.uint8)) > 0


def skin_spots(landmarks: "np.ndarray", face: float) -> "np.ndarray":
    """Where the chip shows plain skin: the face without eyes, brows, mouth and nostrils. Bool."""
    import cv2
    import numpy as np

    mask = face_mask(landmarks, face)
    points = np.rint(chip_landmarks(landmarks, face)).astype(np.int32)
    features = np.zeros(mask.shape, np.uint8)
    for feature in FEATURES:
        cv2.fillConvexPoly(features, cv2.convexHull(points[list(feature)]), 1)
    air = max(1, round(FEATURE_AIR * face))
    return mask & (cv2.dilate(features, np.ones((2 * air + 1, 2 * air + 1), np.uint8)) == 0)


def lab(chip: "np.ndarray") -> "np.ndarray":
    """CIE L*a*b* (D65), float32, of uint8 sRGB."""
    import cv2
    import numpy as np

    return cv2.cvtColor(chip.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def _placed(landmarks: "np.ndarray", face: float) -> "tuple[tuple[int, int], np.ndarray]":
    """A chip's size (width, height) and the (2,3) matrix that takes picture pixels into it."""
    import numpy as np

    points = landmarks[:, :2].astype(np.float64)
    low, high = points.min(0), points.max(0)
    scale = face / max(float(high[0] - low[0]), 1e-6)
    size = (round(WIDE * face), round(TALL * max(face, scale * float(high[1] - low[1]) / 1.15)))
    shift = np.array(size) / 2 - scale * (low + high) / 2
    return size, np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
