"""Words that English has, so that none of them is taken for a slip of another."""

from functools import cache
from importlib.resources import files

_RAREST = 150_000
"""Occurrences in the library's corpus below which a word is likelier a slip ("wite" for white)."""


@cache
def english() -> frozenset[str]:
    """Some 47,000 English words in lower case, from the frequency list in symspellpy's wheel."""
    path = files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    counted = (line.split() for line in lines)
    return frozenset(word for word, count in counted if int(count) >= _RAREST)
