"""Faces in a photo: boxes and five points by YuNet, 468 landmarks by the MediaPipe face mesh.

The mesh network also says whether it saw a face at all; that second opinion keeps out animals and
drawings which YuNet takes for people.
"""

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
PRESENT, SURELY = 0.5, 0.9
JUDGED = 8
"""Faces asked about a second time, largest first: a choir costs no more than a band."""
EYES = (33, 133, 362, 263)
LEFT_EYE, RIGHT_EYE = (33, 133), (362, 263)
CHIN, BROW_TOP = 152, 10
PAIRS = ((127, 356), (234, 454), (33, 263), (61, 291), (172, 397))
"""Mesh points that mirror each other, image left and right: temples, ears, eyes, mouth, jaw."""
LIDS = ((159, 145, 33, 133), (386, 374, 362, 263))
"""Upper lid, lower lid and both corners of each eye."""
LIPS = (13, 14)
UPRIGHT_PITCH = -5.0
"""Pitch in degrees that the mesh gives a level head; median of 13 level sampled faces."""


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


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a head points, in degrees; all 0 towards the camera.

    `yaw` is positive towards image right, `pitch` positive upwards, `roll` positive when the head
    leans clockwise as seen in the picture.
    """

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True, slots=True)
class Features:
    """`eyes_open`: lid gap over eye width, about 0.3 open and below 0.1 shut, the more open eye's.
    `mouth_open`: gap between the lips over the distance of the eyes, 0 closed."""

    eyes_open: float
    mouth_open: float


class FaceFinder:
    """Finds faces in uint8 HxWx3 RGB pictures. Loads each network on first use."""

    def __init__(self, weights: Callable[[str], Path]) -> None:
        self._weights = weights
        self._detector: Any = None
        self._mesh: Any = None

    def find(self, rgb: "np.ndarray") -> tuple[Face, ...]:
        """All faces, largest first. A face that fills the frame is found on a smaller copy, a
        distant one on a larger. What the mesh network takes for no face is left out. Raises
        `WeightsMissing`."""
        for side in SIDES:
            faces = tuple(f for f in self._find_at(rgb, side) if f.score >= SCORE)
            sure = tuple(f for i, f in enumerate(faces) if i >= JUDGED or self._agrees(rgb, f))
            if sure:
                return sure
        return ()

    def presence(self, rgb: "np.ndarray", face: Face) -> float:
        """How surely the mesh network sees a human face there, 0..1."""
        return self._mesh_of(rgb, face)[1]

    def landmarks(self, rgb: "np.ndarray", face: Face) -> "np.ndarray":
        """The 468 mesh points of a face, float32 (468,3) in pixels of the picture.

        The network wants an upright RGB square 0..1 of 1.5 times the box.
        """
        import cv2
        import numpy as np

        matrix = _upright(face)
        points = self._mesh_of(rgb, face)[0]
        back = cv2.invertAffineTransform(matrix)
        flat = points[:, :2] @ back[:, :2].T + back[:, 2]
        depth = points[:, 2:] * float(np.hypot(back[0, 0], back[0, 1]))
        return np.concatenate([flat, depth], axis=1).astype(np.float32)

    def _agrees(self, rgb: "np.ndarray", face: Face) -> bool:
        return face.score >= SURELY or self.presence(rgb, face) >= PRESENT

    def _mesh_of(self, rgb: "np.ndarray", face: Face) -> "tuple[np.ndarray, float]":
        import cv2
        import numpy as np

        side = (MESH_SIDE, MESH_SIDE)
        crop = cv2.warpAffine(rgb, _upright(face), side, flags=cv2.INTER_AREA)
        return self._run_mesh((crop.astype(np.float32) / 255)[None])

    def _run_mesh(self, tensor: "np.ndarray") -> "tuple[np.ndarray, float]":
        """Points (468,3) in the network's square, and the face flag as a probability."""
        import numpy as np
        import openvino

        if self._mesh is None:
            path = str(self._weights("face-landmarks"))
            self._mesh = openvino.Core().compile_model(path, "CPU", {"INFERENCE_NUM_THREADS": 1})
        found = self._mesh(tensor)
        flag = float(np.array(found[1]).ravel()[0])
        return np.array(found[0]).reshape(468, 3), 1 / (1 + float(np.exp(-flag)))

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


def pose(landmarks: "np.ndarray") -> Pose:
    """Where the head points, from landmarks float32 (468,3) in pixels.

    The axes come straight from the mesh's own depth (x right, y down, z away from the camera): the
    mean line through mirrored points, and the line from chin to brow made square to it.
    """
    import numpy as np

    left, right = np.array(PAIRS).T
    across = _unit((landmarks[right] - landmarks[left]).mean(0))
    up = landmarks[BROW_TOP] - landmarks[CHIN]
    up = _unit(up - across * float(up @ across))
    ahead = np.cross(across, up)
    return Pose(
        yaw=float(np.degrees(np.arctan2(ahead[0], -ahead[2]))),
        pitch=float(np.degrees(np.arcsin(np.clip(-ahead[1], -1, 1)))) - UPRIGHT_PITCH,
        roll=float(np.degrees(np.arctan2(across[1], across[0]))),
    )


def features(landmarks: "np.ndarray") -> Features:
    """How far eyes and mouth are open, from landmarks float32 (468,3) in pixels."""
    import numpy as np

    def gap(a: int, b: int) -> float:
        return float(np.linalg.norm(landmarks[a] - landmarks[b]))

    eyes = max(gap(upper, lower) / max(gap(a, b), 1e-6) for upper, lower, a, b in LIDS)
    return Features(eyes, gap(*LIPS) / max(anatomy(landmarks).eye_distance, 1e-6))


def _unit(vector: "np.ndarray") -> "np.ndarray":
    import numpy as np

    return vector / max(float(np.linalg.norm(vector)), 1e-9)


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
