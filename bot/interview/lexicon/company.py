"""Sitters named in other ways: two or more together, by title, by a form's 'f, 33'."""

import re
from collections.abc import Iterator

from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Text
from prompts import Prompts

_BETWEEN_PAIRS = frozenset(
    {"my", "her", "his", "their", "a", "the", "our", "grown", "up", "adult", "twin", "younger",
     "older", "elderly", "new", "best", "little", "big", "old", "young"}
)  # fmt: skip
_TITLED = re.compile(r"\b(Dr|Prof|Professor|Mr|Mrs|Ms|Miss|Sir|Dame|Lord|Lady)\.? [A-Z][a-z]+\b")
_BY_TITLE = {
    "mr": "man", "sir": "man", "lord": "man", "mrs": "woman", "ms": "woman", "miss": "woman",
    "dame": "woman", "lady": "woman",
}  # fmt: skip
_SEXES = re.compile(
    r"(?<![\w.])(?P<age>[2-9]\d) ?/? ?(?P<sex>m|f|male|female)(?![\w/'])(?![ .]?\d)"
    r"|(?:^|[,.;(/] ?)(?P<sex2>m|f)[,/ ]{1,2}(?P<age2>[2-9]\d)(?![\w.:/])"
)

_SEX_OF_DECADE = re.compile(
    r"(?:^|[,.;(/] ?)(?P<before>[mf])(?=[,/ ]{1,2}(?:(?:in )?(?:her|his) )?(?:early |mid "
    r"|late )?[2-9]0'?s\b)"
    r"|\b[2-9]0'?s,? ?(?P<after>[mf])(?![\w'/])"
)

_OF_US = re.compile(r"\b(?:the two of us|the three of us|us two)\b")
_PRONOUNS = re.compile(r"\b(?:he ?/ ?him|she ?/ ?her)\b")
_ONE_WORD_FOR_MANY = ("couple", "team", "group", "duo", "trio", "family", "band", "crew", "quartet")
_ALWAYS_MANY = ("twins", "newlyweds", "newly", "besties", "triplets", "siblings", "grandparents")
_WE_ARE = (["we're", "a"], ["are", "a"], ["we're", "the"])
_PICTURES = (["of"], ["portrait"], ["photo"], ["page"], ["picture"])
_OF_COUPLE = ("a", "the", "our", "married", "young", "old", "elderly", "as")


class Company:
    """Finds several sitters who are one subject."""

    def __init__(self, prompts: Prompts) -> None:
        people = prompts.lexicon.people
        self._persons = people.women | people.men | people.young
        kin = "|".join(sorted(map(re.escape, self._persons)))
        self._listed = re.compile(
            rf"\b(?:{kin})(?:, (?:my |the |our )?(?:[a-z-]+ )?(?:{kin}))+,? and"
            rf" (?:my |the |our )?(?:[a-z-]+ ){{0,2}}(?:{kin})\b"
        )
        self._with_me = re.compile(rf"\bme and my (?:[a-z-]+ ){{0,2}}(?:{kin})s?\b")
        self._verbs = prompts.telling.past | prompts.telling.present
        self._groups, self._numbers = people.groups, prompts.lexicon.numbers

    def pair(self, text: Text, run: tuple[int, int]) -> tuple[int, int] | None:
        """'Mother and daughter', 'my wife and I': two sitters, who have no one gender."""
        at = run[1]
        while text.words[at : at + 1] in (["in"], ["law"]):
            at += 1
        if (
            text.words[at : at + 1] not in (["and"], ["with"])
            and text.raw[text.tokens[run[1] - 1].end :][:3] != " + "
        ):
            return None
        joined = text.words[at : at + 1] in (["and"], ["with"])
        other = at + joined
        while text.words[other : other + 1] and text.words[other] in _BETWEEN_PAIRS:
            other += 1
        follows = text.words[other] if other < len(text.words) else ""
        person = follows in self._persons
        mine = text.words[max(0, run[0] - 2) : run[0] + 1]
        own = (
            "my" in mine and text.words[at : at + 1] == ["and"] and follows in ("i", "me", "myself")
        )
        goes_on = text.words[other + 1 : other + 2]
        if goes_on and goes_on[0] in self._verbs:
            return None
        if not person and not (
            own and (not goes_on or goes_on[0] not in ("want", "need", "would", "love", "like"))
        ):
            return None
        start = run[0] - (text.words[run[0] - 1 : run[0]] == ["my"]) if run[0] else 0
        return (start, other + 1) if text.joined(start, other + 1) else None

    def many(self, text: Text) -> tuple[int, int] | None:
        """'Mum, dad and my grown-up sister', 'the two of us'."""
        for pattern in (self._listed, self._with_me, _OF_US):
            found = pattern.search(text.folded)
            span = text.span(*found.span()) if found else None
            if span and text.free(*span):
                return span
        return None

    def group(self, text: Text) -> tuple[int, int] | None:
        """'Two brothers', 'a couple', 'twins': more than one sitter."""
        for index, word in enumerate(text.words):
            if word not in self._groups or not text.free(index, index + 1):
                continue
            before = text.words[index - 1] if index else ""
            counted = before in self._numbers or before in (
                "2",
                "3",
                "4",
                "5",
                "6",
                "both",
                "us",
                "young",
                "old",
                "older",
                "elderly",
            )
            if word in _ONE_WORD_FOR_MANY:
                after = text.words[index + 1 : index + 2]
                of = before in _OF_COUPLE or text.words[max(0, index - 3) : index - 1] in _WE_ARE
                counted = of and after not in _PICTURES
            alone = word in _ALWAYS_MANY and before not in ("my",)
            if counted or alone:
                return (
                    index - 1
                    if counted and index and before not in ("a", "the", "our", "as", "us")
                    else index
                ), index + 1
        return None


def sexes_said(text: Text) -> Iterator[Hit]:
    """'48M', 'f, 33': age and sex as forms ask for them."""
    for found in _SEXES.finditer(text.folded):
        of = "age" if found["age"] else "age2", "sex" if found["age"] else "sex2"
        places = [text.span(*found.span(group)) for group in of]
        if all(place and text.free(*place) for place in places) and places[0] and places[1]:
            yield Hit("age", found[of[0]], *places[0])
            yield Hit("gender", "woman" if found[of[1]].startswith("f") else "man", *places[1])
    yield from _sex_beside_decade(text)
    found = _PRONOUNS.search(text.folded)
    place = text.span(*found.span()) if found else None
    if found and place and text.free(*place):
        yield Hit("gender", "woman" if found[0].startswith("she") else "man", *place)


def _sex_beside_decade(text: Text) -> Iterator[Hit]:
    """'F, 60s', '30s m'."""
    found = _SEX_OF_DECADE.search(text.folded)
    place = text.span(*found.span(found.lastgroup or 0)) if found else None
    if found and place and text.free(*place):
        yield Hit("gender", "woman" if found[found.lastgroup or 0] == "f" else "man", *place)


def _like(text: Text, at: int) -> bool:
    """'Dressed like Lady Gaga'."""
    return bool({"like", "by", "than"} & set(text.words[max(0, at - 2) : at]))


def titled(text: Text) -> list[Hit]:
    """'Dr Patel', 'Mrs Jones'."""
    found = _TITLED.search(text.raw)
    place = text.span(*found.span()) if found else None
    if not found or not place or not text.free(*place) or _like(text, place[0]):
        return []
    gender = _BY_TITLE.get(found[1].lower())
    named = Hit("subject", found[0], *place)
    return [named, Hit("gender", gender, place[0], place[0] + 1)] if gender else [named]
