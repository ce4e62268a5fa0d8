"""The print card promises what a ruler confirms."""

from hypothesis import given
from hypothesis import strategies as st

import prompts
from engine.studio.printing.card import print_card
from engine.studio.printing.sizes import INCH, SIZES


def test_the_standard_picture() -> None:
    """2049x2732 pixels."""
    card = print_card(2049, 2732)
    assert card.at_300 == (17, 23)
    assert card.at_150 == (34, 46)
    assert card.fits == {
        300: ("4x6", "5x7"),
        200: ("4x6", "5x7", "8x10", "a4"),
        150: ("4x6", "5x7", "8x10", "11x14", "a4"),
    }
    assert card.own is None


def test_an_enlarged_face_is_said_to_be_one() -> None:
    """Pixels that were computed are no detail of the photo."""
    card = print_card(2049, 2732, enlarged=2.7)
    assert card.own == (6, 8)
    assert [key for key, _ in card.sentences()] == ["card_print", "card_print_enlarged"]
    assert [key for key, _ in print_card(2049, 2732, 1.02).sentences()] == ["card_print"]


def test_every_sentence_has_words_and_no_blank_left() -> None:
    words = prompts.load()
    for key, values in print_card(4098, 5464, 4.0).sentences():
        assert key in words.phrases
        said = words.say(key, **values)
        assert "{" not in said


@given(st.integers(200, 9000), st.integers(200, 9000))
def test_a_size_that_fits_has_the_dots(width: int, height: int) -> None:
    """Cut to the size's aspect, both sides have that many dots an inch (less one for rounding)."""
    card = print_card(width, height)
    for dpi, names in card.fits.items():
        for name in names:
            assert width >= (dpi - 1) * SIZES[name].width / INCH
            assert height >= (dpi - 1) * SIZES[name].height / INCH
    assert set(card.fits[300]) <= set(card.fits[200]) <= set(card.fits[150])
