"""A quote counts only when the sitter said it."""

import pytest

from bot.core.spec import SLOTS
from bot.interview.evidence import standing
from prompts.library import load


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("navy blazer", "a Navy\n  BLAZER, please", "Navy\n  BLAZER"),
        ('"it\'s me."', "yes, it’s me", "it’s me"),
        ("30s", "woman in her 30s.", "30s"),
        ("f/1.8", "85mm f/1.8", "f/1.8"),
        ("肖像", "我想要一张肖像", "肖像"),
        ("weiches Licht", "Bitte weiches Licht!", "weiches Licht"),
    ],
)
def test_case_space_and_quotation_marks_do_not_matter(quote: str, text: str, found: str) -> None:
    """What comes back is the sitter's own spelling, in any script."""
    assert standing(quote, text) == found


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("man", "a woman"),
        ("wo", "a woman"),
        ("0s", "in her 30s"),
        ("navy suit", "a navy blazer"),
        ("", "anything"),
        (" . ", "anything."),
        (".*", "anything"),
        ("word " * 100, "word " * 200),
    ],
)
def test_half_a_word_or_none_is_no_quote(quote: str, text: str) -> None:
    """Nor a pattern, nor the whole message repeated."""
    assert standing(quote, text) == ""


def test_a_half_word_first_does_not_hide_the_whole_one() -> None:
    """The word is found wherever it stands on its own."""
    assert standing("man", "no woman but a man") == "man"


def test_every_slot_of_the_spec_has_a_vocabulary() -> None:
    """So that no slot a model names can go unchecked."""
    assert set(SLOTS) == set(load().slots)
