"""Where the frame goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import StudioFailed
from engine.studio.crop import (
    LARGEST,
    Extent,
    Frame,
    frame,
    group_frame,
    output_size,
    ratio_of,
)
from engine.studio.faces import Anatomy

FREE = Extent(top=300, left=False, right=False, above=False)
ROOMY = Anatomy(eyes=(1000, 500), eye_distance=120, chin=680, width=260)


@pytest.mark.parametrize("aspect", ["3:4", "2:3", "4:5", "1:1"])
@pytest.mark.parametrize("shot", ["close-up", "medium"])
def test_the_eyes_lie_on_the_upper_third_and_the_face_in_the_middle(aspect: str, shot: str) -> None:
    got = frame(ROOMY, FREE, (2000, 3000), aspect, shot)
    wide, tall = ratio_of(aspect)
    assert got.width / got.height == pytest.approx(wide / tall)
    assert 0.30 <= (500 - got.y) / got.height <= 0.40
    assert got.x + got.width / 2 == pytest.approx(1000)
    assert got.y < 300 - 0.04 * got.height


def test_a_close_up_is_closer() -> None:
    near = frame(ROOMY, FREE, (2000, 3000), "3:4", "close-up")
    assert near.height < 0.8 * frame(ROOMY, FREE, (2000, 3000), "3:4", "medium").height


def test_the_frame_never_goes_below_the_photo() -> None:
    got = frame(ROOMY, FREE, (2000, 900), "3:4", "medium")
    assert got.y + got.height <= 900 + 1e-6


def test_a_tight_portrait_keeps_its_full_height_and_loses_its_sides() -> None:
    tight = Anatomy(eyes=(512, 490), eye_distance=250, chin=955, width=560)
    got = frame(
        tight, Extent(top=0, left=True, right=True, above=True), (1024, 1024), "3:4", "medium"
    )
    assert (got.y, got.height) == (0, 1024)
    assert got.x >= 0 and got.x + got.width <= 1024
    assert (490 - got.y) / got.height <= 0.48


def test_a_cut_shoulder_never_floats_in_the_picture() -> None:
    reach = Extent(top=300, left=True, right=False, above=False)
    got = frame(Anatomy((400, 500), 120, 680, 260), reach, (2000, 3000), "3:4", "medium")
    assert got.x >= 0


@pytest.mark.parametrize("aspect", ["3:4", "2:3", "4:5", "1:1"])
@pytest.mark.parametrize("scale", [1, 2, 4])
def test_the_picture_has_exactly_the_asked_aspect_and_size(aspect: str, scale: int) -> None:
    wide, tall = ratio_of(aspect)
    got = output_size(Frame(0, 0, 1000 * wide / tall, 1000), aspect, scale)
    assert got[0] * tall == got[1] * wide
    assert min(1366 * scale, LARGEST - tall) <= max(got) <= LARGEST


def test_the_standard_sizes() -> None:
    tight = Frame(0, 0, 600, 800)
    sizes = [output_size(tight, "3:4", scale) for scale in (1, 2, 4)]
    assert sizes == [(1026, 1368), (2049, 2732), (4098, 5464)]


def test_a_group_keeps_every_head_with_its_hair() -> None:
    faces = [
        Anatomy(
            (
                x,
                600,
            ),
            90,
            760,
            190,
        )
        for x in (500, 900, 1300)
    ]
    got = group_frame(faces, Extent(380, False, False, False), (1800, 1500), "3:4")
    assert got.x <= 500 - 190 and got.x + got.width >= 1300 + 190
    assert got.y < 380 and got.y + got.height <= 1500 + 1e-6
    assert got.width / got.height == pytest.approx(0.75)


@given(
    x=st.floats(300, 1700),
    y=st.floats(300, 1400),
    distance=st.floats(40, 260),
    hair=st.floats(0.8, 1.6),
)
def test_wherever_the_sitter_stands_eyes_and_headroom_keep_the_rules(
    x: float, y: float, distance: float, hair: float
) -> None:
    """As long as the photo shows enough below the eyes and the sitter touches no edge."""
    body = Anatomy((x, y), distance, y + 1.5 * distance, 2.2 * distance)
    reach = Extent(max(0.0, y - hair * 2 * distance), False, False, False)
    got = frame(body, reach, (2000, 3000), "3:4", "medium")
    assert 0.30 <= (y - got.y) / got.height <= 0.40 + 1e-6
    assert (reach.top - got.y) / got.height >= 0.049
    assert abs(got.x + got.width / 2 - x) <= 0.03 * got.width
    assert got.y + got.height <= 3000 + 1e-6


@pytest.mark.parametrize("aspect", ["", "3", "3:0", "a:b", "3:4:5"])
def test_what_is_no_aspect_is_refused(aspect: str) -> None:
    with pytest.raises(StudioFailed):
        ratio_of(aspect)
