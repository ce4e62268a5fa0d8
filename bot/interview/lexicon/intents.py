"""What the person wants now: shoot, undo, an explanation, or only to tell about the picture."""

import re
from typing import cast, get_args

from msgspec import Struct

from bot.core.ports import Intent
from bot.interview.lexicon.tokens import Phrases, Text
from prompts import PromptError, Prompts

_ASKING = ("is", "are", "what", "when", "why", "how", "did", "was")
_LEADS = frozenset(
    {"nah", "oh", "ok", "okay", "well", "so", "and", "hmm", "then", "yes", "please", "just"}
)
_WOULD = ("suit", "work", "look", "fit", "be", "flatter", "go")


class _Way(Struct, frozen=True):
    intent: Intent
    anywhere: Phrases
    start: Phrases
    alone: Phrases


class Intents:
    """Finds intents by phrase. The file's order is the order of precedence."""

    def __init__(self, prompts: Prompts) -> None:
        lexicon = prompts.lexicon
        for entry in lexicon.intents:
            if entry.intent not in get_args(Intent):
                raise PromptError("lexicon.toml", f"intents.{entry.intent}", "is no intent")
        self._ways = [
            _Way(cast(Intent, e.intent), Phrases(e.anywhere), Phrases(e.start), Phrases(e.alone))
            for e in lexicon.intents
        ]
        self._fillers = lexicon.fillers | frozenset(w for p in lexicon.polite for w in p.split())
        self._corrections = Phrases(lexicon.corrections)
        self._approvals = Phrases(lexicon.approvals)
        self._questions = Phrases(lexicon.questions)
        self._orders = Phrases(lexicon.orders)
        self._own_photo = Phrases(lexicon.own_photo)
        for name, _ in prompts.shapes.intents:
            if name not in get_args(Intent):
                raise PromptError("shapes.toml", f"intents.{name}", "is no intent")
        self._shapes: list[tuple[Intent, re.Pattern[str]]] = [
            (cast("Intent", name), shape) for name, shape in prompts.shapes.intents
        ]

    def vocabulary(self) -> set[str]:
        """Words of the intents that may be misspelt."""
        return {"shoot", "undo", "cancel", "upscale", "surprise", "again", "background", "backdrop"}

    def find(self, text: Text) -> Intent | None:
        """The strongest intent in the text, if any."""
        clauses = [text.words[a:b] for a, b in text.clauses() if text.pause(b) != ":"]
        bare = [[w for w in words if w not in self._fillers] for words in clauses]
        asked = text.raw.rstrip().endswith("?") and text.words[0] in _ASKING
        for way in self._ways:
            if asked and way.intent == "shoot":
                continue
            if way.anywhere.find(text):
                return way.intent
            for words, core in zip(clauses, bare, strict=True):
                if any(rest and way.alone.is_whole(rest) for rest in (words, core, _led(words))):
                    return way.intent
                if way.start.at(core, 0) or way.start.at(words, 0):
                    return way.intent
        return self._shaped(text, asked)

    def _shaped(self, text: Text, asked: bool) -> Intent | None:
        """The first intent with a shape in the text."""
        for intent, shape in self._shapes:
            if not (asked and intent == "shoot") and shape.search(text.folded):
                return intent
        return None

    def corrects(self, text: Text) -> bool:
        """Whether the message turns something already said around."""
        starts = [first for first, _ in text.clauses()]
        later = [first for first in starts[1:] if text.words[first] not in ("no", "not")]
        return any(self._corrections.at(text.words, first) for first in (*starts[:1], *later))

    def asks(self, text: Text) -> bool:
        """Whether the message begins as a question."""
        skip = 0
        while skip < len(text.words) and text.words[skip] in (
            "so",
            "and",
            "but",
            "ok",
            "hi",
            "hey",
        ):
            skip += 1
        if text.words[skip : skip + 1] == ["would"] and text.raw.rstrip().endswith("?"):
            return bool(set(text.words[skip + 2 :]) & set(_WOULD)) and "you" not in text.words
        if not self._questions.at(text.words, skip):
            later = [
                first for first, _ in text.clauses()[1:] if self._questions.at(text.words, first)
            ]
            compares = {"difference", "mean", "better"} & set(text.words)
            return bool(later and compares) and text.raw.rstrip().endswith("?")
        about = text.words[skip : skip + 2]
        if about in (["what", "about"], ["how", "about"]):
            return False
        yes_no = about[:1] in (["is"], ["are"], ["do"], ["should"], ["why"], ["which"])
        return not yes_no or text.raw.rstrip().endswith("?")

    def orders(self, text: Text) -> bool:
        """Whether the message tries to command its reader."""
        return bool(self._orders.find(text))

    def own_photo(self, text: Text) -> bool:
        """Whether the sitter speaks of their own photo."""
        return bool(self._own_photo.find(text))

    def core(self, text: Text) -> tuple[str, ...]:
        """The words that carry the message, without fillers, politeness and corrections."""
        words = list(text.words)
        while words:
            at = self._corrections.at(words, 0) or int(words[0] in self._fillers)
            if not at:
                break
            words = words[at:]
        while words and (size := self._approved(words)):
            words = words[:-size]
        return tuple(word for word in words if word not in self._fillers)

    def _approved(self, words: list[str]) -> int:
        """How many words at the end only approve: 'light grey is fine'."""
        starts = range(1, len(words))
        return next((len(words) - at for at in starts if self._approvals.is_whole(words[at:])), 0)

    def cores(self, text: Text) -> list[tuple[str, ...]]:
        """The same for each clause, the last first."""
        return [
            core
            for first, last in reversed(text.clauses())
            if (core := self.core(text.part(first, last)))
        ]


def _led(words: list[str]) -> list[str]:
    """The words without what only leads up to them: 'nah forget it'."""
    at = next((i for i, word in enumerate(words) if word not in _LEADS), 0)
    return words[at:]
