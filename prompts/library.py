"""Everything in this folder, read once at start-up and checked whole."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from msgspec import Struct, structs

from prompts.asking import Asking, load_asking
from prompts.contradictions import Contradictions, load_contradictions
from prompts.errors import PromptError
from prompts.interviewer import Interviewer, load_interviewer
from prompts.languages import Language, load_languages
from prompts.lexicon import Lexicon, load_lexicon
from prompts.lights import Lights, load_lights
from prompts.locales import Locales, load_locales
from prompts.looks import Look, check_fields, load_defaults, load_looks
from prompts.memory import Memory, load_memory
from prompts.paraphrases import Paraphrases, load_paraphrases
from prompts.phrases import Phrases, load_phrases
from prompts.rules import Rules, load_rules
from prompts.scenery import BackdropEntry, Scenery, load_scenery
from prompts.sets import Sets, check_sets, load_sets
from prompts.shapes import Shapes, load_shapes
from prompts.smalltalk import SmallTalk, load_smalltalk
from prompts.speaking import Tongues, load_tongues, speaking
from prompts.telling import Telling, load_telling
from prompts.tokens import load_clip_words
from prompts.vocab import SLOTS, Scalar, Slot, Value, check_words, load_slots

HERE = Path(__file__).parent
CAPITALS = "de"
"""The language that writes nouns with a capital wherever they stand."""
WORDED = ("subject", "wardrobe")
"""Slots of free words."""


class Prompts(Struct, frozen=True):
    """Vocabulary, looks, backdrops, defaults, sentences and instructions."""

    slots: dict[str, Slot]
    looks: dict[str, Look]
    scenery: Scenery
    defaults: dict[str, Scalar]
    phrases: Phrases
    rules: Rules
    interviewer: Interviewer
    lexicon: Lexicon
    clip_words: dict[str, int]
    asking: Asking
    contradictions: Contradictions
    lights: Lights
    languages: dict[str, Language]
    paraphrases: Paraphrases
    sets: Sets
    memory: Memory
    tongues: Tongues
    smalltalk: SmallTalk
    locales: Locales = Locales()
    shapes: Shapes = Shapes()
    telling: Telling = Telling()

    @property
    def backdrops(self) -> dict[str, BackdropEntry]:
        """The backdrops by id."""
        return self.scenery.backdrops

    def say(self, key: str, **values: object) -> str:
        """A sentence, in the language that is spoken just now; see `Phrases.say`."""
        return self.say_in(speaking(), key, **values)

    def say_in(self, locale: str, key: str, **values: object) -> str:
        """A sentence in a locale's language where it exists there, else in English."""
        return self.locales.say(locale, key, **values) or self.phrases.say(key, **values)

    def slot(self, name: str) -> Slot:
        """A slot's vocabulary; raises `PromptError` when there is no such slot."""
        if name not in self.slots:
            raise PromptError("vocabulary", name, "is no slot")
        return self.slots[name]

    def choices(self, slot: str) -> tuple[Value, ...]:
        """The values offered as taps, best first."""
        return self.slot(slot).choices()

    def label(self, slot: str, value: Scalar) -> str:
        """A value as people read it: 'Rembrandt', 'f/2', 'Dark canvas'; in their language."""
        if said := self.locales.say(speaking(), f"value_{slot}_{value}"):
            return said[0].upper() + said[1:]
        if slot == "backdrop":
            entry = self.backdrop(value)
            return entry.label if entry else str(value)
        return self.slot(slot).text(value)

    def slot_label(self, name: str) -> str:
        """What a slot is called: 'Framing'; in the language that is spoken just now."""
        return self.locales.say(speaking(), f"slot_{name}") or self.slot(name).label

    def amid(self, label: str) -> str:
        """A label as it stands in the middle of a sentence: German nouns keep their capital."""
        if speaking() != CAPITALS:
            return label.lower()
        small = label[:1].lower() + label[1:]
        return small if small in self.locales.spellings(CAPITALS) else label

    def backdrop(self, value: Scalar) -> BackdropEntry | None:
        """The backdrop of an id, '#rrggbb', a colour's name or a word for it; None when unknown."""
        return self.scenery.find(str(value))

    def normalise(self, slot: str, value: Scalar) -> Scalar | None:
        """The canonical value of a slot, or None when there is no such slot or value."""
        return _normalise(self.slots, self.scenery, slot, value)

    def explain(self, topic: str) -> str | None:
        """One sentence about "slot" or "slot:value", in the language that is spoken just now.

        None when nothing is known about it.
        """
        name, _, wanted = topic.partition(":")
        if name not in self.slots:
            return None
        if said := self.locales.say(speaking(), "_".join(filter(None, ("explain", name, wanted)))):
            return said
        if not wanted:
            return self.slots[name].explain
        value = self.slots[name].values.get(_key(self.slots[name], wanted))
        return value.explain if value else None


def load(folder: Path | None = None) -> Prompts:
    """Read and check every file of a prompts folder (default: the one that ships).

    Raises `PromptError`, naming file and key, for an unknown or missing key, a missing or unused
    template variable, an unknown slot, look, backdrop or value, a doubled id or word.
    """
    base = folder or HERE
    looks = load_looks(base / "looks")
    scenery = load_scenery(base / "backdrops", base / "colours.toml")
    slots = _join(load_slots(base / "vocabulary"), looks, scenery)
    texts = {f"ask_{s.name}": s.question for s in slots.values()}
    texts |= {f"why_{s.name}": s.why for s in slots.values()}
    rules = load_contradictions(base / "contradictions.toml", partial(_normalise, slots, scenery))
    texts |= {f"warn_{rule.id}": rule.say for rule in rules.rules}
    phrases = load_phrases(base / "replies.en.toml", texts)
    defaults, sets = load_defaults(base / "defaults.toml"), load_sets(base / "series.toml")
    labels = frozenset((*_labelled(slots), *_assumed(defaults, looks, sets, rules)))
    prompts = Prompts(
        slots, looks, scenery, defaults,
        phrases, load_rules(base / "compose.toml"),
        load_interviewer(base / "interviewer.md"), load_lexicon(base / "lexicon.toml"),
        load_clip_words(base / "clip.toml"), load_asking(base / "asking.toml"), rules,
        load_lights(base / "lights.toml", slots),
        load_languages(base / "languages"), Paraphrases((), ()),
        sets, load_memory(base / "memory.toml"),
        load_tongues(base / "tongues.toml"), load_smalltalk(base / "smalltalk.toml"),
        load_locales(base / "locales", phrases, labels),
    )  # fmt: skip
    _check_references(prompts)
    paraphrases = load_paraphrases(base / "paraphrases.toml", prompts.normalise)
    shapes = load_shapes(base / "shapes.toml", prompts.normalise)
    telling = load_telling(base / "telling.toml")
    return structs.replace(prompts, paraphrases=paraphrases, shapes=shapes, telling=telling)


def _labelled(slots: dict[str, Slot]) -> Iterator[str]:
    """Keys under which other languages say what slots and values are called, and what they are."""
    for slot in slots.values():
        yield from (f"slot_{slot.name}", f"explain_{slot.name}")
        for value in slot.values:
            yield from (f"value_{slot.name}_{value}", f"explain_{slot.name}_{value}")


def _assumed(
    defaults: dict[str, Scalar], looks: dict[str, Look], sets: Sets, rules: Contradictions
) -> Iterator[str]:
    """The same for the words that the house itself puts into a brief."""
    rows = [row for frames in sets.sets.values() for row in frames.rows]
    rows += [{slot: value} for rule in rules.rules for slot, value in rule.fixes]
    for fields in (defaults, *(look.fields for look in looks.values()), *rows):
        yield from (f"value_{slot}_{fields[slot]}" for slot in WORDED if slot in fields)


def _normalise(slots: dict[str, Slot], scenery: Scenery, slot: str, value: Scalar) -> Scalar | None:
    if slot == "backdrop":
        entry = None if isinstance(value, bool) else scenery.find(str(value))
        return entry.id if entry else None
    return slots[slot].normalise(value) if slot in slots else None


def _join(slots: dict[str, Slot], looks: dict[str, Look], scenery: Scenery) -> dict[str, Slot]:
    look_values = [look.value for look in looks.values()]
    check_words("looks", look_values)
    scenes = [scenery.value(entry) for entry in scenery.backdrops.values()]
    found = {"look": look_values, "backdrop": scenes}
    return slots | {name: _filled(slots[name], values) for name, values in found.items()}


def _filled(slot: Slot, values: list[Value]) -> Slot:
    """The slot with its values: those on offer first, in that order."""
    known = {str(value.id): value for value in values}
    if unknown := sorted(set(slot.offer) - set(known)):
        raise PromptError(f"{slot.name}.toml", f"offer.{unknown[0]}", f"is no {slot.name}")
    offered = [structs.replace(known[name], ask=True) for name in slot.offer]
    others = [structs.replace(v, ask=False) for v in values if v.id not in slot.offer]
    return structs.replace(slot, values={v.id: v for v in (*offered, *others)})


def _check_references(prompts: Prompts) -> None:
    allowed: dict[str, Callable[[Scalar], Scalar | None]] = {
        slot: partial(prompts.normalise, slot) for slot in SLOTS
    }
    check_fields("defaults.toml", prompts.defaults, allowed)
    for look in prompts.looks.values():
        check_fields(f"{look.id}.toml", look.fields, allowed)
    check_sets(prompts.sets, allowed)


def _key(slot: Slot, text: str) -> Scalar:
    return next((key for key in slot.values if str(key) == text), text)
