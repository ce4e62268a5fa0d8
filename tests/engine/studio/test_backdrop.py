"""Painted backdrops look lit like the face, the same at every size, and never band."""

import cv2
import numpy as np
import pytest

from engine.errors import StudioFailed
from engine.shots import Backdrop
from engine.studio.backdrop import render_backdrop
from engine.studio.backdrop.canvas import tone_map
from engine.studio.colour import hex_to_linear, luminance, to_linear, to_srgb
from engine.studio.light import Light

WHITE = Backdrop("white", "seamless", "#fafaf9")
GREY = Backdrop("grey", "seamless", "#9b9c9e")
CHARCOAL = Backdrop("charcoal", "seamless", "#4c4d51")
NAVY = Backdrop("navy", "seamless", "#2b3a58")
CANVAS = Backdrop("canvas", "canvas", "#67686a", "#9b9a97")
GRADIENT = Backdrop("gradient", "gradient", "#a9abae", "#3a3b3f")
ALL = [WHITE, GREY, CHARCOAL, NAVY, CANVAS, GRADIENT]
FLAT = Light()


def by_id(backdrop: Backdrop) -> str:
    return backdrop.id


def paint(
    backdrop: Backdrop, width: int = 384, height: int = 512, side: float = 0.0, seed: int = 7
) -> np.ndarray:
    return render_backdrop(backdrop, width, height, Light(side=side), seed)


def levels(linear: np.ndarray) -> np.ndarray:
    return to_srgb(linear) * 255


@pytest.mark.parametrize("backdrop", ALL, ids=by_id)
@pytest.mark.parametrize("side", [-1.0, -0.3, 0.3, 1.0])
def test_the_lit_side_is_the_side_the_face_is_lit_from(backdrop: Backdrop, side: float) -> None:
    lit, even = (luminance(paint(backdrop, side=s)) for s in (side, 0.0))
    halves = [(p[:, 192:].mean() - p[:, :192].mean()) / p.mean() for p in (lit, even)]
    assert (halves[0] - halves[1]) * side > 0


@pytest.mark.parametrize("backdrop", [GREY, CHARCOAL, NAVY, CANVAS, GRADIENT], ids=by_id)
def test_a_strong_key_shows_on_the_backdrop_whatever_the_seed(backdrop: Backdrop) -> None:
    for seed in (7, 8):
        tone = luminance(paint(backdrop, side=-0.9, seed=seed))
        left, right = tone[:, :192].mean(), tone[:, 192:].mean()
        assert (left - right) / (left + right) >= 0.03


@pytest.mark.parametrize("backdrop", ALL, ids=by_id)
def test_same_seed_same_bytes_other_seed_other_backdrop(backdrop: Backdrop) -> None:
    first, again, other = (paint(backdrop, 96, 128, seed=seed) for seed in (-1, -1, 2**63))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_another_seed_is_another_canvas_of_the_same_make() -> None:
    one, two = (levels(paint(CANVAS, seed=seed)).mean(2) for seed in (1, 2))
    even = np.full_like(one, 0) + levels(paint(GREY)).mean(2)
    assert abs(np.corrcoef((one - even).ravel(), (two - even).ravel())[0, 1]) < 0.6
    assert abs(one.mean() - two.mean()) < 12


@pytest.mark.parametrize("backdrop", ALL, ids=by_id)
def test_a_preview_and_a_print_show_the_same_backdrop(backdrop: Backdrop) -> None:
    small, large = paint(backdrop, 384, 512), paint(backdrop, 1536, 2048)
    shrunk = cv2.resize(large, (384, 512), interpolation=cv2.INTER_AREA)
    difference = np.abs(cv2.blur(levels(small), (5, 5)) - cv2.blur(levels(shrunk), (5, 5)))
    assert difference.max() < 2.0
    assert difference.mean() < 0.3


@pytest.mark.parametrize("backdrop", ALL, ids=by_id)
def test_rounding_to_eight_bits_leaves_no_bands(backdrop: Backdrop) -> None:
    exact = levels(paint(backdrop, 768, 1024))
    error = cv2.blur(np.rint(exact) - exact, (31, 31))[40:-40, 40:-40]
    assert np.abs(error).max() < 0.15


@pytest.mark.parametrize("backdrop", ALL, ids=by_id)
def test_neighbouring_rows_and_columns_never_step(backdrop: Backdrop) -> None:
    exact = levels(paint(backdrop, 768, 1024, side=0.8))
    for axis in (0, 1):
        means = exact.mean(axis)
        assert np.abs(np.diff(means, axis=0)).max() < 1.0


def test_white_seamless_is_clean_white_but_not_clipped() -> None:
    for side in (-1.0, 0.0, 1.0):
        white = cv2.blur(levels(paint(WHITE, 768, 1024, side=side)), (9, 9))
        assert white.min() > 236
        assert white.max() < 252.5
        assert np.ptp(white, axis=2).max() < 3


def test_dark_paper_falls_off_more_than_white_paper() -> None:
    def corner_share(backdrop: Backdrop) -> float:
        tone = luminance(paint(backdrop))
        return float(tone[:30, -30:].mean() / tone.max())

    assert corner_share(WHITE) > 0.85
    assert corner_share(GREY) < 0.80
    assert corner_share(CHARCOAL) < corner_share(GREY)


def test_the_pool_of_light_sits_behind_head_and_shoulders() -> None:
    tone = cv2.blur(luminance(paint(CHARCOAL)), (31, 31))
    row, column = np.unravel_index(tone.argmax(), tone.shape)
    assert 0.25 < row / 512 < 0.60
    assert 0.35 < column / 384 < 0.65


def test_paper_is_mottled_by_about_six_tenths_of_a_percent() -> None:
    tones = np.stack([luminance(paint(GREY, 192, 256, seed=seed)) for seed in range(12)])
    smooth = np.stack([cv2.blur(tone, (5, 5)) for tone in tones])
    mottle = (smooth.std(0) / smooth.mean(0)).mean()
    assert 0.003 < mottle < 0.010


@pytest.mark.parametrize("colour", ["#c0392b", "#1b1b1d", "#ffffff", "#000000", "#00ff7f"])
def test_any_colour_is_shown_as_asked_where_the_light_is(colour: str) -> None:
    picture = paint(Backdrop("any", "seamless", colour))
    brightest = levels(cv2.blur(picture, (15, 15))).reshape(-1, 3).max(0)
    np.testing.assert_allclose(brightest, to_srgb(hex_to_linear(colour)) * 255, atol=4)


def test_a_canvas_shows_both_its_tones() -> None:
    picture = levels(paint(Backdrop("two", "canvas", "#203040", "#806040"), 768, 1024))
    warm = picture[..., 0] - picture[..., 2]
    assert np.percentile(warm, 95) > 10
    assert np.percentile(warm, 5) < -5


def test_a_canvas_has_no_repeating_pattern() -> None:
    tone = cv2.resize(tone_map(3), (320, 320))
    tone = tone - cv2.GaussianBlur(tone, (0, 0), 12)
    power = np.abs(np.fft.fft2(tone)) ** 2
    echo = np.fft.ifft2(power).real
    echo /= echo[0, 0]
    echo[:20, :20] = echo[-20:, :20] = echo[:20, -20:] = echo[-20:, -20:] = 0
    assert np.abs(echo).max() < 0.2


def test_a_gradient_runs_from_its_colour_to_its_accent() -> None:
    picture = levels(paint(GRADIENT, 768, 1024))
    assert picture[500:700, 300:460].mean() > 150
    assert picture[:40, :40].mean() < 90


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (6000, 40), (40, 6000), (513, 511), (1536, 2048)])
@pytest.mark.parametrize("backdrop", [WHITE, CANVAS, GRADIENT], ids=by_id)
def test_any_size_up_to_six_thousand(backdrop: Backdrop, size: tuple[int, int]) -> None:
    picture = paint(backdrop, *size, side=1.0)
    assert picture.shape == (size[1], size[0], 3)
    assert picture.dtype == np.float32
    assert np.isfinite(picture).all()
    assert picture.min() >= 0
    assert picture.max() <= 1


@pytest.mark.parametrize("size", [(0, 10), (10, -1), (8197, 10)])
def test_an_impossible_size_is_a_typed_error(size: tuple[int, int]) -> None:
    with pytest.raises(StudioFailed, match="cannot be painted"):
        paint(WHITE, *size)


@pytest.mark.parametrize("colour", ["", "red", "#12345", "#12345g", "#1234567"])
def test_a_colour_that_is_none_is_a_typed_error(colour: str) -> None:
    with pytest.raises(StudioFailed, match="not a colour"):
        paint(Backdrop("bad", "seamless", colour))


def test_the_blur_kind_needs_the_photo() -> None:
    with pytest.raises(StudioFailed, match="photo"):
        paint(Backdrop("blur-original", "blur"))


def test_the_transfer_curve_runs_both_ways() -> None:
    codes = np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_allclose(to_srgb(to_linear(codes)) * 255, codes, atol=0.02)
    halves = to_linear(codes.astype(np.float32) / 255)
    np.testing.assert_allclose(halves, to_linear(codes), atol=1e-6)
