"""Paper sizes as people name them. Their measures are the studio's."""

import re

SIZES = ("4x6", "5x7", "8x10", "11x14", "a4")
ID_SIZES = ("35x45", "2x2")
"""Photos for documents: cropped from the sitter's own photo, never from a retouched picture."""

_SIZE = re.compile(r"(?<![\w.])(\d{1,2})\s*(?:x|×|by|\*)\s*(\d{1,2})(?!\d)")
_A4 = re.compile(r"\ba\s?4\b")
_SHEET = re.compile(r"\bsheet\b")


def size_in(text: str) -> str:
    """The paper size a sentence names, or "".

    >>> size_in("print it 5 × 7 please"), size_in("on A4"), size_in("print it")
    ('5x7', 'a4', '')
    """
    words = text.casefold()
    named = [f"{a}x{b}" for a, b in _SIZE.findall(words)] + ["a4"] * bool(_A4.search(words))
    turned = [n if n in (*SIZES, *ID_SIZES) else "x".join(n.split("x")[::-1]) for n in named]
    return next((n for n in turned if n in (*SIZES, *ID_SIZES)), "")


def wants_sheet(text: str) -> bool:
    """Whether a sentence asks for a whole sheet."""
    return bool(_SHEET.search(text.casefold()))
