"""A face comes to its place unturned, and no finer than it can be shown."""

import cv2
import numpy as np
import pytest

from engine.base import Box
from engine.studio.placing import similarity, square_around


def test_points_find_back_to_where_they_were_moved_from() -> None:
    points = np.random.default_rng(1).uniform(0, 100, (6, 2))
    there = np.array([[0.9, -0.4, 12.0], [0.4, 0.9, -7.0]])
    moved = points @ there[:, :2].T + there[:, 2]
    assert np.allclose(similarity(points, moved), there)


@pytest.mark.parametrize("size", [120, 1500])
def test_a_face_lies_in_the_middle_of_its_square(size: int) -> None:
    rgb = np.zeros((3000, 3000, 3), np.uint8)
    box = Box(700, 900, size, size)
    cv2.rectangle(rgb, (700, 900), (700 + size, 900 + size), (200, 200, 200), -1)
    seen = square_around(rgb, box, 2.0)
    rows = np.flatnonzero(seen[256, :, 0] > 100)
    assert seen.shape == (512, 512, 3)
    assert abs(rows[0] - 128) <= 2
    assert abs(rows[-1] - 384) <= 2


def test_a_large_face_is_averaged_and_not_picked_at() -> None:
    """Every fourth line would be wrinkles that nobody has."""
    lines = np.zeros((2400, 2400, 3), np.uint8)
    lines[::2] = 255
    seen = square_around(lines, Box(400, 400, 1600, 1600), 1.4)
    assert seen[50:-50, 50:-50].std() < 12
