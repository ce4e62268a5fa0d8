"""The sitter at output size: how much was enlarged is known, and blocks are not sharpened."""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from engine.studio.crop import Extent
from engine.studio.deblock import blockiness
from engine.studio.faces import Anatomy
from engine.studio.light import Light
from engine.studio.subject import Cutout, develop
from engine.studio.upscale import Upscaler


class Repeating(Upscaler):
    """Repeats pixels, and remembers what it was given."""

    def __init__(self) -> None:
        super().__init__(lambda name: pytest.fail(f"asked for {name}"))
        self.given = np.zeros((0, 0, 3), np.uint8)
        self.face = np.zeros((0, 0), bool)

    def enlarge(
        self,
        rgb: np.ndarray,
        factor: int,
        tick: Callable[[float], None] = lambda _: None,
        where: np.ndarray | None = None,
        face: np.ndarray | None = None,
    ) -> np.ndarray:
        assert where is not None and face is not None
        self.given, self.face = rgb, face
        return rgb.repeat(factor, 0).repeat(factor, 1)


def sitter(rgb: np.ndarray, detail: float = 1.0) -> Cutout:
    height, width = rgb.shape[:2]
    alpha = np.zeros((height, width), np.float32)
    alpha[height // 5 :, width // 4 : -width // 4] = 1
    points = np.zeros((468, 3), np.float32)
    points[:, :2] = (width / 2, height * 0.42)
    points[[33, 133, 362, 263], 0] = width / 2 + np.array([-30, -14, 14, 30])
    points[152, 1] = height * 0.42 + 70
    body = Anatomy((width / 2, height * 0.42), 44, height * 0.42 + 70, 110)
    reach = Extent(height / 5, left=False, right=False, above=False)
    return Cutout(rgb, alpha, points, body, Light(0.0, 0.0, 0.0, 0.0), reach, detail)


def developed(cutout: Cutout) -> tuple[Any, Repeating]:
    upscaler = Repeating()
    return develop(cutout, upscaler, "3:4", "medium", 1, lambda _: None), upscaler


def test_an_enlarged_face_keeps_its_depth() -> None:
    """Enlarged in two dimensions only, it would be flatter and its light would read harder."""
    small = sitter(np.full((640, 480, 3), 128, np.uint8))
    small.landmarks[152, 2] = 25
    large = developed(small)[0].landmarks
    deep, wide = (np.ptp(large[:, axis]) / np.ptp(small.landmarks[:, axis]) for axis in (2, 0))
    assert deep == pytest.approx(wide, rel=1e-4)


@pytest.mark.parametrize("detail", [1.0, 0.7])
def test_it_says_how_many_times_the_face_was_enlarged(detail: float) -> None:
    """What is finer than the photo is computed, and said to be."""
    rgb = np.full((640, 480, 3), 128, np.uint8)
    subject, _ = developed(sitter(rgb, detail))
    assert subject.rgb.shape == (1368, 1026, 3)
    assert subject.enlarged == pytest.approx(1368 / subject.frame.height / detail)
    assert subject.enlarged > 2


def test_the_network_sees_no_heavy_blocks_and_knows_the_face(astronaut) -> None:  # noqa: ANN001
    """A messenger's compression is softened first; the face alone is computed exactly."""
    photo = cv2.imread(str(astronaut))
    assert photo is not None
    done, data = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 15])
    assert done
    heavy = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    _, upscaler = developed(sitter(heavy))
    assert blockiness(upscaler.given) - 1 < 0.75 * (blockiness(heavy) - 1)
    assert 0 < upscaler.face.mean() < 0.6
