"""Values and stories told by the shape of a sentence, where no list of phrases is long enough."""

import re
from collections.abc import Iterator

from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Text
from prompts import Prompts

_GOES_ON = frozenset(
    {"he", "she", "it", "they", "we", "i", "and", "but", "so", "until", "because", "which",
     "who", "when", "where", "then", "that", "while", "never", "always", "honestly", "lol",
     "haha", "his", "her", "their", "its", "my", "you"}
)  # fmt: skip
"""Words with which a story goes on after a comma."""
_SELF = (["i'm"], ["im"])
_VALUE = "v"
"""The group of a pattern that is claimed where the rest is only its surroundings."""
_FREE = "free"
"""The group of a pattern that claims nothing."""
_WISH = re.compile(
    r"\b(?:portraits?|headshots?|photos?|pics?|pictures?|(?:a|the|this|my|some|these) shots?"
    r"|please|pls|plz|i want|i need|i'd like|can you|could you|make (?:it|me|her|him|them)"
    r"|give me|let's|backdrop|background|wants? (?:a|an|to|her|him|me)|instead|need|should|must"
    r"|no glasses|shoot me"
    r"|wearing|dressed|linkedin|lighting)\b"
)


def _parts(text: Text) -> Iterator[tuple[int, int]]:
    """Clauses, cut again before what follows from them: 'my glasses broke | so no glasses'."""
    for first, last in text.clauses():
        start = first
        for at in range(first + 1, last):
            own = text.words[at] == "and" and text.words[at + 1 : at + 2] in _SELF
            if (text.words[at] in ("so", "but") and at > start + 2) or own:
                yield start, at
                start = at
        yield start, last


class Shaping:
    """Finds values by shape, and the sentences that tell of something else."""

    def __init__(self, prompts: Prompts) -> None:
        self._means, self._talk = prompts.shapes.means, prompts.shapes.talk

    def find(self, text: Text) -> list[Hit]:
        """Values in the text, the longest shapes first; claims their tokens."""
        hits = list(self._loose(text))
        for hit in sorted(self._matches(text), key=lambda hit: hit.first - hit.last):
            if text.free(hit.first, hit.last):
                text.take(hit.first, hit.last)
                hits.append(hit)
        return hits

    def _loose(self, text: Text) -> Iterator[Hit]:
        """Values beside which the same words may mean more: 'cap and gown' is worn, too."""
        for shape in self._means:
            if _FREE in shape.pattern.groupindex and (found := shape.pattern.search(text.folded)):
                span = text.span(*found.span(_FREE))
                if span and text.free(*span):
                    yield Hit(shape.slot, shape.value, *span)

    def _matches(self, text: Text) -> Iterator[Hit]:
        for shape in self._means:
            if _FREE in shape.pattern.groupindex:
                continue
            for found in shape.pattern.finditer(text.folded):
                group = _VALUE if _VALUE in shape.pattern.groupindex else 0
                span = text.span(found.start(group), found.end(group))
                if span:
                    yield Hit(shape.slot, shape.value, *span)

    def stories(self, text: Text) -> list[tuple[int, int]]:
        """The clauses that tell of other matters and wish for nothing."""
        spans, telling = [], False
        for first, last in _parts(text):
            said = text.folded[text.tokens[first].start : text.tokens[last - 1].end]
            after = text.pause(first)[:1] in (",", "")
            own = text.words[first + 1 : first + 2] in _SELF
            goes_on = telling and after and text.words[first] in _GOES_ON and not own
            goes_on = goes_on and "now" not in text.words[first:last]
            telling = not _WISH.search(said) and (
                goes_on or any(t.search(said) for t in self._talk)
            )
            spans += [(first, last)] if telling else []
        return spans
