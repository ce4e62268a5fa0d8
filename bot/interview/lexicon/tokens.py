"""Words with their places. Folding keeps the length, so places are places in the sitter's text."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from msgspec import Struct

LONGEST = 4000
"""Characters read; a longer message is read up to here."""

HEX_TOKEN = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})")
"""A colour in hex, as a token."""

_ALIKE = str.maketrans("‘’‛`´“”„«»‐‑–—\u00a0", "'''''\"\"\"\"\"---- ")
_WORD = re.compile(r"#[0-9a-f]{3,6}\b|[^\W_]+(?:'[^\W_]+)?")
_STOP = re.compile(r"[.?!…]\W*\s|\n")
_BREAK = re.compile(r"[.,;:!?()\n…]|\s-\s|--")


class Token(Struct, frozen=True):
    """A word, its place in the text, and whether a pause stands before it."""

    word: str
    start: int
    end: int
    pause: bool


class Source(Struct, frozen=True):
    """English from character `at` on stands for the sitter's characters `start` to `end`."""

    at: int
    start: int
    end: int


class Text:
    """A message, folded and cut into tokens; remembers which tokens are spoken for.

    `raw` is what is read: the sitter's words, or the English for them; `sources` then says where
    each stretch of it comes from, in the order of `raw`. `understood` is the share of the words,
    0..1, that a glossary knew.
    """

    def __init__(
        self, said: str, english: str = "", sources: Sequence[Source] = (), understood: float = 1.0
    ) -> None:
        self.said, self.understood = said[:LONGEST], understood
        self.raw = english if sources else self.said
        self._sources = sources
        self._source_starts = [source.at for source in sources]
        self.folded = fold(self.raw)
        self.tokens = tokenise(self.folded)
        self.words = [token.word for token in self.tokens]
        self._starts = [token.start for token in self.tokens]
        self._ends = [token.end for token in self.tokens]
        self._taken = [False] * len(self.tokens)

    def quote(self, first: int, last: int) -> str:
        """The sitter's own words from token `first` up to, not including, `last`."""
        if not self._sources:
            return self.phrase(first, last)
        places = [self._source(token) for token in self.tokens[first:last]]
        return self.said[min(p.start for p in places) : max(p.end for p in places)]

    def phrase(self, first: int, last: int) -> str:
        """The same tokens as they are read: in English."""
        return self.raw[self.tokens[first].start : self.tokens[last - 1].end]

    def respelt(self, words: Sequence[str]) -> "Text":
        """The same message with these words, one for each token."""
        if list(words) == self.words:
            return self
        english, sources, at = "", [], 0
        for token, word in zip(self.tokens, words, strict=True):
            english += self.raw[at : token.start]
            source = self._source(token) if self._sources else Source(0, token.start, token.end)
            sources.append(Source(len(english), source.start, source.end))
            same = word == token.word
            english += self.raw[token.start : token.end] if same else word
            at = token.end
        return Text(self.said, english + self.raw[at:], sources, self.understood)

    def part(self, first: int, last: int) -> "Text":
        """These tokens as a text of their own, for looking only: nothing is claimed in it."""
        return Text(self.phrase(first, last))

    def sentence(self, first: int, last: int) -> "Text":
        """The same with the mark that ends it."""
        return Text(self.phrase(first, last) + self.mark(last))

    def _source(self, token: Token) -> Source:
        return self._sources[bisect_right(self._source_starts, token.start) - 1]

    def free(self, first: int, last: int) -> bool:
        """Whether nothing has claimed any of these tokens."""
        return not any(self._taken[first:last])

    def pause(self, index: int) -> str:
        """What stands before this token, if it is a pause; else ""."""
        if not 0 < index < len(self.tokens) or not self.tokens[index].pause:
            return ""
        return self.folded[self.tokens[index - 1].end : self.tokens[index].start].strip()

    def claimed(self, first: int, last: int) -> int:
        """How many of these tokens are claimed."""
        return sum(self._taken[first:last])

    def take(self, first: int, last: int) -> None:
        """Claim these tokens."""
        self._taken[first:last] = [True] * (last - first)

    def joined(self, first: int, last: int) -> bool:
        """Whether no pause parts these tokens."""
        return not any(token.pause for token in self.tokens[first + 1 : last])

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """The tokens touched by characters `start` to `end`."""
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        return (first, last) if first < last else None

    def clauses(self) -> list[tuple[int, int]]:
        """The stretches between pauses, as ranges of tokens."""
        starts = [i for i, t in enumerate(self.tokens) if t.pause or i == 0]
        return list(zip(starts, [*starts[1:], len(self.tokens)], strict=True))

    def sentences(self) -> list[tuple[int, int]]:
        """The stretches between full stops, question marks and the like, as ranges of tokens."""
        ends = (i for i in range(1, len(self.tokens)) if _STOP.search(self.mark(i)))
        starts = [0, *ends] if self.tokens else []
        return list(zip(starts, [*starts[1:], len(self.tokens)], strict=True))

    def mark(self, last: int) -> str:
        """What follows the token before `last`, up to the next one: the "?" of a question."""
        end = self.tokens[last].start if last < len(self.tokens) else len(self.folded)
        return self.folded[self.tokens[last - 1].end : end]

    def clause_of(self, index: int) -> tuple[int, int]:
        """The clause a token stands in."""
        first = index
        while first and not self.tokens[first].pause:
            first -= 1
        last = index + 1
        while last < len(self.tokens) and not self.tokens[last].pause:
            last += 1
        return first, last


def fold(text: str) -> str:
    """Lower case and plain quotes and dashes, character for character."""
    plain = text.translate(_ALIKE)
    lower = plain.lower()
    if len(lower) == len(plain):
        return lower
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in plain)


def words(phrase: str) -> tuple[str, ...]:
    """A phrase as the tokens it is matched by."""
    return tuple(_WORD.findall(fold(phrase)))


class Phrases:
    """Phrases to find in token lists, the longest first, in time linear in the text."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._known = {words(phrase) for phrase in phrases} - {()}
        self._sizes = sorted({len(phrase) for phrase in self._known}, reverse=True)
        self._firsts = {phrase[0] for phrase in self._known}

    def at(self, tokens: Sequence[str], index: int) -> int:
        """How many tokens of a phrase stand at `index`; 0 when none does."""
        if index >= len(tokens) or tokens[index] not in self._firsts:
            return 0
        for size in self._sizes:
            phrase = tuple(tokens[index : index + size])
            if phrase in self._known:
                return len(phrase)
        return 0

    def find(self, text: Text) -> list[tuple[int, int]]:
        """Every place a phrase stands without a pause inside, without overlaps."""
        found, past = [], 0
        for index in (i for i, word in enumerate(text.words) if word in self._firsts):
            size = self.at(text.words, index) if index >= past else 0
            if size and text.joined(index, index + size):
                past = index + size
                found.append((index, past))
        return found

    def is_whole(self, tokens: Sequence[str]) -> bool:
        """Whether these tokens are exactly a phrase."""
        return tuple(tokens) in self._known


def tokenise(folded: str) -> list[Token]:
    """The words of a folded text."""
    tokens, at = [], 0
    for found in _WORD.finditer(folded):
        pause = bool(_BREAK.search(folded, at, found.start()))
        tokens.append(Token(found[0], found.start(), found.end(), pause))
        at = found.end()
    return tokens
