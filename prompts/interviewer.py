"""The language model's instructions, filled from the vocabulary and the conversation."""

from collections.abc import Mapping
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
_BREAK = "\n<!-- examples -->\n"


class Interviewer(Struct, frozen=True):
    """A system prompt with places for the slots, the spec and the pending question."""

    template: str
    examples: str

    def system(self, prompts: "Prompts", spec: Mapping[str, Scalar], pending: str = "") -> str:
        """The system prompt for one turn. `spec` is what is known, `pending` the slot asked for."""
        known = "; ".join(f"{slot}={_short(value)}" for slot, value in spec.items())
        values = {
            "slots": "\n".join(_row(slot) for slot in prompts.slots.values()),
            "spec": known or "nothing yet",
            "pending": pending or "none",
            "examples": self.examples,
        }
        return fill(self.template, values)


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


def _short(value: Scalar) -> str:
    return str(value)[:80].replace("\n", " ")
