"""Where the frame goes."""

import pytest

from engine.errors import StudioFailed
from engine.studio.crop import LARGEST, Extent, Frame, frame, output_size, ratio_of
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
    assert min(1024 * scale, LARGEST - tall) <= max(got) <= LARGEST


@pytest.mark.parametrize("aspect", ["", "3", "3:0", "a:b", "3:4:5"])
def test_what_is_no_aspect_is_refused(aspect: str) -> None:
    with pytest.raises(StudioFailed):
        ratio_of(aspect)
