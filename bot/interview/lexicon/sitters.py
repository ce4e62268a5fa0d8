"""Who stands in the picture: the words that name the sitter, and those that name somebody else."""

import re
from collections.abc import Iterator, Set

from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Phrases, Text
from bot.interview.lexicon.trades import Trades
from prompts import Prompts

_WANTS_OF_US = (["wants", "us"], ["wants", "me"], ["wants", "everyone"])
_ON = re.compile(
    r"(?:in|a|about|nearly|got|\d+(?:st|nd|rd|th)?|[a-z]+ing|just|almost|always|really|called|the"
    r"|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|only)\b"
)
_AFTER_JOB = frozenset(
    {"sponsored", "based", "from", "at", "in", "with", "for", "here", "who", "on", "working",
     "living", "turned", "and", "aged", "wanting", "looking", "needs", "wants"}
)  # fmt: skip
_TO_SOMEBODY = frozenset(
    {"what", "why", "how", "come", "just", "stop", "do", "don't", "i", "i'm", "please", "can",
     "could", "you", "this", "that", "it's", "seriously", "when", "where"}
)  # fmt: skip
_DENIAL = 40
"""Characters looked back for a denial."""
_DENIED = re.compile(
    r"\b(?:not|isn't|wasn't|aren't|never) (?:really |exactly )?(?:(?:a|an|the|my|our) )?"
    r"(?:[a-z]+ (?:kind|sort|type) of )?$"
)
_PICTURED = re.compile(
    r"\b(?:portrait|photo|picture|pic|headshot|photograph|shot)s? of (?:my|our|a|an|the|his|her) "
    r"(?P<who>(?:[a-z-]+ ?){1,4})"
)
_MOST_WORDS = 2
"""Words before a job that are part of it: 'Kathak dancer'."""
_AGED = re.compile(
    r"^(?:\d\d|[a-z]+(?:[- ][a-z]+)?)[- ]?(?:years?|yrs?)?[- ]?(?:yo|y/o|old) |^\d\d ", re.I
)
_OF_AGE = frozenset(
    {"in", "aged", "of", "early", "mid", "middle", "late", "around", "about", "roughly", "between"}
)


class Sitters:
    """Finds the sitter in a message."""

    def __init__(self, prompts: Prompts) -> None:
        self._people, self._naming = prompts.lexicon.people, prompts.lexicon.naming
        self._gender = dict.fromkeys(self._people.women, "woman")
        self._gender |= dict.fromkeys(self._people.men, "man")
        self._kin = frozenset(self._gender) | self._people.young
        self._trades = Trades(prompts)
        self._jobs = Phrases(self._people.occupations)
        self._looks = {w for look in prompts.looks for w in look.split("-")} | {"author"}
        self._looks |= {"actress", "model", "singer", "band"}
        self._plain = prompts.lexicon.common | prompts.lexicon.fillers | prompts.lexicon.pictures
        self._plain |= prompts.telling.past | prompts.telling.present | {"like", "as", "than"}

    def find(self, text: Text, ages: list[Hit]) -> tuple[int, int] | None:
        """The stretch of tokens that names the sitter."""
        if run := self._trades.introduced(text):
            return self._grown(text, *run, ages)
        pictured = self._pictured(text)
        for index in (*pictured, *range(len(text.words))):
            word = text.words[index]
            if not text.free(index, index + 1):
                continue
            if self._vocative(text, index) or self._denied(text, index) or _theirs(text, index):
                continue
            size = (
                int(word in self._gender)
                or self._short_for_is(text, index)
                or self._jobs.at(text.words, index)
                or self._by_suffix(word)
            )
            size = size or int(word in self._people.young and bool(ages))
            if size and (index in pictured or self._is_noun(text, index, size, ages)):
                named = word not in self._kin and self._opens(text, index, size)
                first = _lead_start(text, index) if named else index
                first = self._of_picture(text, pictured, index) if index in pictured else first
                return self._grown(text, first, index + size, ages)
        return None

    @staticmethod
    def _pictured(text: Text) -> list[int]:
        """The places after 'a picture of': whoever is named there is the sitter."""
        found = _PICTURED.search(text.folded)
        span = text.span(*found.span("who")) if found else None
        return [*range(*span)] if span else []

    def _of_picture(self, text: Text, pictured: list[int], index: int) -> int:
        """The 'ceramic' of 'a portrait of a ceramic artist'."""
        lead = set(text.words[pictured[0] : index]) & self._plain
        near = index - pictured[0] <= _MOST_WORDS and text.words[index] not in self._kin
        return pictured[0] if near and not lead else index

    def vocation(self, text: Text) -> Hit | None:
        """The sitter by what they do, where nobody is named."""
        return self._trades.vocation(text)

    def _short_for_is(self, text: Text, index: int) -> int:
        """'My wife's turning 50': not something of hers."""
        word = text.words[index]
        if not word.endswith("'s") or word[:-2] not in self._kin or index + 1 >= len(text.words):
            return 0
        return int(bool(_ON.match(text.words[index + 1])))

    @staticmethod
    def _denied(text: Text, index: int) -> bool:
        """'I'm not a doctor, I'm a nurse'."""
        lead = _before(text, index)[-_DENIAL:]
        return bool(_DENIED.search(lead))

    def _by_suffix(self, word: str) -> int:
        """A job by how its word ends: 'ethnomusicologist', 'coppersmith'."""
        return int(word.endswith(self._naming.suffixes) and word not in self._naming.not_people)

    def _vocative(self, text: Text, index: int) -> bool:
        """'Thanks man', 'sir, my hair is black': spoken to, not of."""
        if text.words[index] not in self._naming.vocatives:
            return False
        first, last = text.clause_of(index)
        before = text.words[index - 1] if index > first else ""
        after = text.words[index + 1] if index + 1 < last else ""
        if text.words[index] in ("man", "dude", "ladies", "guys", "mate"):
            return before in self._naming.greetings or (index == first and after in _TO_SOMEBODY)
        if index == first:
            return last - first > 1
        return index + 1 == last and before not in self._naming.owners

    def _is_noun(self, text: Text, index: int, size: int, ages: list[Hit]) -> bool:
        """A job counts when somebody is introduced by it, not when a thing is named after it."""
        after = text.words[index + size : index + size + 2]
        reports = bool(set(after[:1]) & self._naming.report) or after in _WANTS_OF_US
        if reports or _compared(text, index):
            return False
        kin = {*self._gender, *(self._people.young if ages else ())}
        if size == 1 and text.words[index].removesuffix("'s") in kin:
            return True
        if _likened(text, index) or self._elsewhere(text, index, size):
            return False
        return self._introduced(text, index, size, ages)

    def _introduced(self, text: Text, index: int, size: int, ages: list[Hit]) -> bool:
        """Whether the words before a job, or a pause, present somebody by it."""
        before = text.words[index - 1] if index and text.free(index - 1, index) else ""
        aged = any(hit.last == index for hit in ages)
        start = text.clause_of(index)[0]
        return (
            aged
            or index == 0
            or text.tokens[index].pause
            or before in self._naming.introduce
            or before in self._people.descriptions
            or before in self._people.trades
            or self._opens(text, index, size)
            or text.words[start:index] == ["stand", "up"]
        )

    def _elsewhere(self, text: Text, index: int, size: int) -> bool:
        """'See a barber', 'my lawyer told me', 'an actor look': no sitter."""
        before = text.words[index - 1] if index and text.free(index - 1, index) else ""
        start = text.clause_of(index)[0]
        lead = [word for word in text.words[start:index] if word in self._naming.elsewhere]
        if before in ("a", "an", "the", "my", "our", "another") and lead:
            return True
        after = text.words[index + size] if index + size < len(text.words) else ""
        pause = after == "" or text.tokens[index + size].pause
        if before == "my" and not pause and after not in ("in", "with", "aged", "who", "and"):
            return True
        if after.removesuffix("s") in ("headshot", "portrait", "photo"):
            return text.words[index] in self._looks
        return after in ("look", "style")

    def _opens(self, text: Text, index: int, size: int) -> bool:
        """The 'Kathak dancer' that is all of a clause."""
        start, last = text.clause_of(index)
        lead = text.words[start:index]
        plain = self._plain & set(lead)
        pictured = text.words[index + size : index + size + 1] in (["portrait"], ["photo"])
        ends = index + size == last or pictured or text.words[index + size] in _AFTER_JOB
        return 0 < len(lead) <= _MOST_WORDS and ends and not plain - {"a", "an", "the"}

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
        plain = self._people.descriptions | {"a", "an"}
        found = {
            self._gender[word]
            for at, word in enumerate(text.words)
            if word in self._gender and text.free(at, at + 1) and self._apposed(text, at, plain)
        }
        return found.pop() if len(found) == 1 else None

    @staticmethod
    def _apposed(text: Text, at: int, plain: Set[str]) -> bool:
        """'A man of fifty-six' as a clause, or 'is a woman of 61'."""
        first, last = text.clause_of(at)
        before = [w for w in text.words[first:at] if w not in plain]
        ends = at + 1 == last or text.words[at + 1] in ("of", "in", "with", "aged", "who")
        return ends and (not before or before[-1] in ("is", "i'm", "am", "she's", "he's"))

    def _describes(self, text: Text, index: int) -> bool:
        word = text.words[index]
        return text.free(index, index + 1) and (
            word in self._people.descriptions or word in self._people.trades
        )

    def _is_next_noun(self, text: Text, index: int) -> bool:
        return text.words[index] in self._gender and text.joined(index - 1, index + 1)

    def described(self, text: Text, first: int, last: int) -> Iterator[Hit]:
        """Subject and gender of the sitter these tokens name."""
        said = text.words[first:last]
        said = [word.removesuffix("'s") for word in said]
        genders = {self._gender[w] for w in said if w in self._gender}
        gender = genders.pop() if len(genders) == 1 else None
        young = next((w for w in said if w in self._people.young), "")
        if gender is None and young:
            gender = "woman" if young.startswith(("girl", "daughter")) else "man"
        alone = {"female": "woman", "male": "man"}.get(said[0]) if len(said) == 1 else None
        quote = " ".join(text.phrase(first, last).split()).removesuffix("'s")
        quote = _AGED.sub("", quote) or quote
        yield Hit("subject", alone or quote, first, last)
        if gender is None and not genders:
            gender = _by_ending(said[-1])
        if gender is None and not genders:
            gender = owner(said) or self._said_alone(text)
        if gender:
            at = next((i for i in range(first, last) if said[i - first] in self._gender), first)
            whole = (at, at + 1) if said[at - first] in self._gender else (first, last)
            yield Hit("gender", gender, *whole)


def _lead_start(text: Text, index: int) -> int:
    """Where the words begin that are part of a job: 'Kathak dancer'."""
    start = text.clause_of(index)[0]
    return start + (text.words[start] in ("a", "an", "the", "our", "my"))


def _before(text: Text, index: int) -> str:
    return text.folded[: text.tokens[index].start]


def _by_ending(job: str) -> str | None:
    """'Headmistress', 'chairwoman', 'fireman'."""
    if job.endswith(("mistress", "woman", "lady")):
        return "woman"
    return "man" if job.endswith(("man", "headmaster")) and job not in ("human", "woman") else None


def _theirs(text: Text, index: int) -> bool:
    """'My son … His mother wants something classic': of the sitter, and none herself."""
    wants = text.words[index + 1 : index + 2] in (["want"], ["wants"], ["need"], ["needs"])
    if wants and re.search(r"\bof me\b", text.folded):
        return True
    before, first = text.words[index - 1 : index], text.clause_of(index)[0]
    return index - 1 == first and first > 0 and before in (["his"], ["her"], ["their"])


def _likened(text: Text, index: int) -> bool:
    """'Like a boxer'; yet kin are named so, too: 'like my mother'."""
    return "like" in text.words[max(0, index - 2) : index]


def _compared(text: Text, index: int) -> bool:
    """'Not as scary as the dentist', 'as your developer I order you'."""
    lead = text.words[max(0, index - 2) : index]
    looks = re.search(
        r"\blook(?:s|ing)? like (?:an?|the|some) (?:[a-z]+ ){0,3}$", _before(text, index)
    )
    likened = {"like", "unlike", "than"} & set(text.words[max(0, index - 3) : index])
    return lead in (["as", "the"], ["as", "your"]) or (
        bool(looks) or (bool(likened) and "the" in lead)
    )


def owner(said: list[str]) -> str | None:
    """The gender that 'in her 30s' tells."""
    return "woman" if "her" in said else "man" if "his" in said else None
