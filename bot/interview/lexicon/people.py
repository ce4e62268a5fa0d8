"""Who is portrayed: subject, gender, age; and who is not, because they are not of age."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from bot.interview.lexicon.ages import AgePatterns, lone_numbers
from bot.interview.lexicon.company import Company, sexes_said, titled
from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.minors import Minors
from bot.interview.lexicon.sitters import Sitters, owner
from bot.interview.lexicon.tokens import Phrases, Text, words
from prompts import Prompts
from prompts.ages import ADULT, OLDEST

_OF_PERSON = frozenset({"hair", "wardrobe", "skin_tone", "glasses", "expression", "gender"})
_BY_HAIR = frozenset({"redhead", "blonde", "brunette"})
_FIGURES = frozenset({"lens_mm", "aperture", "count"})
_SELF = frozenset({"me", "i'm", "he's", "she's", "myself", "redhead", "person"})
_OF_THIRD = {
    "he": "man", "he's": "man", "his": "man", "him": "man", "himself": "man",
    "she": "woman", "she's": "woman", "her": "woman", "hers": "woman", "herself": "woman",
}  # fmt: skip
_SHOWN = re.compile(
    r"\b(?:portrait|photo|picture|pic|headshot|shot|photograph)s?"
    r" of (?P<who>her|him|himself|herself)\b"
)
_MEN = frozenset({"men", "guys", "lads", "brothers", "gentlemen", "blokes", "dudes", "husbands"})
_WOMEN = frozenset({"women", "ladies", "girls", "sisters", "gals", "wives", "bridesmaids"})
_MENDED = re.compile(
    r"\b(?:no|wait|oops|sorry|actually|rather|make that|i mean|well)(?:[,.! ]+(?:sorry|wait|no"
    r"|actually))*[,.! ]+"
    r"(?:she'?s |he'?s |i'?m |it'?s )?(?P<n>[2-9]\d)\b(?! ?(?:mm|mil|%|pictures|photos))"
)
_OF_SPEAKER = frozenset({"i", "i'm", "i'd", "i've", "i'll", "me", "my", "myself"})
_LENSES = frozenset({24, 28, 35, 50, 85})
_LEADING = 2
"""Words into a clause within which a pronoun is what the clause is about."""
_PRONOUNS = {
    "he": "man", "he's": "man", "he'd": "man", "she": "woman", "she's": "woman", "she'd": "woman",
}  # fmt: skip


class People:
    """Reads people out of a message."""

    def __init__(self, prompts: Prompts) -> None:
        lexicon = prompts.lexicon
        self._numbers = lexicon.numbers
        self._people = lexicon.people
        self._gender = dict.fromkeys(lexicon.people.women, "woman")
        self._gender |= dict.fromkeys(lexicon.people.men, "man")
        self._jobs = Phrases(lexicon.people.occupations)
        self._persons = frozenset(self._gender) | _SELF | self._people.young
        self._persons |= {job for job in lexicon.people.occupations if " " not in job}
        self._company, self._sitters = Company(prompts), Sitters(prompts)
        self._age_words = {words(k): v for k, v in lexicon.people.ages.items()}
        nouns = [
            *self._gender,
            *(f"{kin} in law" for kin in self._gender),
            *lexicon.people.occupations,
        ]
        self._ages = AgePatterns(lexicon.numbers, lexicon.decades, nouns)
        self._minors = Minors(prompts, self._ages)

    def minor(self, text: Text, bare_age: bool = False) -> bool:
        """Whether the message asks for somebody who is, or looks, under age."""
        person = bool(self._persons & set(text.words))
        return self._minors.asked_for(text, person, bare_age)

    def find(
        self,
        text: Text,
        bare_age: bool = False,
        known: AbstractSet[str] = frozenset(),
        own: bool = False,
    ) -> list[Hit]:
        """Subject, gender and age; claims their tokens.

        `bare_age`: a lone number is an age; `known`: the slots that the message fills already;
        `own`: the speaker is the sitter, so that "she" is somebody else.
        """
        ages = self._age_hits(text, bare_age)
        sexes = list(sexes_said(text))
        ages += [hit for hit in sexes if hit.slot == "age" and not ages]
        if not ages:
            lenses = _LENSES if known & _FIGURES else frozenset()
            lone = [
                (i, n)
                for i, n in self._lone(text, known)
                if ADULT <= n <= OLDEST and n not in lenses
            ]
            ages = [Hit("age", str(n), i, i + 1) for i, n in lone[:1]]
        ages = self._mended(text, ages)
        run = self._sitters.find(text, ages)
        if run and (text.words[run[1] : run[1] + 1] == ["or"] or self._of_family(text)):
            run = None
        hits = sorted(ages, key=lambda hit: hit.first)[-1:]
        pair = self._company.many(text) or (self._company.pair(text, run) if run else None)
        pair = pair or self._company.group(text)
        if not run and not pair:
            hits += titled(text)
        if pair:
            hits.append(Hit("subject", " ".join(text.phrase(*pair).split()), *pair))
            if gender := _of_many(text.words[slice(*pair)]):
                hits.append(Hit("gender", gender, *pair))
            return self._claimed(text, hits)
        if run:
            hits += self._sitters.described(text, *run)
        elif job := self._sitters.vocation(text):
            hits.append(job)
        told = any(hit.slot == "gender" for hit in hits)
        if not told and ages and (gender := owner(text.words[ages[-1].first : ages[-1].last])):
            hits.append(Hit("gender", gender, ages[-1].first, ages[-1].last))
        if not any(hit.slot == "gender" for hit in hits):
            hits += [hit for hit in sexes if hit.slot == "gender"]
        if not own and (shown := _SHOWN.search(text.folded)) and not run:
            place = text.span(*shown.span("who"))
            hits += [Hit("gender", _OF_THIRD[shown["who"]], *place)] if place else []
        told = own or any(hit.slot == "gender" for hit in hits)
        if (ages or run or known & _OF_PERSON) and not told:
            hits += self._pronoun(text)
            told = any(hit.slot == "gender" for hit in hits)
        if (ages or run) and not told:
            hits += self._possessive(text)
        hits += self._tones(text)
        return self._claimed(text, hits)

    def _of_family(self, text: Text) -> bool:
        """'A family photo with my boys and the missus': nobody of them alone."""
        kin = frozenset(self._gender) | self._people.young | self._people.groups
        named = [i for i, w in enumerate(text.words) if w in kin - {"family"}]
        return "family" in text.words and sum(text.free(i, i + 1) for i in named) > 1

    @staticmethod
    def _claimed(text: Text, hits: list[Hit]) -> list[Hit]:
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
        person = known & _OF_PERSON or set(text.words) & self._persons
        own = _OF_SPEAKER & set(text.words)
        for at, number in (*lone_numbers(text), *self._spelt(text)):
            if person or (own and number not in _LENSES):
                yield at, number

    def _spelt(self, text: Text) -> Iterator[tuple[int, int]]:
        """'Seventy-eight' as a clause of its own."""
        for first, last in text.clauses():
            said = [self._numbers.get(word, 0) for word in text.words[first:last]]
            said = said if any(said) else self._joined(text.words[first])
            tens = len(said) in (1, 2) and said[0] >= ADULT and said[0] % 10 * (len(said) - 1) == 0
            if tens and all(said) and (len(said) == 1 or said[1] < 10):
                yield first, sum(said)

    def _joined(self, word: str) -> list[int]:
        """'Thirtytwo'."""
        return [
            sum((tens, self._numbers[word[len(ten) :]]))
            for ten, tens in self._numbers.items()
            if word.startswith(ten) and word[len(ten) :] in self._numbers and tens >= ADULT
        ]

    def _pronoun(self, text: Text) -> list[Hit]:
        """The 'he' of 'he has short brown hair', where nobody else is named."""
        found = [
            (i, gender)
            for i, word in enumerate(text.words)
            if (gender := _PRONOUNS.get(word)) and i - text.clause_of(i)[0] < _LEADING
        ]
        if len({gender for _, gender in found}) != 1 or not text.free(found[0][0], found[0][0] + 1):
            return []
        at, gender = found[0]
        return [Hit("gender", gender, at, at + 1)]

    @staticmethod
    def _mended(text: Text, ages: list[Hit]) -> list[Hit]:
        """'She's 36. No, sorry, 37': the later figure."""
        found = _MENDED.search(text.folded) if ages else None
        place = text.span(*found.span("n")) if found else None
        if not found or not place or not text.free(*place) or place[0] < ages[-1].last:
            return ages
        return [*ages, Hit("age", found["n"], *place)]

    def _possessive(self, text: Text) -> list[Hit]:
        """The 'his' of 'our head baker, mid fifties, in his white apron'."""
        own = {"i'm", "i'll", "me", "myself"} & set(text.words)
        said = [
            (i, gender)
            for i, word in enumerate(text.words)
            if (gender := _OF_THIRD.get(word)) and text.free(i, i + 1)
        ]
        if own or len({gender for _, gender in said}) != 1:
            return []
        at, gender = said[0]
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
                said = tuple(text.words[index:last]) == key and text.free(index, last)
                if said and self._is_person(text, last):
                    yield Hit("age", age, index, last)

    def _is_person(self, text: Text, index: int) -> bool:
        ahead = text.words[index : index + 2]
        return any(word in self._gender for word in ahead) or bool(self._jobs.at(ahead, 0))


def _of_many(said: list[str]) -> str | None:
    """The gender of 'four guys', 'two sisters'."""
    found = {"man" for word in said if word in _MEN} | {"woman" for word in said if word in _WOMEN}
    return found.pop() if len(found) == 1 else None
