"""The portrait spec: what the sitter wants, slot by slot, each with its source; merge and undo."""

from typing import Literal

from msgspec import Struct, field, structs

Source = Literal["said", "assumed", "locked"]
Scalar = str | int | float

SLOTS: tuple[str, ...] = (
    "look", "subject", "age", "gender", "hair", "skin_tone", "glasses", "expression", "pose",
    "wardrobe", "shot", "backdrop", "lighting", "key_side", "softness", "lens_mm", "aperture",
    "skin", "film", "warmth", "aspect", "count",
)  # fmt: skip
UNDO_DEPTH = 50


class Field(Struct, frozen=True):
    """A slot's value, where it came from, and the sitter's own words when they said it."""

    value: Scalar
    source: Source = "said"
    quote: str = ""


class PortraitSpec(Struct, frozen=True):
    """Filled slots by name. Treat `fields` as immutable: every change makes a new spec."""

    fields: dict[str, Field] = field(default_factory=dict)

    def value(self, slot: str) -> Scalar | None:
        """The slot's value, or None when nothing is known."""
        found = self.fields.get(slot)
        return found.value if found else None

    def said(self, slot: str) -> bool:
        """Whether the sitter decided this slot themselves."""
        found = self.fields.get(slot)
        return found is not None and found.source != "assumed"

    def source(self, slot: str) -> Source | None:
        """Where the slot's value came from, or None when nothing is known."""
        found = self.fields.get(slot)
        return found.source if found else None

    def values(self) -> dict[str, Scalar]:
        """Slot to plain value, in the order of `SLOTS`."""
        return {slot: self.fields[slot].value for slot in SLOTS if slot in self.fields}


class SetSlot(Struct, frozen=True):
    """Set one slot; `quote` is the part of the sitter's own words that says so."""

    slot: str
    value: Scalar
    quote: str = ""


class SpecPatch(Struct, frozen=True):
    """A change to a spec."""

    set: tuple[SetSlot, ...] = ()
    clear: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.set or self.clear)


class Draft(Struct, frozen=True):
    """A spec and the versions before it, oldest first. `version` only ever grows."""

    spec: PortraitSpec = PortraitSpec()
    past: tuple[PortraitSpec, ...] = ()
    version: int = 0


def merge(draft: Draft, patch: SpecPatch, source: Source = "said") -> Draft:
    """Apply a patch. Locked slots stand until cleared; assumptions never override what was said."""
    fields = {s: f for s, f in draft.spec.fields.items() if s not in patch.clear}
    for change in patch.set:
        if change.slot in SLOTS and _may_set(fields.get(change.slot), source):
            fields[change.slot] = Field(change.value, source, change.quote)
    return _next(draft, PortraitSpec(fields))


def assume(spec: PortraitSpec, defaults: dict[str, Scalar]) -> PortraitSpec:
    """Fill the empty slots with assumptions; what is there stays."""
    missing = {s: Field(v, "assumed") for s, v in defaults.items() if s not in spec.fields}
    return PortraitSpec({**spec.fields, **missing})


def lock(draft: Draft, slots: tuple[str, ...]) -> Draft:
    """Hold these slots fixed, as a series does with light and backdrop."""
    fields = {
        s: structs.replace(f, source="locked") if s in slots else f
        for s, f in draft.spec.fields.items()
    }
    return _next(draft, PortraitSpec(fields))


def undo(draft: Draft) -> Draft:
    """The version before the last change; the same draft when there is none."""
    if not draft.past:
        return draft
    return Draft(draft.past[-1], draft.past[:-1], draft.version + 1)


def _may_set(old: Field | None, source: Source) -> bool:
    if old is None:
        return True
    return old.source != "locked" and (source != "assumed" or old.source == "assumed")


def _next(draft: Draft, spec: PortraitSpec) -> Draft:
    if spec == draft.spec:
        return draft
    return Draft(spec, (*draft.past, draft.spec)[-UNDO_DEPTH:], draft.version + 1)
