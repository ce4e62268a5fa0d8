"""Ages in figures and words, wherever a sentence says them."""

import re
from collections.abc import Iterable, Iterator, Mapping

from bot.interview.lexicon.tokens import Text
from prompts.ages import ADULT, age_range

_RATIO_ENDS, _RATIO_BEGINS = re.compile(r"[:.]\s?\d"), re.compile(r"\d[:.]\s?$")
_LEAD = r"(?:in )?(?:(?:her|his|their|my) )?"
_OLD = r"[- ]?(?:years?|yrs?|y/?o|yo)(?:[- ]?(?:old|of age))?"
_NOT_A_TIME = (
    r"(?![ -](?:film|hollywood|style|look|glamour|movie|noir|vibe|inspired|fashion|hair|retro"
    r"|disco|aesthetic|era|cinema))"
)
_SAYS_AGE = (
    r"\b(?:age[ds]?(?: of)?|age:|i'm|im|i am|am|both|who's|who is|we're both|he's|he is|she's"
    r"|she is|they're|turn(?:s|ed|ing)"
    r"|pushing|nearly|almost|approaching|nearing|going on"
    r"|make (?:her|him|them|me)|(?:she|he|they|i) (?:be|was|were)"
    r"|look(?:s|ing)?(?: like)?(?: (?:she|he)(?:'s| is))?)"
)
_ENDS = (
    r"(?=\W*$|[,.;!?)](?!\d)"
    r"|\s(?:and|n|with|but|in|now|please|looking|wearing|who|to|or|so|on|by|though|although|even|next|this|today|tomorrow|soon|last|instead|not|rather)\b)"
)
_NOUN = (
    r"\b(?:woman|man|lady|guy|gentleman|female|male|girl|boy|person"
    r"|bloke|dude|chap|lad|lass|gal|fella|gent|mum|mom|dad|widow|widower"
    r"|boyfriend|girlfriend|husband|wife|brother|sister|partner|friend)"
)
_PERSON = ("girl", "boy", "person", "partner", "friend", "cousin", "daughter", "son")
_LASTS = re.compile(
    r"\b(?:for|after|last|past|next|after|every|within|over|been|took|takes|married|worked|spent)"
    r"(?: (?:us|me|him|her|them|you|the|about|around|almost|nearly|over|last|past))* $"
)
_BEFORE = 40
"""Characters looked back for what makes a number of years a duration."""
_ABOUT = ("exactly", "about", "around", "just", "nearly", "roughly", "age", "aged", "almost")
_SAYING = r"(?:let'?s say |say |i'?d say |maybe |probably |call it |make it |he'?s |she'?s |i'?m )?"
_COMPLAINS = re.compile(r" (?:in it|in this one|in that one|in these|in those|here[!.])")
_PICTURES = re.compile(r"make me (?:[1-9]|1[0-2]|one|two|three|four|five|six|seven|eight|nine|ten)")
_GOES_ON = re.compile(
    r" (?:ago|later|younger|older|off|from|now|together|of (?!age)|in\b|at\b|experience|warranty)"
)


class AgePatterns:
    """Ages in a folded text; `numbers` and `decades` are number words and what they mean.

    `people` are nouns that an age may follow: "teacher, 40".
    """

    def __init__(
        self, numbers: Mapping[str, int], decades: Mapping[str, int], people: Iterable[str] = ()
    ) -> None:
        self._numbers, self._decades = numbers, decades
        exact = _exact(numbers)
        units = "|".join(word for word, number in numbers.items() if number < 10)
        spelt = "|".join(numbers)
        tens = "|".join(word for word, number in numbers.items() if number >= 20)
        # Any word; `_said_of_people` looks whether it names a person.
        person = r"\b(?P<who>[^\W\d_]+)"
        self._people = frozenset(word for name in (*people, *_PERSON) for word in name.split()[-1:])
        said = [
            rf"(?<![\w/])(?<!the ){_LEAD}{_decade(decades)}\b{_NOT_A_TIME}",
            rf"(?<![\w.])(?:between )?(?P<a>\d\d)(?: ?- ?| and | to )(?P<b>\d\d){_OLD}\b",
            r"(?<![\w.])between (?P<a>\d\d) and (?P<b>\d\d)\b(?! ?mm)",
            rf"{exact}{_OLD}\b",
            rf"{exact}[- ]months?[- ]old\b",
            rf"{exact} ?-?ish\b",
            rf"{exact}[- ]something\b",
            rf"\b(?P<w>{tens})(?:something)\b",
            rf"(?<![\w.])between (?P<wa>(?:{spelt})(?:[- ](?:{spelt}))?)"
            rf" and (?P<wb>(?:{spelt})(?:[- ](?:{spelt}))?)\b",
            r"(?<![\w.])(?P<n>[2-9]\d)(?P<w>)[- ](?:odd|plus)(?=\W*$|[,.;!?)])",
            rf"\b(?P<w>{tens})[- ](?:odd|plus)(?=\W*$|[,.;!?)])",
            rf"{person} (?P<n>[2-9]\d)(?P<w>)(?=\W*$|[,.;!?)](?!\d))",
            r"\b(?:i|he|she) (?:have|has) (?P<n>[1-9]\d)(?P<w>) years(?=\W*$|[,.;!?)])",
            r"(?<![\w.])(?P<n>\d\d)(?:st|nd|rd|th)(?P<w>) birthday\b",
            r"\b[a-z]+'s (?P<n>[2-9]\d)(?:st|nd|rd|th)\b(?P<w>)(?! (?:floor|street|century))",
            rf"{_SAYS_AGE} (?:an? )?(?:about |around |maybe |probably |roughly |really |only "
            rf"|just )?{exact}{_ENDS}",
            rf"(?<![\w.:/-])(?P<n>[2-9]\d)(?P<w>)(?= {_NOUN[2:]}\b)",
            rf"{_NOUN}(?:,| of)? {exact}(?![\w'./:-]| ?mm)",
            rf"{person}, {exact}{_ENDS}",
            rf"{person}(?: is|'s) (?P<w>(?:{tens})(?:[- ](?:{units}))?)(?P<n>)?{_ENDS}",
            rf"{person}(?: is|'s) (?:now |about |nearly |almost |just )?(?P<n>1[89]"
            rf"|[2-9]\d)(?P<w>){_ENDS}",
            rf"{person} (?:of|from) (?P<n>[2-9]\d)(?P<w>){_ENDS}",
        ]
        self._said = [re.compile(pattern) for pattern in said]
        self._loose = re.compile(
            rf"\b(?:around|about|roughly|over|approx|approximately|circa) {exact}{_ENDS}"
        )
        self._bare = re.compile(rf"^\W*{_SAYING}(?:about |around |roughly )?{exact}\W*$")

    def years(self, folded: str, bare: bool = False) -> Iterator[int]:
        """The youngest year of every age said. `bare`: a lone number is an age."""
        for pattern in [*self._said, self._bare] if bare else self._said:
            for found in self._said_of_people(pattern, folded):
                age = self._age(found)
                years = age_range(age)
                yield years[0] if years else int(age) if age.isdecimal() else ADULT

    def find(self, folded: str, bare: bool = False) -> Iterator[tuple[str, int, int]]:
        """Grown-up ages with their places."""
        extra = [self._loose, self._bare] if bare else [self._loose]
        for pattern in [*self._said, *extra]:
            for found in self._said_of_people(pattern, folded):
                age = self._age(found)
                years = age_range(age)
                if years and years[0] >= ADULT:
                    yield age, found.start(), found.end()

    def _age(self, found: re.Match[str]) -> str:
        """The age as the vocabulary writes it: '45', '30-35', 'late 20s'."""
        parts = found.groupdict()
        if "month" in found[0]:
            return "1"
        if parts.get("wa"):
            return f"{self._spelt(parts['wa'])}-{self._spelt(parts['wb'])}"
        if parts.get("a"):
            return f"{parts['a']}-{parts['b']}"
        if parts.get("d") or parts.get("dw"):
            decade = int(parts["d"]) if parts["d"] else self._decades[parts["dw"]]
            third = (parts["part"] or "").replace("middle", "mid")
            return f"{third} {decade}s".strip()
        years = int(parts["n"]) if parts.get("n") else self._spelt(parts["w"])
        return f"{years // 10 * 10}s" if "something" in found[0] else str(years)

    def _said_of_people(self, pattern: re.Pattern[str], folded: str) -> Iterator[re.Match[str]]:
        """The matches, without what lasts ('for 20 years', '20 years ago') or is complained of."""
        for found in pattern.finditer(folded):
            who = found.groupdict().get("who")
            if who is not None and who not in self._people:
                continue
            before = max(0, found.start() - _BEFORE)
            lasts = _LASTS.search(folded, before, found.start()) or _GOES_ON.match(
                folded, found.end()
            )
            unwanted = _COMPLAINS.match(folded, found.end()) or _PICTURES.fullmatch(found[0])
            if not (unwanted or (lasts and found[0].endswith(("year", "years", "yrs")))):
                yield found

    def _spelt(self, text: str) -> int:
        return sum(self._numbers[part] for part in re.split(r"[- ]", text))


def _exact(numbers: Mapping[str, int]) -> str:
    tens = "|".join(word for word, number in numbers.items() if number >= 20)
    units = "|".join(word for word, number in numbers.items() if number < 10)
    spelt = rf"(?:{tens})[- ]?(?:{units})\b|(?:{'|'.join(numbers)})\b"
    return rf"(?<![\w.:/-])(?:(?P<n>\d{{1,3}})|(?P<w>{spelt}))"


def _decade(decades: Mapping[str, int]) -> str:
    third = r"(?:(?P<part>early|mid|middle|late)[- ]*)?"
    return rf"{third}(?:(?P<d>[1-9]0) ?'?(?:s|ies)|(?P<dw>{'|'.join(decades)}))"


def lone_numbers(text: Text) -> Iterator[tuple[int, int]]:
    """Numbers that are a clause of their own, 'me, 58', with their places."""
    for span in text.clauses():
        at = [i for i in range(*span) if text.words[i] not in (*_ABOUT, "now")]
        if len(at) != 1 or not text.words[at[0]].isdecimal() or not text.free(*span):
            continue
        if not _half_of_a_ratio(text, at[0]):
            yield at[0], int(text.words[at[0]])


def _half_of_a_ratio(text: Text, at: int) -> bool:
    """Whether a number is part of a format such as 16:9."""
    token = text.tokens[at]
    before, after = text.folded[: token.start], text.folded[token.end :]
    return bool(_RATIO_ENDS.match(after) or _RATIO_BEGINS.search(before))
