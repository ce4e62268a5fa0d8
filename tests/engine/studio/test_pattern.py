"""A wish for a light becomes a push that the sitter's own light allows."""

import pytest

from engine.studio.light import FLAT, Shading
from engine.studio.pattern import PATTERNS, asks_for_light, push
from engine.studio.relight import MOST


def lit(right: float, up: float = 0.3) -> Shading:
    return Shading(0.4, right, up, 0.9)


def test_without_a_wish_nothing_is_done() -> None:
    for spec in ({}, {"softness": "soft"}, {"softness": "crisp"}, {"film": "portra-400"}):
        assert not asks_for_light(spec)
        assert push(spec, lit(0.3), 0.0) is None


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("own", [0.11, 0.3, 0.7])
@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("asked", ["", "left", "right"])
def test_the_light_never_changes_sides(pattern: str, own: float, side: int, asked: str) -> None:
    made = push({"lighting": pattern, "key_side": asked}, lit(side * own), 20.0)
    assert made is not None
    assert made.wanted.right * side > 0
    assert 0 <= made.amount <= MOST


@pytest.mark.parametrize("asked", ["left", "right"])
@pytest.mark.parametrize("pattern", ["loop", "rembrandt", "split", "window", "low-key", ""])
def test_flat_light_takes_the_side_that_was_asked_for(pattern: str, asked: str) -> None:
    made = push({"lighting": pattern, "key_side": asked}, lit(0.05), 0.0)
    assert made is not None and made.note == "note_light_shaped" and made.amount > 0
    assert made.wanted.right * {"left": -1, "right": 1}[asked] > 2 * FLAT


@pytest.mark.parametrize(("yaw", "side"), [(20, 1), (-20, -1)])
def test_a_flat_face_that_turns_is_lit_on_its_far_cheek(yaw: float, side: int) -> None:
    """Short light: it slims."""
    made = push({"lighting": "rembrandt"}, lit(0.0), yaw)
    assert made is not None and made.wanted.right * side > 0


def test_a_wish_for_the_other_side_is_turned_down_in_words() -> None:
    made = push({"key_side": "right"}, lit(-0.4), 0.0)
    assert made is not None
    assert (made.amount, made.note, made.wanted) == (0.0, "note_light_stays", made.shading)


def test_a_pattern_with_the_other_side_is_done_where_the_light_is() -> None:
    made = push({"lighting": "split", "key_side": "right"}, lit(-0.4), 0.0)
    assert made is not None and made.note == "note_light_shaped_here"
    assert made.wanted.right < made.shading.right


@pytest.mark.parametrize(
    "spec", [{"lighting": "high-key"}, {"lighting": "butterfly"}, {"softness": "very-soft"}]
)
def test_one_sided_light_is_eased(spec: dict[str, str]) -> None:
    made = push(spec, lit(0.6), 0.0)
    assert made is not None and made.note == "note_light_eased"
    assert 0 < made.wanted.right < 0.6


def test_loop_light_eases_a_hard_side_and_split_light_does_not() -> None:
    loop, split = (push({"lighting": name}, lit(0.9), 0.0) for name in ("loop", "split"))
    assert loop is not None and loop.wanted.right < 0.9
    assert split is not None and split.wanted.right == 0.9


def test_butterfly_light_comes_from_higher_and_clamshell_fills_from_below() -> None:
    high, fill = (push({"lighting": n}, lit(0.0, 0.3), 0.0) for n in ("butterfly", "clamshell"))
    assert high is not None and high.wanted.up > 0.3
    assert fill is not None and 0 <= fill.wanted.up < 0.3


def test_light_from_below_is_not_pushed_further_down() -> None:
    made = push({"lighting": "clamshell"}, lit(0.4, -0.2), 0.0)
    assert made is not None and made.wanted.up == -0.2


def test_what_is_there_already_is_left_alone_and_said() -> None:
    made = push({"key_side": "left"}, lit(-0.4), 0.0)
    assert made is not None and (made.amount, made.note) == (0.0, "note_light_there")


def test_light_that_is_soft_already_is_no_news() -> None:
    assert push({"softness": "very-soft"}, lit(0.0), 0.0) is None


def test_a_face_lit_from_behind_or_unread_is_left_alone_and_said() -> None:
    for shading in (None, Shading(1.5, 0.0, 0.1, -0.5)):
        made = push({"lighting": "loop"}, shading, 0.0)
        assert made is not None and (made.amount, made.note) == (0.0, "note_light_unread")
