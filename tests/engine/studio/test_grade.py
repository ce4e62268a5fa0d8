"""Grading keeps whites white and skin believable; grain is fine, repeatable and hides bands."""

import cv2
import numpy as np
import pytest

from engine.errors import StudioFailed
from engine.studio.film import FILMS
from engine.studio.grade import Tones, finish_tones, grade
from engine.studio.grain import Missing, add_grain


def flat(*colour: float, size: int = 64) -> np.ndarray:
    return np.full((size, size, 3), colour if len(colour) == 3 else colour * 3, np.float32)


@pytest.mark.parametrize("film", FILMS)
def test_white_stays_white_and_black_stays_black(film: str) -> None:
    white, black = grade(flat(1.0), 0, film, None), grade(flat(0.0), 0, film, None)
    assert white.min() > 0.97
    assert black.max() < 0.03


@pytest.mark.parametrize("film", FILMS)
def test_clean_studio_white_does_not_turn_dirty(film: str) -> None:
    assert grade(flat(245 / 255), 0, film, None).min() * 255 > 239


@pytest.mark.parametrize("film", FILMS)
def test_greys_stay_nearly_grey_and_in_order(film: str) -> None:
    ramp = np.repeat(np.linspace(0, 1, 256, dtype=np.float32)[None, :, None], 3, axis=2)
    out = grade(np.ascontiguousarray(ramp), 0, film, None)
    assert np.ptp(out, axis=2).max() < 0.03
    assert (np.diff(out, axis=1) > -1e-4).all()


def test_neutral_is_only_a_gentle_curve() -> None:
    colours = np.random.default_rng(1).random((64, 64, 3), dtype=np.float32)
    assert np.abs(grade(colours, 0, "neutral", None) - colours).max() < 0.02


def test_tri_x_is_black_and_white() -> None:
    colours = np.random.default_rng(1).random((64, 64, 3), dtype=np.float32)
    assert np.ptp(grade(colours, 2, "tri-x-400", None), axis=2).max() < 1e-4


def test_tri_x_sees_red_darker_than_the_eye_sees_green() -> None:
    red, green = (grade(flat(*c), 0, "tri-x-400", None).mean() for c in ((0.8, 0, 0), (0, 0.8, 0)))
    assert red < green


@pytest.mark.parametrize("steps", [(-2, -1), (-1, 0), (0, 1), (1, 2)])
def test_each_step_of_warmth_is_visible_and_small(steps: tuple[int, int]) -> None:
    cooler, warmer = (grade(flat(0.5), step, "neutral", None).mean((0, 1)) for step in steps)
    tint = (warmer[0] - warmer[2]) - (cooler[0] - cooler[2])
    assert 0.03 < tint < 0.09
    assert warmer.mean() == pytest.approx(cooler.mean(), abs=0.02)


def test_skin_takes_less_of_the_gel_than_the_backdrop() -> None:
    picture, skin = flat(0.7, 0.5, 0.4), np.zeros((64, 64), np.float32)
    skin[:, :32] = 1
    moved = np.abs(grade(picture, 2, "neutral", skin) - grade(picture, 0, "neutral", None))
    face, wall = moved[:, :30].mean(), moved[:, 34:].mean()
    assert 0.4 * wall < face < 0.8 * wall


def test_without_warmth_or_film_a_mask_changes_nothing() -> None:
    picture = np.random.default_rng(2).random((40, 40, 3), dtype=np.float32)
    mask = np.ones((40, 40), np.float32)
    a, b = grade(picture, 0, "neutral", mask), grade(picture, 0, "neutral", None)
    np.testing.assert_array_equal(a, b)


def test_a_face_takes_less_of_the_film_than_the_wall() -> None:
    picture = flat(0.7, 0.5, 0.4)
    bare = np.abs(grade(picture, 0, "portra-800", None) - picture).mean()
    face = np.abs(grade(picture, 0, "portra-800", np.ones((64, 64), np.float32)) - picture).mean()
    assert 0.5 * bare < face < 0.8 * bare


def test_the_input_is_left_alone_and_strips_do_not_show() -> None:
    picture = np.tile(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], (700, 1, 3))
    before = picture.copy()
    out = grade(picture, 1, "portra-800", None)
    np.testing.assert_array_equal(picture, before)
    np.testing.assert_array_equal(out, np.broadcast_to(out[:1], out.shape))


def test_an_unknown_film_is_a_typed_error() -> None:
    with pytest.raises(StudioFailed, match="velvia"):
        grade(flat(0.5), 0, "velvia", None)
    with pytest.raises(StudioFailed, match="velvia"):
        add_grain(flat(0.5), "velvia", 1)


@pytest.mark.parametrize("film", FILMS)
@pytest.mark.parametrize("tone", [0.15, 0.3, 0.6])
def test_grain_on_a_backdrop_is_fine(film: str, tone: float) -> None:
    deviation = add_grain(flat(tone, size=512), film, 3).std() * 255
    assert 0.35 <= deviation <= 1.5


def test_grain_is_weaker_in_white_and_black_than_in_the_middle() -> None:
    grain = [np.abs(add_grain(flat(t, size=256), "portra-800", 3) - t).mean() for t in (0, 0.5, 1)]
    assert grain[0] < 0.6 * grain[1]
    assert grain[2] < 0.6 * grain[1]


def test_same_seed_same_bytes_other_seed_other_grain() -> None:
    picture = flat(0.5, size=128)
    first, again, other = (add_grain(picture, "neutral", seed) for seed in (5, 5, 6))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_grain_has_no_colour_and_moves_no_tone() -> None:
    out = add_grain(flat(0.5, size=512), "tri-x-400", 1)
    assert np.ptp(out - 0.5, axis=2).max() < 1e-6
    assert out.mean() == pytest.approx(0.5, abs=1e-4)


def test_grain_is_wider_in_a_larger_print() -> None:
    def neighbours(size: tuple[int, int]) -> float:
        noise = add_grain(np.full((*size, 3), 0.5, np.float32), "neutral", 1)[..., 0] - 0.5
        return float(np.corrcoef(noise[:, :-1].ravel(), noise[:, 1:].ravel())[0, 1])

    assert neighbours((64, 4000)) > neighbours((64, 1500)) + 0.2


def test_grain_breaks_the_bands_of_a_slow_gradient() -> None:
    ramp = np.tile(np.linspace(0.40, 0.42, 1024, dtype=np.float32)[None, :, None], (256, 1, 3))
    grained = np.rint(add_grain(np.ascontiguousarray(ramp), "neutral", 1) * 255)
    plain = np.rint(ramp * 255)
    step = [np.abs(np.diff(cv2.blur(p[..., 0], (1, 256))[128])).max() for p in (plain, grained)]
    assert step[0] == 1
    assert step[1] < 0.3


SKINS = (
    (58, 38, 30),
    (92, 62, 48),
    (141, 99, 78),
    (190, 145, 120),
    (222, 184, 162),
    (243, 216, 200),
)
"""sRGB means of faces from very dark to very light."""


def face(colour: tuple[int, int, int]) -> np.ndarray:
    """A patch of skin with the play of tones a lit face has."""
    rng = np.random.default_rng(3)
    shade = cv2.GaussianBlur(rng.normal(0, 1, (96, 96)).astype(np.float32), (0, 0), 12)
    shade = 1 + 0.22 * shade / np.abs(shade).max()
    return np.clip(np.array(colour, np.float32) / 255 * shade[..., None], 0, 1).astype(np.float32)


@pytest.mark.parametrize("film", [name for name, film in FILMS.items() if not film.mono])
@pytest.mark.parametrize("colour", SKINS)
def test_a_face_keeps_its_colour_on_every_film(film: str, colour: tuple[int, int, int]) -> None:
    from skimage.color import deltaE_ciede2000, rgb2lab

    before = face(colour)
    after = grade(before, 0, film, np.ones(before.shape[:2], np.float32))
    apart = deltaE_ciede2000(rgb2lab(before), rgb2lab(after))
    assert float(np.median(apart)) <= 3 and float(np.percentile(apart, 95)) <= 7


@pytest.mark.parametrize("colour", SKINS)
def test_a_face_keeps_its_lightness_in_black_and_white(colour: tuple[int, int, int]) -> None:
    from skimage.color import rgb2lab

    before = face(colour)
    after = grade(before, 0, "tri-x-400", np.ones(before.shape[:2], np.float32))
    apart = rgb2lab(after)[..., 0] - rgb2lab(before)[..., 0]
    assert abs(float(np.median(apart))) <= 4


def test_each_film_has_a_character_of_its_own() -> None:
    colours = np.random.default_rng(1).random((64, 64, 3), dtype=np.float32)
    printed = [grade(colours, 0, name, None) for name in FILMS]
    for number, one in enumerate(printed):
        for other in printed[:number]:
            assert float(np.abs(one - other).mean()) > 0.004


def test_a_film_can_be_turned_down() -> None:
    picture = face(SKINS[3])
    full, half = (grade(picture, 0, "portra-800", None, s) - picture for s in (1.0, 0.5))
    np.testing.assert_allclose(half, full / 2, atol=2e-3)


def test_the_finished_picture_is_the_graded_and_grained_one() -> None:
    linear = np.random.default_rng(4).random((300, 40, 3), dtype=np.float32) ** 2
    from engine.studio.colour import to_srgb

    apart = add_grain(grade(to_srgb(linear), 1, "pro-400h", None), "pro-400h", 9) * 255
    whole = finish_tones(linear, Tones(1, "pro-400h"), None, 9)
    assert whole.dtype == np.uint8
    assert float(np.abs(whole - apart).max()) < 1.2


def test_a_backdrop_takes_on_the_noise_of_the_sitter_as_wide_as_theirs() -> None:
    level = np.zeros((256, 256), np.float32)
    level[:, 128:] = 5
    out = add_grain(flat(0.5, size=256), "neutral", 2, Missing(level, 2.0))[..., 1] * 255
    assert out[:, 128:].std() == pytest.approx(5, rel=0.15)
    assert out[:, :128].std() < 1
    steps = np.diff(out[:, 128:], axis=1).std()
    assert steps < 0.5 * out[:, 128:].std()
