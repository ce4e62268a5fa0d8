"""Which earlier picture a sentence means, and which day it speaks of. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from prompts import Prompts
from prompts.memory import Memory

_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_DAY_MONTH = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|\.)?(?: of| de)? (\w+)\b")
_MONTH_DAY = re.compile(r"\b(\w+) (\d{1,2})(?:st|nd|rd|th)?\b")
_FRAME = re.compile(
    r"(?:number|no\.?|nr\.?|picture|frame|photo|portrait|bild|foto|#)\s*#?(\d{1,3})\b"
)
_SMALL = (
    "the a an that this from of and but please me my show take use open give i want like d"
    " das die der vom von am aus el la de del le du zeig mir bitte por favor"
)
_GLUE = re.compile(rf"^(?:\W|\b(?:{'|'.join(_SMALL.split())})\b)+")
_LINKS = frozenset(("on", "at", "in", "with", "make", "auf", "mit", "en", "con"))
_TELLING = re.compile(
    r"\b(?:she|he|they|it|who|i|we|you|has|have|had|is|was|are|were|er|sie|ich|wir|ella|él|il"
    r"|elle|qui|que|quien|trägt|lleva|porte|'s|'ve)\W*$"
)
_WISHING = re.compile(
    r"\W*(?:want|like|prefer|need|take|love|shoot|wish|use|have (?:it|them|my)|will|möchte|hätte"
    r"|quiero|prefiero|veux|préfère)\b"
)
_TOLD = re.compile(
    r"\W*(?:did|do|does|was|were|wears?|wore|had|has|is|been|wanted|says?|said|loved|looks?|smiles?"
    r"|trägt|hat|war|lleva|tiene|porte)\b"
)
LAST = -1
WEEK = 7


_FIGURE = re.compile(r"#?([1-9]\d?)(?:[.:)]?[ ,]+(?P<rest>\S.*))?[.!]?")


class Reference(Struct, frozen=True):
    """What a sentence points at.

    `days` are the days it may mean, likeliest first, none when it names none; `ordinal` counts from
    1 within the day (or the last pictures), `LAST` for the last, 0 when it does not say. `rest` is
    what the sentence says beside that.
    """

    days: tuple[date, ...] = ()
    ordinal: int = 0
    rest: str = ""
    spoken: str = ""

    def __bool__(self) -> bool:
        return bool(self.days or self.ordinal)


def referred(text: str, today: date, prompts: Prompts) -> Reference:
    """The picture a sentence refers to; falsy when it refers to none.

    >>> import prompts
    >>> words, sunday = prompts.load(), date(2024, 5, 12)
    >>> found = referred("the second one from Tuesday, but warmer", sunday, words)
    >>> found.ordinal, str(found.days[0]), found.rest
    (2, '2024-05-07', 'warmer')
    >>> bool(referred("a second light from the left", sunday, words))
    False
    """
    memory, words = prompts.memory, text.casefold()
    days, left, spoken = _day(words, today, memory)
    ordinal, left = _ordinal(left, memory, loose=bool(days))
    if days and not ordinal and not _has(left, memory.pictures) and _GLUE.sub("", left).strip():
        # "a Friday look" speaks of no picture.
        return Reference()
    if not days and not ordinal:
        return Reference()
    return Reference(days, ordinal, _rest(left, memory), spoken)


def numbered(text: str, prompts: Prompts) -> Reference:
    """The picture whose figure a sentence begins with, as they stand under a set.

    >>> import prompts
    >>> words = prompts.load()
    >>> numbered("4 less smile", words).ordinal, numbered("2", words).ordinal
    (4, 2)
    >>> bool(numbered("2 more pictures", words)), bool(numbered("85 mm", words))
    (False, False)
    """
    found = _FIGURE.fullmatch(text.strip().casefold())
    if not found:
        return Reference()
    follows, memory = (found["rest"] or "").strip(), prompts.memory
    named = ("", *memory.after_number)
    begun = follows.startswith(tuple(f"{word} " for word in memory.after_number))
    if follows not in named and not begun:
        return Reference()
    return Reference(ordinal=int(found[1]), rest=_rest(follows, memory))


def on_days(
    created: Sequence[str], days: tuple[date, ...], now: datetime, least: int = 1
) -> tuple[date | None, list[int]]:
    """The first of `days` on which so many were made, and the places of what was made then.

    `created` are moments in UTC as history writes them; days are those of `now`'s time zone.
    """
    made = [day_of(moment, now) for moment in created]
    for day in days:
        places = [n for n, each in enumerate(made) if each == day]
        if len(places) >= max(least, 1):
            return day, places
    return on_days(created, days, now) if least > 1 else (None, [])


def day_of(moment: str, now: datetime) -> date | None:
    """The day of a moment in UTC, as the person's calendar has it; None where it is not known."""
    if not moment:
        return None
    return datetime.fromisoformat(moment).astimezone(now.tzinfo).date()


def after(text: str, phrases: Iterable[str]) -> str:
    """What follows the first of these phrases, "" when none is there.

    >>> after("Please call this one Agency Set!", ("call this one",))
    'Agency Set'
    """
    for phrase in sorted(phrases, key=len, reverse=True):
        found = re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE)
        if found:
            return text[found.end() :].strip(" .,!?:;\"'“”„«»")
    return ""


def says(text: str, phrases: Iterable[str]) -> bool:
    """Whether one of these phrases stands in the sentence."""
    return _has(text.casefold(), phrases)


def wishes_always(text: str, phrases: Iterable[str]) -> bool:
    """Whether "always" wishes something for every picture, and tells nothing of somebody.

    >>> always = ("always",)
    >>> wishes_always("always 4:5, please", always), wishes_always("I always want Tri-X", always)
    (True, True)
    >>> wishes_always("she always wears pearls", always)
    False
    >>> wishes_always("in black ink, always did", always)
    False
    """
    for phrase in sorted(phrases, key=len, reverse=True):
        found = re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text, re.IGNORECASE)
        if found:
            before, after = text[: found.start()].casefold(), text[found.end() :].casefold()
            told = _TELLING.search(before) and not _WISHING.match(after)
            return not (told or _TOLD.match(after))
    return False


def less(text: str, phrases: Iterable[str]) -> str:
    """The sentence without these phrases; letters keep their case."""
    for phrase in sorted(phrases, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(phrase)}(?!\w)", " ", text, flags=re.IGNORECASE)
    return " ".join(text.split())


def _day(words: str, today: date, memory: Memory) -> tuple[tuple[date, ...], str, str]:
    """The days that may be meant, the sentence without them, and how they were said."""
    near = ((memory.before_yesterday, 2), (memory.yesterday, 1), (memory.today, 0))
    for phrases, ago in near:
        if found := _found(words, phrases):
            return (today - timedelta(ago),), _cut(words, found), found[0]
    for pattern in memory.days_ago:
        form = re.escape(pattern).replace(re.escape("{number}"), r"(\d{1,3})")
        if found := re.search(form, words):
            return (today - timedelta(int(found[1])),), _cut(words, found), found[0]
    if found := _found(words, memory.last_week):
        monday = today - timedelta(today.weekday() + WEEK)
        days = tuple(monday + timedelta(n) for n in reversed(range(WEEK)))
        return days, _cut(words, found), found[0]
    return _dated(words, today, memory) or _weekday(words, today, memory) or ((), words, "")


def _weekday(words: str, today: date, memory: Memory) -> tuple[tuple[date, ...], str, str] | None:
    for number, names in memory.weekdays.items():
        long = [name for name in names if len(name) > 3]
        if found := _found(words, (*(f"last {name}" for name in long), *long)):
            ago = (today.isoweekday() - int(number)) % WEEK
            first = today - timedelta(ago)
            days = (first - timedelta(WEEK),) if not ago and "last" in found[0] else (first,)
            return (*days, days[0] - timedelta(WEEK)), _cut(words, found), found[0]
    return None


def _dated(words: str, today: date, memory: Memory) -> tuple[tuple[date, ...], str, str] | None:
    months = {name: int(n) for n, names in memory.months.items() for name in names}
    if found := _ISO.search(words):
        return _on(found, (int(found[1]), int(found[2]), int(found[3])), words)
    for pattern, month, day in ((_DAY_MONTH, 2, 1), (_MONTH_DAY, 1, 2)):
        for found in pattern.finditer(words):
            if number := months.get(found[month]):
                when = (today.year, number, int(found[day]))
                past = when <= (today.year, today.month, today.day)
                return _on(found, (when[0] - (not past), *when[1:]), words)
    return None


def _on(
    found: "re.Match[str]", when: tuple[int, int, int], words: str
) -> tuple[tuple[date, ...], str, str] | None:
    try:
        return (date(*when),), _cut(words, found), found[0]
    except ValueError:
        return None


def _ordinal(words: str, memory: Memory, *, loose: bool) -> tuple[int, str]:
    """Which one, and the sentence without that. It must stand beside a word for pictures, at the
    sentence's end, or (`loose`) beside a day.
    """
    if found := _FRAME.search(words):
        return int(found[1]), _cut(words, found)
    names = {word: int(n) for n, said in memory.ordinals.items() for word in said}
    names |= dict.fromkeys(memory.last, LAST)
    pictures = "|".join(map(re.escape, sorted(memory.pictures, key=len, reverse=True)))
    for name in sorted((n for n in names if n in words), key=len, reverse=True):
        form = rf"(?<!\w){re.escape(name)}(?!\w)(?P<what>\s+(?:{pictures})(?!\w))?"
        found = re.search(form, words)
        if found and (found["what"] or loose or not _GLUE.sub("", _cut(words, found)).strip(" .!")):
            return names[name], _cut(words, found)
    return 0, words


def _rest(words: str, memory: Memory) -> str:
    """What a sentence says beside the reference; "" where only small words are left."""
    words, before = words.strip(), None
    while words != before:
        before = words
        words = _GLUE.sub("", words)
        first = words.split(" ", 1)[0].strip(",.")
        words = words[len(first) :] if first in memory.pictures else words
    rest = " ".join(words.split()).strip(" .,!?")
    return "" if set(rest.split()) <= _LINKS | memory.pictures else rest


def _found(words: str, phrases: Iterable[str]) -> "re.Match[str] | None":
    there = [phrase for phrase in phrases if phrase in words]  # most sentences hold none
    for phrase in sorted(there, key=len, reverse=True):
        if found := re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", words):
            return found
    return None


def _has(words: str, phrases: Iterable[str]) -> bool:
    return _found(words, phrases) is not None


def _cut(words: str, found: "re.Match[str]") -> str:
    return f"{words[: found.start()]} {words[found.end() :]}"
