"""The judge of every picture: how many faces, how old, and what is measurable of the look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.studio.generate.measure import Look, look_of
from engine.studio.generate.nets import Pixels, Weights, compiled
from engine.studio.placing import similarity

AGE_CLASSES = np.r_[0.25, np.arange(1.0, 81.0)].astype(np.float32)
"""Years of the age network's 81 outputs, from the model's own manifest."""

CHANNEL_MEAN = np.array([122.781998, 117.000999, 104.297997], np.float32)
"""RGB mean subtracted before the age and gender networks, from the same manifest."""

CHIP = np.array(
    [[0.1206, 0.2137], [0.3341, 0.2291], [0.6461, 0.2290], [0.8596, 0.2135], [0.4901, 0.6278]],
    np.float32,
)
"""Eye corners (left to right) and nose base in dlib's normalised face chip, Boost licence."""

CHIP_POINTS = (33, 133, 362, 263, 2)
"""The mesh indices of those five points."""

DETECT_SIDE = 320
MESH_SIDE = 192


@dataclass(frozen=True)
class Reading:
    """What the critic sees.

    Attributes:
        faces: Faces found in the picture; every other value describes the largest.
        age: Expected age in years, the mean over the face, its mirror image and two crops.
        minor: Highest probability, 0..1, that any of those views gives to an age under 20.
        man: Probability, 0..1, that the face reads as a man's.
        look: Colours, expression, pose and sharpness.
    """

    faces: int
    age: float
    minor: float
    man: float
    look: Look


class Critic:
    """Reads pictures with four small networks: about 40 ms each on one core."""

    def __init__(self, weights: Weights) -> None:
        """Load `yunet`, `face-landmarks` and `age-gender`.

        Raises:
            FileNotFoundError: A network file is missing.
        """
        import cv2

        detector = weights("yunet")
        if not detector.is_file():
            raise FileNotFoundError(f"weight file is missing: {detector}")
        side = (DETECT_SIDE, DETECT_SIDE)
        self._detector: Any = cv2.FaceDetectorYN.create(str(detector), "", side, 0.6, 0.3, 20)
        self._mesh = compiled(weights("face-landmarks"), threads=1)
        self._age = compiled(weights("age-gender") / "age-v1.onnx", threads=1)
        self._gender = compiled(weights("age-gender") / "gender-v1.onnx", threads=1)

    def read(self, picture: Pixels) -> Reading | None:
        """Judge a square picture of at least 256 px; None when no face is found."""
        found = self._faces(picture)
        if not len(found):
            return None
        mesh = self._landmarks(picture, max(found, key=lambda row: row[2] * row[3]))
        chips = _chips(picture, mesh[list(CHIP_POINTS), :2])
        ages = np.asarray(self._age(_tensor(chips, 64))[0])
        man = np.asarray(self._gender(_tensor(chips, 32))[0])[:, 1]
        return Reading(
            faces=len(found),
            age=float((ages @ AGE_CLASSES).mean()),
            minor=float(ages[:, :20].sum(1).max()),
            man=float(man.mean()),
            look=look_of(picture, mesh),
        )

    def _faces(self, picture: Pixels) -> NDArray[np.float32]:
        import cv2

        small = cv2.resize(picture, (DETECT_SIDE, DETECT_SIDE), interpolation=cv2.INTER_AREA)
        rows = self._detector.detect(np.ascontiguousarray(small[:, :, ::-1]))[1]
        if rows is None:
            return np.zeros((0, 15), np.float32)
        scaled = np.array(rows, np.float32)
        scaled[:, :14] *= picture.shape[1] / DETECT_SIDE
        return scaled

    def _landmarks(self, picture: Pixels, face: NDArray[np.float32]) -> NDArray[np.float32]:
        """The 468 mesh points (x, y, z) in pixels of the picture."""
        import cv2

        to_crop = _mesh_crop(face)
        crop = cv2.warpAffine(picture, to_crop, (MESH_SIDE, MESH_SIDE), flags=cv2.INTER_AREA)
        blob = (crop.astype(np.float32) / 255.0)[None]
        points = np.array(self._mesh(blob)[0]).reshape(468, 3)
        back = cv2.invertAffineTransform(to_crop)
        scale = float(np.hypot(back[0, 0], back[0, 1]))
        flat = points[:, :2] @ back[:, :2].T + back[:, 2]
        return np.c_[flat, points[:, 2:] * scale].astype(np.float32)


def _mesh_crop(face: NDArray[np.float32]) -> NDArray[np.float64]:
    """Affine (2, 3) into the mesh network's upright square, 1.5 times the face box."""
    import cv2

    x, y, width, height = (float(v) for v in face[:4])
    tilt = np.degrees(np.arctan2(face[7] - face[5], face[6] - face[4]))
    scale = MESH_SIDE / (1.5 * max(width, height))
    centre = (x + width / 2, y + height / 2)
    matrix = np.asarray(cv2.getRotationMatrix2D(centre, float(tilt), scale), np.float64)
    matrix[:, 2] += MESH_SIDE / 2 - np.array(centre)
    return matrix


def _chips(picture: Pixels, corners: NDArray[np.float32]) -> list[Pixels]:
    """Four aligned 256 px views: plain, mirrored, a little wider and a little tighter."""
    import cv2

    views: list[Pixels] = []
    for padding in (0.2, 0.25, 0.15):
        target = (CHIP + padding) / (1 + 2 * padding) * 256
        matrix = similarity(corners, target)
        view = cv2.warpAffine(picture, matrix, (256, 256), flags=cv2.INTER_LINEAR)
        views.append(np.asarray(view, np.uint8))
    return [views[0], np.ascontiguousarray(views[0][:, ::-1]), *views[1:]]


def _tensor(chips: list[Pixels], side: int) -> NDArray[np.float32]:
    import cv2

    small = [cv2.resize(chip, (side, side), interpolation=cv2.INTER_AREA) for chip in chips]
    values = (np.stack(small).astype(np.float32) - CHANNEL_MEAN) / 256.0
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))
