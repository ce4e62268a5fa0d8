"""Looks: named bundles of fields, and the defaults below them."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from prompts.asking import check_weights
from prompts.errors import PromptError
from prompts.files import read_toml, toml_files
from prompts.vocab import SLOTS, Scalar, Value


class Look(Struct, frozen=True):
    """A named bundle of fields, each a value the sitter may still change.

    `weights` says how much knowing a slot changes this look's picture, 0..1 (see `asking.toml`).
    """

    id: str
    label: str
    reason: str
    words: tuple[str, ...]
    fields: dict[str, Scalar]
    prompt: str = ""
    weights: dict[str, float] = {}

    @property
    def value(self) -> Value:
        """The look as a value of the look slot."""
        return Value(self.id, self.label, self.words, prompt=self.prompt, explain=self.reason)


class LookFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A look as its file writes it."""

    label: str
    reason: str
    words: tuple[str, ...]
    fields: dict[str, Scalar]
    prompt: str = ""
    weights: dict[str, float] = {}


class DefaultsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """What is assumed of a sitter who said nothing, and what is left to chance."""

    fields: dict[str, Scalar]
    left_open: tuple[str, ...]


def load_looks(folder: Path) -> dict[str, Look]:
    """Every look by id, in the order of the files' names."""
    return {path.stem: _look(path) for path in toml_files(folder)}


def load_defaults(path: Path) -> dict[str, Scalar]:
    """Slot to value; raises `PromptError` unless every slot has a default or is left open."""
    raw = read_toml(path, DefaultsFile)
    for slot in SLOTS:
        if (slot in raw.fields) == (slot in raw.left_open):
            raise PromptError(path.name, slot, "needs either a default or a place in left_open")
    return {slot: raw.fields[slot] for slot in SLOTS if slot in raw.fields}


def check_fields(file: str, fields: Mapping[str, Scalar], allowed: Mapping[str, object]) -> None:
    """Raises `PromptError` when a field names no slot or a value its slot does not take.

    `allowed[slot]` is a callable from value to canonical value or None.
    """
    for slot, value in fields.items():
        normalise = allowed.get(slot)
        if not callable(normalise):
            raise PromptError(file, slot, "is no slot")
        if normalise(value) != value:
            raise PromptError(file, slot, f"{value!r} is no value of it")


def _look(path: Path) -> Look:
    raw = read_toml(path, LookFile)
    check_weights(path.name, raw.weights)
    return Look(path.stem, raw.label, raw.reason, raw.words, raw.fields, raw.prompt, raw.weights)
