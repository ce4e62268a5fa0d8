"""Mattes, edge colours and the join, on pictures whose truth is known."""

import cv2
import numpy as np
import pytest

from engine.studio.composite import Join, cast_shadow, compose
from engine.studio.faces import Anatomy
from engine.studio.foreground import estimate_foreground
from engine.studio.guided import guided_filter
from engine.studio.light import Light
from engine.studio.mend import drop_neighbours, mend, reaches_lower_edge

BODY = Anatomy(eyes=(150, 90), eye_distance=30, chin=130, width=60)


def bust(height: int = 300, width: int = 300) -> np.ndarray:
    """The matte of a head on shoulders, float32."""
    alpha = np.zeros((height, width), np.float32)
    cv2.ellipse(alpha, (150, 90), (38, 52), 0, 0, 360, 1, -1)
    cv2.rectangle(alpha, (130, 120), (170, 190), 1, -1)
    cv2.ellipse(alpha, (150, 320), (120, 150), 0, 0, 360, 1, -1)
    return cv2.GaussianBlur(alpha, (0, 0), 1.2)


def on(colour: tuple[float, ...], back: tuple[float, ...], alpha: np.ndarray) -> np.ndarray:
    share = alpha[..., None]
    return (np.array(colour, np.float32) * share + np.array(back, np.float32) * (1 - share)).astype(
        np.float32
    )


def test_edge_colours_lose_the_old_background() -> None:
    """At most a quarter of the old background may stay where the edge is half transparent."""
    alpha = cv2.GaussianBlur(bust(), (0, 0), 2)
    subject, old = (0.10, 0.05, 0.02), (0.2, 0.9, 0.3)
    clean = estimate_foreground(on(subject, old, alpha), alpha, BODY.width)
    band = (alpha > 0.2) & (alpha < 0.8)
    before = np.abs(on(subject, old, alpha) - subject)[band].mean()
    assert np.abs(clean - subject)[band].mean() < 0.25 * before


def test_the_subject_itself_keeps_its_detail() -> None:
    rng = np.random.default_rng(1)
    picture = rng.random((300, 300, 3), np.float32)
    clean = estimate_foreground(picture, bust(), BODY.width)
    core = cv2.erode((bust() > 0.99).astype(np.uint8), np.ones((9, 9))) > 0
    assert np.abs(clean - picture)[core].max() < 1e-3


def test_joining_leaves_backdrop_and_face_alone() -> None:
    alpha, skin = bust(), np.zeros((300, 300), np.float32)
    subject = np.full((300, 300, 3), 0.4, np.float32)
    back = np.full((300, 300, 3), 0.1, np.float32)
    over = compose(subject, alpha, back, Light(), Join(BODY.width, skin))
    assert over[90, 150] == pytest.approx(0.4, abs=0.02)
    assert over[5, 5] == pytest.approx(0.1, abs=0.01)
    assert over[..., 0].min() > 0.08


def test_the_shadow_falls_away_from_the_key() -> None:
    alpha = bust()
    shade = cast_shadow(alpha, Light(side=-1.0), BODY.width)
    assert shade[90, 210] > shade[90, 90] + 0.01
    assert shade.min() >= 0
    assert shade.max() <= 0.17


def test_speckle_goes_and_holes_in_the_chest_close() -> None:
    alpha = bust()
    broken = alpha.copy()
    broken[20:30, 20:30] = 1
    broken[235:255, 140:165] = 0
    mended = mend(np.full((300, 300, 3), 128, np.uint8), broken, BODY)
    assert mended[25, 25] == 0
    assert mended[245, 150] == 1


def test_a_shirt_as_pale_as_the_wall_is_won_back() -> None:
    """A head that floats because the matte lost its body gets the body back."""
    rgb = np.full((300, 300, 3), 205, np.uint8)
    rgb[bust() > 0.5] = (232, 230, 226)
    rgb[40:140, 112:188][bust()[40:140, 112:188] > 0.5] = (170, 120, 100)
    lost = bust()
    lost[150:] = 0
    assert not reaches_lower_edge(lost, BODY)
    mended = mend(rgb, lost, BODY)
    assert reaches_lower_edge(mended, BODY)
    assert mended[170, 10] < 0.1


def test_a_thing_at_the_side_is_parted_from_the_sitter() -> None:
    rgb = np.full((300, 300, 3), 200, np.uint8)
    rgb[bust() > 0.5] = (220, 90, 30)
    alpha = bust()
    alpha[200:300, 0:40] = np.maximum(alpha[200:300, 0:40], 0.95)
    alpha[205:230, 0:14] = 1
    rgb[200:300, 0:34] = (120, 10, 60)
    parted = drop_neighbours(rgb, alpha, BODY)
    assert parted[215, 5] < 0.1
    assert parted[90, 150] > 0.99


def test_the_guided_filter_follows_the_guides_edge() -> None:
    guide = np.zeros((60, 60, 3), np.uint8)
    guide[:, 30:] = 255
    rough = cv2.GaussianBlur(
        (np.arange(60) >= 33).astype(np.float32)[None].repeat(60, 0), (0, 0), 3
    )
    sharp = guided_filter(guide, rough, 8, 1e-4)
    assert sharp[30, 31] - sharp[30, 28] > 0.5
    assert sharp[30, 28] < 0.1


def edge_of(back: float, **how: float) -> float:
    """Brightness just inside the shoulder's edge, on a backdrop this bright."""
    alpha, skin = bust(600, 300), np.zeros((600, 300), np.float32)
    subject = np.full((600, 300, 3), 0.2, np.float32)
    plate = np.full((600, 300, 3), back, np.float32)
    over = compose(subject, alpha, plate, Light(), Join(BODY.width, skin, **how))
    ring = (alpha > 0.99) & (cv2.erode(alpha, np.ones((7, 7))) < 0.9)
    return float(over[ring].mean())


def test_a_bright_backdrop_draws_a_thin_rim_and_a_dark_one_none() -> None:
    assert edge_of(0.9, rim=1.0) > edge_of(0.9, rim=0.0) + 0.005
    assert edge_of(0.1, rim=1.0) == pytest.approx(edge_of(0.1, rim=0.0), abs=1e-6)


def test_each_part_of_the_join_can_be_turned_down() -> None:
    assert edge_of(0.9, rim=0.0, wrap=0.0) < edge_of(0.9, rim=0.0, wrap=1.0)


def test_edge_colours_come_from_the_nearest_part_of_the_sitter() -> None:
    """A white cap must not lighten its dark brim."""
    alpha = cv2.GaussianBlur(bust(), (0, 0), 2)
    picture = on((0.9, 0.9, 0.9), (0.2, 0.3, 0.8), alpha)
    picture[200:] = on((0.02, 0.02, 0.02), (0.2, 0.3, 0.8), alpha)[200:]
    clean = estimate_foreground(picture, alpha, BODY.width)
    band = (alpha > 0.3) & (alpha < 0.7)
    band[:215] = False
    assert clean[band].mean() < 0.1
