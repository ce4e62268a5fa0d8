"""The light is pushed as wished and no further; face, colours and all around it stay."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.studio.checks.chips import face_chip, skin_spots
from engine.studio.checks.face import eye_sharpness, skin_drift
from engine.studio.colour import luminance, to_linear, to_srgb
from engine.studio.light import Shading, fit_shading
from engine.studio.relight import MOST, Push, relight, shading_field

DATA = Path(__file__).parents[2] / "data"
FLAT = Shading(0.4, 0.0, 0.2, 0.8)
FROM_LEFT = Shading(0.4, -0.6, 0.2, 0.8)
FROM_RIGHT = Shading(0.4, 0.6, 0.2, 0.8)


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return np.asarray(Image.open(DATA / "astronaut.png").convert("RGB"))


@pytest.fixture(scope="module")
def landmarks() -> np.ndarray:
    return np.load(DATA / "astronaut_landmarks.npy")


@pytest.fixture(scope="module")
def matte(portrait: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """A rough person with a soft edge: a head and shoulders."""
    x, y = np.rint(landmarks[:, :2].mean(axis=0)).astype(int).tolist()
    width = float(np.ptp(landmarks[:, 0]))
    mask = np.zeros(portrait.shape[:2], np.uint8)
    axes = (round(0.85 * width), round(1.1 * width))
    cv2.ellipse(mask, (x, y), axes, 0, 0, 360, 255, -1)
    cv2.ellipse(mask, (x, len(mask)), (200, 240), 0, 0, 360, 255, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 3)
    soft[cv2.dilate(mask, np.ones((15, 15))) == 0] = 0
    return soft


def pushed(
    rgb: np.ndarray, matte: np.ndarray, landmarks: np.ndarray, push: Push
) -> tuple[np.ndarray, np.ndarray]:
    """Linear light before and after."""
    before = to_linear(rgb)
    return before, relight(before.copy(), matte, [landmarks], push)


def as_bytes(linear: np.ndarray) -> np.ndarray:
    return np.rint(to_srgb(linear) * 255).astype(np.uint8)


def own(portrait: np.ndarray, landmarks: np.ndarray) -> Shading:
    found = fit_shading(portrait, landmarks)
    assert found is not None
    return found


def to(portrait: np.ndarray, landmarks: np.ndarray, right: float, amount: float = 0.5) -> Push:
    """A push of the astronaut's own light towards another strength of its side."""
    mine = own(portrait, landmarks)
    return Push(mine, Shading(mine.base, right, mine.up, mine.front), amount)


def fine(linear: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Band-passed tone of the face: what is between a pore and a nostril."""
    tone = to_srgb(luminance(linear))
    band = cv2.GaussianBlur(tone, (0, 0), 0.8) - cv2.GaussianBlur(tone, (0, 0), 4)
    mask = np.zeros(tone.shape, np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(landmarks[:, :2]).astype(np.int32)), 1)
    return band[mask > 0]


@pytest.mark.parametrize("right", [-0.7, -0.1])
def test_the_faces_shape_and_pores_stay(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray, right: float
) -> None:
    """Detail correlates above .97 and keeps its strength within a tenth."""
    push = to(portrait, landmarks, right)
    bands = [fine(one, landmarks) for one in pushed(portrait, matte, landmarks, push)]
    assert np.corrcoef(bands)[0, 1] > 0.97
    assert bands[1].std() / bands[0].std() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("right", [-0.7, -0.1])
def test_eyes_stay_as_sharp_and_their_catchlights_as_bright(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray, right: float
) -> None:
    before, after = pushed(portrait, matte, landmarks, to(portrait, landmarks, right))
    for eye in ((33, 133), (362, 263)):
        x, y = np.rint(landmarks[list(eye), :2].mean(0)).astype(int)
        part = (slice(y - 5, y + 6), slice(x - 9, x + 10))
        first, second = luminance(before)[part], luminance(after)[part]
        assert second.max() / second.mean() == pytest.approx(first.max() / first.mean(), rel=0.05)
        assert np.argmax(first) == np.argmax(second)
        seen = np.ones(first.shape, bool)
        sharp = [eye_sharpness(as_bytes(one)[part], seen) for one in (before, after)]
        assert sharp[1] / sharp[0] == pytest.approx(1, abs=0.05)


def test_hues_stay(portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray) -> None:
    """All three channels are multiplied alike wherever none was at the end of the scale."""
    before, after = pushed(portrait, matte, landmarks, to(portrait, landmarks, -0.7))
    free = (after < 1).all(2) & (before > 0.01).all(2)
    gain = after[free] / before[free]
    assert float(np.ptp(gain, axis=1).max()) < 1e-4
    assert float(np.abs(gain - 1).max()) > 0.1


@pytest.mark.parametrize(("right", "amount"), [(-0.8, 0.5), (-0.8, 0.25), (-0.6, 0.5)])
def test_a_stronger_side_reads_as_stronger(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray, right: float, amount: float
) -> None:
    """By the same fit that reads a photo; the astronaut is lit from the left."""
    _, after = pushed(portrait, matte, landmarks, to(portrait, landmarks, right, amount))
    before = own(portrait, landmarks).right
    assert before < -0.2
    assert own(as_bytes(after), landmarks).right < before - 0.05


@pytest.mark.parametrize("keep", [0.5, 0.2, 0.0])
def test_a_light_is_eased_but_never_crosses(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray, keep: float
) -> None:
    before = own(portrait, landmarks).right
    _, after = pushed(portrait, matte, landmarks, to(portrait, landmarks, before * keep))
    assert before + 0.05 < own(as_bytes(after), landmarks).right < -0.05


def test_a_higher_light_reads_as_higher(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray
) -> None:
    mine = own(portrait, landmarks)
    push = Push(mine, Shading(mine.base, mine.right, mine.up + 0.3, mine.front), 0.5)
    _, after = pushed(portrait, matte, landmarks, push)
    assert own(as_bytes(after), landmarks).up > mine.up + 0.05


@pytest.mark.parametrize("right", [-0.7, -0.5, -0.2, 0.0])
def test_the_light_it_foretells_is_the_light_one_reads_afterwards(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray, right: float
) -> None:
    """The backdrop is painted for the foretold light."""
    push = to(portrait, landmarks, right)
    _, after = pushed(portrait, matte, landmarks, push)
    read = own(as_bytes(after), landmarks).as_light()
    told = push.light(landmarks, 0.25)
    assert told.side == pytest.approx(read.side, abs=0.12) and told.warmth == 0.25
    assert told.side * read.side > 0


@pytest.mark.parametrize("amount", [0.1, 0.3, 0.5, 4.0])
@pytest.mark.parametrize("wanted", [FROM_LEFT, FROM_RIGHT, Shading(9, -9, 9, -9)])
def test_no_two_places_drift_further_apart_than_the_amount(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray, wanted: Shading, amount: float
) -> None:
    """And never further than half a stop, whatever is asked."""
    before, after = pushed(portrait, matte, landmarks, Push(FLAT, wanted, amount))
    free = (after < 1).all(2) & (before > 0.01).all(2)
    stops = np.log2(after[free] / before[free])
    assert 0 < np.ptp(stops) <= min(amount, MOST) + 1e-3


def test_nothing_changes_outside_the_matte(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray
) -> None:
    before, after = pushed(portrait, matte, landmarks, Push(FLAT, FROM_LEFT, 0.5))
    np.testing.assert_array_equal(after[matte == 0], before[matte == 0])
    assert (matte == 0).mean() > 0.2 and (after[matte > 0] != before[matte > 0]).any()


def test_no_amount_is_no_change(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray
) -> None:
    for push in (Push(FLAT, FROM_LEFT, 0.0), Push(FLAT, FROM_LEFT, 0.5).gentled(0.0)):
        before, after = pushed(portrait, matte, landmarks, push)
        np.testing.assert_array_equal(after, before)


def test_half_the_amount_is_about_half_the_change(
    portrait: np.ndarray, landmarks: np.ndarray
) -> None:
    linear, push = to_linear(portrait), Push(FLAT, FROM_LEFT, 0.5)
    whole, half = (shading_field(linear, [landmarks], push.gentled(s)) for s in (1.0, 0.5))
    assert whole is not None and half is not None
    assert np.ptp(half) == pytest.approx(np.ptp(whole) / 2, rel=0.05)


def test_a_push_that_was_given_up_says_so() -> None:
    push = Push(FLAT, FROM_LEFT, 0.5, "note_light_shaped")
    assert push.gentled(1.0) is push
    assert push.gentled(0.5).note == "note_light_shaped"
    assert push.gentled(0.0).note == "note_light_kept"
    nothing = Push(FLAT, FLAT, 0.0, "note_light_stays")
    assert nothing.gentled(0.0) is nothing


def test_very_dark_and_very_light_skin_are_treated_alike(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray
) -> None:
    """The same light on skin that reflects 5, 20 and 70 per cent: the same ratio, within 1 %."""
    base = to_linear(portrait)
    face = cv2.fillConvexPoly(
        np.zeros(matte.shape, np.uint8),
        cv2.convexHull(np.rint(landmarks[:, :2]).astype(np.int32)),
        1,
    )
    level = float(luminance(base)[face > 0].mean())
    gains = []
    for reflected in (0.05, 0.20, 0.45):
        skin = base * (reflected / level)
        shading = fit_shading(as_bytes(skin), landmarks)
        assert shading is not None
        wanted = Shading(shading.base, -0.6, shading.up, shading.front)
        after = relight(skin.copy(), matte, [landmarks], Push(shading, wanted, 0.5))
        seen = (face > 0) & (skin.max(2) < 0.6) & (skin.min(2) > 1e-4)
        gains.append(luminance(after)[seen] / luminance(skin)[seen])
    low = [float(np.percentile(gain, 5)) for gain in gains]
    high = [float(np.percentile(gain, 95)) for gain in gains]
    assert np.ptp(low) < 0.02 and np.ptp(high) < 0.03
    assert high[0] / low[0] > 1.15


@pytest.mark.parametrize("right", [-0.7, 0.0])
def test_skin_becomes_neither_lighter_nor_of_another_hue(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray, right: float
) -> None:
    """Half of the bound of the check, though it would excuse a light that was asked for."""
    before, after = pushed(portrait, matte, landmarks, to(portrait, landmarks, right))
    chips = [face_chip(as_bytes(one), landmarks, 96.0) for one in (before, after)]
    light, hue = skin_drift(chips[0], chips[1], skin_spots(landmarks, 96.0))
    assert abs(light) < 2 and abs(hue) < 2


def test_a_bright_cheek_does_not_burn_out(matte: np.ndarray, landmarks: np.ndarray) -> None:
    pale = np.full((*matte.shape, 3), (0.93, 0.90, 0.88), np.float32)
    after = relight(pale.copy(), matte, [landmarks], Push(FLAT, FROM_LEFT, 0.5))
    assert float(after.max()) < 0.97


def test_the_push_has_no_edges(portrait: np.ndarray, landmarks: np.ndarray) -> None:
    """No step anywhere on the head: half a stop takes a sixth of the face's width at least."""
    field = shading_field(to_linear(portrait), [landmarks], Push(FLAT, FROM_LEFT, 0.5))
    assert field is not None
    face = float(np.ptp(landmarks[:, 0])) * field.shape[1] / portrait.shape[1]
    steepest = max(float(np.abs(np.diff(field, axis=axis)).max()) for axis in (0, 1))
    assert steepest * face < 0.5 * 6


def test_the_push_fades_below_the_shoulders(landmarks: np.ndarray) -> None:
    tall = np.full((1400, 512, 3), 0.2, np.float32)
    field = shading_field(tall, [landmarks], Push(FLAT, FROM_LEFT, 0.5))
    assert field is not None
    assert np.abs(field[field.shape[0] // 2 :]).max() < 0.005


def test_a_group_is_lit_as_one(portrait: np.ndarray, landmarks: np.ndarray) -> None:
    """Each face gets the push where it is."""
    two = np.concatenate([to_linear(portrait)] * 2, axis=1)
    faces = [landmarks, landmarks + np.array([portrait.shape[1], 0, 0], np.float32)]
    field = shading_field(two, faces, Push(FLAT, FROM_LEFT, 0.5))
    assert field is not None
    scale = field.shape[1] / two.shape[1]
    for points in faces:
        left, right = (points[i, :2] * scale for i in (50, 280))
        assert field[int(left[1]), int(left[0])] > 0.1 > -0.1 > field[int(right[1]), int(right[0])]


@pytest.mark.parametrize("away", [5000, -5000])
def test_a_face_outside_the_frame_changes_nothing_and_raises_nothing(
    portrait: np.ndarray, matte: np.ndarray, landmarks: np.ndarray, away: int
) -> None:
    gone = landmarks + np.float32(away)
    before, after = pushed(portrait, matte, gone, Push(FLAT, FROM_LEFT, 0.5))
    np.testing.assert_allclose(after, before, atol=1e-4)


def test_a_full_picture_takes_a_moment_only(landmarks: np.ndarray) -> None:
    """60 ms are allowed at 2049x2732 on two quiet cores; a busy machine gets four times that."""
    picture = np.full((2732, 2049, 3), 0.3, np.float32)
    matte, push = np.full((2732, 2049), 255, np.uint8), Push(FLAT, FROM_LEFT, 0.4)
    taken = []
    for _ in range(4):
        start = time.perf_counter()
        relight(picture, matte, [landmarks * 4], push)
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.24
