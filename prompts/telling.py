"""How people tell of others, of earlier times and of other things, as data."""

import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml


class Telling(Struct, frozen=True):
    """Words by which a stretch of a message is told from a wish; see the file for each."""

    past: frozenset[str] = frozenset()
    present: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    wishing: frozenset[str] = frozenset()
    describing: frozenset[str] = frozenset()
    when: tuple[re.Pattern[str], ...] = ()
    wish: tuple[re.Pattern[str], ...] = ()
    self: tuple[re.Pattern[str], ...] = ()
    about_other: tuple[re.Pattern[str], ...] = ()
    idioms: tuple[str, ...] = ()

    def words(self) -> set[str]:
        """Every word it goes by; none of them is a misspelt one."""
        return {*self.past, *self.present, *self.others, *self.wishing, *self.describing}


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    past: frozenset[str]
    present: frozenset[str]
    others: frozenset[str]
    wishing: frozenset[str]
    describing: frozenset[str]
    when: tuple[str, ...]
    wish: tuple[str, ...]
    self: tuple[str, ...]
    about_other: tuple[str, ...]
    idioms: tuple[str, ...]


def load_telling(path: Path) -> Telling:
    """The file's words; raises `PromptError` for a pattern that does not compile."""
    raw = read_toml(path, _File)
    patterns = {
        key: _compiled(path, key, getattr(raw, key))
        for key in ("when", "wish", "self", "about_other")
    }
    return Telling(
        raw.past,
        raw.present,
        raw.others,
        raw.wishing,
        raw.describing,
        **patterns,
        idioms=raw.idioms,
    )


def _compiled(path: Path, key: str, patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(pattern) for pattern in patterns)
    except re.error as error:
        raise PromptError(path.name, key, f"is no pattern: {error}") from error
