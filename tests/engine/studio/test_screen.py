"""A photo of a screen is told from a photo, and cloth, JPEG and noise are no screens."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from support.spoiled import on_a_screen

from engine.base import Box
from engine.studio.faces import FaceFinder
from engine.studio.screen import screen_pattern

DATA = Path(__file__).parents[2] / "data"
SCREEN = 180


@pytest.fixture(scope="module")
def hopper() -> np.ndarray:
    return np.asarray(Image.open(DATA / "grace_hopper.jpg").convert("RGB"))


@pytest.fixture(scope="module")
def face(hopper: np.ndarray, weights: Callable[[str], Path]) -> Box:
    return FaceFinder(weights).find(hopper)[0].box


@pytest.mark.parametrize(("pitch", "degrees"), [(1.3, -3), (1.8, 3), (2.4, 3), (3.3, -3)])
def test_a_screen_shows_its_pattern(
    hopper: np.ndarray, face: Box, pitch: float, degrees: float
) -> None:
    assert screen_pattern(on_a_screen(hopper, pitch, degrees), face) > SCREEN


@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: p,
        lambda p: cv2.GaussianBlur(p, (0, 0), 1.5),
        lambda p: cv2.imdecode(cv2.imencode(".jpg", p, [cv2.IMWRITE_JPEG_QUALITY, 15])[1], 1),
        lambda p: np.clip(
            p + np.random.default_rng(1).normal(0, 12, p.shape), 0, 255
        ).astype(np.uint8),
    ],
)  # fmt: skip
def test_a_photo_has_none(
    hopper: np.ndarray, face: Box, spoil: Callable[[np.ndarray], np.ndarray]
) -> None:
    assert screen_pattern(np.ascontiguousarray(spoil(hopper)), face) < SCREEN / 4


def test_enlarged_blocks_are_no_screen(hopper: np.ndarray, face: Box) -> None:
    """A chat squeezed it, and somebody enlarged it since."""
    packed = cv2.imencode(".jpg", hopper, [cv2.IMWRITE_JPEG_QUALITY, 20])[1]
    large = cv2.resize(cv2.imdecode(packed, cv2.IMREAD_COLOR), None, fx=1.37, fy=1.37)  # pyright: ignore[reportArgumentType, reportCallIssue] - it was just encoded
    x, y, width, height = (round(1.37 * v) for v in (face.x, face.y, face.width, face.height))
    assert screen_pattern(large, Box(x, y, width, height)) < SCREEN / 4


def test_a_patterned_jacket_is_no_screen(hopper: np.ndarray, face: Box) -> None:
    """Only the face is asked."""
    jacket = hopper.copy()
    y, x = np.mgrid[0:600, 0:512]
    weave = (40 * np.sin(x * 1.9 + y * 0.7)).astype(np.int16)[..., None]
    low = face.y + face.height + 4
    jacket[low:] = np.clip(jacket[low:] + weave[low:], 0, 255).astype(np.uint8)
    assert screen_pattern(jacket, face) < SCREEN / 4


def test_a_small_face_is_not_judged(hopper: np.ndarray) -> None:
    assert screen_pattern(hopper, Box(10, 10, 100, 120)) == 1.0
