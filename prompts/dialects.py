"""The same clauses as different families of picture models like to read them."""

from collections.abc import Collection, Mapping

import msgspec

from prompts.rules import Avoid, Clip, Edit, Prose
from prompts.templates import fill
from prompts.tokens import CLIP_TOKENS, MARKS, count_tokens, trim
from prompts.vocab import Scalar

_COMMA = 1
_VOWEL_SOUNDS = ("a", "e", "i", "o", "u", "8", "11", "18")
_NO_ARTICLE = ("a", "an", "the", "my", "his", "her", "our", "two", "three", "four")


def clip(clauses: Mapping[str, str], rules: Clip, known: Mapping[str, int]) -> str:
    """Clauses between commas, "(clause:1.2)" where one weighs more, within CLIP's 77 tokens.

    The weights are the notation of compel and the web interfaces, which take them off before
    tokenising; so they cost nothing. What does not fit is left out whole, least important first.
    """
    shown = {part: _cut(part, text, rules, known) for part, text in clauses.items()}
    left, kept = CLIP_TOKENS - MARKS, set[str]()
    for part in (*rules.always, *rules.priority):
        cost = count_tokens(shown.get(part, ""), known) + _COMMA
        if shown.get(part) and (part in rules.always or cost <= left):
            kept.add(part)
            left -= cost
    return ", ".join(_weighted(t, rules.weights.get(p)) for p, t in shown.items() if p in kept)


def prose(clauses: Mapping[str, str], rules: Prose, avoided: tuple[Avoid, ...]) -> str:
    """Sentences; what other dialects put into a negative prompt is said positively."""
    light, stands = _list(clauses, "lighting", "warmth"), clauses["backdrop"]
    aims = {part: clauses[part] for part in ("eyes", "skin")}
    sentences = [
        fill(rules.opening, {"framing": _a(clauses["shot"]), "subject": _sitter(clauses)}),
        fill(rules.setting, {"lighting": light, "backdrop": stands}),
        fill(rules.camera, {"camera": _a(clauses["camera"]), **aims}),
        fill(rules.film, {"film": clauses["film"]}),
        fill(rules.look, {"look": clauses["look"]}) if "look" in clauses else "",
        fill(rules.instead, {"instead": "; ".join(each.instead for each in avoided)}),
    ]
    return " ".join(s[:1].upper() + s[1:] for s in sentences if s)


def edit(
    clauses: Mapping[str, str],
    said: Collection[str],
    rules: tuple[Edit, Prose],
    avoided: tuple[Avoid, ...],
) -> str:
    """Sentences for a model that sees the person: what stays as in the photo, and what is new.

    `said` are the slots the spec itself holds; what else could be told of the person stays. `rules`
    are those of edits, and of prose for all that is not the person.
    """
    own, plain = rules
    new = [clauses[part] for part in own.names if part in said and part in clauses]
    stays = [name for part, name in own.names.items() if part not in said]
    light = _list(clauses, "lighting", "warmth")
    aims = {part: clauses[part] for part in ("eyes", "skin")}
    sentences = [
        own.person,
        fill(own.framing, {"framing": clauses["shot"]}),
        fill(own.changed, {"what": ", ".join(new)}) if new else "",
        fill(own.kept, {"what": ", ".join(stays)}) if stays else "",
        fill(plain.setting, {"lighting": light, "backdrop": clauses["backdrop"]}),
        fill(plain.camera, {"camera": _a(clauses["camera"]), **aims}),
        fill(plain.film, {"film": clauses["film"]}),
        fill(plain.look, {"look": clauses["look"]}) if "look" in clauses else "",
        fill(plain.instead, {"instead": "; ".join(each.instead for each in avoided)}),
    ]
    return " ".join(s[:1].upper() + s[1:] for s in sentences if s)


def structured(
    clauses: Mapping[str, str], spec: Mapping[str, Scalar], avoided: tuple[Avoid, ...]
) -> str:
    """A JSON object, keys in reading order, for models and tools that take one."""
    body = {
        "subject": {
            "description": clauses["subject"],
            **_some(clauses, "hair", "skin_tone", "glasses", "expression", "pose", "wardrobe"),
        },
        "framing": clauses["shot"],
        "backdrop": clauses["backdrop"],
        "lighting": {"description": clauses["lighting"], **_some(clauses, "warmth")},
        "camera": {"lens_mm": spec["lens_mm"], "aperture": spec["aperture"]},
        "eyes": clauses["eyes"],
        "skin": clauses["skin"],
        "film": clauses["film"],
        **_some(clauses, "look"),
        **({"aspect": spec["aspect"]} if "aspect" in spec else {}),
        "instead": [each.instead for each in avoided],
        "avoid": [each.negative for each in avoided],
    }
    return msgspec.json.encode(body).decode()


def _cut(part: str, text: str, rules: Clip, known: Mapping[str, int]) -> str:
    # Lower case costs CLIP nothing, and "AND" or "BREAK" are operators only in capitals.
    text = rules.short.get(text, text).lower()
    return trim(text, rules.most[part], known) if part in rules.most else text


def _weighted(text: str, weight: float | None) -> str:
    return f"({text}:{weight:g})" if weight else text


def _some(clauses: Mapping[str, str], *parts: str) -> dict[str, str]:
    return {part: clauses[part] for part in parts if part in clauses}


def _sitter(clauses: Mapping[str, str]) -> str:
    """Who it is and what can be seen of them: 'a man with grey hair, wearing a navy blazer'."""
    traits = _list(clauses, "hair", "skin_tone")
    who = _a(clauses["subject"]) + (f" with {traits}" if traits else "")
    worn = " and ".join(_some(clauses, "glasses", "wardrobe").values())
    worn = worn.replace(" and wearing ", " and ")
    return ", ".join(filter(None, [who, worn, *_some(clauses, "expression", "pose").values()]))


def _list(clauses: Mapping[str, str], *parts: str) -> str:
    return " and ".join(_some(clauses, *parts).values())


def _a(words: str) -> str:
    first = words.split(" ", 1)[0].lower()
    if first in _NO_ARTICLE or (first.endswith("s") and not first.endswith("ss")):
        return words
    return f"{'an' if first.startswith(_VOWEL_SOUNDS) else 'a'} {words}"
