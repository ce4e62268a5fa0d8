"""Vocabulary phrases in a message, the longest first."""

from bot.core.spec import Scalar
from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Text, words
from prompts import Prompts, Slot

OWN_READERS = frozenset({"backdrop", "key_side", "wardrobe", "subject", "age", "gender", "aspect"})
"""Slots whose words depend on what stands around them; they have readers of their own."""


class Phrasebook:
    """All values whose words mean them anywhere, and the short answers by slot."""

    def __init__(self, prompts: Prompts) -> None:
        self._phrases: dict[tuple[str, ...], tuple[str, Scalar]] = {}
        self._short: dict[str, dict[tuple[str, ...], Scalar]] = {}
        for slot in prompts.slots.values():
            self._short[slot.name] = _short(slot)
            if slot.name not in OWN_READERS:
                self._add(slot)
        self._sizes = sorted({len(key) for key in self._phrases}, reverse=True)

    def vocabulary(self) -> set[str]:
        """Every single word that takes part in a phrase."""
        tables = [*self._short.values(), self._phrases]
        return {word for table in tables for phrase in table for word in phrase}

    def find(self, text: Text) -> list[Hit]:
        """Values standing in the text; claims their tokens."""
        hits, index = [], 0
        while index < len(text.words):
            hit = self._at(text, index)
            if hit:
                hits.append(hit)
                text.take(hit.first, hit.last)
            index = hit.last if hit else index + 1
        return hits

    def short(self, slot: str, answer: tuple[str, ...]) -> Scalar | None:
        """The value a short answer means for a slot."""
        return self._short.get(slot, {}).get(answer)

    def _at(self, text: Text, index: int) -> Hit | None:
        for size in self._sizes:
            last = min(index + size, len(text.words))
            said = text.words[index:last]
            meant = self._phrases.get(tuple(said)) or (
                self._phrases.get((*said[:-1], said[-1].removesuffix("s"))) if size > 1 else None
            )
            if meant and text.free(index, last) and text.joined(index, last):
                return Hit(meant[0], meant[1], index, last)
        return None

    def _add(self, slot: Slot) -> None:
        for value in slot.values.values():
            for phrase in value.words:
                key = words(phrase)
                if key and not all(word.isdigit() for word in key):
                    self._phrases.setdefault(key, (slot.name, value.id))


def _short(slot: Slot) -> dict[tuple[str, ...], Scalar]:
    table: dict[tuple[str, ...], Scalar] = {}
    for value in slot.values.values():
        for phrase in (*value.short, *value.words, value.label, str(value.id)):
            if key := words(phrase):
                table.setdefault(key, value.id)
    return table
