"""Sets of pictures that belong together: rows of a table, as data."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml
from prompts.looks import check_fields
from prompts.vocab import Scalar

Row = dict[str, Scalar]


class SetOfShots(Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of set: what each frame changes of the brief."""

    operation: Literal["generate", "swap"]
    rows: tuple[Row, ...]


class SetWords(Struct, frozen=True, forbid_unknown_fields=True):
    """How people speak of sets: of setups, of all frames, of leaving one out, of one by number."""

    setups: tuple[str, ...]
    sites: tuple[str, ...]
    all: tuple[str, ...]
    drop: tuple[str, ...]
    frame: tuple[str, ...]


class Sets(Struct, frozen=True, forbid_unknown_fields=True):
    """Kinds of sets by name, the setups for groups of frames, and words."""

    sets: dict[str, SetOfShots]
    setups: tuple[Row, ...]
    words: SetWords

    def of(self, operation: str) -> SetOfShots:
        """The set for pictures from words ("generate") or from a photo ("swap")."""
        return next(each for each in self.sets.values() if each.operation == operation)


def load_sets(path: Path) -> Sets:
    """The file; raises `PromptError` where a kind of picture has no set."""
    found = read_toml(path, Sets)
    if missing := {"generate", "swap"} - {each.operation for each in found.sets.values()}:
        raise PromptError(path.name, f"sets.{sorted(missing)[0]}", "is missing")
    return found


def check_sets(sets: Sets, allowed: Mapping[str, Callable[[Scalar], Scalar | None]]) -> None:
    """Raise `PromptError` for a value in a row that its slot does not have."""
    rows = [row for each in sets.sets.values() for row in each.rows] + list(sets.setups)
    for number, row in enumerate(rows):
        check_fields(f"series.toml row {number}", row, allowed)
