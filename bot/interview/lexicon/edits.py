"""Edits that only make sense beside what is already there: warmer, closer, the other side."""

import re
from collections.abc import Callable, Iterator, Mapping

from bot.core.spec import PortraitSpec, Scalar
from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Phrases, Text, words
from prompts import Prompts, age_range

_SHOTS = ("full-body", "three-quarter", "medium", "close-up")
_SOFTNESS = ("crisp", "soft", "very-soft")
_SMILES = ("serious", "neutral", "soft-smile", "smile", "laughing")
_GREYS = (
    "seamless-black", "seamless-charcoal", "seamless-grey", "seamless-light-grey",
    "seamless-pale-grey", "seamless-white",
)  # fmt: skip
_BEHIND = r"(?:background|backdrop|bg|paper|wall|behind)"
_SHADE = re.compile(
    rf"\b{_BEHIND}\b[^.;!?,]{{0,24}}\b(?P<a>lighter|brighter|darker)\b"
    rf"|\b(?P<b>lighter|brighter|darker)\b[^.;!?,]{{0,24}}\b{_BEHIND}\b"
)
_SIDES = {"left": "right", "right": "left"}


class Edits:
    """Turns relative words into values, from the spec as it stands."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts
        people = prompts.lexicon.people
        self._nouns = people.women | people.men | {w for p in people.occupations for w in p.split()}
        self._tones = {words(name) for name in prompts.scenery.colours}
        phrases = prompts.lexicon.edits.items()
        # Longest name first, so that "much warmer" is not heard as "warmer".
        self._phrases = sorted(
            ((Phrases(said), edit) for edit, said in phrases), key=lambda pair: -len(pair[1])
        )

    def find(self, text: Text, spec: PortraitSpec) -> list[Hit]:
        """Edits in the text as values; claims their tokens."""
        hits = list(self._shaded(text, spec))
        for phrases, edit in self._phrases:
            for first, last in phrases.find(text):
                if not text.free(first, last) or self._of_person(text, edit, last):
                    continue
                text.take(first, last)
                told = {h.slot: h.value for h in hits} if "even" in text.words else {}
                hits += [Hit(*change, first, last) for change in self._change(edit, spec, told)]
        return hits

    def _shaded(self, text: Text, spec: PortraitSpec) -> Iterator[Hit]:
        """'Background a shade lighter': the next grey, where a grey stands behind."""
        found = _SHADE.search(text.folded)
        span = text.span(*found.span()) if found else None
        said = text.words[: text.words.index("than")] if "than" in text.words else text.words
        named = any((word,) in self._tones for word in said)
        if not found or not span or named or not text.free(*span):
            return
        step = -1 if "darker" in (found["a"], found["b"]) else 1
        value = _next(_GREYS, self._now(spec)("backdrop"), step)
        if value is not None:
            text.take(*span)
            yield Hit("backdrop", value, *span)

    def _of_person(self, text: Text, edit: str, last: int) -> bool:
        """'An older man' describes; only 'older' changes."""
        return (
            edit in ("older", "younger")
            and set(text.words[last : last + 1]) <= self._nouns
            and (last < len(text.words))
        )

    def mentioned(self, text: Text) -> bool:
        """Whether the text speaks of a change to what is there."""
        return any(phrases.find(text) for phrases, _ in self._phrases)

    def _change(
        self, edit: str, spec: PortraitSpec, told: Mapping[str, Scalar]
    ) -> list[tuple[str, Scalar]]:
        """The slot and its new value; `told` is what the same message changed before."""
        before = self._now(spec)

        def now(slot: str) -> Scalar:
            return told.get(slot, before(slot))

        steps: dict[str, Callable[[], tuple[str, Scalar | None]]] = {
            "warmer": lambda: ("warmth", _shift(now("warmth"), 1)),
            "cooler": lambda: ("warmth", _shift(now("warmth"), -1)),
            "much_warmer": lambda: ("warmth", _shift(now("warmth"), 2)),
            "much_cooler": lambda: ("warmth", _shift(now("warmth"), -2)),
            "closer": lambda: ("shot", _next(_SHOTS, now("shot"), 1)),
            "wider": lambda: ("shot", _next(_SHOTS, now("shot"), -1)),
            "more_smile": lambda: ("expression", _smiling(now("expression"))),
            "less_smile": lambda: ("expression", _next(_SMILES, now("expression"), -1)),
            "other_side": lambda: ("key_side", _SIDES.get(str(now("key_side")))),
            "older": lambda: ("age", _decade(str(now("age")), 1)),
            "younger": lambda: ("age", _decade(str(now("age")), -1)),
            "softer": lambda: ("softness", _next(_SOFTNESS, now("softness"), 1)),
            "crisper": lambda: ("softness", _next(_SOFTNESS, now("softness"), -1)),
        }
        slot, value = steps[edit]()
        return [] if value is None else [(slot, value)]

    def _now(self, spec: PortraitSpec) -> Callable[[str], Scalar]:
        """A slot's value as it stands: said, or of the look, or of the house."""
        defaults = self._prompts.defaults
        look = self._prompts.looks.get(str(spec.value("look") or defaults["look"]))
        fields = {**defaults, **(look.fields if look else {}), **spec.values()}
        return lambda slot: fields.get(slot, "")


def _shift(warmth: Scalar, step: int) -> int:
    return max(-2, min(2, int(warmth or 0) + step))


def _next(ladder: tuple[str, ...], value: Scalar, step: int) -> str | None:
    """One rung further; None at the end, or where the value is no rung."""
    at = ladder.index(str(value)) + step if str(value) in ladder else -1
    return ladder[at] if 0 <= at < len(ladder) else None


def _smiling(now: Scalar) -> str | None:
    """One rung friendlier, and at least a soft smile: a neutral face does not cheer."""
    more = _next(_SMILES, now, 1)
    return "soft-smile" if more == "neutral" else more


def _decade(age: str, step: int) -> str | None:
    years = age_range(age)
    decade = (years[0] // 10 + step) * 10 if years else 0
    return f"{decade}s" if 20 <= decade <= 80 else None
