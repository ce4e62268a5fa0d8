"""Walls, lights and leaves: the lens, the side of the light, the sitter's own picture."""

from typing import cast

import numpy as np
import pytest

import prompts
from engine.errors import StudioFailed
from engine.shots import Backdrop, BackdropKind
from engine.studio.backdrop import render_backdrop
from engine.studio.backdrop.fields import light_side
from engine.studio.backdrop.lens import Lens, disc_kernel, lens_blur, lens_from
from engine.studio.backdrop.picture import fit_picture
from engine.studio.light import Light
from prompts.scenery import BackdropEntry

PAINTED = [e for e in prompts.load().backdrops.values() if e.kind != "blur"]
WALLS = ("brick", "marble", "plaster", "window", "library", "foliage", "city")
SHARP, WIDE = Lens(aperture=16), Lens(aperture=1.4)


def backdrop(e: BackdropEntry) -> Backdrop:
    return Backdrop(e.id, cast(BackdropKind, e.kind), e.colour, e.accent)


def of_kind(kind: str) -> Backdrop:
    return backdrop(next(e for e in PAINTED if e.kind == kind))


@pytest.mark.parametrize("entry", PAINTED, ids=lambda e: e.id)
def test_the_lit_side_is_the_side_the_face_is_lit_from(entry: BackdropEntry) -> None:
    """Whatever the texture does, on either side and for any seed."""
    for seed in (1, 2):
        for side in (-0.8, -0.3, 0.3, 0.8):
            picture = render_backdrop(backdrop(entry), 150, 200, Light(side), seed)
            assert light_side(picture) * np.sign(side) > 0.005, (seed, side)


@pytest.mark.parametrize("kind", WALLS)
def test_a_wall_is_the_same_at_every_size(kind: str) -> None:
    import cv2

    small = render_backdrop(of_kind(kind), 300, 400, Light(0.4), 5)
    large = render_backdrop(of_kind(kind), 900, 1200, Light(0.4), 5)
    again = cv2.resize(large, (300, 400), interpolation=cv2.INTER_AREA)
    assert float(np.abs(again - small).mean()) < 0.01


@pytest.mark.parametrize("kind", ["brick", "library"])
def test_a_wider_aperture_blurs_more(kind: str) -> None:
    def detail(lens: Lens) -> float:
        picture = render_backdrop(of_kind(kind), 480, 640, Light(0.3), 2, lens)
        return float(np.abs(np.diff(picture.mean(2), axis=0)).mean())

    assert detail(WIDE) < 0.6 * detail(SHARP)


def test_bricks_stay_inside_their_palette() -> None:
    """Independent random channels turn bricks green."""
    red, green, blue = render_backdrop(of_kind("brick"), 300, 400, Light(), 9).reshape(-1, 3).T
    assert float((green > red).mean()) < 0.01 and float((blue > red).mean()) < 0.01


def test_no_disc_of_light_lies_where_the_head_will_be() -> None:
    """The middle of a city at night is calmer than its rim, over many seeds."""
    middle, rim = [], []
    for seed in range(6):
        picture = render_backdrop(of_kind("city"), 300, 400, Light(), seed, Lens(aperture=1.8))
        tone = picture.mean(2)
        middle.append(tone[120:200, 110:190].std())
        rim.append(np.concatenate([tone[100:300, :80], tone[100:300, -80:]]).std())
    assert np.mean(middle) < 0.8 * np.mean(rim)


def test_the_lens_follows_what_the_sitter_said() -> None:
    assert lens_from({}).disc_share() == pytest.approx(Lens().disc_share())
    assert lens_from({"aperture": 1.8}).disc_share() > lens_from({"aperture": 5.6}).disc_share()
    assert lens_from({}, "city").aperture < lens_from({}, "brick").aperture
    assert lens_from({"lens_mm": 135}).disc_share() > lens_from({"lens_mm": 50}).disc_share()


@pytest.mark.parametrize("diameter", [3.0, 20.0, 90.0])
def test_blur_keeps_the_light_there_is(diameter: float) -> None:
    point = np.zeros((301, 301, 3), np.float32)
    point[150, 150] = 1
    assert float(lens_blur(point, diameter).sum()) == pytest.approx(3, rel=0.05)
    assert float(disc_kernel(diameter).sum()) == pytest.approx(1, rel=1e-4)


def lit_from_the_left(width: int = 600, height: int = 500) -> np.ndarray:
    ramp = np.linspace(220, 90, width).astype(np.uint8)
    return np.repeat(np.repeat(ramp[None, :, None], height, 0), 3, 2)


def test_a_picture_whose_light_disagrees_is_mirrored() -> None:
    kept = fit_picture(lit_from_the_left(), 300, 400, Light(-0.5, hardness=0.3), Lens())
    flipped = fit_picture(lit_from_the_left(), 300, 400, Light(0.5, hardness=0.3), Lens())
    assert (kept.verdict, flipped.verdict) == ("kept", "flipped")
    assert light_side(kept.linear) < 0 < light_side(flipped.linear)


def test_a_picture_that_is_plainly_lit_otherwise_is_named() -> None:
    assert fit_picture(lit_from_the_left(), 300, 400, Light(0.8, hardness=0.9), Lens()).verdict == (
        "disagrees"
    )


@pytest.mark.parametrize("size", [(2000, 300), (300, 2000), (90, 90)])
def test_a_picture_covers_the_frame_undistorted(size: tuple[int, int]) -> None:
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    side = min(size) // 2
    top, left = (size[1] - side) // 2, (size[0] - side) // 2
    picture[top : top + side, left : left + side] = 255
    made = fit_picture(picture, 300, 400, Light(), Lens(aperture=22)).linear
    assert made.shape == (400, 300, 3)
    solid = made.mean(2) > 0.5
    assert solid.any(0).sum() == pytest.approx(solid.any(1).sum(), abs=4)


def test_what_needs_a_photo_is_not_painted() -> None:
    with pytest.raises(StudioFailed):
        render_backdrop(Backdrop("own", "picture"), 30, 40, Light(), 1)
