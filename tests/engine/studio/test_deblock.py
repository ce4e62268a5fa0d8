"""JPEG's grid is found and softened; a clean photo is left alone."""

import cv2
import numpy as np
import pytest

from engine.studio.deblock import HEAVY, blockiness, deblock


def compressed(rgb: np.ndarray, quality: int) -> np.ndarray:
    done, data = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


@pytest.fixture(scope="module")
def photo(astronaut) -> np.ndarray:  # noqa: ANN001
    image = cv2.imread(str(astronaut))
    assert image is not None
    return np.asarray(image, np.uint8)


def test_a_clean_photo_passes_untouched(photo: np.ndarray) -> None:
    """No texture is lost where nothing is wrong."""
    assert deblock(photo) is photo
    light = compressed(photo, 96)
    assert deblock(light) is light


def test_a_camera_s_own_jpeg_is_hardly_touched(photo: np.ndarray) -> None:
    camera = compressed(photo, 90)
    assert np.abs(deblock(camera).astype(float) - camera).mean() < 2


@pytest.mark.parametrize("shift", [(0, 0), (3, 5)])
def test_a_heavy_grid_is_found_wherever_it_lies_and_weakened(
    photo: np.ndarray, shift: tuple[int, int]
) -> None:
    """Super-resolution would sharpen the blocks."""
    heavy = np.ascontiguousarray(compressed(photo, 15)[shift[0] :, shift[1] :])
    assert blockiness(heavy) > HEAVY
    soft = deblock(heavy)
    assert blockiness(soft) - 1 < 0.75 * (blockiness(heavy) - 1)
    truth = photo[shift[0] :, shift[1] :].astype(float)
    assert np.abs(soft - truth).mean() <= 1.02 * np.abs(heavy - truth).mean()


def test_a_patch_too_small_to_tell_has_no_grid() -> None:
    assert blockiness(np.zeros((20, 20, 3), np.uint8)) == 1.0
