"""Tiles cover the picture without a seam, and enlarging stops when asked."""

import cv2
import numpy as np
import pytest

from engine.errors import JobCancelled, StudioFailed
from engine.shots import LONGEST_SIDE
from engine.studio.upscale import EXACT, FAST, Upscaler, bounded, fitting, tiles


class Nearest(Upscaler):
    """An upscaler whose network repeats pixels, so that every misplaced tile shows."""

    def __init__(self) -> None:
        super().__init__(lambda name: pytest.fail(f"asked for {name}"))
        self.precisions: list[str] = []

    def _run(self, rgb: np.ndarray, factor: int, precision: str) -> np.ndarray:
        self.precisions.append(precision)
        return rgb.repeat(factor, 0).repeat(factor, 1)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 255, (height, width, 3), np.uint8)


@pytest.mark.parametrize("shape", [(64, 64), (401, 399), (1000, 523)])
@pytest.mark.parametrize("factor", [2, 4])
def test_tiles_meet_without_a_seam(shape: tuple[int, int], factor: int) -> None:
    rgb = noise(*shape)
    assert (Nearest().enlarge(rgb, factor) == rgb.repeat(factor, 0).repeat(factor, 1)).all()


def test_every_pixel_belongs_to_exactly_one_tile() -> None:
    count = np.zeros((1000, 523), int)
    for tile in tiles(1000, 523):
        count[tile.core] += 1
    assert (count == 1).all()


def test_tiles_without_the_sitter_are_not_run() -> None:
    rgb, where = noise(900, 900), np.zeros((900, 900), np.float32)
    where[:100, :100] = 1
    told: list[float] = []
    large = Nearest().enlarge(rgb, 2, told.append, where)
    assert told == [0.0]
    assert (large[:190, :190] == rgb[:95, :95].repeat(2, 0).repeat(2, 1)).all()


def test_only_the_face_is_computed_exactly() -> None:
    """Clothes take half the time; eyes and pores get every bit."""
    net, face = Nearest(), np.zeros((440, 440), bool)
    face[:100, :100] = True
    net.enlarge(noise(440, 440), 2, face=face)
    assert net.precisions == [EXACT, FAST, FAST, FAST]


def test_it_stops_at_the_next_tile() -> None:
    def stop(fraction: float) -> None:
        if fraction > 0:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        Nearest().enlarge(noise(900, 900), 2, stop)


def test_an_odd_factor_is_refused() -> None:
    with pytest.raises(StudioFailed):
        Nearest().enlarge(noise(32, 32), 5)


@pytest.mark.parametrize(("factor", "least"), [(3, 0.9), (6, 0.9)])
def test_thrice_and_six_times_go_by_the_network_of_four(factor: int, least: float) -> None:
    """An odd side comes out exact, masks go along, and the picture is where it was."""
    rgb = cv2.GaussianBlur(noise(331, 251), (0, 0), 4)
    net, face = Nearest(), np.zeros((331, 251), bool)
    face[:100, :100] = True
    large = net.enlarge(rgb, factor, face=face)
    assert large.shape == (331 * factor, 251 * factor, 3)
    assert EXACT in net.precisions and FAST in net.precisions
    back = cv2.resize(large, (251, 331), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(back.ravel(), rgb.ravel())[0, 1] > least


def test_nothing_gets_larger_than_any_studio_makes() -> None:
    """The factor is chosen for it; what is beyond all the same is brought back, in proportion."""
    assert fitting(noise(1366, 4), 6) == 6
    assert fitting(noise(2732, 4), 6) == 3
    assert fitting(noise(5464, 4), 4) == 2
    assert bounded(np.zeros((2 * 5464, 2 * 64, 3), np.uint8)).shape == (LONGEST_SIDE, 96, 3)


def test_the_network_keeps_the_picture_and_adds_detail(weights, astronaut) -> None:  # noqa: ANN001
    """Enlarging a shrunk face comes nearer to the original than cubic interpolation does."""
    bgr = cv2.imread(str(astronaut))
    assert bgr is not None
    face = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)[60:200, 150:290]
    small = cv2.resize(face, (70, 70), interpolation=cv2.INTER_AREA)
    fine = Upscaler(weights).enlarge(small, 2).astype(float)
    cubic = cv2.resize(small, (140, 140), interpolation=cv2.INTER_CUBIC).astype(float)
    assert np.abs(fine - face).mean() < 0.97 * np.abs(cubic - face).mean()


@pytest.fixture(scope="module")
def faces(weights, astronaut) -> tuple[np.ndarray, np.ndarray]:  # noqa: ANN001
    """The face enlarged 4 times from 128 pixels' worth, and the photo, at the photo's size."""
    bgr = cv2.imread(str(astronaut))
    assert bgr is not None
    face = np.ascontiguousarray(bgr[40:200, 150:310, ::-1])
    return Upscaler(weights).enlarge(face, 4), face


def luma(rgb: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)


def fine(grey: np.ndarray) -> float:
    """Standard deviation of what is finer than about three pixels."""
    return float((grey - cv2.GaussianBlur(grey, (0, 0), 1.5)).std())


def test_texture_and_eyes_are_kept_at_equal_size(faces) -> None:  # noqa: ANN001
    """Neither painted over nor sharpened to leather: skin within .6-1.5, eyes at least .75."""
    large, photo = faces
    back = luma(cv2.resize(large, photo.shape[1::-1], interpolation=cv2.INTER_AREA))
    plain = luma(photo)
    cheek, eyes = np.s_[95:125, 85:115], np.s_[65:85, 45:110]
    assert 0.6 <= fine(back[cheek]) / fine(plain[cheek]) <= 1.5
    assert fine(back[eyes]) / fine(plain[eyes]) >= 0.75
    assert np.corrcoef(back.ravel(), plain.ravel())[0, 1] >= 0.98


def test_fast_and_exact_look_alike(weights, astronaut) -> None:  # noqa: ANN001
    """No seam shows where the face's tiles end."""
    bgr = cv2.imread(str(astronaut))
    assert bgr is not None
    part = np.ascontiguousarray(bgr[200:296, 150:246, ::-1])
    net = Upscaler(weights)
    exact = net.enlarge(part, 4).astype(float)
    fast = net.enlarge(part, 4, face=np.zeros(part.shape[:2], bool)).astype(float)
    assert np.percentile(np.abs(exact - fast), 99.5) <= 3
    assert abs((exact - fast).mean()) < 0.5
