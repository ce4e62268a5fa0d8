"""How many tokens CLIP makes of a text, never fewer than it really does, without its tokenizer."""

import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from prompts.files import read_toml

CLIP_TOKENS = 77
"""What CLIP's text encoder takes, its start and end marks included (Radford et al. 2021)."""
MARKS = 2

_PIECES = re.compile(r"[a-z]+|\S")
"""CLIP splits before it merges: letters together, every digit alone, signs by themselves."""


class ClipWords(Struct, frozen=True, forbid_unknown_fields=True):
    """Words by their number of tokens, as texts with blanks between them."""

    words: dict[int, str]


def load_clip_words(path: Path) -> dict[str, int]:
    """Tokens by word; raises `PromptError` when the file cannot be read."""
    found = read_toml(path, ClipWords).words
    return {word: count for count, words in found.items() for word in words.split()}


def count_tokens(text: str, known: Mapping[str, int]) -> int:
    """An upper bound of the text's CLIP tokens, without the two marks.

    A known word counts what it is known to count; of any other run of letters each letter counts,
    and of any other character each of its UTF-8 bytes, for byte-pair merges only make fewer.
    """
    return sum(_cost(piece, known) for piece in _PIECES.findall(text.lower()))


def trim(text: str, budget: int, known: Mapping[str, int]) -> str:
    """The text's first whole words that fit into `budget` tokens; may be empty."""
    kept: list[str] = []
    for word in text.split():
        budget -= count_tokens(word, known)
        if budget < 0:
            break
        kept.append(word)
    return " ".join(kept).rstrip(" ,")


def _cost(piece: str, known: Mapping[str, int]) -> int:
    return known.get(piece) or len(piece.encode())
