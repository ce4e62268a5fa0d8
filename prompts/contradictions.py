"""What in a brief works against itself: rules as data, each with its reason and its way out."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import chain
from pathlib import Path

from msgspec import Struct, field

from prompts.colour import Lab, apart, chroma, lab
from prompts.errors import PromptError
from prompts.files import read_toml
from prompts.scenery import Scenery
from prompts.vocab import SLOTS, Scalar

NEAR = 8.0
"""dE below which two colours have no edge between them."""
COLOURED = ("wardrobe", "backdrop", "hair")
_UNPAINTED = ("blur", "picture", "foliage", "city", "window")
_PIECES = re.compile(r",| and | with | over | under ")
Fix = tuple[str, Scalar]


class Condition(Struct, frozen=True, forbid_unknown_fields=True):
    """What must hold of one slot; see `contradictions.toml`. Never holds of an empty slot."""

    slot: str
    is_: tuple[Scalar, ...] = field(default=(), name="is")
    isnt: tuple[Scalar, ...] = ()
    above: float | None = None
    below: float | None = None
    lighter: float | None = None
    darker: float | None = None
    vivid: float | None = None
    like: str = ""

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots it looks at."""
        return (self.slot, self.like) if self.like else (self.slot,)

    @property
    def of_colour(self) -> bool:
        """Whether it looks at a colour."""
        return bool(self.like) or any(
            x is not None for x in (self.lighter, self.darker, self.vivid)
        )


class RuleFile(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as the file writes it; a slot's `fix` is a value, or several to try in turn."""

    id: str
    say: str
    reason: str
    when: tuple[Condition, ...]
    fix: dict[str, Scalar | tuple[Scalar, ...]]


class ContradictionsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    hair: dict[str, str]
    below: tuple[str, ...]
    rule: tuple[RuleFile, ...]


class Rule(Struct, frozen=True):
    """One contradiction: `say` names it, `fixes` would each end it."""

    id: str
    say: str
    reason: str
    when: tuple[Condition, ...]
    fixes: tuple[Fix, ...]

    @property
    def slots(self) -> tuple[str, ...]:
        """The slots it is about."""
        return tuple(dict.fromkeys(chain.from_iterable(c.slots for c in self.when)))


class Contradictions(Struct, frozen=True):
    """The rules, worst first, and what colour things have."""

    rules: tuple[Rule, ...]
    hair: dict[str, str]
    below: tuple[str, ...]

    def found(self, spec: Mapping[str, Scalar], scenery: Scenery) -> tuple[Rule, ...]:
        """The rules that hold of a spec's values, worst first."""
        return tuple(rule for rule in self.rules if self.holds(rule, spec, scenery))

    def holds(self, rule: Rule, spec: Mapping[str, Scalar], scenery: Scenery) -> bool:
        """Whether every condition of a rule holds."""
        return all(self._met(condition, spec, scenery) for condition in rule.when)

    def fix(self, rule: Rule, spec: Mapping[str, Scalar], scenery: Scenery) -> Fix:
        """The first way out that ends this contradiction and starts no other."""
        before = {r.id for r in self.found(spec, scenery)}
        for slot, value in rule.fixes:
            after = {r.id for r in self.found({**spec, slot: value}, scenery)}
            if rule.id not in after and after <= before:
                return slot, value
        return rule.fixes[0]

    def _met(self, want: Condition, spec: Mapping[str, Scalar], scenery: Scenery) -> bool:
        if want.slot not in spec:
            return False
        if want.of_colour:
            return self._coloured(want, spec, scenery)
        value = spec[want.slot]
        listed = not want.is_ or value in want.is_
        return listed and value not in want.isnt and _between(value, want.above, want.below)

    def _coloured(self, want: Condition, spec: Mapping[str, Scalar], scenery: Scenery) -> bool:
        seen = self.colour(want.slot, spec, scenery)
        if seen is None:
            return False
        if want.like:
            other = self.colour(want.like, spec, scenery)
            if other is None or apart(seen, other) >= NEAR:
                return False
        vivid = want.vivid is None or chroma(seen) > want.vivid
        return vivid and _between(seen[0], want.lighter, want.darker)

    def colour(self, slot: str, spec: Mapping[str, Scalar], scenery: Scenery) -> Lab | None:
        """The colour (L*a*b*) of what is worn, stands behind or grows; None where none is known."""
        value = str(spec.get(slot, ""))
        if slot == "hair":
            return lab(self.hair[value]) if value in self.hair else None
        if slot == "wardrobe":
            named = self._worn(value, scenery)
            return lab(scenery.colours[named]) if named else None
        entry = scenery.find(value)
        return lab(entry.colour) if entry and entry.kind not in _UNPAINTED else None

    def _worn(self, words: str, scenery: Scenery) -> str:
        """The colour of the outermost garment in the frame, by name."""
        for piece in _PIECES.split(words.lower()):
            if set(piece.split()) & set(self.below):
                continue
            if found := _any_of(tuple(scenery.colours)).search(piece):
                return found[0]
        return ""


@cache
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


def load_contradictions(
    path: Path, normalise: Callable[[str, Scalar], Scalar | None]
) -> Contradictions:
    """The rules of a file; `normalise` is the vocabulary's.

    Raises `PromptError` for an unknown slot or value, a doubled id, a rule without a way out.
    """
    raw = read_toml(path, ContradictionsFile)
    rules = tuple(Rule(r.id, r.say, r.reason, r.when, tuple(_fixes(r))) for r in raw.rule)
    for place, rule in enumerate(rules):
        if rule.id in {r.id for r in rules[:place]}:
            raise PromptError(path.name, rule.id, "is a rule already")
        _check(path.name, rule, normalise)
    return Contradictions(rules, raw.hair, raw.below)


def _fixes(raw: RuleFile) -> list[Fix]:
    tried = {s: v if isinstance(v, tuple) else (v,) for s, v in raw.fix.items()}
    return [(slot, value) for slot, values in tried.items() for value in values]


def _check(file: str, rule: Rule, normalise: Callable[[str, Scalar], Scalar | None]) -> None:
    if not rule.fixes or not rule.when:
        raise PromptError(file, rule.id, "needs a condition and a way out")
    for slot in rule.slots:
        if slot not in SLOTS:
            raise PromptError(file, rule.id, f"{slot} is no slot")
    if any(c.of_colour and not set(c.slots) <= set(COLOURED) for c in rule.when):
        raise PromptError(file, rule.id, f"only {', '.join(COLOURED)} have a colour")
    listed = [(c.slot, value) for c in rule.when for value in (*c.is_, *c.isnt)]
    for slot, value in (*listed, *rule.fixes):
        if normalise(slot, value) != value:
            raise PromptError(file, rule.id, f"{value!r} is no value of {slot}")


def _between(value: Scalar, above: float | None, below: float | None) -> bool:
    if above is None and below is None:
        return True
    if isinstance(value, str):
        return False
    return (above is None or value > above) and (below is None or value < below)
