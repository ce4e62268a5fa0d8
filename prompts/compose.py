"""From a spec to the words a picture model reads: always the same words for the same spec."""

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from prompts import dialects
from prompts.ages import age_words
from prompts.freewords import free_words
from prompts.rules import PARTS
from prompts.templates import fill
from prompts.vocab import Scalar

if TYPE_CHECKING:
    from prompts.library import Prompts

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
    """One spec in every dialect that picture models read.

    `prompt` is a plain list between commas and `negative` what it keeps away from; `clip` the same
    with weights, within CLIP's 77 tokens; `prose` flowing sentences with the negatives said
    positively, for T5 and language-model encoders; `structured` a JSON object as text; `edit`
    prose for a model that is shown a photo of the person: what stays there, and what is new.
    """

    prompt: str
    negative: str
    clip: str
    prose: str
    structured: str
    edit: str


def compose(spec: Mapping[str, Scalar], prompts: "Prompts") -> Composed:
    """The spec as a photographic prompt, in the order of `PARTS`. Deterministic and total.

    Essential slots that are missing come from the look and the house defaults, so no prompt is too
    general; the eyes, the skin's texture and the film are always in it.
    """
    full = _essentials(spec, prompts)
    clauses = clauses_of(full, prompts)
    avoided = prompts.rules.avoided(full.get("shot"), full.get("film"))
    return Composed(
        ", ".join(clauses.values()),
        ", ".join(a.negative for a in avoided),
        dialects.clip(clauses, prompts.rules.clip, prompts.clip_words),
        dialects.prose(clauses, prompts.rules.prose, avoided),
        dialects.structured(clauses, full, avoided),
        dialects.edit(clauses, spec, (prompts.rules.edit, prompts.rules.prose), avoided),
    )


def clauses_of(spec: Mapping[str, Scalar], prompts: "Prompts") -> dict[str, str]:
    """Each part's words, in the order of `PARTS`, without the parts that say nothing."""
    said = {part: _PARTS[part](spec, prompts) for part in PARTS}
    return {part: text for part, text in said.items() if text}


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


def _article(worn: str, bare: tuple[str, ...]) -> str:
    first = re.split(r" and |, | over | with | under ", worn)[0]
    plural = first.endswith("s") and not first.endswith("ss")
    if plural or first.split()[-1] in bare or first.split()[0] in ("a", "an", "the", "my", "his"):
        return ""
    return "an " if worn[0] in "aeiou" else "a "


def _essentials(spec: Mapping[str, Scalar], prompts: "Prompts") -> dict[str, Scalar]:
    """The spec as canonical values and harmless words, with its holes filled."""
    sound = {slot: _sound(slot, value, prompts) for slot, value in spec.items()}
    said = {slot: value for slot, value in sound.items() if value not in (None, "")}
    look = prompts.looks.get(str(said.get("look", prompts.defaults["look"])))
    bundle = prompts.defaults | (look.fields if look else {})
    return {slot: bundle[slot] for slot in prompts.rules.essential} | said


def _sound(slot: str, value: Scalar, prompts: "Prompts") -> Scalar | None:
    if slot not in prompts.slots:
        return None
    if prompts.slots[slot].kind == "words":
        return free_words(str(value), prompts.rules.unwanted)
    return prompts.normalise(slot, value)


def _subject(spec: Mapping[str, Scalar], prompts: "Prompts") -> str:
    return subject_words(spec)


def _wardrobe(spec: Mapping[str, Scalar], prompts: "Prompts") -> str:
    worn = _phrase(spec, prompts, "wardrobe")
    if not worn:
        return ""
    article = _article(worn, prompts.rules.articles)
    return fill(prompts.rules.wardrobe, {"wardrobe": article + worn})


def _backdrop(spec: Mapping[str, Scalar], prompts: "Prompts") -> str:
    found = prompts.backdrop(spec["backdrop"]) if "backdrop" in spec else None
    entry = found or prompts.backdrops[str(prompts.defaults["backdrop"])]
    template = getattr(prompts.rules, entry.kind, prompts.rules.place)
    return fill(template, {"tone": prompts.scenery.spoken(entry)})


def _lighting(spec: Mapping[str, Scalar], prompts: "Prompts") -> str:
    words = {
        "softness": _phrase(spec, prompts, "softness"),
        "lighting": _phrase(spec, prompts, "lighting"),
        "side": _phrase(spec, prompts, "key_side"),
    }
    return " ".join(fill(prompts.rules.lighting, words).split())


def _camera(spec: Mapping[str, Scalar], prompts: "Prompts") -> str:
    lens, stop = _phrase(spec, prompts, "lens_mm"), _phrase(spec, prompts, "aperture")
    return " at ".join(part for part in (lens, stop) if part)


def _eyes(spec: Mapping[str, Scalar], prompts: "Prompts") -> str:
    return prompts.rules.eyes


def _look(spec: Mapping[str, Scalar], prompts: "Prompts") -> str:
    look = prompts.looks.get(str(spec.get("look", "")))
    return look.prompt if look else ""


def _phrase(spec: Mapping[str, Scalar], prompts: "Prompts", slot: str) -> str:
    return prompts.slots[slot].phrase(spec[slot]).strip() if slot in spec else ""


def _of(slot: str) -> "_Part":
    return lambda spec, prompts: _phrase(spec, prompts, slot)


_Part = Callable[[Mapping[str, Scalar], "Prompts"], str]
_SPECIAL: dict[str, _Part] = {
    "subject": _subject, "wardrobe": _wardrobe, "backdrop": _backdrop, "lighting": _lighting,
    "camera": _camera, "eyes": _eyes, "look": _look,
}  # fmt: skip
_PARTS: dict[str, _Part] = {part: _SPECIAL.get(part) or _of(part) for part in PARTS}
