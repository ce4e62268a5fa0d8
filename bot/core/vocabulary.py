"""What a person can pick where a platform lets them pick: names, and how each is said."""

from msgspec import Struct

from engine.base import Capabilities
from prompts import Prompts, Scalar, Value

SAID_AS = {"backdrop": "backdrop: {value}"}
"""Slots whose values mean something else unless their slot is named."""


class Named(Struct, frozen=True):
    """A value to pick: its label, the words that mean it in a turn, and other names for it."""

    label: str
    spoken: str
    names: tuple[str, ...] = ()

    def matches(self, typed: str) -> bool:
        """Whether somebody typing this may mean it."""
        folded = typed.casefold().strip()
        return any(folded in name.casefold() for name in (self.label, *self.names))


def named(prompts: Prompts, can: Capabilities, slot: str) -> tuple[Named, ...]:
    """A slot's values: those of the studio's own, then the others; an unknown slot has none."""
    if slot not in prompts.slots:
        return ()
    values = list(prompts.slot(slot).values.values())
    values.sort(key=lambda value: (not _honoured(can, slot, value.id), not value.ask))
    return tuple(_named(slot, value) for value in values)


def said(slot: str, typed: str) -> str:
    """Somebody's own words for a slot, as they would say them in a sentence.

    >>> said("backdrop", "a foggy moor"), said("lighting", "hard"), said("film", "Portra")
    ('a foggy moor backdrop', 'hard light', 'Portra')
    """
    suffix = {"backdrop": "backdrop", "lighting": "light"}.get(slot, "")
    return typed if not suffix or suffix in typed.casefold() else f"{typed} {suffix}"


def _named(slot: str, value: Value) -> Named:
    words = value.words[0] if value.words else value.label
    spoken = SAID_AS.get(slot, "{value}").replace("{value}", words)
    return Named(value.label, spoken, (str(value.id), *value.words, *value.short))


def _honoured(can: Capabilities, slot: str, value: Scalar) -> bool:
    for slots in can.honours.values():
        honoured = slots.get(slot, ())
        if honoured is None or value in honoured:
            return True
    return False
