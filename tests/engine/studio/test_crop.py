"""Where the frame goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import StudioFailed
from engine.shots import LONGEST_SIDE
from engine.studio.crop import (
    LARGEST,
    Extent,
    Frame,
    frame,
    group_frame,
    least_long_side,
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
@pytest.mark.parametrize("scale", [1, 2, 4, 6])
def test_the_picture_has_exactly_the_asked_aspect_and_size(aspect: str, scale: int) -> None:
    wide, tall = ratio_of(aspect)
    got = output_size(Frame(0, 0, 1000 * wide / tall, 1000), aspect, scale)
    assert got[0] * tall == got[1] * wide
    largest = LARGEST if scale <= 4 else LONGEST_SIDE
    assert min(1366 * scale, largest - tall) <= least_long_side(aspect, scale)
    assert least_long_side(aspect, scale) <= max(got) <= largest


@pytest.mark.parametrize(
    ("scale", "size"), [(1, (1026, 1368)), (2, (2049, 2732)), (4, (4098, 5464)), (6, (6147, 8196))]
)
def test_the_standard_picture_has_these_sizes(scale: int, size: tuple[int, int]) -> None:
    """A laboratory orders by these figures."""
    assert output_size(Frame(0, 0, 300, 400), "3:4", scale) == size


@pytest.mark.parametrize("aspect", ["", "3", "3:0", "a:b", "3:4:5"])
def test_what_is_no_aspect_is_refused(aspect: str) -> None:
    with pytest.raises(StudioFailed):
        ratio_of(aspect)


ASPECTS = st.sampled_from(["3:4", "2:3", "4:5", "1:1"])
SHOTS = st.sampled_from(["close-up", "medium"])


@given(
    distance=st.floats(20, 300),
    hair=st.floats(1.8, 2.6),
    below=st.floats(9.5, 40),
    x=st.floats(-3, 3),
    aspect=ASPECTS,
    shot=SHOTS,
)
def test_with_room_the_rules_of_a_portrait_hold(
    distance: float, hair: float, below: float, x: float, aspect: str, shot: str
) -> None:
    """Eye line .30-.40, headroom .05-.22, face centred: on the side of a landscape photo too."""
    eyes_y = 4 * distance
    size = (round(30 * distance), round(eyes_y + below * distance))
    body = Anatomy((size[0] / 2 + x * distance, eyes_y), distance, eyes_y + distance, 2 * distance)
    reach = Extent(eyes_y - hair * distance, left=False, right=False, above=False)
    got = frame(body, reach, size, aspect, shot)
    assert 0.30 <= (eyes_y - got.y) / got.height <= 0.40
    assert 0.05 - 1e-9 <= (reach.top - got.y) / got.height <= 0.22
    assert abs((body.eyes[0] - got.x) / got.width - 0.5) <= 0.03
    assert got.y + got.height <= size[1] + 1e-6


SITTERS = st.tuples(
    st.floats(0.1, 0.9), st.floats(0.2, 0.6), st.floats(0.02, 0.2), st.floats(0, 0.2)
)


@given(
    sitter=SITTERS,
    size=st.tuples(st.integers(300, 4096), st.integers(300, 4096)),
    touches=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    aspect=ASPECTS,
    shot=SHOTS,
)
def test_only_free_sides_are_extended(
    sitter: tuple[float, float, float, float],
    size: tuple[int, int],
    touches: tuple[bool, bool, bool],
    aspect: str,
    shot: str,
) -> None:
    """Whatever the photo: never below it, never past an edge that cuts the sitter."""
    x, y, distance, top = sitter
    eyes = (x * size[0], y * size[1])
    body = Anatomy(eyes, distance * size[0], eyes[1] + 1.2 * distance * size[0], 2 * distance)
    left, right, above = touches
    reach = Extent(0.0 if above else top * size[1], left, right, above)
    got = frame(body, reach, size, aspect, shot)
    assert got.height > 0
    assert got.y + got.height <= size[1] + 1e-6
    assert not above or got.y >= 0
    assert not left or got.x >= -1e-6
    assert not (right and not left) or got.x + got.width <= size[0] + 1e-6


@pytest.mark.parametrize("aspect", ["3:4", "1:1"])
def test_a_group_keeps_all_its_heads_with_air(aspect: str) -> None:
    """Nobody at the edge loses an ear."""
    people = tuple(
        Anatomy((x, y), 110, y + 180, 250) for x, y in ((700, 620), (1200, 540), (1650, 700))
    )
    got = group_frame(
        people, Extent(280, left=False, right=False, above=False), (2400, 3000), aspect
    )
    for one in people:
        assert got.x < one.eyes[0] - 0.75 * one.width
        assert got.x + got.width > one.eyes[0] + 0.75 * one.width
        assert got.y + got.height > one.chin + 0.3 * one.width
    assert (280 - got.y) / got.height >= 0.05
    assert got.y + got.height <= 3000


@given(
    people=st.lists(
        st.tuples(st.floats(0.1, 0.9), st.floats(0.15, 0.6), st.floats(60, 160)),
        min_size=2,
        max_size=6,
    ),
    aspect=ASPECTS,
)
def test_however_a_group_stands_every_face_is_in_the_frame(
    people: list[tuple[float, float, float]], aspect: str
) -> None:
    """Children in front and giants behind: free sides leave room for all of them."""
    size = (2400, 3000)
    group = tuple(
        Anatomy((x * size[0], y * size[1]), d, y * size[1] + 1.3 * d, 2.2 * d) for x, y, d in people
    )
    top = min(a.eyes[1] - 2 * a.eye_distance for a in group)
    reach = Extent(top, left=False, right=False, above=False)
    got = group_frame(group, reach, size, aspect)
    assert got.y <= top
    assert got.y + got.height <= size[1] + 1e-6
    for one in group:
        assert got.x <= one.eyes[0] - one.width / 2
        assert got.x + got.width >= one.eyes[0] + one.width / 2
        assert got.y + got.height >= one.chin


def test_a_group_of_nobody_is_refused() -> None:
    with pytest.raises(StudioFailed):
        group_frame((), FREE, (100, 100), "3:4")
