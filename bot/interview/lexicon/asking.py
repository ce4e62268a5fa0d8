"""Questions about a word of the trade within a longer message: they explain, and set nothing."""

import re

from bot.interview.lexicon.tokens import Text

_LEADS = frozenset(
    {"and", "but", "so", "ok", "okay", "oh", "hey", "hi", "well", "sorry", "also", "btw", "or",
     "um", "quick", "question", "then", "though", "just", "wait", "hang", "on", "one", "more",
     "thing", "no"}
)  # fmt: skip
_ASKS = re.compile(
    r"(?:what(?! about\b| if\b| an?\b)(?:'s|s)?|why|how(?! about\b)|which|when|who(?:'s)?|does"
    r"|did|do (?:i|you|they|people)"
    r"|(?:is|are|was|isn't|aren't) (?:that|it|this|there|they|those|these)|explain|define"
    r"|tell me (?:about|what|how|why)"
    r"|(?:can|could|would|will) you (?:please )?(?:explain|tell me|define)|what'?s|meaning of"
    r"|difference between)\b"
)
_MEANS = re.compile(
    r"\bwhat (?:on earth |the heck |exactly )?(?:does|do|did|is|are|was)\b[^?]*\b(?:mean|is|are)\b"
    r"|\bwhat (?:[a-z]+ ){1,3}(?:is|means|are|does)\b|\b(?:does|do|did|is|are) (?:it|that|they"
    r"|this)\b"
    r"|\bthree quarters of what|\bthat's (?:a|an|the)\b.*\bright$"
)
_TAG = re.compile(
    r"\b(?:that's|it's|that is|it is|they're|they are)\b.*\b(?:isn't it|aren't they|right"
    r"|correct|no)$"
)
_STAND_UP = re.compile(r"\bstand[- ]?up(?= com)")
_WISHES = re.compile(
    r"\b(?:can|could|may|would) (?:i|we|you|it|he|she)\b(?! (?:please )?(?:explain|tell|define))"
    r"|\b(?:i want|i'd like|i need|please make|how about|what about|what if)\b"
)


def questions(text: Text) -> list[tuple[int, int]]:
    """The sentences that ask what something is or does, as ranges of tokens."""
    return [span for span in text.sentences() if _asks(text, *span)]


def referred(text: Text, asked: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sentence before a question that only points at it: '… What is it actually?'."""
    first, last = asked[0]
    points = {"it", "that", "this", "so", "those", "they"} & set(text.words[first:last])
    before = [(a, b) for a, b in text.sentences() if b == first]
    if not points or not before or "?" not in text.mark(last):
        return []
    said = text.folded[text.tokens[before[0][0]].start : text.tokens[first - 1].end]
    return [] if _WISHES.search(said) else before


def tags(text: Text) -> list[tuple[int, int]]:
    """The "right?" of "you're a robot, right?", the "stand-up" of a comedian."""
    found = [
        (first, last)
        for first, last in text.clauses()
        if text.words[first:last] == ["right"] and first and "?" in text.mark(last)
    ]
    comic = (text.span(*comic.span()) for comic in _STAND_UP.finditer(text.folded))
    return [*found, *filter(None, comic)]


def _asks(text: Text, first: int, last: int) -> bool:
    said = text.folded[text.tokens[first].start : text.tokens[last - 1].end]
    marked = "?" in text.mark(last)
    if _WISHES.search(said):
        return False
    if marked and (_MEANS.search(said) or _TAG.search(said)):
        return True
    starts = [at for at in range(first, last) if at == first or _opens(text, at)]
    return any(_begins(text, at, last) for at in (starts if marked else starts[:1]))


def _opens(text: Text, at: int) -> bool:
    return text.tokens[at].pause or text.words[at - 1] in ("but", "so", "and", "or")


def _begins(text: Text, start: int, last: int) -> bool:
    while start < last - 1 and text.words[start] in _LEADS:
        start += 1
    rest = text.folded[text.tokens[start].start : text.tokens[last - 1].end]
    return last - start > 1 and _ASKS.match(rest) is not None
