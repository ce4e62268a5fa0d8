"""Short answers: to the question just asked, or to nothing in particular."""

from bot.core.session import Session
from bot.core.spec import PortraitSpec, Scalar
from bot.interview.lexicon.exchanges import ORDINARY, Exchanges
from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.phrasebook import Phrasebook
from bot.interview.lexicon.tokens import Text, words
from prompts import SLOTS, Prompts

_ORDINALS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3,
    "fifth": 4, "5th": 4, "sixth": 5, "6th": 5, "last": -1,
}  # fmt: skip
_LENSES = frozenset({24, 28, 35, 50, 85, 100, 105, 135, 200})
_TURNS = frozenset({"no", "wait", "actually", "sorry", "rather", "instead"})
_LONGEST = 4
_LONGEST_CLOTHES = 8
_ASIDE = ("lighting", "film", "skin", "softness", "pose")
_NEVER_BARE = frozenset(
    {"backdrop", "wardrobe", "glasses", "gender", "hair", "skin_tone", "count", "age"}
)
"""Slots whose short answers mean nothing without their question."""


class Answers:
    """Reads what is left when nothing else was found."""

    def __init__(self, prompts: Prompts, book: Phrasebook) -> None:
        self._prompts, self._book = prompts, book
        self._exchanges = Exchanges(prompts)
        self._fillers = prompts.lexicon.fillers
        self._colours = {words(name): name for name in prompts.scenery.colours}
        self._negators = {w for phrase in prompts.lexicon.negators for w in phrase.split()}
        clothes = prompts.lexicon.clothes
        self._garments = clothes.garments
        self._worn = clothes.garments | clothes.vague | clothes.materials | clothes.descriptions

    def exact(self, session: Session, text: Text, core: tuple[str, ...]) -> Hit | None:
        """The whole message is one of the pending slot's own words."""
        slot = session.pending
        for said in (tuple(text.words), core) if slot != "gender" else ():
            value = self._book.short(slot, said)
            if value is not None:
                return self._hit(slot, value, text, said)
        return None

    def pending(self, session: Session, text: Text, core: tuple[str, ...]) -> Hit | None:
        """The answer to the session's pending question, if this is one."""
        slot = session.pending
        if slot not in SLOTS or not core or len(core) > _LONGEST_CLOTHES:
            return None
        if len(core) <= _LONGEST:
            value = self._ordinal(slot, core)
            value = self._value(slot, core) if value is None else value
            if value is not None:
                return self._hit(slot, value, text, core)
            turned = tuple(word for word in core if word not in self._negators)
            value = self._value(slot, turned) if turned != core and turned else None
            if value is not None:
                return self._hit(slot, value, text, turned)
        return self._clothes(text, core) if slot == "wardrobe" else None

    def bare(self, spec: PortraitSpec, text: Text, core: tuple[str, ...]) -> Hit | None:
        """A lone word that can only mean one slot, such as "split" or "grey"."""
        if swap := self._contrast(text):
            return swap
        while core[-1:] and core[-1] in _TURNS:
            core = core[:-1]
        core = core[1:] if len(core) > 1 and core[0] in ORDINARY else core
        if not core or len(core) > 2 or core == ("none",):
            return None
        if len(core) == 1 and core[0].isdecimal() and spec.said("lens_mm"):
            return self._lens(text, core)
        if core in self._colours:
            return self._exchanges.toned(spec, text, core)
        meant = {
            slot: value
            for slot in SLOTS
            if slot not in _NEVER_BARE and (value := self._book.short(slot, core)) is not None
        }
        if len(meant) != 1 or "".join(core).isdigit():
            return None
        slot, value = meant.popitem()
        return self._hit(slot, value, text, core)

    def aside(self, text: Text, cores: list[tuple[str, ...]], told: set[str]) -> Hit | None:
        """The split of 'split then, from the left': a clause that is a short name for one value."""
        for core in cores if len(cores) > 1 else ():
            meant = {
                slot: value
                for slot in SLOTS
                if slot not in _NEVER_BARE and (value := self._book.short(slot, core)) is not None
            }
            slot, value = meant.popitem() if len(meant) == 1 else ("", None)
            hit = (
                self._hit(slot, value, text, core) if value is not None and slot in _ASIDE else None
            )
            if hit and slot not in told and text.free(hit.first, hit.last):
                return hit
        return None

    def renumbered(self, spec: PortraitSpec, text: Text) -> Hit | None:
        """'43, not 34', 'four, not two', 'sorry, 67': a number in the place of one said before."""
        said = [(i, n) for i, w in enumerate(text.words) if (n := self._number(w)) is not None]
        if len(said) == 2 and set(text.words) & {"not", "instead", "than"}:
            (at, new), (other, old) = said
            turned = {"not", "instead", "than"} & set(text.words[at:other])
            pairs = [(at, new, old)] if turned else [(other, old, new)]
        elif (
            len(said) == 1
            and (set(text.words[:2]) & _TURNS or "meant" in text.words)
            and text.free(said[0][0], said[0][0] + 1)
        ):
            pairs = [(said[0][0], said[0][1], None)]
        else:
            return None
        for at, new, old in pairs:
            for slot in ("age", "count", "lens_mm", "aperture"):
                now = spec.value(slot)
                fits = now is not None and (
                    str(now) == str(old) if old is not None else slot == "age" and new >= 18
                )
                value = (
                    self._prompts.normalise(slot, str(new))
                    if fits and text.free(at, at + 1)
                    else None
                )
                if value is not None:
                    return Hit(slot, value, at, at + 1)
        return None

    def _number(self, word: str) -> int | None:
        return (
            int(word)
            if word.isdecimal() and len(word) < 4
            else self._prompts.lexicon.numbers.get(word)
        )

    def regarbed(self, text: Text, hits: list[Hit]) -> Hit | None:
        """'Swap the white shirt for a denim one': the garment with its new colour or cloth."""
        worn = next((hit for hit in hits if hit.slot == "wardrobe"), None)
        if worn is None or not set(text.words[: worn.first]) & {
            "swap",
            "change",
            "replace",
            "switch",
            "not",
            "instead",
        }:
            return None
        for at in range(worn.last, len(text.words)):
            first = at
            while first > worn.last and (
                text.words[first - 1] in self._worn or (text.words[first - 1],) in self._colours
            ):
                first -= 1
            if text.words[at] in ("one", "ones") and first < at:
                said = " ".join(text.words[first:at])
                return Hit("wardrobe", f"{said} {str(worn.value).split()[-1]}", first, at + 1)
        return None

    def _contrast(self, text: Text) -> Hit | None:
        """'Not left. Right': two short answers to one question, the first turned down."""
        parts = [
            tuple(w for w in text.words[a:b] if w not in self._fillers) for a, b in text.clauses()
        ]
        if len(parts) != 2 or len(parts[0]) < 2 or parts[0][0] not in self._negators:
            return None
        for slot in SLOTS:
            old, new = self._short(slot, parts[0][1:]), self._short(slot, parts[1])
            if slot not in _NEVER_BARE and old is not None and new is not None:
                last = len(text.words)
                return Hit(slot, new, last - len(parts[1]), last)
        return None

    def _lens(self, text: Text, core: tuple[str, ...]) -> Hit | None:
        """'Go with 85 instead', where a lens was spoken of."""
        known = int(core[0]) in _LENSES
        return self._hit("lens_mm", int(core[0]), text, core) if known else None

    def second_thought(self, text: Text, hits: list[Hit]) -> Hit | None:
        """The green of "red background, no wait, green"; the right of "left, no, right"."""
        clauses = text.clauses()
        first, last = clauses[-1]
        turned = {w for a, b in clauses[-2:] for w in text.words[a:b]} & _TURNS
        core = tuple(w for w in text.words[first:last] if w not in self._fillers | _TURNS)
        if not (turned and core and text.free(first, last)):
            return None
        slots = dict.fromkeys(hit.slot for hit in reversed(hits))
        known = [(s, self._short(s, core)) for s in slots if s not in ("wardrobe", "count")]
        slot, value = next(((s, v) for s, v in known if v is not None), ("", None))
        return None if value is None else Hit(slot, value, last - len(core), last)

    def other(self, text: Text, turned: Hit) -> Hit | None:
        """The loop of 'not butterfly, I want loop': a short answer beside what was turned down."""
        for first, last in text.clauses():
            if not text.free(first, last):
                continue
            core = tuple(w for w in text.words[first:last] if w not in self._fillers | _TURNS)
            if core and (value := self._short(turned.slot, core)) is not None:
                return Hit(turned.slot, value, last - len(core), last)
        return None

    def _short(self, slot: str, core: tuple[str, ...]) -> Scalar | None:
        if slot != "backdrop":
            return self._book.short(slot, core)
        entry = self._prompts.backdrop(self._colours[core]) if core in self._colours else None
        return entry.id if entry else None

    def swapped(self, spec: PortraitSpec, text: Text) -> Hit | None:
        """The new colour of "navy instead of cream" or "swap grey for olive"."""
        return self._exchanges.swapped(spec, text)

    def _ordinal(self, slot: str, core: tuple[str, ...]) -> Scalar | None:
        choices = self._prompts.choices(slot)
        place = _ORDINALS.get(core[0]) if len(core) == 1 else None
        if core[0] in ("number", "option") and len(core) == 2 and core[1].isdecimal():
            place = int(core[1]) - 1
        if place is None or not -1 <= place < len(choices):
            return None
        return choices[place].id

    def _value(self, slot: str, core: tuple[str, ...]) -> Scalar | None:
        known = self._book.short(slot, core)
        if known is not None:
            return known
        if slot in ("count", "lens_mm", "aperture"):
            if slot == "count" and core[-1] == "dozen":
                return 6 if core[0] == "half" else 12
            number = self._prompts.lexicon.numbers.get(core[0], core[0])
            return self._prompts.normalise(slot, number) if len(core) == 1 else None
        return self._prompts.normalise("backdrop", " ".join(core)) if slot == "backdrop" else None

    def _clothes(self, text: Text, core: tuple[str, ...]) -> Hit | None:
        """The sitter's own words for clothes, when at least one of them speaks of clothes."""
        worn = tuple(word for word in core if word in self._worn or (word,) in self._colours)
        hit = self._hit("wardrobe", "", text, worn)
        if hit is None:
            return None
        said = " ".join(text.words[hit.first : hit.last])
        return Hit("wardrobe", said, hit.first, hit.last)

    def _hit(self, slot: str, value: Scalar, text: Text, core: tuple[str, ...]) -> Hit | None:
        places = [i for i, word in enumerate(text.words) if word in core]
        return Hit(slot, value, places[0], places[-1] + 1) if places else None
