"""The light on a face is read from the right side, and softening keeps the face."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.studio import light
from engine.studio.colour import luminance, to_linear, to_srgb
from engine.studio.light import Light, estimate_light, soften

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return np.asarray(Image.open(DATA / "astronaut.png").convert("RGB"))


@pytest.fixture(scope="module")
def landmarks() -> np.ndarray:
    """468 xyz points in pixels, once found on this picture by the face mesh model."""
    return np.load(DATA / "astronaut_landmarks.npy")


@pytest.fixture(scope="module")
def even(portrait: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """The face averaged with its own mirror image: no side is brighter. Linear light."""
    width = portrait.shape[1]
    mirrored = landmarks[[263, 33, 152], :2] * (-1, 1) + (width - 1, 0)
    turn = cv2.getAffineTransform(
        mirrored.astype(np.float32), landmarks[[33, 263, 152], :2].astype(np.float32)
    )
    other = cv2.warpAffine(np.ascontiguousarray(portrait[:, ::-1]), turn, portrait.shape[1::-1])
    return (to_linear(portrait) + to_linear(other)) / 2


def relit(
    linear: np.ndarray, landmarks: np.ndarray, azimuth: float, ambient: float, elevation: float = 10
) -> np.ndarray:
    """The face under one lamp so many degrees to the right and above, uint8 RGB."""
    corners = landmarks[light._triangles()]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal *= np.where(normal[:, 2:] > 0, -1, 1) * (1, -1, -1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    angle, rise = np.radians(azimuth), np.tan(np.radians(elevation))
    lamp = np.array([np.sin(angle), rise, np.cos(angle)])
    lamp /= np.linalg.norm(lamp)
    shade = ambient + (1 - ambient) * np.clip(normal @ lamp, 0, 1)
    field = np.ones(linear.shape[:2], np.float32)
    for corner, value in zip(corners, shade, strict=True):
        cv2.fillConvexPoly(field, np.rint(corner[:, :2]).astype(np.int32), float(value))
    field = cv2.GaussianBlur(field, (0, 0), 1.5)
    return np.rint(to_srgb(linear * field[..., None]) * 255).astype(np.uint8)


@pytest.mark.parametrize("ambient", [0.15, 0.3, 0.5])
@pytest.mark.parametrize("azimuth", [20, 30, 45, 60, 75])
@pytest.mark.parametrize("side", [-1, 1])
def test_the_side_of_a_lamp_twenty_degrees_out_is_read_right(
    even: np.ndarray, landmarks: np.ndarray, side: int, azimuth: int, ambient: float
) -> None:
    found = estimate_light(relit(even, landmarks, side * azimuth, ambient), landmarks)
    assert found.side * side > 0


@pytest.mark.parametrize("azimuth", [-40, 0, 40])
def test_a_higher_lamp_reads_as_higher(
    even: np.ndarray, landmarks: np.ndarray, azimuth: int
) -> None:
    heights = [
        estimate_light(relit(even, landmarks, azimuth, 0.3, rise), landmarks).height
        for rise in (-50, -20, 15, 50)
    ]
    assert heights == sorted(heights)
    assert heights[0] < 0 < heights[-1]


def tinted(rgb: np.ndarray, red: float, blue: float) -> np.ndarray:
    gains = np.array([red, 1, blue], np.float32)
    return np.rint(to_srgb(to_linear(rgb) * gains) * 255).astype(np.uint8)


def test_candlelight_is_warm_and_shade_is_blue(portrait: np.ndarray, landmarks: np.ndarray) -> None:
    gains = ((0.7, 1.4), (0.85, 1.15), (1, 1), (1.1, 0.7), (1.2, 0.4))
    found = [estimate_light(tinted(portrait, *g), landmarks).warmth for g in gains]
    assert found == sorted(found)
    assert found[0] < -0.2 and abs(found[2]) < 0.3 and found[-1] > 0.5


def test_a_grey_photo_has_no_warmth(portrait: np.ndarray, landmarks: np.ndarray) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert estimate_light(grey, landmarks).warmth == 0


def test_a_face_brightest_where_it_turns_away_is_lit_from_behind(
    even: np.ndarray, landmarks: np.ndarray
) -> None:
    lit = relit(even, landmarks, 180, 0.3)
    assert not estimate_light(lit, landmarks).behind
    rim = to_linear(relit(np.full_like(even, 0.5), landmarks, 0, 0.0, 0))
    back = np.rint(to_srgb(np.clip(0.55 - rim, 0.02, 1) * even) * 255).astype(np.uint8)
    found = estimate_light(back, landmarks)
    assert found.behind and found.confidence <= 0.3


def test_the_light_travels_with_its_photo() -> None:
    key = Light(0.5, -0.25, 0.75, 0.6, warmth=0.1234, behind=True).as_key_light()
    assert (key.side, key.height, key.hardness, key.confidence) == (0.5, -0.25, 0.75, 0.6)
    assert key.warmth == 0.123 and key.behind


def test_a_lamp_in_front_is_flat_light(even: np.ndarray, landmarks: np.ndarray) -> None:
    assert abs(estimate_light(relit(even, landmarks, 0, 0.3), landmarks).side) < 0.2


def test_a_lamp_farther_out_reads_as_more_sideways_and_harder(
    even: np.ndarray, landmarks: np.ndarray
) -> None:
    near, far = (estimate_light(relit(even, landmarks, a, 0.3), landmarks) for a in (20, 60))
    assert far.side > near.side
    assert far.hardness > near.hardness


def test_a_mirrored_photo_has_mirrored_light(portrait: np.ndarray, landmarks: np.ndarray) -> None:
    width = portrait.shape[1]
    flipped = landmarks * (-1, 1, 1) + (width - 1, 0, 0)
    here = estimate_light(portrait, landmarks)
    there = estimate_light(np.ascontiguousarray(portrait[:, ::-1]), flipped)
    assert there.side == pytest.approx(-here.side, abs=0.05)
    assert there.height == pytest.approx(here.height, abs=0.05)


def test_exposure_does_not_move_the_light(portrait: np.ndarray, landmarks: np.ndarray) -> None:
    dim = np.rint(to_srgb(to_linear(portrait) * 0.5) * 255).astype(np.uint8)
    bright_side = estimate_light(portrait, landmarks).side
    assert estimate_light(dim, landmarks).side == pytest.approx(bright_side, abs=0.05)


def test_a_face_outside_the_picture_gives_no_light_instead_of_an_error(
    portrait: np.ndarray, landmarks: np.ndarray
) -> None:
    assert estimate_light(portrait, landmarks + np.float32(5000)) == Light()


def test_every_figure_stays_in_its_range_on_rubbish() -> None:
    rng = np.random.default_rng(0)
    for _ in range(5):
        noise = rng.integers(0, 255, (200, 200, 3), dtype=np.uint8)
        found = estimate_light(noise, rng.uniform(0, 200, (468, 3)).astype(np.float32))
        assert -1 <= found.side <= 1
        assert -1 <= found.height <= 1
        assert 0 <= found.hardness <= 1
        assert 0 <= found.confidence <= 1


def _softened(
    even: np.ndarray, landmarks: np.ndarray, amount: float
) -> tuple[np.ndarray, np.ndarray]:
    lit = to_linear(relit(even, landmarks, -55, 0.2))
    centre = (float(landmarks[:, 0].mean()), float(landmarks[:, 1].mean()))
    width = float(np.ptp(landmarks[:, 0]))
    return lit, soften(lit, centre, width, amount, Light(side=-0.9))


def _shadow_to_lit(linear: np.ndarray, landmarks: np.ndarray) -> float:
    tone = luminance(linear)
    right, left = (np.rint(landmarks[i, :2]).astype(int) for i in (425, 205))
    patches = [tone[y - 4 : y + 5, x - 4 : x + 5].mean() for x, y in (right, left)]
    return float(patches[0] / patches[1])


def test_softer_light_fills_the_shadow_side(even: np.ndarray, landmarks: np.ndarray) -> None:
    before, after = _softened(even, landmarks, 1.0)
    assert _shadow_to_lit(after, landmarks) > 1.15 * _shadow_to_lit(before, landmarks)


def test_crisper_light_deepens_the_shadow_side(even: np.ndarray, landmarks: np.ndarray) -> None:
    before, after = _softened(even, landmarks, -1.0)
    assert _shadow_to_lit(after, landmarks) < 0.9 * _shadow_to_lit(before, landmarks)


@pytest.mark.parametrize("amount", [-1.0, 0.5, 1.0])
def test_the_face_keeps_its_structure(
    even: np.ndarray, landmarks: np.ndarray, amount: float
) -> None:
    before, after = _softened(even, landmarks, amount)
    left, top = landmarks[:, :2].min(0).astype(int)
    right, bottom = landmarks[:, :2].max(0).astype(int)
    bands = []
    for linear in (before, after):
        tone = to_srgb(luminance(linear))
        band = cv2.GaussianBlur(tone, (0, 0), 1) - cv2.GaussianBlur(tone, (0, 0), 8)
        bands.append(band[top:bottom, left:right].ravel())
    assert np.corrcoef(bands)[0, 1] >= 0.95


def test_nothing_happens_at_zero_and_far_from_the_face(
    even: np.ndarray, landmarks: np.ndarray
) -> None:
    before, same = _softened(even, landmarks, 0.0)
    np.testing.assert_allclose(same, before, rtol=1e-5)
    _, after = _softened(even, landmarks, 1.0)
    np.testing.assert_allclose(after[420:], before[420:], rtol=1e-3)


def test_hues_stay_where_they_are(even: np.ndarray, landmarks: np.ndarray) -> None:
    before, after = _softened(even, landmarks, 1.0)
    np.testing.assert_allclose(
        after[..., 0] * before[..., 1], before[..., 0] * after[..., 1], atol=1e-5
    )
