"""Who is portrayed: subject, gender, age; and who is not, because they are not of age."""

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from bot.interview.lexicon.ages import AgePatterns
from bot.interview.lexicon.company import Company, sexes_said, titled
from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Phrases, Text, words
from prompts import Prompts
from prompts.ages import ADULT, OLDEST

_TEN = 10
_KIN = frozenset({"in", "law"})
_VOCATIVES = frozenset(
    {"sir", "madam", "ma'am", "bro", "dude", "mate", "man", "guys", "bruv", "lads", "ladies", "folks", "fam", "dear"}
)  # fmt: skip
_GREETINGS = frozenset(
    {"thanks", "hey", "hi", "yo", "oh", "ok", "okay", "cheers", "come", "no", "nah", "please", "yeah", "yes", "hello",
     "sorry", "well", "damn", "wow", "sup", "right", "alright", "cool", "nice", "great", "morning", "evening"}
)  # fmt: skip
_OWNERS = frozenset({"a", "an", "the", "my", "our", "this", "one", "for", "of", "as", "i'm", "im", "her", "his", "am"})
_SUFFIXES = (
    "ologist", "ographer", "ician", "smith", "keeper", "worker", "maker", "monger", "wright", "onomist", "therapist",
    "ierge", "herder", "dresser", "trician", "surgeon", "master", "mistress", "preneur", "instructor", "owner",
)  # fmt: skip
_NOT_PEOPLE = frozenset({"smith", "keeper", "owner", "worker", "maker", "master", "remaster", "grandmaster"})
_INTRODUCED = (
    "a", "an", "the", "our", "for", "of", "as", "female", "male", "i'm", "im", "am", "she's", "he's", "is", "myself",
    "was", "my", "being", "this", "another", "both",
)  # fmt: skip
_LIKE_FIVE = re.compile(r"\b(?:explain|eli5|describe|tell me)\b.*\blike i'?m (?:an? )?(?:\d|[a-z]+)(?:[- ]years?[- ]old)?\W*$")
_REPORTS = frozenset(
    {"says", "said", "thinks", "thought", "told", "suggests", "suggested", "reckons", "insists", "insisted", "keeps",
     "complains", "complained", "mentioned", "recommends", "recommended", "saw", "asked", "asks", "tells", "liked",
     "disliked", "hated", "hates", "advised", "advises", "noticed", "prefers", "preferred", "found", "finds", "loved"}
)  # fmt: skip
_HAS_CHILDREN = re.compile(
    r"\b(?:have|has|had|got|'ve|raising|raised|raise)(?: got)?(?: [a-z]+| \d+){0,2} (?:kids?|children|child|teenagers?|toddlers?|babies|baby)\b"
)
_WANTING = frozenset(
    {"want", "wants", "need", "needs", "please", "make", "draw", "give", "shoot", "pose", "them", "with", "for", "of",
     "wearing", "dress", "shirt", "smiling", "session"}
)  # fmt: skip
_LEADS_TO_NOTHING = frozenset(
    {"recommend", "know", "find", "call", "ask", "see", "send", "phone", "book", "hire", "visit", "need", "to", "from",
     "met", "meet", "by", "at", "called", "than", "about", "trust", "pay", "paid", "was"}
)  # fmt: skip
"""Words before 'a barber' or 'the printer' that make them no sitter."""
_ON = re.compile(r"(?:turning|in|a|about|nearly|got|wearing|\d+|going|just|almost|always|really|called|the|just|only)\b")
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
        self._trades, self._talk = lexicon.people.trades, prompts.shapes.talk
        self._company = Company(prompts)
        self._wanting = lexicon.portrait_talk | lexicon.pictures | _WANTING
        minors = lexicon.people.minors
        self._minors = Phrases([*minors, *(f"{word}'s" for word in minors)])
        self._harmless = Phrases(lexicon.people.harmless)
        self._age_words = {words(k): v for k, v in lexicon.people.ages.items()}
        nouns = [*self._gender, *(f"{kin} in law" for kin in self._gender), *lexicon.people.occupations]
        self._ages = AgePatterns(lexicon.numbers, lexicon.decades, nouns)

    def minor(self, text: Text, bare_age: bool = False) -> bool:
        """Whether the message asks for somebody who is, or looks, under age."""
        harmless = self._harmless.find(text)
        for first, last in self._minors.find(text):
            inside = any(a <= first and last <= b for a, b in harmless)
            if not inside and not _disclaimed(text, first) and not self._only_told(text):
                return True
        if _LIKE_FIVE.search(text.folded):
            return False
        young = any(years < ADULT for years in self._ages.years(text.folded, bare_age))
        return young or any(_TEN <= n < ADULT for _, n in self._lone(text, frozenset()))

    def _only_told(self, text: Text) -> bool:
        """Whether children are spoken of where no picture is: 'I have 3 kids'."""
        if set(text.words) & self._wanting:
            return False
        told = _HAS_CHILDREN.search(text.folded)
        return bool(told) or any(talk.search(text.folded) for talk in self._talk)

    def find(
        self, text: Text, bare_age: bool = False, known: AbstractSet[str] = frozenset()
    ) -> list[Hit]:
        """Subject, gender and age; claims their tokens.

        `bare_age`: a lone number is an age; `known`: the slots that the message fills already.
        """
        ages = self._age_hits(text, bare_age)
        sexes = list(sexes_said(text))
        ages += [hit for hit in sexes if hit.slot == "age" and not ages]
        if not ages and not known & _FIGURES:
            lone = [(i, n) for i, n in self._lone(text, known) if ADULT <= n <= OLDEST]
            ages = [Hit("age", str(n), i, i + 1) for i, n in lone[:1]]
        run = self._subject(text, ages)
        if run and text.words[run[1] : run[1] + 1] == ["or"]:
            run = None
        hits = [*ages[-1:]]
        pair = (self._company.pair(text, run) if run else None) or self._company.group(text)
        if not run and not pair:
            hits += titled(text)
        if pair:
            hits.append(Hit("subject", " ".join(text.phrase(*pair).split()), *pair))
            return self._claimed(text, hits)
        if run:
            hits += self._who(text, *run)
        elif ages and (gender := _owner(text.words[ages[-1].first : ages[-1].last])):
            hits.append(Hit("gender", gender, ages[-1].first, ages[-1].last))
        if not any(hit.slot == "gender" for hit in hits):
            hits += [hit for hit in sexes if hit.slot == "gender"]
        if (ages or run or known & _OF_PERSON) and not any(hit.slot == "gender" for hit in hits):
            hits += self._pronoun(text)
        hits += self._tones(text)
        return self._claimed(text, hits)

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
            if self._vocative(text, index):
                continue
            size = int(word in self._gender) or self._short_for_is(text, index) or self._jobs.at(text.words, index) or self._by_suffix(word)
            size = size or int(word in self._people.young and bool(ages))
            if size and self._is_noun(text, index, size, ages):
                return self._grown(text, index, index + size, ages)
        return None

    def _short_for_is(self, text: Text, index: int) -> int:
        """'My wife's turning 50': not something of hers."""
        word = text.words[index]
        if not word.endswith("'s") or word[:-2] not in self._gender or index + 1 >= len(text.words):
            return 0
        return int(bool(_ON.match(text.words[index + 1])))

    @staticmethod
    def _by_suffix(word: str) -> int:
        """A job by how its word ends: 'ethnomusicologist', 'coppersmith'."""
        return int(word.endswith(_SUFFIXES) and word not in _NOT_PEOPLE)

    @staticmethod
    def _vocative(text: Text, index: int) -> bool:
        """'Thanks man', 'sir, my hair is black': spoken to, not of."""
        if text.words[index] not in _VOCATIVES:
            return False
        first, last = text.clause_of(index)
        before = text.words[index - 1] if index > first else ""
        if text.words[index] in ("man", "dude", "ladies", "guys", "mate"):
            return before in _GREETINGS
        if index == first:
            return last - first > 1
        return index + 1 == last and before not in _OWNERS

    def _is_noun(self, text: Text, index: int, size: int, ages: list[Hit]) -> bool:
        """A job counts when somebody is introduced by it, not when a thing is named after it."""
        after = text.words[index + size : index + size + 2]
        if set(after[:1]) & _REPORTS or after in (["wants", "us"], ["wants", "me"], ["wants", "everyone"]):
            return False
        if size == 1 and text.words[index].removesuffix("'s") in self._gender:
            return True
        before = text.words[index - 1] if index and text.free(index - 1, index) else ""
        aged = any(hit.last == index for hit in ages)
        introduced = (
            aged
            or index == 0
            or text.tokens[index].pause
            or before in _INTRODUCED
            or before in self._people.descriptions
            or before in self._trades
        )
        if "like" in text.words[max(0, index - 2) : index]:
            return False
        start = text.clause_of(index)[0]
        lead = [word for word in text.words[start:index] if word in _LEADS_TO_NOTHING]
        if before in ("a", "an", "the", "my", "our", "another") and lead:
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
            elif text.words[last : last + 2] == ["in", "law"] and text.joined(first, last + 2):
                last += 2
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

    def _said_alone(self, text: Text) -> str | None:
        """The 'female' of 'mature student, 45, female'."""
        alone = [text.words[a] for a, b in text.clauses() if b - a == 1]
        found = {self._gender[word] for word in alone if word in self._gender}
        return found.pop() if len(found) == 1 else None

    def _describes(self, text: Text, index: int) -> bool:
        word = text.words[index]
        return text.free(index, index + 1) and (
            word in self._people.descriptions or word in self._trades
        )

    def _is_next_noun(self, text: Text, index: int) -> bool:
        return text.words[index] in self._gender and text.joined(index - 1, index + 1)

    def _who(self, text: Text, first: int, last: int) -> Iterator[Hit]:
        said = text.words[first:last]
        said = [word.removesuffix("'s") for word in said]
        genders = {self._gender[w] for w in said if w in self._gender}
        gender = genders.pop() if len(genders) == 1 else None
        young = next((w for w in said if w in self._people.young), "")
        if gender is None and young:
            gender = "woman" if young.startswith(("girl", "daughter")) else "man"
        alone = {"female": "woman", "male": "man"}.get(said[0]) if len(said) == 1 else None
        quote = " ".join(text.phrase(first, last).split()).removesuffix("'s")
        yield Hit("subject", alone or quote, first, last)
        if gender is None and not genders:
            gender = _owner(said) or self._said_alone(text)
        if gender:
            at = next((i for i in range(first, last) if said[i - first] in self._gender), first)
            whole = (at, at + 1) if said[at - first] in self._gender else (first, last)
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
