"""The sitter's own background goes out of focus and keeps nothing of the sitter."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.studio.backdrop import blurred_original
from engine.studio.backdrop.lens import Lens, lens_blur
from engine.studio.backdrop.original import fill
from engine.studio.colour import to_linear, to_srgb

FRAME = (0.0, 0.0, 480.0, 640.0)
RED = np.array([230, 20, 20], np.float32)


@pytest.fixture(scope="module")
def scene() -> np.ndarray:
    """A room without anybody: soft blue and green patches, uint8."""
    lattice = np.random.default_rng(5).uniform(60, 190, (8, 6, 3)).astype(np.float32)
    lattice[..., 0] = 40
    room = cv2.resize(lattice, (480, 640), interpolation=cv2.INTER_CUBIC)
    return np.clip(room, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def matte() -> np.ndarray:
    """A head and shoulders, edges soft over some pixels."""
    mask = np.zeros((640, 480), np.float32)
    cv2.ellipse(mask, (240, 240), (85, 115), 0, 0, 360, 1, -1)
    cv2.ellipse(mask, (240, 600), (190, 230), 0, 0, 360, 1, -1)
    return cv2.GaussianBlur(mask, (0, 0), 2)


@pytest.fixture(scope="module")
def photo(scene: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """The room with a person in vivid red before it."""
    return np.rint(scene * (1 - matte[..., None]) + RED * matte[..., None]).astype(np.uint8)


@pytest.mark.parametrize("aperture", [1.4, 2.0, 5.6])
def test_no_trace_of_the_person_remains(
    photo: np.ndarray, matte: np.ndarray, aperture: float
) -> None:
    out = to_srgb(blurred_original(photo, matte, 480, 640, FRAME, Lens(aperture=aperture))) * 255
    assert out[..., 0].max() < 48


def test_around_the_outline_the_room_looks_as_if_nobody_had_stood_there(
    photo: np.ndarray, scene: np.ndarray, matte: np.ndarray
) -> None:
    nobody = np.zeros_like(matte)
    mine = to_srgb(blurred_original(photo, matte, 480, 640, FRAME)) * 255
    empty = to_srgb(blurred_original(scene, nobody, 480, 640, FRAME)) * 255
    ring = (cv2.dilate(matte, np.ones((15, 15))) > 0.5) & (matte < 0.02)
    assert np.abs(mine - empty)[ring].mean() < 8
    far = cv2.dilate(matte, np.ones((121, 121))) < 0.02
    assert np.abs(mine - empty)[far].max() < 1.5


def test_a_wider_aperture_blurs_more(astronaut: Path) -> None:
    photo = np.asarray(Image.open(astronaut).convert("RGB"))
    nobody = np.zeros(photo.shape[:2], np.float32)

    def detail(aperture: float) -> float:
        out = blurred_original(
            photo, nobody, 512, 512, (0.0, 0.0, 512.0, 512.0), Lens(aperture=aperture)
        )
        return float(cv2.Sobel(out, cv2.CV_32F, 1, 0).std())

    assert detail(1.4) < 0.9 * detail(2.8) < 0.8 * detail(5.6)


def test_the_blur_is_that_of_a_portrait_lens() -> None:
    pixels = [
        round(Lens(aperture=aperture).disc_share() * 2048) for aperture in (1.4, 2.0, 2.8, 5.6)
    ]
    assert pixels == [117, 82, 58, 29]


def test_a_point_of_light_becomes_an_even_disc() -> None:
    point = np.zeros((81, 81), np.float32)
    point[40, 40] = 1
    disc = lens_blur(point, 30)
    assert disc.sum() == pytest.approx(1, abs=1e-4)
    assert disc[40, 40] == pytest.approx(disc[40, 52], rel=1e-4)
    assert disc[40, 58] == pytest.approx(0, abs=1e-9)


def test_a_crop_beyond_the_photo_is_filled_by_reflection(
    scene: np.ndarray, matte: np.ndarray
) -> None:
    nobody = np.zeros_like(matte)
    out = blurred_original(scene, nobody, 480, 640, (0.0, -160.0, 480.0, 640.0), Lens(aperture=2.8))
    above, below = out[:160][::-1], out[160:320]
    assert np.abs(to_srgb(above) - to_srgb(below))[:120].max() * 255 < 4


@pytest.mark.parametrize("size", [(96, 128), (900, 1200), (1500, 500)])
def test_any_size_looks_the_same(
    photo: np.ndarray, matte: np.ndarray, size: tuple[int, int]
) -> None:
    crop = (20.0, 30.0, 300.0, 300.0 * size[1] / size[0])
    out = blurred_original(photo, matte, *size, crop)
    reference = blurred_original(photo, matte, 600, round(600 * size[1] / size[0]), crop)
    shrunk = cv2.resize(reference, size, interpolation=cv2.INTER_AREA)
    assert out.shape == (size[1], size[0], 3)
    assert out.dtype == np.float32
    assert np.abs(to_srgb(out) - to_srgb(shrunk)).max() * 255 < 6


def test_a_photo_that_is_all_person_still_gives_a_backdrop(photo: np.ndarray) -> None:
    everywhere = np.ones(photo.shape[:2], np.float32)
    out = blurred_original(photo, everywhere, 120, 160, FRAME)
    assert np.isfinite(out).all()


def test_a_hole_is_filled_from_its_rim_and_the_rest_is_left_alone() -> None:
    picture = np.full((64, 64, 3), 0.25, np.float32)
    known = np.ones((64, 64), np.float32)
    known[20:44, 20:44] = 0
    picture[20:44, 20:44] = 1
    np.testing.assert_allclose(fill(picture, known), 0.25, atol=1e-5)


def test_a_real_portrait_loses_its_sitter(astronaut: Path) -> None:
    photo = np.asarray(Image.open(astronaut).convert("RGB"))
    person = np.zeros(photo.shape[:2], np.float32)
    cv2.ellipse(person, (225, 110), (85, 105), 0, 0, 360, 1, -1)
    cv2.ellipse(person, (210, 430), (230, 270), 0, 0, 360, 1, -1)
    out = blurred_original(photo, person, 512, 512, (0.0, 0.0, 512.0, 512.0))
    suit = to_linear(photo)[350:420, 60:140].mean((0, 1))
    orange = out[..., 0] - out[..., 2]
    assert orange[150:400, 120:330].mean() < 0.2 * (suit[0] - suit[2])
