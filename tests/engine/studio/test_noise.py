"""Noise is told from detail, calmed without losing the face, and otherwise left alone."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.studio.noise import Noise, calm, noise_of


@pytest.fixture
def portrait(astronaut: Path) -> np.ndarray:
    """A clean photograph, uint8 RGB."""
    return np.array(Image.open(astronaut).convert("RGB"))


def grainy(rgb: np.ndarray, light: float, colour: float = 0.0) -> np.ndarray:
    """Sensor noise, as wide as demosaicing leaves it: standard deviations in 8-bit levels."""
    rng = np.random.default_rng(8)

    def dots(channels: int) -> np.ndarray:
        raw = rng.standard_normal((*rgb.shape[:2], channels)).astype(np.float32)
        soft = cv2.GaussianBlur(raw, (0, 0), 0.6).reshape(*rgb.shape[:2], channels)
        return soft / soft.std()

    return np.clip(rgb + light * dots(1) + colour * dots(3), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("light", [4.0, 9.0])
def test_noise_on_a_smooth_wall_is_measured(light: float) -> None:
    slope = np.tile(np.linspace(70, 170, 400)[None, :, None], (300, 1, 3))
    assert noise_of(slope.astype(np.uint8)).light < 1
    assert noise_of(grainy(slope, light)).light == pytest.approx(light, rel=0.15)


def test_noise_on_a_real_photo_is_measured_beside_its_detail(portrait: np.ndarray) -> None:
    clean = noise_of(portrait)
    assert clean.share == 0 and clean.left == 0
    noise = noise_of(grainy(portrait, 6, 4))
    assert 5 < noise.light < 9 and noise.share == 0.75


def test_a_clean_photo_is_not_touched(portrait: np.ndarray) -> None:
    assert calm(portrait, noise_of(portrait)) is portrait


def test_calming_brings_skin_nearer_to_the_clean_photo_and_leaves_grain(
    portrait: np.ndarray,
) -> None:
    noisy = grainy(portrait, 7, 4)
    calmed = calm(noisy, noise_of(noisy))
    cheeks = (slice(112, 132), slice(182, 266))
    before, after = (
        float(np.abs(photo[cheeks].astype(int) - portrait[cheeks]).mean())
        for photo in (noisy, calmed)
    )
    assert after < 0.8 * before  # the clean one has film grain of its own
    assert 0.15 * noise_of(noisy).light < noise_of(calmed).light < 0.5 * noise_of(noisy).light


def test_calming_leaves_the_eyes_sharp(portrait: np.ndarray) -> None:
    noisy = grainy(portrait, 7, 4)
    calmed = calm(noisy, noise_of(noisy))
    eyes = (slice(92, 114), slice(188, 264))
    first, second = (
        cv2.Laplacian(photo[eyes].astype(np.float32), cv2.CV_32F).std()
        for photo in (portrait, calmed)
    )
    assert second > 0.75 * first


def test_colour_noise_alone_goes_and_brightness_stays(portrait: np.ndarray) -> None:
    speckled = grainy(portrait, 0, 9)
    before, after = noise_of(speckled), noise_of(calm(speckled, noise_of(speckled)))
    assert after.colour < 0.5 * before.colour


def test_grey_and_tiny_and_black_pictures_are_fine() -> None:
    assert noise_of(np.zeros((90, 90, 3), np.uint8)) == Noise()
    assert noise_of(np.full((5, 7, 3), 128, np.uint8)) == Noise()
    grey = grainy(np.full((200, 200, 3), 128.0), 8)
    calmed = calm(grey, noise_of(grey))
    assert np.ptp(calmed.astype(int), axis=2).max() <= 2
    assert calmed.std() < 0.5 * grey.std()
