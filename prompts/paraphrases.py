"""What people say when they lack the word, as data: sentences to compare by meaning."""

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml
from prompts.vocab import Scalar


class Talk(Struct, frozen=True, forbid_unknown_fields=True):
    """Sentences about anything but a portrait."""

    about: tuple[str, ...]


class Paraphrase(Struct, frozen=True):
    """A value of a slot, said in other words."""

    slot: str
    value: Scalar
    says: str


class Paraphrases(Struct, frozen=True):
    """Values in other words, and the talk that none of them is meant by."""

    means: tuple[Paraphrase, ...]
    talk: tuple[str, ...]


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    means: dict[str, tuple[str, ...]]
    talk: Talk


def load_paraphrases(path: Path, normalise: Callable[[str, Scalar], Scalar | None]) -> Paraphrases:
    """The file's sentences; raises `PromptError` for a slot or value that does not exist."""
    raw = read_toml(path, _File)
    if not raw.talk.about:
        raise PromptError(path.name, "talk.about", "is empty")
    found = []
    for key, sentences in raw.means.items():
        slot, _, said = key.partition(":")
        value = normalise(slot, said)
        if value is None or str(value) != said:
            raise PromptError(path.name, f"means.{key}", "is no value of a slot")
        found += [Paraphrase(slot, value, sentence) for sentence in sentences]
    return Paraphrases(tuple(found), raw.talk.about)
