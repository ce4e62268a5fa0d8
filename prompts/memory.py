"""How people speak of earlier pictures: days, ordinals, names, standing wishes."""

from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml

Numbered = dict[str, tuple[str, ...]]


class Memory(Struct, frozen=True, forbid_unknown_fields=True):
    """Phrases, lower case; see the file for what each list does."""

    today: tuple[str, ...]
    yesterday: tuple[str, ...]
    before_yesterday: tuple[str, ...]
    last_week: tuple[str, ...]
    days_ago: tuple[str, ...]
    pictures: frozenset[str]
    last: tuple[str, ...]
    last_time: tuple[str, ...]
    always: tuple[str, ...]
    never_mind: tuple[str, ...]
    naming: tuple[str, ...]
    opening: tuple[str, ...]
    like: tuple[str, ...]
    names: tuple[str, ...]
    zone: tuple[str, ...]
    living: tuple[str, ...]
    now: tuple[str, ...]
    places: dict[str, str]
    ordinals: Numbered
    weekdays: Numbered
    months: Numbered


def load_memory(path: Path) -> Memory:
    """The file; raises `PromptError` where a weekday or a month is missing or too many."""
    found = read_toml(path, Memory)
    for key, count in (("weekdays", 7), ("months", 12)):
        if set(getattr(found, key)) != {str(number) for number in range(1, count + 1)}:
            raise PromptError(path.name, key, f"needs 1 to {count}")
    return found
