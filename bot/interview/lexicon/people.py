"""Who is portrayed: subject, gender, age; and who is not, because they are not of age."""

import re
from collections.abc import Iterator

from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Phrases, Text, words
from prompts import Prompts
from prompts.ages import ADULT, age_range


class People:
    """Reads people out of a message."""

    def __init__(self, prompts: Prompts) -> None:
        lexicon = prompts.lexicon
        self._people = lexicon.people
        self._gender = dict.fromkeys(lexicon.people.women, "woman")
        self._gender |= dict.fromkeys(lexicon.people.men, "man")
        self._jobs = Phrases(lexicon.people.occupations)
        self._minors = Phrases(lexicon.people.minors)
        self._harmless = Phrases(lexicon.people.harmless)
        self._age_words = {words(k): v for k, v in lexicon.people.ages.items()}
        self._ages = AgePatterns(lexicon.numbers, lexicon.decades)

    def minor(self, text: Text, bare_age: bool = False) -> bool:
        """Whether the message asks for somebody who is, or looks, under age."""
        harmless = self._harmless.find(text)
        for first, last in self._minors.find(text):
            inside = any(a <= first and last <= b for a, b in harmless)
            if not inside and not _disclaimed(text, first):
                return True
        return any(years < ADULT for years in self._ages.years(text.folded, bare_age))

    def find(self, text: Text, bare_age: bool = False) -> list[Hit]:
        """Subject, gender and age; claims their tokens. `bare_age`: a lone number is an age."""
        ages = self._age_hits(text, bare_age)
        run = self._subject(text, ages)
        hits = [*ages[-1:]]
        if run:
            hits += self._who(text, *run)
        elif ages and (gender := _owner(text.words[ages[-1].first : ages[-1].last])):
            hits.append(Hit("gender", gender, ages[-1].first, ages[-1].last))
        for hit in hits:
            text.take(hit.first, hit.last)
        return hits

    def _age_hits(self, text: Text, bare_age: bool) -> list[Hit]:
        hits = []
        for age, start, end in self._ages.find(text.folded, bare_age):
            span = text.span(start, end)
            if span and text.free(*span):
                hits.append(Hit("age", age, *span))
        return hits or list(self._aged_words(text))

    def _aged_words(self, text: Text) -> Iterator[Hit]:
        """'young woman', 'elderly gentleman': only beside a noun for a person."""
        for key, age in self._age_words.items():
            for index in range(len(text.words) - len(key)):
                last = index + len(key)
                if tuple(text.words[index:last]) == key and self._is_person(text, last):
                    yield Hit("age", age, index, last)

    def _is_person(self, text: Text, index: int) -> bool:
        ahead = text.words[index : index + 2]
        return any(word in self._gender for word in ahead) or bool(self._jobs.at(ahead, 0))

    def _subject(self, text: Text, ages: list[Hit]) -> tuple[int, int] | None:
        """The stretch of tokens that names the sitter."""
        for index, word in enumerate(text.words):
            if not text.free(index, index + 1):
                continue
            size = int(word in self._gender) or self._jobs.at(text.words, index)
            size = size or int(word in self._people.young and bool(ages))
            if size and self._is_noun(text, index, size, ages):
                return self._grown(text, index, index + size, ages)
        return None

    def _is_noun(self, text: Text, index: int, size: int, ages: list[Hit]) -> bool:
        """A job counts when somebody is introduced by it, not when a thing is named after it."""
        if size == 1 and text.words[index] in self._gender:
            return True
        before = text.words[index - 1] if index else ""
        aged = any(hit.last == index for hit in ages)
        introduced = aged or index == 0 or text.tokens[index].pause or before in (
            "a", "an", "the", "our", "for", "of", "as", "female", "male", *self._people.descriptions
        )  # fmt: skip
        after = text.words[index + size] if index + size < len(text.words) else ""
        return introduced and after not in ("headshot", "portrait", "photo", "look", "style")

    def _grown(self, text: Text, first: int, last: int, ages: list[Hit]) -> tuple[int, int]:
        spans = {(h.first, h.last) for h in ages}
        while True:
            before = next((a for a, b in spans if b == first), None)
            after = next((b for a, b in spans if a == last), None)
            job = self._jobs.at(text.words, last) if last < len(text.words) else 0
            if before is not None and text.joined(before, last):
                first = before
            elif first and self._describes(text, first - 1) and text.joined(first - 1, last):
                first -= 1
            elif after is not None and text.joined(first, after):
                last = after
            elif job and text.joined(first, last + job):
                last += job
            elif text.words[last : last + 1] and self._is_next_noun(text, last):
                last += 1
            else:
                return first, last

    def _describes(self, text: Text, index: int) -> bool:
        return text.words[index] in self._people.descriptions and text.free(index, index + 1)

    def _is_next_noun(self, text: Text, index: int) -> bool:
        return text.words[index] in self._gender and text.joined(index - 1, index + 1)

    def _who(self, text: Text, first: int, last: int) -> Iterator[Hit]:
        said = text.words[first:last]
        gender = next((self._gender[w] for w in said if w in self._gender), None)
        young = next((w for w in said if w in self._people.young), "")
        if gender is None and young:
            gender = "woman" if young.startswith(("girl", "daughter")) else "man"
        alone = {"female": "woman", "male": "man"}.get(said[0]) if len(said) == 1 else None
        quote = " ".join(text.quote(first, last).split())
        yield Hit("subject", alone or quote, first, last)
        if gender is None:
            gender = _owner(said)
        if gender:
            at = next((i for i in range(first, last) if text.words[i] in self._gender), first)
            whole = (at, at + 1) if text.words[at] in self._gender else (first, last)
            yield Hit("gender", gender, *whole)


class AgePatterns:
    """Ages in figures and words."""

    def __init__(self, numbers: dict[str, int], decades: dict[str, int]) -> None:
        tens = {w: n for w, n in numbers.items() if n >= 20}
        self._numbers = numbers
        self._decades = decades
        units = "|".join(w for w, n in numbers.items() if n < 10)
        word = rf"(?:(?:{'|'.join(tens)})(?:[- ](?:{units}))?|{'|'.join(numbers)})"
        exact = rf"(?<![\w.])(?:(?P<n>\d{{1,3}})|(?P<w>{word}))"
        decade = rf"(?:(?P<part>early|mid|middle|late)[- ]*)?(?:(?P<d>[1-9]0) ?'?(?:s|ies)|(?P<dw>{'|'.join(decades)}))"
        lead = r"(?:in )?(?:(?:her|his|their|my) )?"
        old = r"[- ]?(?:years?|yrs?|y/?o|yo)(?:[- ]?(?:old|of age))?"
        self._patterns = [
            re.compile(rf"(?<![\w/])(?<!the ){lead}{decade}\b(?![ -](?:film|hollywood|style|look|glamour|movie|noir"
                rf"|vibe|inspired|fashion|hair|retro|disco|aesthetic|era|cinema))"),
            re.compile(rf"(?<![\w.])(?:between )?(?P<a>\d\d)(?: ?- ?| and | to )(?P<b>\d\d)(?:{old})"),
            re.compile(rf"(?<![\w.])between (?P<a>\d\d) and (?P<b>\d\d)\b(?! ?mm)"),
            re.compile(rf"{exact}{old}\b"),
            re.compile(rf"{exact}[- ]months?[- ]old\b"),
            re.compile(rf"{exact} ?-?(?:ish)\b"),
            re.compile(rf"{exact}[- ]something\b"),
            re.compile(
                rf"\b(?:age[ds]?(?: of)?|age:|i'm|i am|he's|he is|she's|she is|they're|turning|aged"
                rf"|make (?:her|him|them|me)|look(?:s|ing)?(?: like)?(?: (?:she|he)(?:'s| is))?) (?:an? )?{exact}"
                rf"(?![\w'./:]|[- ]?(?:mm|years? of|percent|%|pictures|photos|shots|lens|people|foot|feet|ft|{'|'.join(tens)}))"
            ),
            re.compile(rf"\b(?:woman|man|lady|guy|gentleman|female|male|girl|boy)(?:,| of)? {exact}(?![\w'./:]| ?mm)"),
        ]  # fmt: skip
        self._loose = re.compile(
            rf"\b(?:around|about|roughly|over) (?P<n>\d\d)(?P<w>)(?=\W*$|[,.;!?](?!\d))"
        )
        self._bare = re.compile(rf"^\W*(?:about |around )?{exact}\W*$")

    def years(self, folded: str, bare: bool = False) -> Iterator[int]:
        """The youngest year of every age said."""
        for pattern in [*self._patterns, self._bare] if bare else self._patterns:
            for found in pattern.finditer(folded):
                age = self._age(found, months="month" in found[0])
                years = age_range(age)
                yield years[0] if years else int(age) if age.isdecimal() else ADULT

    def find(self, folded: str, bare: bool = False) -> Iterator[tuple[str, int, int]]:
        """Grown-up ages with their places."""
        extra = [self._loose, self._bare] if bare else [self._loose]
        for pattern in [*self._patterns, *extra]:
            for found in pattern.finditer(folded):
                age = self._age(found)
                years = age_range(age)
                if years and years[0] >= ADULT:
                    yield age, found.start(), found.end()

    def _age(self, found: re.Match[str], months: bool = False) -> str:
        parts = found.groupdict()
        if months:
            return "1"
        if parts.get("a"):
            return f"{parts['a']}-{parts['b']}"
        if parts.get("d") or parts.get("dw"):
            start = int(parts["d"]) if parts["d"] else self._decades[parts["dw"]]
            third = {"middle": "mid"}.get(parts["part"] or "", parts["part"] or "")
            return f"{third} {start}s".strip()
        years = int(parts["n"]) if parts.get("n") else self._spelt(parts["w"])
        return f"{years // 10 * 10}s" if "something" in found[0] else str(years)

    def _spelt(self, text: str) -> int:
        return sum(self._numbers[part] for part in re.split(r"[- ]", text))


def _owner(said: list[str]) -> str | None:
    return "woman" if "her" in said else "man" if "his" in said else None


def _disclaimed(text: Text, first: int) -> bool:
    before = text.words[max(0, first - 2) : first]
    return text.joined(first - len(before), first + 1) and any(
        word in ("not", "no", "isn't", "never", "without") for word in before
    )
