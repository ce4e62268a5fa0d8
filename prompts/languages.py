"""Other languages as data: their words with the English that the lexicon reads."""

from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml

LANGUAGES = ("de", "es", "fr")


class Language(Struct, frozen=True, forbid_unknown_fields=True):
    """A language, word by word.

    `endings` and `plurals` ("strip/add") bend adjectives and nouns. Where `nouns_first`,
    adjectives follow their noun, cloths after one of `links` ("chemise en lin"). `compounds`:
    words are written together. `spelt` joins a ten and a unit; `thirds` and `decades` say ages
    ("Anfang 40", "la quarantaine"). `ne` stands before a verb that a word of `late_not` denies;
    without `ne`, a `late_not` at a clause's end denies the clause. `agreement` and `refusal` are
    whole answers to a question of yes or no, in lower case and without signs.
    """

    name: str
    endings: tuple[str, ...]
    plurals: tuple[str, ...]
    nouns_first: bool
    compounds: bool
    spelt: str
    thirds: dict[str, str]
    between_thirds: frozenset[str]
    decades: dict[str, int]
    numbers: dict[str, int]
    words: dict[str, str]
    nouns: dict[str, str]
    materials: dict[str, str]
    adjectives: dict[str, str]
    links: frozenset[str] = frozenset()
    ne: frozenset[str] = frozenset()
    late_not: frozenset[str] = frozenset()
    agreement: frozenset[str] = frozenset()
    refusal: frozenset[str] = frozenset()


def load_languages(folder: Path) -> dict[str, Language]:
    """Every language by its code; raises `PromptError` for a bad ending or a word said twice."""
    languages = {code: read_toml(folder / f"{code}.toml", Language) for code in LANGUAGES}
    for code, language in languages.items():
        _check(f"{code}.toml", language)
    return languages


def _check(file: str, language: Language) -> None:
    for ending in (*language.endings, *language.plurals):
        if ending.count("/") != 1:
            raise PromptError(file, ending, "is no ending; write strip/add")
    owner: dict[str, str] = {}
    tables = {
        "words": language.words, "nouns": language.nouns,
        "materials": language.materials, "adjectives": language.adjectives,
    }  # fmt: skip
    for table, entries in tables.items():
        for word, english in entries.items():
            if owner.setdefault(word, table) != table:
                raise PromptError(file, f"{table}.{word}", f"stands in {owner[word]} too")
            if not english.strip():
                raise PromptError(file, f"{table}.{word}", "has no English")
