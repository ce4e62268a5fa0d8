"""What is worth asking: how much each missing slot would change the picture."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml
from prompts.vocab import SLOTS


class Asking(Struct, frozen=True, forbid_unknown_fields=True):
    """Weights by slot, 0..1; `most` questions before offering to shoot, none below `least`."""

    most: int
    least: float
    generate: dict[str, float]
    swap: dict[str, float]

    def weights(self, operation: str, look: Mapping[str, float]) -> dict[str, float]:
        """Weights of an operation's slots; the look's own come first where somebody is invented."""
        if operation == "generate":
            return self.generate | dict(look)
        return self.swap if operation == "swap" else {}


def load_asking(path: Path) -> Asking:
    """The weights of a file; raises `PromptError` for an unknown slot or a weight out of range."""
    asking = read_toml(path, Asking)
    for weights in (asking.generate, asking.swap):
        check_weights(path.name, weights)
    return asking


def check_weights(file: str, weights: Mapping[str, float]) -> None:
    """Raises `PromptError` unless every slot exists and weighs between 0 and 1."""
    for slot, weight in weights.items():
        if slot not in SLOTS:
            raise PromptError(file, slot, "is no slot")
        if not 0 <= weight <= 1:
            raise PromptError(file, slot, f"weighs {weight}, not between 0 and 1")
