"""How people speak of earlier pictures: days, ordinals, names, standing wishes."""

from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml
from prompts.smalltalk import plain

_POINTING = (
    "the one number no option please then i'll take ok i das der die bitte la el le les"
    " una un el numéro número nummer por favor s'il te plaît"
)
POINTING = frozenset(_POINTING.split())
"""Words around an ordinal that change nothing."""
Numbered = dict[str, tuple[str, ...]]


class Memory(Struct, frozen=True, forbid_unknown_fields=True):
    """Phrases, lower case; see the file for what each list does."""

    today: tuple[str, ...]
    yesterday: tuple[str, ...]
    before_yesterday: tuple[str, ...]
    last_week: tuple[str, ...]
    days_ago: tuple[str, ...]
    pictures: frozenset[str]
    after_number: tuple[str, ...]
    last: tuple[str, ...]
    last_time: tuple[str, ...]
    always: tuple[str, ...]
    never_mind: tuple[str, ...]
    naming: tuple[str, ...]
    naming_session: tuple[str, ...]
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

    def place_of(self, text: str) -> int:
        """Which of several a message as a whole points at: from 1, -1 for the last, 0 for none.

        >>> import prompts
        >>> memory = prompts.load().memory
        >>> [memory.place_of(said) for said in ("The second one!", "number 3", "a second light")]
        [2, 3, 0]
        """
        said = [w for w in plain(text).split() if w not in POINTING]
        if len(said) != 1:
            return 0
        if said[0].isdecimal():
            pointed = said[0] in text and len(plain(text).split()) > 1
            return int(said[0]) if pointed else 0
        if said[0] in self.last:
            return -1
        return next((int(n) for n, names in self.ordinals.items() if said[0] in names), 0)


def load_memory(path: Path) -> Memory:
    """The file; raises `PromptError` where a weekday or a month is missing or too many."""
    found = read_toml(path, Memory)
    for key, count in (("weekdays", 7), ("months", 12)):
        if set(getattr(found, key)) != {str(number) for number in range(1, count + 1)}:
            raise PromptError(path.name, key, f"needs 1 to {count}")
    return found
