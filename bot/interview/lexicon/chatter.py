"""Talk about something else, in which an everyday word happens to mean a value: 'pea soup by the
window'."""

from collections.abc import Iterable

from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Phrases, Text
from prompts import Prompts

_PLAIN = frozenset(
    {"pose", "lighting", "aspect", "expression", "hair", "glasses", "shot", "key_side", "skin",
     "backdrop", "wardrobe", "softness", "look", "warmth", "count", "skin_tone"}
)  # fmt: skip
"""Slots whose values are also everyday words."""
_PERSON = frozenset({"subject", "gender"})
_AFTER_PERSON = frozenset(
    {"with", "in", "and", "who", "aged", "wearing", "at", "on", "against", "please", "or", "for",
     "as", "looking", "sitting", "standing", "smiling", "laughing", "of"}
)  # fmt: skip
_STRAYS = 2
"""Words of other matters that make a message chatter, when they outnumber what was read."""


class Chatter:
    """Tells small talk from a brief by the words that have nothing to do with a portrait."""

    def __init__(self, prompts: Prompts, vocabulary: Iterable[str]) -> None:
        lexicon = prompts.lexicon
        self._cues, self._wishes = Phrases(lexicon.chatter), Phrases(lexicon.wishes)
        self._portrait = lexicon.pictures | lexicon.background | lexicon.portrait_talk
        steering = lexicon.fillers | lexicon.bridges | lexicon.common | lexicon.light
        said = {
            word for phrase in (*lexicon.negators, *lexicon.corrections) for word in phrase.split()
        }
        worn = lexicon.clothes.descriptions | lexicon.clothes.vague
        people = lexicon.people.women | lexicon.people.men | lexicon.people.descriptions
        self._known = {*vocabulary, *steering, *worn, *people, *said, *self._portrait}

    def is_all(self, text: Text, hits: list[Hit]) -> bool:
        """Whether everything found in the text stands in talk about something else."""
        slots = {hit.slot for hit in hits}
        if not hits or self._portrait & set(text.words):
            return False
        if slots <= _PERSON:
            if self._wishes.find(text):
                return False
            return bool(self._cues.find(text)) or self._tells_of(text, hits)
        if len(slots) > 1 or not slots <= _PLAIN:
            return False
        if self._wishes.find(text) or any(
            c.isdigit() for h in hits for c in text.phrase(h.first, h.last)
        ):
            return False
        cues = sum(b - a + 1 for a, b in self._cues.find(text) if text.claimed(a, b) < b - a)
        strays = cues + sum(self._strange(text, i) for i in range(len(text.words)))
        longest = max(hit.last - hit.first for hit in hits)
        return strays >= (max(_STRAYS, longest) if cues else longest + _STRAYS)

    def cued(self, text: Text) -> bool:
        """Whether the text has cues of other matters and no word of a portrait."""
        return not self._portrait & set(text.words) and bool(self._cues.find(text))

    def _strange(self, text: Text, index: int) -> bool:
        word = text.words[index]
        return (
            text.free(index, index + 1)
            and word.isalpha()
            and not (word in self._known or word.removesuffix("s") in self._known)
        )

    @staticmethod
    def _tells_of(text: Text, hits: list[Hit]) -> bool:
        """'My brother lives in Rome' tells of him; 'my brother in a suit' describes him."""
        last = max(hit.last for hit in hits)
        first = min(hit.first for hit in hits)
        if text.words[max(0, first - 2) : first] in (["with", "my"], ["to", "my"], ["from", "my"]):
            return True
        own = "my" in text.words[max(0, first - 1) : first + 1]
        follows = text.words[last : last + 1]
        verb = bool(follows) and not text.tokens[last].pause and follows[0] not in _AFTER_PERSON
        return own and verb
