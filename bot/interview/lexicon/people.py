"""Who is portrayed: subject, gender, age; and who is not, because they are not of age."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from bot.interview.lexicon.ages import AgePatterns
from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Phrases, Text, words
from prompts import Prompts
from prompts.ages import ADULT, OLDEST

_TEN = 10
_OF_PERSON = frozenset({"hair", "wardrobe", "skin_tone", "glasses", "expression", "gender"})
_BY_HAIR = frozenset({"redhead", "blonde", "brunette"})
_RATIO_ENDS, _RATIO_BEGINS = re.compile(r":\s?\d"), re.compile(r"\d:\s?$")
_OF_AGE = frozenset(
    {"in", "aged", "of", "early", "mid", "middle", "late", "around", "about", "roughly", "between"}
)
_FIGURES = frozenset({"lens_mm", "aperture", "count"})
_SELF = frozenset({"me", "i'm", "he's", "she's", "myself", "redhead", "person"})
_PRONOUNS = {
    "he": "man", "he's": "man", "he'd": "man", "she": "woman", "she's": "woman", "she'd": "woman",
}  # fmt: skip


class People:
    """Reads people out of a message."""

    def __init__(self, prompts: Prompts) -> None:
        lexicon = prompts.lexicon
        self._people = lexicon.people
        self._gender = dict.fromkeys(lexicon.people.women, "woman")
        self._gender |= dict.fromkeys(lexicon.people.men, "man")
        self._jobs = Phrases(lexicon.people.occupations)
        minors = lexicon.people.minors
        self._minors = Phrases([*minors, *(f"{word}'s" for word in minors)])
        self._harmless = Phrases(lexicon.people.harmless)
        self._age_words = {words(k): v for k, v in lexicon.people.ages.items()}
        nouns = [*self._gender, *lexicon.people.occupations]
        self._ages = AgePatterns(lexicon.numbers, lexicon.decades, nouns)

    def minor(self, text: Text, bare_age: bool = False) -> bool:
        """Whether the message asks for somebody who is, or looks, under age."""
        harmless = self._harmless.find(text)
        for first, last in self._minors.find(text):
            inside = any(a <= first and last <= b for a, b in harmless)
            if not inside and not _disclaimed(text, first):
                return True
        young = any(years < ADULT for years in self._ages.years(text.folded, bare_age))
        return young or any(_TEN <= n < ADULT for _, n in self._lone(text, frozenset()))

    def find(
        self, text: Text, bare_age: bool = False, known: AbstractSet[str] = frozenset()
    ) -> list[Hit]:
        """Subject, gender and age; claims their tokens.

        `bare_age`: a lone number is an age; `known`: the slots that the message fills already.
        """
        ages = self._age_hits(text, bare_age)
        if not ages and not known & _FIGURES:
            lone = [(i, n) for i, n in self._lone(text, known) if ADULT <= n <= OLDEST]
            ages = [Hit("age", str(n), i, i + 1) for i, n in lone[:1]]
        run = self._subject(text, ages)
        if run and text.words[run[1] : run[1] + 1] == ["or"]:
            run = None
        hits = [*ages[-1:]]
        if run:
            hits += self._who(text, *run)
        elif ages and (gender := _owner(text.words[ages[-1].first : ages[-1].last])):
            hits.append(Hit("gender", gender, ages[-1].first, ages[-1].last))
        if (ages or known & _OF_PERSON) and not any(hit.slot == "gender" for hit in hits):
            hits += self._pronoun(text)
        hits += self._tones(text)
        for hit in hits:
            text.take(hit.first, hit.last)
        return hits

    def _tones(self, text: Text) -> list[Hit]:
        """'A black man', 'pale redhead': a skin tone right before a person."""
        nouns = self._gender.keys() | _BY_HAIR
        found = [(i, self._people.tones.get(w)) for i, w in enumerate(text.words[:-1])]
        return [
            Hit("skin_tone", tone, i, i + 1)
            for i, tone in found
            if tone and text.free(i, i + 1) and text.words[i + 1] in nouns and text.joined(i, i + 2)
        ]

    def _lone(self, text: Text, known: AbstractSet[str]) -> Iterator[tuple[int, int]]:
        """Numbers that are a clause of their own, where a person is described: 'me, 58'."""
        said = set(text.words)
        person = known & _OF_PERSON or said & (self._gender.keys() | _SELF | self._people.young)
        for first, last in text.clauses() if person else ():
            word = text.words[first]
            alone = last - first == 1 and word.isdecimal() and not _half_of_a_ratio(text, first)
            if alone and text.free(first, last):
                yield first, int(word)

    def _pronoun(self, text: Text) -> list[Hit]:
        """The 'he' of 'he has short brown hair', where nobody else is named."""
        found = [(i, g) for i, w in enumerate(text.words) if (g := _PRONOUNS.get(w))]
        if len({gender for _, gender in found}) != 1 or not text.free(found[0][0], found[0][0] + 1):
            return []
        at, gender = found[0]
        return [Hit("gender", gender, at, at + 1)]

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
        before = text.words[index - 1] if index and text.free(index - 1, index) else ""
        aged = any(hit.last == index for hit in ages)
        introduced = aged or index == 0 or text.tokens[index].pause or before in (
            "a", "an", "the", "our", "for", "of", "as", "female", "male", *self._people.descriptions
        )  # fmt: skip
        if "like" in text.words[max(0, index - 2) : index]:
            return False
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
            elif after is not None and self._qualifies(text, last) and text.joined(first, after):
                last = after
            elif job and text.joined(first, last + job):
                last += job
            elif text.words[last : last + 1] and self._is_next_noun(text, last):
                last += 1
            else:
                return first, last

    @staticmethod
    def _qualifies(text: Text, index: int) -> bool:
        """Whether an age goes on about a noun, as 'in her 30s' does and 'turned 84' does not."""
        word = text.words[index]
        return word in _OF_AGE or word[0].isdigit()

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
        quote = " ".join(text.phrase(first, last).split())
        yield Hit("subject", alone or quote, first, last)
        if gender is None:
            gender = _owner(said)
        if gender:
            at = next((i for i in range(first, last) if text.words[i] in self._gender), first)
            whole = (at, at + 1) if text.words[at] in self._gender else (first, last)
            yield Hit("gender", gender, *whole)


def _owner(said: list[str]) -> str | None:
    return "woman" if "her" in said else "man" if "his" in said else None


def _disclaimed(text: Text, first: int) -> bool:
    before = text.words[max(0, first - 2) : first]
    return text.joined(first - len(before), first + 1) and any(
        word in ("not", "no", "isn't", "never", "without") for word in before
    )


def _half_of_a_ratio(text: Text, at: int) -> bool:
    """Whether a number is part of a format such as 16:9."""
    token = text.tokens[at]
    before, after = text.folded[: token.start], text.folded[token.end :]
    return bool(_RATIO_ENDS.match(after) or _RATIO_BEGINS.search(before))
