"""Strict reading of data files: anything unexpected is a `PromptError` naming file and key."""

from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from prompts.errors import PromptError

T = TypeVar("T")


def read_toml(path: Path, kind: type[T]) -> T:
    """The file as `kind`; raises `PromptError` on unknown or missing keys and wrong types."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=kind)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at ")
        raise PromptError(path.name, place.strip("`") or "$", problem) from error
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise PromptError(path.name, "$", str(error)) from error


def read_text(path: Path) -> str:
    """The file's text; raises `PromptError` when it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(path.name, "$", str(error)) from error


def toml_files(folder: Path) -> Iterator[Path]:
    """The folder's TOML files by name; raises `PromptError` when there is no such folder."""
    if not folder.is_dir():
        raise PromptError(folder.name, "$", "folder is missing")
    return iter(sorted(folder.glob("*.toml")))
