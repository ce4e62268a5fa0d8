"""Cast and veil are read off the whole photo, and taken back only where they are known."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.studio.balance import MOST_CAST, NOTHING_TO_AGREE, agree
from engine.studio.colour import to_linear


@pytest.fixture(scope="module")
def room(astronaut: Path) -> np.ndarray:
    """A real photo in linear light, made neutral."""
    return to_linear(np.asarray(Image.open(astronaut).convert("RGB").resize((256, 256))))


def tinted(photo: np.ndarray, *gain: float) -> np.ndarray:
    return np.clip(photo * np.array(gain, np.float32), 0, 1)


def test_a_lamp_s_cast_is_partly_taken_back(room: np.ndarray) -> None:
    """Warm light: less red, more blue than the neutral photo would get."""
    plain, warm = agree(room), agree(tinted(room, 1.10, 1.0, 0.90))
    assert warm.gain[0] < plain.gain[0] and warm.gain[2] > plain.gain[2]


def test_no_cast_moves_a_face_by_more_than_one_sees(room: np.ndarray) -> None:
    from skimage.color import deltaE_ciede2000, rgb2lab

    from engine.studio.colour import to_srgb

    for gain in ((1.3, 1, 0.7), (0.75, 1, 1.3), (1, 1, 1)):
        photo = tinted(room, *gain)
        after = agree(photo).applied(photo)
        apart = deltaE_ciede2000(rgb2lab(to_srgb(photo)), rgb2lab(to_srgb(after)))
        assert float(np.median(apart)) < 3


def test_a_photo_without_anything_grey_is_left_alone() -> None:
    """A red wall is red, and nobody knows what the lamp was."""
    wall = np.tile(np.array((0.5, 0.1, 0.08), np.float32), (80, 80, 1))
    assert agree(wall).gain == (1.0, 1.0, 1.0)


def test_a_gain_keeps_luminance_and_its_bound(room: np.ndarray) -> None:
    gain = np.array(agree(tinted(room, 1.4, 1.0, 0.6)).gain)
    assert gain @ (0.2126, 0.7152, 0.0722) == pytest.approx(1, abs=1e-6)
    assert np.abs(np.log(gain)).max() < 2 * MOST_CAST


def test_haze_is_a_veil_and_black_is_none(room: np.ndarray) -> None:
    assert agree(room).veil == 0
    hazy = room * 0.97 + 0.03
    veil = agree(hazy).veil
    assert 0.005 < veil <= 0.016
    assert agree(hazy).applied(hazy).min() < hazy.min()


def test_nothing_to_agree_changes_nothing(room: np.ndarray) -> None:
    assert NOTHING_TO_AGREE.applied(room) is room
    assert agree(tinted(room, 1.2, 1, 0.8)).applied(room, 0.0) is room
