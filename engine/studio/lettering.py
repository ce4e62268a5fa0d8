"""Letters for drawings: Pillow's own font, or one of this machine's where that lacks some.

Pillow's own knows the letters of English; other languages' are looked for in the fonts that systems
usually have, and where there is none, words are drawn without their accents rather than with boxes.
"""

import unicodedata
from functools import cache
from typing import Any

SYSTEM = (
    "DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "Roboto-Regular.ttf",
    "Arial.ttf", "arial.ttf", "Helvetica.ttc", "HelveticaNeue.ttc", "segoeui.ttf",
)  # fmt: skip
PLAIN = str.maketrans({"ß": "ss", "œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "«": '"', "»": '"'})
TRIED = 24


class Lettering:
    """How the words of one drawing are set, so that all of them look alike."""

    def __init__(self, words: str) -> None:
        """`words` are all that will be drawn."""
        strange = frozenset(c for c in words if not c.isspace() and not _has(None, c))
        self._file = _file_with(strange)
        self._folds = bool(strange) and self._file is None

    def font(self, size: float) -> Any:  # noqa: ANN401  Pillow has no common font type
        """The font at a size in pixels."""
        return _font(self._file, size)

    def spell(self, words: str) -> str:
        """The words as they can be drawn."""
        return plain(words) if self._folds else words


def plain(words: str) -> str:
    """Words without accents.

    >>> plain("Schärfe über größe, œuvre, mañana")
    'Scharfe uber grosse, oeuvre, manana'
    """
    apart = unicodedata.normalize("NFKD", words.translate(PLAIN))
    return "".join(c for c in apart if not unicodedata.combining(c))


def _file_with(letters: frozenset[str]) -> str | None:
    """The first of this machine's fonts with these letters; None for Pillow's own."""
    if not letters:
        return None
    return next((file for file in SYSTEM if all(_has(file, c) for c in letters)), None)


@cache
def _font(file: str | None, size: float) -> Any:  # noqa: ANN401  as above
    from PIL import ImageFont

    return ImageFont.truetype(file, size) if file else ImageFont.load_default(size)


@cache
def _has(file: str | None, letter: str) -> bool:
    """Whether a font has a letter of its own; False where there is no such font."""
    try:
        font = _font(file, TRIED)
    except OSError:
        return False
    return bytes(font.getmask(letter)) != bytes(font.getmask("\uffff"))
