"""Hair colour, also when other words stand between the colour and the hair."""

from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.phrasebook import Phrasebook
from bot.interview.lexicon.tokens import Text
from prompts import Prompts

_IS = (
    "is", "should", "be", "colour", "color", "in", "to", "was", "are", "has", "gone", "going",
    "turned", "went", "it's", "now", "isn't", "not", "aren't", "dyed", "a", "the", "of", "mostly",
    "naturally", "all",
)  # fmt: skip
_NOT = ("isn't", "not", "aren't")
_REACH = 4


class Hair:
    """Reads 'long red curly hair' and 'her hair is grey'."""

    def __init__(self, prompts: Prompts, book: Phrasebook) -> None:
        self._book = book
        self._between, self._nouns = prompts.lexicon.hair, prompts.lexicon.hair_nouns

    def find(self, text: Text) -> list[Hit]:
        """Hair colours in the text; claims their tokens."""
        hits = []
        for index, word in enumerate(text.words):
            hit = self._at(text, index) if word.removesuffix("'s") in self._nouns else None
            if hit and text.free(hit.first, hit.last):
                text.take(hit.first, hit.last)
                hits.append(hit)
        return hits

    def _at(self, text: Text, index: int) -> Hit | None:
        first, last = text.clause_of(index)
        for at in range(index - 1, max(first, index - _REACH) - 1, -1):
            if value := self._shade(text.words, at):
                return Hit("hair", value, at, index + 1)
            if text.words[at] not in self._between:
                break
        at = index + 1
        listed = text.pause(at) == ":"
        if listed:
            last = text.clause_of(at)[1]
        while at < last and text.words[at] in (*_IS, *self._between):
            at += 1
        told = listed or index + 1 < at or text.words[index].endswith("'s") or index == first
        value = self._colour(text.words[at]) if told and at < last else None
        if value and any(word in _NOT for word in text.words[index:at]):
            return Hit("hair", value, at, at + 1)
        return Hit("hair", value, index, at + 1) if value else None

    def _shade(self, said: list[str], at: int) -> str | None:
        """The colour that ends here, of two words if it can be: 'strawberry blonde'."""
        two = self._book.short("hair", tuple(said[max(0, at - 1) : at + 1]))
        return str(two) if two else self._colour(said[at])

    def _colour(self, word: str) -> str | None:
        value = self._book.short("hair", (word,)) or self._book.short("hair", (word, "hair"))
        return str(value) if value else None
