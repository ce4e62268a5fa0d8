"""Is it still the same person? A face embedding whose weights may be used commercially."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import WeightsMissing
from engine.studio.generate.critic import CHIP, CHIP_POINTS
from engine.studio.placing import similarity

if TYPE_CHECKING:
    import numpy as np

SIDE, PADDING = 150, 0.25
"""What dlib's face recognition network was trained on: `get_face_chip_details(shape, 150, .25)`."""

log = logging.getLogger(__name__)


class Identity:
    """dlib's face ResNet (CC0 weights, Boost code): 128 numbers per face.

    `weights("face-identity")` resolves its file. The network is loaded on first use; where its file
    or dlib is missing there is no likeness to be had, which is logged once.
    """

    def __init__(self, weights: Callable[[str], Path]) -> None:
        self._weights = weights
        self._net: Any = None
        self._absent = False
        self._kept: tuple[bytes, np.ndarray] | None = None

    def distance(
        self,
        source: "np.ndarray",
        source_landmarks: "np.ndarray",
        picture: "np.ndarray",
        landmarks: "np.ndarray",
    ) -> float | None:
        """Euclidean distance of two faces' embeddings; None without the network.

        Pictures are uint8 HxWx3 RGB, landmarks float32 (468,2+) in their pixels. Two photos of one
        person lie under .6 (dlib's own threshold, 99.38 % right on LFW). The source's embedding is
        kept, so that a second attempt at the same photo costs one face instead of two.
        """
        import numpy as np

        if not self._ready():
            return None
        chip = face_chip(source, source_landmarks)
        key = chip.tobytes()
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, self._embed(chip))
        return float(np.linalg.norm(self._kept[1] - self._embed(face_chip(picture, landmarks))))

    def _embed(self, chip: "np.ndarray") -> "np.ndarray":
        import numpy as np

        return np.array(self._net.compute_face_descriptor(chip), np.float32)

    def _ready(self) -> bool:
        if self._net is None and not self._absent:
            try:
                import dlib

                self._net = dlib.face_recognition_model_v1(str(self._weights("face-identity")))  # pyright: ignore[reportAttributeAccessIssue] - dlib ships no stubs
            except (ImportError, WeightsMissing, RuntimeError) as reason:
                log.warning("the likeness check is left out: %s", reason)
                self._absent = True
        return self._net is not None


def face_chip(rgb: "np.ndarray", landmarks: "np.ndarray") -> "np.ndarray":
    """The face as dlib wants it, upright uint8 150x150x3 RGB, cut by our own landmarks.

    The similarity that takes eye corners and nose base to dlib's mean shape, in the least squares
    sense (Umeyama); the face is shrunk by area first, so that a large one does not alias.
    """
    import cv2
    import numpy as np

    corners = np.asarray(landmarks[list(CHIP_POINTS), :2], np.float64)
    target = (CHIP.astype(np.float64) + PADDING) / (1 + 2 * PADDING) * SIDE
    matrix = similarity(corners, target)
    shrink = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    low, high = _reach(corners, shrink, rgb.shape)
    part = rgb[low[1] : high[1], low[0] : high[0]]
    matrix[:, 2] += matrix[:, :2] @ low
    if shrink < 1:
        size = tuple(max(1, round(side * shrink)) for side in (part.shape[1], part.shape[0]))
        step = np.array([part.shape[1] / size[0], part.shape[0] / size[1]])
        matrix[:, 2] += matrix[:, :2] @ (0.5 * step - 0.5)
        matrix[:, :2] = matrix[:, :2] * step
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    mode = cv2.BORDER_REPLICATE
    return cv2.warpAffine(part, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=mode)


def _reach(
    corners: "np.ndarray", shrink: float, shape: tuple[int, ...]
) -> "tuple[np.ndarray, np.ndarray]":
    """Integer corners (x, y) of the part of the picture that a chip can touch."""
    import numpy as np

    half = 1.1 * SIDE / shrink
    limit = np.array([shape[1], shape[0]])
    low = np.clip(np.floor(corners.mean(0) - half), 0, limit - 1).astype(int)
    high = np.clip(np.ceil(corners.mean(0) + half), low + 1, limit).astype(int)
    return low, high
