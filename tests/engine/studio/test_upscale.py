"""Tiles cover the picture without a seam, and enlarging stops when asked."""

import cv2
import numpy as np
import pytest

from engine.errors import JobCancelled, StudioFailed
from engine.studio.upscale import Upscaler, tiles


class Nearest(Upscaler):
    """An upscaler whose network repeats pixels, so that every misplaced tile shows."""

    def __init__(self) -> None:
        super().__init__(lambda name: pytest.fail(f"asked for {name}"))

    def _run(self, rgb: np.ndarray, factor: int) -> np.ndarray:
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


def test_it_stops_at_the_next_tile() -> None:
    def stop(fraction: float) -> None:
        if fraction > 0:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        Nearest().enlarge(noise(900, 900), 2, stop)


def test_an_odd_factor_is_refused() -> None:
    with pytest.raises(StudioFailed):
        Nearest().enlarge(noise(32, 32), 3)


def test_the_network_keeps_the_picture_and_adds_detail(weights, astronaut) -> None:  # noqa: ANN001
    """Enlarging a shrunk face comes nearer to the original than cubic interpolation does."""
    bgr = cv2.imread(str(astronaut))
    assert bgr is not None
    face = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)[60:200, 150:290]
    small = cv2.resize(face, (70, 70), interpolation=cv2.INTER_AREA)
    fine = Upscaler(weights).enlarge(small, 2).astype(float)
    cubic = cv2.resize(small, (140, 140), interpolation=cv2.INTER_CUBIC).astype(float)
    assert np.abs(fine - face).mean() < 0.97 * np.abs(cubic - face).mean()
