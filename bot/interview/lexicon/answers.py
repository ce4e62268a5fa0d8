"""Short answers: to the question just asked, or to nothing in particular."""

import re

from bot.core.session import Session
from bot.core.spec import PortraitSpec, Scalar
from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.phrasebook import Phrasebook
from bot.interview.lexicon.tokens import Text, words
from prompts import SLOTS, Prompts

_ORDINALS = {
    "first": 0, "1st": 0, "second": 1, "2nd": 1, "third": 2, "3rd": 2, "fourth": 3, "4th": 3,
    "fifth": 4, "5th": 4, "sixth": 5, "6th": 5, "last": -1,
}  # fmt: skip
_LENSES = frozenset({24, 28, 35, 50, 85, 100, 105, 135, 200})
_SWAPS = ("swap", "change", "replace", "switch", "the")
_TURNS = frozenset({"no", "wait", "actually", "sorry", "rather", "instead"})
_LONGEST = 4
_LONGEST_CLOTHES = 8
_ASIDE = ("lighting", "film", "skin", "softness", "pose")
_ORDINARY = ("normal", "plain", "simple", "classic", "regular", "standard", "ordinary")
_SCENE_SWAP = re.compile(
    r"\b(?:swap|change|replace|switch|trade)(?: out)? (?:the |this |that |my )?(?P<old>[a-z]+?)s?"
    r"(?: wall| background| backdrop)? (?:out )?(?:for|to|with|by|into) (?:a |an |some )?(?P<new>[a-z ]+)"
)
_NEVER_BARE = frozenset(
    {"backdrop", "wardrobe", "glasses", "gender", "hair", "skin_tone", "count", "age"}
)
"""Slots whose short answers mean nothing without their question."""


class Answers:
    """Reads what is left when nothing else was found."""

    def __init__(self, prompts: Prompts, book: Phrasebook) -> None:
        self._prompts, self._book = prompts, book
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
        core = core[1:] if len(core) > 1 and core[0] in _ORDINARY else core
        if not core or len(core) > 2 or core == ("none",):
            return None
        if len(core) == 1 and core[0].isdecimal() and spec.said("lens_mm"):
            return self._lens(text, core)
        if core in self._colours:
            return self._colour(spec, text, core)
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
        tokens = text.words
        if better := self._preferred(spec, text) or self._other_scene(spec, text):
            return better
        for size in (2, 1):
            for first in range(len(tokens) - size - 1):
                last = first + size
                if tuple(tokens[first:last]) not in self._colours or not text.free(first, last):
                    continue
                new = self._colours[tuple(tokens[first:last])]
                if _turn(text, last):
                    return self._exchange(spec, text, (first, last), new, last + 1)
                if tokens[last] in ("for", "to", "with") and first and tokens[first - 1] in _SWAPS:
                    return self._swap(spec, text, first, last)
        return None

    def _preferred(self, spec: PortraitSpec, text: Text) -> Hit | None:
        """'The grey one was better, not the navy': a colour preferred to the one there is."""
        if set(text.words) & self._worn & self._garments:
            return None
        tones = [(i, tone) for i in range(len(text.words)) if (tone := self._tone(text, i))]
        tones = [
            (i, t)
            for n, (i, t) in enumerate(tones)
            if not n or i >= tones[n - 1][0] + len(tones[n - 1][1])
        ]
        if len(tones) != 2 or not {"better", "preferred", "prefer", "nicer", "liked"} & set(
            text.words
        ):
            return None
        (at, new), (other, old) = tones
        if not {"not", "than", "to", "instead"} & set(text.words[at + 1 : other]):
            return None
        was, entry = self._prompts.backdrop(" ".join(old)), self._prompts.backdrop(" ".join(new))
        behind = was is not None and spec.value("backdrop") == was.id
        return Hit("backdrop", entry.id, at, at + len(new)) if entry and behind else None

    def _other_scene(self, spec: PortraitSpec, text: Text) -> Hit | None:
        """'Swap the brick for plain black': the scene behind is named, and another one."""
        found = _SCENE_SWAP.search(text.folded)
        place = text.span(*found.span("new")) if found else None
        if not found or not place or found["old"] not in str(spec.value("backdrop")):
            return None
        named = " ".join(w for w in found["new"].split() if w not in _ORDINARY)
        entry = self._prompts.backdrop(named)
        return Hit("backdrop", entry.id, *place) if entry else None

    def _swap(self, spec: PortraitSpec, text: Text, first: int, last: int) -> Hit | None:
        for size in (2, 1):
            new = self._colours.get(tuple(text.words[last + 1 : last + 1 + size]))
            if new:
                return self._exchange(spec, text, (last + 1, last + 1 + size), new, first)
        return None

    def _exchange(
        self, spec: PortraitSpec, text: Text, place: tuple[int, int], new: str, olds: int
    ) -> Hit | None:
        """The new colour where the old one, at `olds` or later, is: in the clothes or behind."""
        skip = next((i for i in range(olds, len(text.words)) if self._tone(text, i)), None)
        old = " ".join(self._tone(text, skip)) if skip is not None else ""
        worn = str(spec.value("wardrobe") or "")
        if old and _says(worn, old):
            return Hit("wardrobe", _recoloured(worn, old, new), *place)
        entry, was = self._prompts.backdrop(new), self._prompts.backdrop(old) if old else None
        behind = was is not None and spec.value("backdrop") == was.id
        return Hit("backdrop", entry.id, *place) if entry and behind else None

    def _tone(self, text: Text, index: int) -> tuple[str, ...]:
        for size in (2, 1):
            key = tuple(text.words[index : index + size])
            if key in self._colours:
                return key
        return ()

    def _colour(self, spec: PortraitSpec, text: Text, core: tuple[str, ...]) -> Hit | None:
        """A bare colour belongs to the backdrop, or to clothes when only they have a colour."""
        worn = str(spec.value("wardrobe") or "")
        name = self._colours[core]
        old = next(
            (c for c in sorted(self._prompts.scenery.colours, key=len)[::-1] if _says(worn, c)), ""
        )
        if old and not spec.said("backdrop"):
            return self._hit("wardrobe", _recoloured(worn, old, name), text, core)
        entry = self._prompts.backdrop(name)
        return self._hit("backdrop", entry.id, text, core) if entry else None

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


def _says(worn: str, colour: str) -> bool:
    return re.search(rf"\b{re.escape(colour)}\b", worn) is not None


def _recoloured(worn: str, old: str, new: str) -> str:
    return re.sub(rf"\b{re.escape(old)}\b", new, worn, count=1)


def _turn(text: Text, at: int) -> bool:
    """'navy instead of cream', 'rather navy than cream', 'navy, not cream'."""
    after = tuple(text.words[at : at + 2])
    if after[:1] == ("not",):
        return True
    said = after in (("instead", "of"), ("rather", "than")) or after[:1] == ("than",)
    return said and text.joined(at - 1, at + 1)
