"""What a sentence says about a set and its frames: how many, which ones, all of them. Pure."""

import re
from collections.abc import Iterable

from prompts import Prompts

_NUMBER = re.compile(r"(?<![\w.:/#])#?(\d{1,3})(?![\w.:/%]|\s*mm)")
_RESIZE = re.compile(r"\b(?:make it|make them|only|just|instead|rather|nur|solo|seulement)\b")


def count_in(text: str, prompts: Prompts | None = None) -> int:
    """How many pictures a sentence asks for; 0 when it does not say.

    >>> count_in("4"), count_in("a series of 6 pictures"), count_in("a series at 85mm")
    (4, 6, 0)
    """
    found = _numbers(text, prompts)
    return min(found[0], 12) if found and found[0] >= 1 else 0


def setups_in(text: str, prompts: Prompts) -> int:
    """How many setups a set shall have: the number beside the word, 2 where there is none, else 0.

    >>> import prompts
    >>> setups_in("six pictures in three setups", prompts.load())
    3
    """
    words = _spelt(text, prompts)
    for phrase in prompts.sets.words.setups:
        if found := re.search(rf"(?:(\d+) (?:\w+ )?)?\b{re.escape(phrase)}\b", words):
            return min(max(int(found[1] or 2), 1), len(prompts.sets.setups))
    return 0


def without_setups(text: str, prompts: Prompts) -> str:
    """The sentence without what it says of setups, so that their number is not the frames'."""
    words = _spelt(text, prompts)
    for phrase in prompts.sets.words.setups:
        words = re.sub(rf"(?:\d+ (?:\w+ )?)?\b{re.escape(phrase)}\b", " ", words)
    return words


def frames_in(text: str, count: int, prompts: Prompts) -> tuple[int, ...]:
    """Frames (from 0) of a set of `count` that a sentence names, in its order.

    >>> import prompts
    >>> frames_in("3 and 5 on navy, frame two warmer", 8, prompts.load())
    (2, 4, 1)
    >>> frames_in("at 85 mm, all of them", 8, prompts.load())
    ()
    """
    words = _spelt(text, prompts, only_after=prompts.sets.words.frame)
    ordinals = {w: int(n) for n, said in prompts.memory.ordinals.items() for w in said}
    spots = [(m.start(), int(m[1])) for m in _NUMBER.finditer(words)]
    spots += [(m.start(), ordinals[m[0]]) for m in re.finditer(r"\w+", words) if m[0] in ordinals]
    if _has(words, prompts.memory.last):
        spots.append((len(words), count))
    named = (number - 1 for _, number in sorted(spots) if 1 <= number <= count)
    return tuple(dict.fromkeys(named))


def bare_frame(text: str, count: int, prompts: Prompts) -> int | None:
    """The frame (from 0) that a message is, when it is nothing but its number."""
    words = _spelt(text, prompts).strip(" .!?#")
    number = int(words) if words.isascii() and words.isdigit() else 0
    return number - 1 if 1 <= number <= count else None


def drops(text: str, prompts: Prompts) -> bool:
    """Whether a sentence takes frames out: "without 5", "drop the third"."""
    return _has(text.casefold(), prompts.sets.words.drop)


def resizes(text: str, prompts: Prompts) -> bool:
    """Whether a number in a sentence is how many frames there shall be: "make it six", "ten"."""
    alone = _spelt(text, prompts).strip(" .!?").isdigit()
    return alone or bool(_RESIZE.search(text.casefold()))


def about_all(text: str, prompts: Prompts) -> bool:
    """Whether a sentence is about every frame."""
    return _has(text.casefold(), prompts.sets.words.all)


def _numbers(text: str, prompts: Prompts | None) -> list[int]:
    words = _spelt(text, prompts) if prompts else text.casefold()
    return [int(found) for found in _NUMBER.findall(words)]


def _spelt(text: str, prompts: Prompts, only_after: Iterable[str] = ()) -> str:
    """The sentence with number words as figures; "one" counts only after one of these words."""
    words = text.casefold().split()
    before = set(only_after)
    numbers = prompts.lexicon.numbers
    out = []
    for at, word in enumerate(words):
        bare = word.strip(",.!?;")
        shy = bare == "one" and (at == 0 or words[at - 1] not in before or not before)
        out.append(word.replace(bare, str(numbers[bare])) if bare in numbers and not shy else word)
    return " ".join(out)


def _has(text: str, phrases: Iterable[str]) -> bool:
    return any(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", text) for phrase in phrases)
