"""Faces are people's, and their pose is read the right way round."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.studio.faces import LIDS, LIPS, FaceFinder, anatomy, features, pose

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def finder(weights: Callable[[str], Path]) -> FaceFinder:
    return FaceFinder(weights)


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return np.asarray(Image.open(DATA / "astronaut.png").convert("RGB"))


@pytest.fixture(scope="module")
def landmarks() -> np.ndarray:
    return np.load(DATA / "astronaut_landmarks.npy")


def turned(points: np.ndarray, axis: int, degrees: float) -> np.ndarray:
    """The head turned about its centre: axis 0 nods, 1 shakes, 2 leans."""
    vector = np.zeros(3)
    vector[axis] = np.radians(degrees)
    matrix = cv2.Rodrigues(vector)[0]
    centre = points.mean(0)
    return ((points - centre) @ matrix.T + centre).astype(np.float32)


@pytest.mark.parametrize("degrees", [-40, -15, 15, 40])
@pytest.mark.parametrize(
    ("axis", "name", "sign"), [(1, "yaw", -1), (0, "pitch", -1), (2, "roll", 1)]
)
def test_a_turned_head_reads_as_turned_by_as_much(
    landmarks: np.ndarray, axis: int, name: str, sign: int, degrees: int
) -> None:
    before = getattr(pose(landmarks), name)
    after = getattr(pose(turned(landmarks, axis, degrees)), name)
    assert after - before == pytest.approx(sign * degrees, abs=4)


def test_yaw_is_positive_when_the_nose_points_to_image_right(landmarks: np.ndarray) -> None:
    away = turned(landmarks, 1, -30)
    nose, eyes = away[1, 0], anatomy(away).eyes[0]
    assert (nose - eyes) * pose(away).yaw > 0 and pose(away).yaw > 20


def test_a_mirrored_photo_has_mirrored_pose(finder: FaceFinder, portrait: np.ndarray) -> None:
    here, there = (
        pose(finder.landmarks(rgb, finder.find(rgb)[0]))
        for rgb in (portrait, np.ascontiguousarray(portrait[:, ::-1]))
    )
    assert there.yaw == pytest.approx(-here.yaw, abs=5)
    assert there.roll == pytest.approx(-here.roll, abs=5)


def test_a_smile_with_open_eyes_is_read_as_such(landmarks: np.ndarray) -> None:
    open_face = features(landmarks)
    assert open_face.eyes_open > 0.2 and open_face.mouth_open > 0.05
    shut = landmarks.copy()
    for upper, lower, *_ in LIDS:
        shut[upper] = shut[lower]
    shut[LIPS[0]] = shut[LIPS[1]]
    assert features(shut).eyes_open < 0.05 and features(shut).mouth_open < 0.01


def test_a_cat_is_nobody(finder: FaceFinder) -> None:
    """YuNet alone takes some animals for people; the mesh network does not."""
    data = pytest.importorskip("skimage.data")
    assert finder.find(data.chelsea()) == ()


def test_a_drawing_of_lines_is_nobody(finder: FaceFinder, portrait: np.ndarray) -> None:
    lines = 255 - cv2.cvtColor(cv2.Canny(portrait, 60, 120), cv2.COLOR_GRAY2RGB)
    assert finder.find(lines) == ()


@pytest.mark.parametrize("kind", ["statue", "poster"])
def test_a_statue_or_painting_works_like_any_photo(
    finder: FaceFinder, portrait: np.ndarray, kind: str
) -> None:
    """It looks like a person, so it is portrayed like one."""
    grey = cv2.cvtColor(cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    picture = grey if kind == "statue" else portrait // 64 * 64
    (face,) = finder.find(picture)
    assert face.box.width == pytest.approx(90, abs=12)


def test_the_back_of_a_head_is_nobody(finder: FaceFinder, portrait: np.ndarray) -> None:
    """The face is covered with the hair that surrounds it."""
    hair = cv2.resize(portrait[25:50, 190:260], (130, 150), interpolation=cv2.INTER_CUBIC)
    mask = np.full(hair.shape, 255, np.uint8)
    back = cv2.seamlessClone(hair, portrait, mask, (224, 115), cv2.NORMAL_CLONE)
    back[45:185, 165:285] = cv2.resize(hair, (120, 140))
    assert finder.find(back) == ()
