"""Every sentence the studio says, by key."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml
from prompts.templates import fill, is_sound, variables


class Phrase(Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence and the names of the variables the code hands to it."""

    say: str
    vars: tuple[str, ...] = ()


class Phrases(Struct, frozen=True):
    """Sentences by key. Strict: a wrong key or variable is a programming error and raises."""

    file: str
    known: dict[str, Phrase]

    def __contains__(self, key: object) -> bool:
        return key in self.known

    def keys(self) -> tuple[str, ...]:
        """Every key, in the file's order."""
        return tuple(self.known)

    def vars(self, key: str) -> tuple[str, ...]:
        """The variables `say(key)` wants; raises `PromptError` for an unknown key."""
        return self._phrase(key).vars

    def say(self, key: str, **values: object) -> str:
        """The sentence, with exactly its variables given.

        Raises `PromptError` for an unknown key, or a variable too many or too few.
        """
        phrase = self._phrase(key)
        if wrong := set(phrase.vars) ^ set(values):
            raise PromptError(self.file, key, f"wrong variables: {', '.join(sorted(wrong))}")
        return fill(phrase.say, values)

    def _phrase(self, key: str) -> Phrase:
        if key not in self.known:
            raise PromptError(self.file, key, "unknown sentence")
        return self.known[key]


def load_phrases(path: Path, extra: Mapping[str, str]) -> Phrases:
    """Sentences of a file, joined with `extra` ones (without variables) from other files.

    Raises `PromptError` for an empty sentence, an undeclared or unused variable, a key said twice.
    """
    raw = read_toml(path, dict[str, str | Phrase])
    known = {k: Phrase(v) if isinstance(v, str) else v for k, v in raw.items()}
    for key, phrase in known.items():
        check_phrase(path.name, key, phrase)
    if twice := sorted(set(known) & set(extra)):
        raise PromptError(path.name, twice[0], "is said elsewhere already")
    return Phrases(path.name, known | {k: Phrase(text) for k, text in extra.items()})


def check_phrase(file: str, key: str, phrase: Phrase) -> None:
    """Raises `PromptError` for an empty sentence, a stray brace, or variables that do not fit."""
    if not phrase.say.strip():
        raise PromptError(file, key, "is empty")
    if not is_sound(phrase.say):
        raise PromptError(file, key, "has a stray brace")
    used = variables(phrase.say)
    if missing := sorted(used - set(phrase.vars)):
        raise PromptError(file, key, f"uses undeclared variable {missing[0]}")
    if unused := sorted(set(phrase.vars) - used):
        raise PromptError(file, key, f"declares unused variable {unused[0]}")
