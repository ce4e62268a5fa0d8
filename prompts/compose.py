"""From a spec to the words a picture model reads: always the same words for the same spec."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from prompts.ages import age_words
from prompts.errors import PromptError
from prompts.files import read_toml
from prompts.templates import fill, is_sound, variables
from prompts.vocab import Scalar

if TYPE_CHECKING:
    from prompts.library import Prompts

ORDER = ("subject", "wardrobe", "backdrop", "lighting", "camera", "skin", "film")
"""The order in which photographers brief, and in which picture models weigh words."""

_TEMPLATES: dict[str, frozenset[str]] = {
    "wardrobe": frozenset({"wardrobe"}),
    "seamless": frozenset({"tone"}),
    "canvas": frozenset({"tone"}),
    "gradient": frozenset({"tone"}),
    "place": frozenset({"tone"}),
    "blur": frozenset(),
    "lighting": frozenset({"softness", "lighting", "side"}),
    "eyes": frozenset(),
    "negative": frozenset(),
}
_DECADE = (
    r"(?:(?:early|mid|middle|late)[ -]*)?(?:[1-9]0 ?'?s|twenties|thirties|fou?rties|fifties"
    r"|sixties|seventies|eighties|nineties)"
)
_AGE = re.compile(
    rf",? ?\b(?:(?:in )?(?:her|his|their|my) {_DECADE}|aged [1-9]\d(?:-\d\d)?"
    rf"|(?:between )?[1-9]\d(?: and |-| to )[1-9]\d(?: years old)?|of [1-9]\d"
    rf"|[1-9]\d(?:[- ]years?[- ]old| ?-?ish| ?yo| ?y/o)?|{_DECADE})(?![\w:/])",
    re.IGNORECASE,
)
"""An age among the words for the sitter, as people say it."""


class Composed(Struct, frozen=True):
    """The picture prompt and what it should keep away from."""

    prompt: str
    negative: str


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """Templates of the composer's clauses; `articles` lists garments worn without 'a'."""

    wardrobe: str
    seamless: str
    canvas: str
    gradient: str
    place: str
    blur: str
    lighting: str
    eyes: str
    negative: str
    colour_negative: str
    articles: tuple[str, ...]


def load_rules(path: Path) -> Rules:
    """The composer's templates; raises `PromptError` for a missing or unused variable."""
    rules = read_toml(path, Rules)
    for key, wanted in _TEMPLATES.items():
        template: str = getattr(rules, key)
        if not is_sound(template) or variables(template) != wanted:
            raise PromptError(path.name, key, f"needs exactly {sorted(wanted) or 'no variables'}")
    return rules


def compose(spec: Mapping[str, Scalar], prompts: "Prompts") -> Composed:
    """The spec as a photographic prompt, in the order of `ORDER`, and a negative prompt.

    Slots that are not in `spec` are not mentioned. Deterministic.
    """
    clauses = {"subject": _subject, "wardrobe": _wardrobe, "backdrop": _backdrop}
    clauses |= {"lighting": _lighting, "camera": _camera, "skin": _skin, "film": _film}
    said = [text for part in ORDER for text in clauses[part](spec, prompts) if text]
    rules = prompts.rules
    mono = spec.get("film") == "tri-x-400"
    negative = rules.negative if mono else f"{rules.negative}, {rules.colour_negative}"
    return Composed(", ".join(said), negative)


def mentions_age(subject: str) -> bool:
    """Whether the words for the sitter say an age."""
    return bool(_AGE.search(f"{subject} "))


def subject_words(spec: Mapping[str, Scalar]) -> str:
    """Who is portrayed, with the age and gender of their own slots: 'woman in her 30s'."""
    gender, age = str(spec.get("gender", "")), str(spec.get("age", ""))
    noun = str(spec.get("subject", ""))
    noun = gender or "person" if noun in ("", "person") else noun
    aged = age_words(age, gender)
    if not aged:
        return noun
    core = _AGE.sub(" ", noun).strip(" ,") or gender or "person"
    return f"{' '.join(core.split())} {aged}"


def _subject(spec: Mapping[str, Scalar], prompts: "Prompts") -> Iterator[str]:
    yield _phrase(spec, prompts, "shot")
    yield subject_words(spec)
    for slot in ("hair", "skin_tone", "glasses", "expression", "pose"):
        yield _phrase(spec, prompts, slot)


def _wardrobe(spec: Mapping[str, Scalar], prompts: "Prompts") -> Iterator[str]:
    worn = _phrase(spec, prompts, "wardrobe")
    if worn:
        article = _article(worn, prompts.rules.articles)
        yield fill(prompts.rules.wardrobe, {"wardrobe": article + worn})


def _article(worn: str, bare: tuple[str, ...]) -> str:
    first = re.split(r" and |, | over | with | under ", worn)[0]
    plural = first.endswith("s") and not first.endswith("ss")
    if plural or first.split()[-1] in bare or first.split()[0] in ("a", "an", "the", "my", "his"):
        return ""
    return "an " if worn[0] in "aeiou" else "a "


def _backdrop(spec: Mapping[str, Scalar], prompts: "Prompts") -> Iterator[str]:
    entry = prompts.backdrop(spec["backdrop"]) if "backdrop" in spec else None
    if entry:
        template = getattr(prompts.rules, entry.kind, prompts.rules.place)
        yield fill(template, {"tone": entry.tone})


def _lighting(spec: Mapping[str, Scalar], prompts: "Prompts") -> Iterator[str]:
    words = {
        "softness": _phrase(spec, prompts, "softness"),
        "lighting": _phrase(spec, prompts, "lighting"),
        "side": _phrase(spec, prompts, "key_side"),
    }
    if words["lighting"]:
        yield " ".join(fill(prompts.rules.lighting, words).split())
    yield _phrase(spec, prompts, "warmth")


def _camera(spec: Mapping[str, Scalar], prompts: "Prompts") -> Iterator[str]:
    lens, stop = _phrase(spec, prompts, "lens_mm"), _phrase(spec, prompts, "aperture")
    yield " at ".join(part for part in (lens, stop) if part)
    yield prompts.rules.eyes


def _skin(spec: Mapping[str, Scalar], prompts: "Prompts") -> Iterator[str]:
    yield _phrase(spec, prompts, "skin")


def _film(spec: Mapping[str, Scalar], prompts: "Prompts") -> Iterator[str]:
    yield _phrase(spec, prompts, "film")
    look = prompts.looks.get(str(spec.get("look", "")))
    yield look.prompt if look else ""


def _phrase(spec: Mapping[str, Scalar], prompts: "Prompts", slot: str) -> str:
    return prompts.slots[slot].phrase(spec[slot]).strip() if slot in spec else ""
