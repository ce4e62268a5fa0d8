"""Values said in many ways with the same bones: regular expressions, as data."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml
from prompts.vocab import Scalar


class Shape(Struct, frozen=True):
    """What a stretch of text in lower case means when it has this shape; no value: nothing."""

    slot: str
    value: Scalar
    pattern: re.Pattern[str]


class Shapes(Struct, frozen=True):
    """Shapes that mean a value, and shapes of talk about other matters."""

    means: tuple[Shape, ...] = ()
    talk: tuple[re.Pattern[str], ...] = ()
    intents: tuple[tuple[str, re.Pattern[str]], ...] = ()


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    parts: dict[str, str]
    means: dict[str, tuple[str, ...]]
    talk: dict[str, tuple[str, ...]]
    intents: dict[str, tuple[str, ...]]


def load_shapes(path: Path, normalise: Callable[[str, Scalar], Scalar | None]) -> Shapes:
    """The file's shapes, with its `parts` filled in where their name stands in angle brackets.

    Raises `PromptError` for a slot or value that does not exist, a pattern that does not compile.
    """
    raw = read_toml(path, _File)
    found = []
    for key, patterns in raw.means.items():
        slot, _, said = key.partition(":")
        value = normalise(slot, said)
        if value is None or str(value) != said:
            raise PromptError(path.name, f"means.{key}", "is no value of a slot")
        found += [Shape(slot, value, _compiled(path, key, p, raw.parts)) for p in patterns]
    talk = [_compiled(path, k, p, raw.parts) for k, group in raw.talk.items() for p in group]
    wants = [
        (name, _compiled(path, name, p, raw.parts)) for name, ps in raw.intents.items() for p in ps
    ]
    return Shapes(tuple(found), tuple(talk), tuple(wants))


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    """Compiled once for the process: there are more than the library's own cache holds."""
    return re.compile(pattern)


def _compiled(path: Path, key: str, pattern: str, parts: Mapping[str, str]) -> re.Pattern[str]:
    def part(found: re.Match[str]) -> str:
        if found[1] not in parts:
            raise PromptError(path.name, key, f"<{found[1]}> is no part")
        return f"(?:{re.sub(r'<([a-z_]+)>', part, parts[found[1]])})"

    try:
        return _regex(re.sub(r"(?<!\?P)<([a-z_]+)>", part, pattern))
    except re.error as error:
        raise PromptError(path.name, key, f"is no pattern: {error}") from error
