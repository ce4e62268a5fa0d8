"""A cut crown is carried on roundly, or honestly left alone."""

import cv2
import numpy as np
import pytest

from engine.studio.crown import close_crown

FOREHEAD = 100.0


def head(radius: int, centre_y: int) -> tuple[np.ndarray, np.ndarray]:
    """A round brown head, float32 matte 400x400, its centre `centre_y` pixels below the top."""
    mask = np.zeros((400, 400), np.uint8)
    cv2.circle(mask, (200, centre_y), radius, 1, -1)
    rgb = np.full((400, 400, 3), 200, np.uint8)
    rgb[mask > 0] = (90, 60, 40)
    return rgb, mask.astype(np.float32)


@pytest.mark.parametrize("cut", [5, 15, 30])
def test_the_missing_cap_is_as_high_as_what_was_cut(cut: int) -> None:
    """A circle goes on as a circle."""
    closed = close_crown(*head(140, 140 - cut), FOREHEAD)
    assert closed
    _, alpha, rows = closed
    top = int(np.flatnonzero((alpha > 0.5).any(1))[0])
    assert abs((rows - top) - cut) <= 3
    assert alpha.shape == (400 + rows, 400)


def test_the_cap_is_hair_and_nothing_else() -> None:
    """No wall is drawn into the head."""
    closed = close_crown(*head(140, 120), FOREHEAD)
    assert closed
    rgb, alpha, rows = closed
    inside = cv2.erode((alpha > 0.99).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert (rgb[:rows][inside[:rows]] == (90, 60, 40)).all()


def test_the_face_is_untouched() -> None:
    """From the forehead down nothing moves; only rows above are added."""
    rgb, alpha = head(140, 120)
    rgb[:, ::3] //= 2
    closed = close_crown(rgb, alpha, FOREHEAD)
    assert closed
    below = round(FOREHEAD)
    assert (closed[0][closed[2] + below :] == rgb[below:]).all()
    assert (closed[1][closed[2] + below :] == alpha[below:]).all()


def test_no_strand_is_seen_twice_and_there_is_no_seam() -> None:
    """Hair that grows brighter row by row still does so, evenly, up to the crown."""
    rgb, alpha = head(140, 120)
    rgb[:] = np.arange(400, dtype=np.float32)[:, None, None].clip(0, 120) * 2
    closed = close_crown(rgb, alpha, FOREHEAD)
    assert closed
    grown, fuller, rows = closed
    top = int(np.flatnonzero(fuller[:, 200] > 0.5)[0])
    steps = np.diff(grown[top : rows + 110, 200, 0].astype(int))
    assert steps.min() >= 0
    assert steps.max() <= 3
    assert grown[top, 200, 0] <= 4


@pytest.mark.parametrize(("radius", "centre"), [(100, 200), (140, 30), (390, 330)])
def test_a_whole_head_and_a_hopeless_cut_are_left_alone(radius: int, centre: int) -> None:
    """Nothing to add, or too much."""
    assert close_crown(*head(radius, centre), FOREHEAD) is None
