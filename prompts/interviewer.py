"""The language model's instructions, filled from the vocabulary and the conversation."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_text
from prompts.templates import VARIABLE, fill
from prompts.vocab import Scalar, Slot

if TYPE_CHECKING:
    from prompts.library import Prompts

_VARIABLES = frozenset({"slots", "spec", "pending", "examples"})
_TURNING = ("spec", "pending")
_TURNS = re.compile(rf"\{{({'|'.join(_TURNING)})\}}")
"""The places that change with each turn."""
_BREAK = "\n<!-- examples -->\n"
RECITED = 7
"""Words in a row that make a quotation: chance hardly finds seven."""


class Interviewer(Struct, frozen=True, dict=True):
    """A system prompt with places for the slots, the spec and the pending question."""

    template: str
    examples: str
    name: str = "interviewer"

    def instructions(self, prompts: "Prompts") -> str:
        """What a model is told, with places left for the spec and the pending question."""
        slots = "\n".join(_row(slot) for slot in prompts.slots.values())
        kept = {name: f"{{{name}}}" for name in _TURNING}
        return fill(self.template, {"slots": slots, "examples": self.examples, **kept})

    def version(self, prompts: "Prompts") -> str:
        """Name and hash of the instructions, which say what a model was told."""
        told = self.instructions(prompts).encode()
        return f"{self.name}@{hashlib.sha256(told).hexdigest()[:12]}"

    def repeats(self, reply: str) -> bool:
        """Whether a reply recites the instructions: so many of their words in a row."""
        words = _words(reply)
        return not self._runs.isdisjoint(_runs_of(words))

    @cached_property
    def _runs(self) -> frozenset[tuple[str, ...]]:
        return frozenset(_runs_of(_words(VARIABLE.sub(" ", self.template))))

    def system(self, prompts: "Prompts", spec: Mapping[str, Scalar], pending: str = "") -> str:
        """The system prompt for one turn. `spec` is what is known, `pending` the slot asked for."""
        return told(self.instructions(prompts), spec, pending)


def told(instructions: str, spec: Mapping[str, Scalar], pending: str) -> str:
    """Instructions as a model had them in one turn; see `Interviewer.instructions`.

    >>> told("Known so far: {spec}. Asked: {pending}.", {"film": "tri-x-400"}, "")
    'Known so far: {"film": "tri-x-400"}. Asked: none.'
    """
    # Quoted as JSON: the sitter's own words are in there, and must not read as instructions.
    known = json.dumps({slot: _short(v) for slot, v in spec.items()}, ensure_ascii=False)
    values = {"spec": known if spec else "nothing yet", "pending": pending or "none"}
    return _TURNS.sub(lambda found: values[found[1]], instructions)


def load_interviewer(path: Path) -> Interviewer:
    """Template and examples of a file; raises `PromptError` for a missing or unused variable."""
    template, cut, examples = read_text(path).partition(_BREAK)
    if not cut:
        raise PromptError(path.name, "examples", "block is missing")
    found = frozenset(VARIABLE.findall(template))
    if wrong := sorted(found ^ _VARIABLES):
        raise PromptError(path.name, wrong[0], "is a missing or an unknown variable")
    return Interviewer(template.strip(), examples.strip())


def _row(slot: Slot) -> str:
    kinds = {"words": "free words", "age": "'30s', 'late 20s' or '45'"}
    values = " | ".join(str(value) for value in slot.values)
    if slot.kind in ("whole", "decimal"):
        values = f"{slot.least:g} to {slot.most:g}"
    if slot.name == "backdrop":
        values += " | #rrggbb | a colour's name"
    return f"- {slot.name}: {kinds.get(slot.kind, values)}"


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _runs_of(words: list[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + RECITED]) for at in range(len(words) - RECITED + 1))


def _short(value: Scalar) -> Scalar:
    return " ".join(value[:80].split()) if isinstance(value, str) else value
