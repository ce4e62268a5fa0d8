"""What the words alone did not say: sentences compared with paraphrases of the vocabulary."""

from msgspec import structs

from bot.core.ports import Reading
from bot.core.session import Session
from bot.core.spec import SetSlot, SpecPatch
from bot.interview.lexicon.meanings import Guess, Meanings
from bot.interview.lexicon.tokens import Phrases, Text
from prompts import SLOTS, Prompts

_FEWEST = 3
_FEWEST_OF_CLAUSE = 4
_FEWEST_PENDING = 2
_FEWEST_TELLING = 2
"""Words that tell something beside wishes, pictures and everyday words."""
_MOST_CLAUSES = 5
_CLAIMED_SHARE = 1 / 3
_UNDERSTOOD = 0.75
"""The share of a message in another language that must be known before it is compared."""
_ASKING = ("what", "which", "why", "how", "when", "who", "where", "is", "are", "do", "does", "did")
_OPEN = frozenset({"brief", "correct"})


class Paraphrasing:
    """Adds to a reading what a paraphrase surely means, and offers what it may mean."""

    def __init__(self, prompts: Prompts, meanings: Meanings) -> None:
        self._meanings = meanings
        self._empty = prompts.lexicon.fillers | prompts.lexicon.common | prompts.lexicon.pictures
        self._pictures = prompts.lexicon.pictures
        self._denials = Phrases(prompts.lexicon.denials)

    def wanted(self, session: Session, text: Text, reading: Reading) -> bool:
        """Whether there is something left to compare."""
        if (
            reading.intent not in _OPEN
            or reading.refused
            or reading.reply
            or reading.topic
            or reading.wants_photo
        ):
            return False
        if reading.patch:
            return bool(self._left(text))
        if not text.words or text.words[0] in _ASKING or text.understood < _UNDERSTOOD:
            return False
        if session.pending not in SLOTS and not self._says_something(text):
            return False
        fewest = _FEWEST_PENDING if session.pending in SLOTS else _FEWEST
        return len(text.words) >= fewest and not self._denials.find(text)

    def _says_something(self, text: Text) -> bool:
        """Whether more is said than that a picture is wanted: 'I need a damn photo'."""
        told = sum(word not in self._empty for word in text.words)
        return told >= _FEWEST_TELLING or not self._pictures & set(text.words)

    def added(self, session: Session, text: Text, reading: Reading) -> Reading:
        """The reading with its paraphrases; call it when the meanings are loaded."""
        if reading.patch:
            return self._among_others(text, reading)
        guess = self._meanings.guess(text.raw, session.pending)
        if not guess.meant:
            return reading
        quote = text.quote(0, len(text.words))
        meant = tuple(SetSlot(slot, value, quote) for slot, value in guess.meant)
        if guess.safe and not text.raw.rstrip().endswith("?"):
            return structs.replace(reading, patch=SpecPatch(meant[:1]), reply="")
        return structs.replace(reading, unsure=meant, reply="")

    def _among_others(self, text: Text, reading: Reading) -> Reading:
        """Beside plain words only what is safe counts."""
        told = {c.slot: c for c in reading.patch.set}
        for first, last in self._left(text):
            guess = self._meanings.guess(text.phrase(first, last))
            slot, value = guess.meant[0] if _surely(guess) else ("", "")
            if slot and slot not in (*told, *reading.patch.clear):
                told[slot] = SetSlot(slot, value, text.quote(first, last))
        changes = tuple(told[slot] for slot in SLOTS if slot in told)
        return structs.replace(reading, patch=structs.replace(reading.patch, set=changes))

    def _left(self, text: Text) -> list[tuple[int, int]]:
        """Clauses of which hardly a word was understood; the first few of them."""
        denied = {text.clause_of(at)[0] for at, _ in self._denials.find(text)}
        left = [
            (first, last)
            for first, last in text.clauses()
            if last - first >= _FEWEST_OF_CLAUSE
            and first not in denied
            and text.claimed(first, last) <= _CLAIMED_SHARE * (last - first)
        ]
        return left[:_MOST_CLAUSES]


def _surely(guess: Guess) -> bool:
    return guess.safe and bool(guess.meant)
