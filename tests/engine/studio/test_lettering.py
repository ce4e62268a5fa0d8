"""Drawn words are legible in every language the studio speaks."""

import pytest

from engine.studio import lettering
from engine.studio.lettering import Lettering, plain

GERMAN = "Weiße Ziegelwand, 32° über den Augen"


def test_english_is_set_in_the_font_that_is_always_there() -> None:
    """So its drawings are the same on every machine."""
    letters = Lettering("Key, soft, 30° above the eyes")
    assert letters.font(20).getname()[0] == "Aileron"
    assert letters.spell("Key") == "Key"


def test_accents_are_drawn_or_left_out_but_are_never_boxes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With no font that has them, words are spelt without."""
    letters = Lettering(GERMAN)
    assert not [c for c in letters.spell(GERMAN) if not _drawn(letters, c)]
    monkeypatch.setattr(lettering, "SYSTEM", ("no-such-font.ttf",))
    bare = Lettering(GERMAN)
    assert bare.spell(GERMAN) == "Weisse Ziegelwand, 32° uber den Augen"
    assert not [c for c in bare.spell(GERMAN) if not _drawn(bare, c)]


def test_plain_words_stay_as_they_are() -> None:
    assert plain("Tri-X 400, f/2.8") == "Tri-X 400, f/2.8"


def _drawn(letters: Lettering, letter: str) -> bool:
    font = letters.font(24)
    return letter.isspace() or bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))
