"""Words that mean no value by themselves but steer how a sentence is read."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml
from prompts.vocab import SLOTS


class IntentWords(Struct, frozen=True, forbid_unknown_fields=True):
    """Phrases of one intent: anywhere in a message, at a clause's start, or as a whole clause."""

    intent: str
    anywhere: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


class Clothes(Struct, frozen=True, forbid_unknown_fields=True):
    """Garments, those that need a describing word beside them, materials, describing words."""

    garments: frozenset[str]
    vague: frozenset[str]
    materials: frozenset[str]
    descriptions: frozenset[str]


class People(Struct, frozen=True, forbid_unknown_fields=True):
    """Words for people. `minors` are refused, unless inside one of the `harmless` phrases;
    `tones` are skin tones by the word before a person; `trades` stand before an occupation;
    `groups` are more than one sitter."""

    women: frozenset[str]
    men: frozenset[str]
    young: frozenset[str]
    occupations: tuple[str, ...]
    descriptions: frozenset[str]
    ages: dict[str, str]
    tones: dict[str, str]
    trades: frozenset[str]
    groups: frozenset[str]
    minors: tuple[str, ...]
    harmless: tuple[str, ...]


class Naming(Struct, frozen=True, forbid_unknown_fields=True):
    """Words around people that tell sitters from others; see the file for what each list does."""

    vocatives: frozenset[str]
    greetings: frozenset[str]
    owners: frozenset[str]
    suffixes: tuple[str, ...]
    trade_ends: tuple[str, ...]
    no_trades: frozenset[str]
    not_people: frozenset[str]
    introduce: frozenset[str]
    report: frozenset[str]
    elsewhere: frozenset[str]
    wanting: frozenset[str]


class Lexicon(Struct, frozen=True, forbid_unknown_fields=True):
    """How sentences are steered; see the file for what each list does."""

    fillers: frozenset[str]
    negators: frozenset[str]
    bridges: frozenset[str]
    corrections: tuple[str, ...]
    polite: tuple[str, ...]
    agreement: tuple[str, ...]
    approvals: tuple[str, ...]
    refusal: tuple[str, ...]
    questions: tuple[str, ...]
    dismissals: tuple[str, ...]
    orders: tuple[str, ...]
    own_photo: tuple[str, ...]
    ignored: tuple[str, ...]
    spelt_right: frozenset[str]
    slips: dict[str, str]
    short_words: tuple[str, ...]
    common: frozenset[str]
    portrait_talk: frozenset[str]
    chatter: tuple[str, ...]
    wishes: tuple[str, ...]
    denials: tuple[str, ...]
    changes: tuple[str, ...]
    background: frozenset[str]
    light: frozenset[str]
    hair: frozenset[str]
    hair_nouns: frozenset[str]
    numbers: dict[str, int]
    decades: dict[str, int]
    pictures: frozenset[str]
    topics: dict[str, tuple[str, ...]]
    edits: dict[str, tuple[str, ...]]
    clothes: Clothes
    people: People
    naming: Naming
    intents: tuple[IntentWords, ...]

    def phrases(self) -> Iterator[str]:
        """Every phrase that steers; none of their words is a misspelt one."""
        people, said = self.people, self.intents
        yield from (*self.fillers, *self.bridges, *self.spelt_right, *self.pictures, *self.common)
        yield from (*self.negators, *self.corrections, *self.questions, *self.orders, *self.ignored)
        yield from (*self.chatter, *self.denials, *self.dismissals, *self.own_photo, *self.polite)
        yield from (*people.women, *people.men, *people.occupations, *people.descriptions)
        yield from (*people.trades, *people.groups, *self.hair, *self.hair_nouns)
        yield from (*people.minors, *people.harmless, *self.decades, *self.background, *self.light)
        yield from (phrase for group in self.edits.values() for phrase in group)
        yield from (phrase for group in self.topics.values() for phrase in group)
        yield from (phrase for e in said for phrase in (*e.anywhere, *e.start, *e.alone))


EDITS = (
    "warmer", "cooler", "much_warmer", "much_cooler", "closer", "wider", "other_side",
    "more_smile", "less_smile", "older", "younger", "softer", "crisper",
)  # fmt: skip
"""The relative edits; each needs its phrases."""


def load_lexicon(path: Path) -> Lexicon:
    """The file as a lexicon; raises `PromptError` for an unknown slot, edit or doubled intent."""
    lexicon = read_toml(path, Lexicon)
    if strange := sorted(set(lexicon.topics) - set(SLOTS)):
        raise PromptError(path.name, f"topics.{strange[0]}", "is no slot")
    if strange := sorted(set(lexicon.edits) ^ set(EDITS)):
        raise PromptError(path.name, f"edits.{strange[0]}", "is unknown or missing")
    names = [entry.intent for entry in lexicon.intents]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise PromptError(path.name, f"intents.{twice[0]}", "stands twice")
    return lexicon
