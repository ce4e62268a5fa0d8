"""The vocabulary: each slot of the portrait spec with the values a sitter can choose or say."""

from pathlib import Path
from typing import Literal

from msgspec import Struct
from rapidfuzz import fuzz, process

from prompts.ages import is_adult
from prompts.errors import PromptError
from prompts.files import read_toml, toml_files
from prompts.languages import LANGUAGES

Scalar = str | int | float
SlotKind = Literal["choice", "words", "age", "whole", "decimal"]

SLOTS: tuple[str, ...] = (
    "look", "subject", "age", "gender", "hair", "skin_tone", "glasses", "expression", "pose",
    "wardrobe", "shot", "backdrop", "lighting", "key_side", "softness", "lens_mm", "aperture",
    "skin", "film", "warmth", "aspect", "count",
)  # fmt: skip
"""The slots of the portrait spec, in its order (a test holds it equal to the core's)."""

LONGEST = 120
"""Characters kept of free words."""
NEAR = 88.0
"""Similarity (0..100) from which a misspelt value counts as meant."""


class Value(Struct, frozen=True):
    """One value of a slot.

    `words` mean it anywhere, `short` only in answer to the slot's question; `prompt` is how the
    picture prompt says it, `ask` whether it is offered as a tap, `explain` answers "what is it?".
    `names` are its names in other languages, by code.
    """

    id: Scalar
    label: str
    words: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    prompt: str = ""
    ask: bool = False
    explain: str = ""
    names: dict[str, tuple[str, ...]] = {}


class Slot(Struct, frozen=True):
    """A slot's question and values.

    `kind` says what values it takes; `least` and `most` bound numbers; `other` and `spoken` are
    the prompt phrase and the label of a value that is not listed, with `{value}` in it; `offer`
    names the taps of a slot whose values live in files of their own.
    """

    name: str
    kind: SlotKind
    label: str
    question: str
    why: str
    explain: str
    values: dict[Scalar, Value]
    least: float | None = None
    most: float | None = None
    other: str = "{value}"
    spoken: str = "{value}"
    offer: tuple[str, ...] = ()

    def choices(self) -> tuple[Value, ...]:
        """The values offered as taps, in the file's order."""
        return tuple(v for v in self.values.values() if v.ask)

    def text(self, value: Scalar) -> str:
        """The value as people read it on the brief card."""
        found = self.values.get(value)
        return found.label if found else self.spoken.replace("{value}", _plain(value))

    def phrase(self, value: Scalar) -> str:
        """The value as the picture prompt says it; may be empty."""
        found = self.values.get(value)
        return found.prompt if found else self.other.replace("{value}", _plain(value))

    def normalise(self, value: Scalar) -> Scalar | None:
        """The canonical value, or None when this slot cannot take it."""
        if isinstance(value, bool):
            return None
        if self.kind in ("whole", "decimal"):
            return self._number(value)
        text = " ".join(str(value).split())
        if self.kind == "words":
            return text[:LONGEST].strip() or None
        if self.kind == "age":
            return text.lower() if is_adult(text) else None
        return self._nearest(text)

    def _number(self, value: Scalar) -> Scalar | None:
        number = _parse(value)
        if number is None or not _within(number, self.least, self.most):
            return None
        return round(number, 2) if self.kind == "decimal" else round(number)

    def _nearest(self, text: str) -> Scalar | None:
        named = {w: v.id for v in self.values.values() for w in _names(v)}
        folded = text.casefold()
        if folded in named:
            return named[folded]
        found = process.extractOne(folded, list(named), scorer=fuzz.ratio, score_cutoff=NEAR)
        return named[found[0]] if found else None


class ValueFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A value as its file writes it."""

    label: str
    explain: str
    words: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    prompt: str = ""
    ask: bool = False
    names: dict[str, tuple[str, ...]] = {}


class SlotFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A slot as its file writes it."""

    kind: SlotKind
    label: str
    question: str
    why: str
    explain: str
    values: dict[str, ValueFile] = {}
    least: float | None = None
    most: float | None = None
    other: str = "{value}"
    spoken: str = "{value}"
    offer: tuple[str, ...] = ()


def load_slots(folder: Path) -> dict[str, Slot]:
    """Every slot, in the spec's order; raises `PromptError` for one too many or too few."""
    files = {path.stem: path for path in toml_files(folder)}
    if strange := sorted(set(files) ^ set(SLOTS)):
        raise PromptError(f"{strange[0]}.toml", "$", "is no slot, or a slot without a file")
    return {slot: _load_slot(slot, files[slot]) for slot in SLOTS}


def _load_slot(name: str, path: Path) -> Slot:
    raw = read_toml(path, SlotFile)
    values: dict[Scalar, Value] = {}
    for key, value in raw.values.items():
        if strange := sorted(set(value.names) - set(LANGUAGES)):
            raise PromptError(path.name, f"values.{key}.names.{strange[0]}", "is no language")
        made = _value(_typed(path, raw.kind, key), value)
        values[made.id] = made
    check_words(path.name, list(values.values()))
    return Slot(
        name, raw.kind, raw.label, raw.question, raw.why, raw.explain, values,
        raw.least, raw.most, raw.other, raw.spoken, raw.offer,
    )  # fmt: skip


def check_words(file: str, values: list[Value]) -> None:
    """Raises `PromptError` when two values of one slot claim the same word."""
    owner: dict[str, Scalar] = {}
    for value in values:
        for word in {*value.words, *value.short, *_foreign(value)}:
            if owner.setdefault(word.casefold(), value.id) != value.id:
                raise PromptError(file, word, f"means both {owner[word.casefold()]} and {value.id}")


def _value(key: Scalar, raw: ValueFile) -> Value:
    return Value(
        key, raw.label, raw.words, raw.short, raw.prompt, raw.ask, raw.explain,
        raw.names,
    )  # fmt: skip


def _typed(path: Path, kind: SlotKind, key: str) -> Scalar:
    try:
        return {"whole": int, "decimal": float}.get(kind, str)(key)
    except ValueError as error:
        raise PromptError(path.name, f"values.{key}", "is not a number") from error


def _names(value: Value) -> set[str]:
    names = {str(value.id), value.label, *value.words, *value.short, *_foreign(value)}
    return {name.casefold() for name in names}


def _foreign(value: Value) -> set[str]:
    return {name for names in value.names.values() for name in names}


def _plain(value: Scalar) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _parse(value: Scalar) -> float | None:
    if not isinstance(value, str):
        return float(value)
    text = value.lower().removesuffix("mm").strip().removeprefix("f/").removeprefix("f").strip()
    try:
        return float(text)
    except ValueError:
        return None


def _within(number: float, least: float | None, most: float | None) -> bool:
    # NaN compares false both ways, so it fails here.
    return (least is None or number >= least) and (most is None or number <= most)
