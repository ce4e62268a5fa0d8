"""What can be picked: what the studio can do first, found by any of its names."""

import pytest
from support.sittings import WORDS

from bot.core.vocabulary import named, said
from engine.base import Capabilities

CAN = Capabilities("card", {"generate": {"lighting": ("split",), "backdrop": None}})


def test_what_the_studio_can_do_is_offered_first() -> None:
    """Nobody scrolls past what is not to be had."""
    assert named(WORDS, CAN, "lighting")[0].label == "Split light"
    assert len(named(WORDS, CAN, "lighting")) == len(WORDS.slot("lighting").values)


def test_what_is_offered_as_a_tap_comes_before_the_rest() -> None:
    """Where the studio can do all of them."""
    first = [value.label for value in named(WORDS, CAN, "backdrop")]
    taps = [value.label for value in WORDS.choices("backdrop")]
    assert first[: len(taps)] == taps


@pytest.mark.parametrize("typed", ["Rembr", "REMBRANDT", "brandtl", ""])
def test_a_value_is_found_by_what_one_types(typed: str) -> None:
    """Its label or another name, anywhere in it."""
    assert "Rembrandt light" in [v.label for v in named(WORDS, CAN, "lighting") if v.matches(typed)]


def test_an_unknown_slot_has_nothing_to_pick() -> None:
    """And raises nothing."""
    assert named(WORDS, CAN, "mood") == ()


def test_own_words_name_their_slot_once() -> None:
    """So that whoever reads them knows what they are about."""
    assert said("lighting", "hard light") == "hard light"
    assert said("backdrop", "moss") == "moss backdrop"
