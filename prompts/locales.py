"""The sentences of other languages: those that exist; English stands in for the rest."""

from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml, toml_files
from prompts.phrases import Phrase, Phrases, check_phrase
from prompts.templates import fill

NAMES = "name_"
"""What commands and their options are called; English uses the names themselves."""
LABELS = ("slot_", "value_")


class Locales(Struct, frozen=True):
    """Sentences by language ("de") and key."""

    known: dict[str, dict[str, Phrase]] = {}

    def say(self, locale: str, key: str, **values: object) -> str | None:
        """The sentence in the language of a locale ("de", "es-ES"), or None when there is none."""
        phrases = self.known.get(locale.partition("-")[0].lower(), {})
        return fill(phrases[key].say, values) if key in phrases else None

    def spellings(self, locale: str) -> frozenset[str]:
        """What slots and values are called in a language, as its file writes it."""
        named = self.known.get(locale, {}).items()
        return frozenset(phrase.say for key, phrase in named if key.startswith(LABELS))

    def __contains__(self, locale: object) -> bool:
        return str(locale).partition("-")[0].lower() in self.known


def load_locales(folder: Path, english: Phrases, labels: frozenset[str]) -> Locales:
    """Every language's file; `labels` are keys for what slots and values are called.

    Raises `PromptError` for a key that English does not have, or other variables than there.
    """
    return Locales({path.stem: _load(path, english, labels) for path in toml_files(folder)})


def _load(path: Path, english: Phrases, labels: frozenset[str]) -> dict[str, Phrase]:
    raw = read_toml(path, dict[str, str | Phrase])
    phrases = {k: Phrase(v) if isinstance(v, str) else v for k, v in raw.items()}
    for key, phrase in phrases.items():
        check_phrase(path.name, key, phrase)
        if key.startswith(NAMES) or key in labels:
            continue
        if key not in english:
            raise PromptError(path.name, key, "is not said in English")
        if set(phrase.vars) != set(english.vars(key)):
            raise PromptError(path.name, key, "has other variables than in English")
    return phrases
