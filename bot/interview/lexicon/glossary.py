"""What words of another language mean, folded and bent, ready to be looked up."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from bot.interview.lexicon.spelling import Speller
from bot.interview.lexicon.tokens import fold
from prompts import Prompts
from prompts.languages import Language

Kind = Literal[
    "word", "noun", "person", "material", "adjective", "number", "third", "decade", "same"
]
Key = tuple[str, ...]
_SHORTEST_PART = 4
_SHORTEST_SLIP = 7
"""Letters from which a slip is mended: a glossary knows few of a language's short words."""
_NAMING = ("noun", "person", "adjective")
_PART = re.compile(r"[^\W_]+'?[^\W_]*")
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue"}


class Meaning(Struct, frozen=True):
    """The English of a word, and what kind of word it is."""

    english: str
    kind: Kind


class Glossary:
    """One language's words by their folded tokens."""

    def __init__(self, code: str, language: Language, prompts: Prompts) -> None:
        self.language = language
        self._table: dict[Key, Meaning] = {}
        for word, meaning in _entries(code, language, prompts):
            for spelling in _spellings(word):
                self._table.setdefault(parts(spelling), meaning)
        self._bend()
        self._keep(prompts)
        self._sizes = sorted({len(key) for key in self._table}, reverse=True)
        named = [k[0] for k, m in self._table.items() if len(k) == 1 and m.kind in _NAMING]
        right = {token for key in self._table for token in key} | prompts.lexicon.common
        self._speller = Speller(named, right, _SHORTEST_SLIP)

    def at(self, tokens: list[str], index: int) -> tuple[Meaning, int] | None:
        """The longest phrase beginning here, and how many tokens it takes."""
        for size in self._sizes:
            key = tuple(tokens[index : index + size])
            if len(key) == size and (found := self._table.get(key)):
                return found, size
        return self._compound(tokens[index])

    def known(self, tokens: list[str]) -> list[bool]:
        """Which of these folded words are the language's own, alone or in a phrase."""
        known, index = [False] * len(tokens), 0
        while index < len(tokens):
            found = self.at(tokens, index)
            size = found[1] if found else 1
            own = found is not None and found[0].kind != "same"
            known[index : index + size] = [own] * size
            index += size
        return known

    def mended(self, tokens: list[str]) -> list[str]:
        """These folded words with slips mended; English words stay."""
        return self._speller.mended(tokens)

    def _compound(self, token: str) -> tuple[Meaning, int] | None:
        """Two nouns, or a cloth and a garment, written as one: 'lederjacke'."""
        if not self.language.compounds:
            return None
        for cut in range(_SHORTEST_PART, len(token) - _SHORTEST_PART + 1):
            first, last = self._part(token[:cut]), self._part(token[cut:])
            if first and last and last.kind in ("noun", "person"):
                return Meaning(f"{first.english} {last.english}", "noun"), 1
        return None

    def _part(self, token: str) -> Meaning | None:
        found = self._table.get((token,))
        return (
            found if found and found.kind in ("noun", "person", "material", "adjective") else None
        )

    def _keep(self, prompts: Prompts) -> None:
        """English names that hold a word of the language, such as "film noir", stay whole."""
        for slot in prompts.slots.values():
            for value in slot.values.values():
                for name in (*value.words, value.label):
                    if len(key := parts(name)) > 1:
                        self._table.setdefault(key, Meaning(name.casefold(), "same"))

    def _bend(self) -> None:
        plurals = self.language.plurals
        rules = {"adjective": self.language.endings, "noun": plurals, "person": plurals}
        for key, meaning in list(self._table.items()):
            for rule in rules.get(meaning.kind, ()):
                strip, _, add = rule.partition("/")
                if key[-1].endswith(strip):
                    bent = (*key[:-1], key[-1].removesuffix(strip) + add)
                    self._table.setdefault(bent, meaning)


def bare(word: str) -> str:
    """A word without accents, in lower case: 'Lächeln' is 'lacheln'."""
    plain = unicodedata.normalize("NFD", fold(word).replace("ß", "ss").replace("œ", "oe"))
    return "".join(char for char in plain if not unicodedata.combining(char))


def parts(phrase: str) -> Key:
    """A phrase as it is looked up: 'd'une fenêtre' is ("d'", "une", "fenetre")."""
    return tuple(piece for word in _PART.findall(bare(phrase)) for piece in split(word))


def split(word: str) -> tuple[str, ...]:
    """An elided word as two: "l'homme" is ("l'", "homme"); others stay whole."""
    head, mark, rest = word.partition("'")
    return (head + mark, rest) if mark and rest and len(head) <= 2 else (word,)


def _entries(code: str, language: Language, prompts: Prompts) -> Iterator[tuple[str, Meaning]]:
    people = prompts.lexicon.people.women | prompts.lexicon.people.men
    tables: tuple[tuple[dict[str, str], Kind], ...] = (
        (language.adjectives, "adjective"), (language.nouns, "noun"),
        (language.materials, "material"), (language.words, "word"), (language.thirds, "third"),
    )  # fmt: skip
    for entries, kind in tables:
        for word, english in entries.items():
            person = kind == "noun" and english.split()[-1] in people
            yield word, Meaning(english, "person" if person else kind)
    for word, decade in language.decades.items():
        yield word, Meaning(f"{decade}s", "decade")
    for word, number in _numbers(language).items():
        yield word, Meaning(str(number), "number")
    for slot in prompts.slots.values():
        for value in slot.values.values():
            for name in value.names.get(code, ()):
                yield name, Meaning(value.words[0], "word")


def _numbers(language: Language) -> dict[str, int]:
    """The numbers as written, and those put together of a ten and a unit."""
    made = dict(language.numbers)
    tens = {n: word for word, n in language.numbers.items() if n >= 20 and n % 10 == 0}
    for ten, spoken in tens.items():
        if not _stands(ten, tens):
            continue
        for word, unit in [("ein", 1), *language.numbers.items()]:
            if 0 < unit < (10 if _stands(ten + 10, tens) else 20):
                made.setdefault(language.spelt.format(ten=spoken, unit=word), ten + unit)
    return made


def _stands(ten: int, tens: dict[int, str]) -> bool:
    """Whether a ten has a name of its own, as 'soixante-dix' has not."""
    return ten in tens and not any(tens[ten].startswith(f"{word} ") for word in tens.values())


def _spellings(word: str) -> set[str]:
    """With umlauts, and written out for keyboards that have none."""
    plain = word
    for umlaut, written in _UMLAUTS.items():
        plain = plain.replace(umlaut, written)
    return {word, plain}
