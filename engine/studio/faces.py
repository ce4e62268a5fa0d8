"""Faces in a photo: boxes and five points by YuNet, 468 landmarks by the MediaPipe face mesh."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.base import Box

if TYPE_CHECKING:
    import numpy as np

SIDES = (640, 320, 1280)
SCORE = 0.7
MESH_SIDE = 192
MESH_REACH = 1.5
EYES = (33, 133, 362, 263)
LEFT_EYE, RIGHT_EYE = (33, 133), (362, 263)
CHIN = 152


@dataclass(frozen=True, slots=True)
class Face:
    """A found face: `box` in pixels, `points` float32 (5,2): eyes, nose, mouth corners."""

    box: Box
    points: "np.ndarray"
    score: float


@dataclass(frozen=True, slots=True)
class Anatomy:
    """What framing needs of a face, in pixels: centre of the eyes, their distance, chin, width."""

    eyes: tuple[float, float]
    eye_distance: float
    chin: float
    width: float


class FaceFinder:
    """Finds faces in uint8 HxWx3 RGB pictures. Loads each network on first use."""

    def __init__(self, weights: Callable[[str], Path]) -> None:
        self._weights = weights
        self._detector: Any = None
        self._mesh: Any = None

    def find(self, rgb: "np.ndarray") -> tuple[Face, ...]:
        """All faces, largest first. A face that fills the frame is found on a smaller copy, a
        distant one on a larger. Raises `WeightsMissing`."""
        for side in SIDES:
            faces = self._find_at(rgb, side)
            if faces:
                return faces
        return ()

    def landmarks(self, rgb: "np.ndarray", face: Face) -> "np.ndarray":
        """The 468 mesh points of a face, float32 (468,3) in pixels of the picture.

        The network wants an upright RGB square 0..1 of 1.5 times the box.
        """
        import cv2
        import numpy as np

        matrix = _upright(face)
        crop = cv2.warpAffine(rgb, matrix, (MESH_SIDE, MESH_SIDE), flags=cv2.INTER_AREA)
        points = self._run_mesh((crop.astype(np.float32) / 255)[None])
        back = cv2.invertAffineTransform(matrix)
        flat = points[:, :2] @ back[:, :2].T + back[:, 2]
        depth = points[:, 2:] * float(np.hypot(back[0, 0], back[0, 1]))
        return np.concatenate([flat, depth], axis=1).astype(np.float32)

    def _run_mesh(self, tensor: "np.ndarray") -> "np.ndarray":
        import numpy as np
        import openvino

        if self._mesh is None:
            path = str(self._weights("face-landmarks"))
            self._mesh = openvino.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": 1})
        return np.array(self._mesh(tensor)[0]).reshape(468, 3)

    def _find_at(self, rgb: "np.ndarray", side: int) -> tuple[Face, ...]:
        import cv2
        import numpy as np

        scale = min(1.0, side / max(rgb.shape[:2]))
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        detector = self._load_detector()
        detector.setInputSize(size)
        rows = detector.detect(np.ascontiguousarray(small[:, :, ::-1]))[1]
        found = [] if rows is None else [_as_face(row, scale, rgb.shape) for row in rows]
        return tuple(sorted(found, key=lambda f: -f.box.width * f.box.height))

    def _load_detector(self) -> Any:  # noqa: ANN401  cv2 ships no stub for the detector
        import cv2

        if self._detector is None:
            model = str(self._weights("yunet"))
            self._detector = cv2.FaceDetectorYN.create(model, "", (320, 320), SCORE, 0.3, 50)
        return self._detector


def anatomy(landmarks: "np.ndarray") -> Anatomy:
    """Measure a face from its landmarks, float32 (468,3) in pixels."""
    import numpy as np

    left = landmarks[list(LEFT_EYE), :2].mean(0)
    right = landmarks[list(RIGHT_EYE), :2].mean(0)
    centre = (left + right) / 2
    return Anatomy(
        eyes=(float(centre[0]), float(centre[1])),
        eye_distance=float(np.linalg.norm(right - left)),
        chin=float(landmarks[CHIN, 1]),
        width=float(np.ptp(landmarks[:, 0])),
    )


def skin_mask(landmarks: "np.ndarray", height: int, width: int) -> "np.ndarray":
    """Where the face is: float32 HxW 0..1, its hull with a soft rim of 4 % of its width."""
    import cv2
    import numpy as np

    mask = np.zeros((height, width), np.uint8)
    hull = cv2.convexHull(np.rint(landmarks[:, :2]).astype(np.int32))
    cv2.fillConvexPoly(mask, hull, 255)
    soft = max(1.0, 0.04 * float(np.ptp(landmarks[:, 0])))
    return cv2.GaussianBlur(mask, (0, 0), soft).astype(np.float32) / 255


def _as_face(row: "np.ndarray", scale: float, shape: tuple[int, ...]) -> Face:
    x, y, width, height = (float(v) / scale for v in row[:4])
    left, top = max(0, round(x)), max(0, round(y))
    right, low = min(shape[1], round(x + width)), min(shape[0], round(y + height))
    box = Box(left, top, max(1, right - left), max(1, low - top))
    return Face(box, row[4:14].reshape(5, 2) / scale, float(row[14]))


def _upright(face: Face) -> "np.ndarray":
    """Affine (2,3) into the mesh network's square, turned so that the eyes are level."""
    import cv2
    import numpy as np

    eyes = face.points[1] - face.points[0]
    tilt = float(np.degrees(np.arctan2(eyes[1], eyes[0])))
    box = face.box
    centre = (box.x + box.width / 2, box.y + box.height / 2)
    scale = MESH_SIDE / (MESH_REACH * max(box.width, box.height))
    matrix = cv2.getRotationMatrix2D(centre, tilt, scale)
    matrix[:, 2] += MESH_SIDE / 2 - np.array(centre)
    return matrix
