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


def lock(draft: Draft, slots: tuple[str, ...], completed: PortraitSpec | None = None) -> Draft:
    """Hold these slots fixed, as a series does with light and backdrop.

    What nobody said yet is held as `completed` assumes it.
    """
    known = {**(completed.fields if completed else {}), **draft.spec.fields}
    held = {s: structs.replace(known[s], source="locked") for s in slots if s in known}
    return _next(draft, PortraitSpec({**draft.spec.fields, **held}))


def unlock(draft: Draft, slots: tuple[str, ...]) -> Draft:
    """Let these slots change again; each is said or assumed, as it was before it was locked."""
    fields = dict(draft.spec.fields)
    for slot in slots:
        if draft.spec.source(slot) == "locked":
            del fields[slot]
            fields |= _released(draft, slot)
    return _next(draft, PortraitSpec(fields))


def held(draft: Draft, patch: SpecPatch) -> tuple[str, ...]:
    """The locked slots that a patch would have changed."""
    spec = draft.spec
    wanted = [s.slot for s in patch.set if spec.value(s.slot) != s.value]
    return tuple(slot for slot in wanted if spec.source(slot) == "locked")


def undo(draft: Draft) -> Draft:
    """The version before the last change; the same draft when there is none."""
    if not draft.past:
        return draft
    return Draft(draft.past[-1], draft.past[:-1], draft.version + 1)


def _released(draft: Draft, slot: str) -> dict[str, Field]:
    """The locked slot as it was before; nothing where nobody had said it."""
    before = next((p for p in reversed(draft.past) if p.source(slot) != "locked"), None)
    source = before.source(slot) if before else "said"
    return {slot: structs.replace(draft.spec.fields[slot], source=source)} if source else {}


def _may_set(old: Field | None, source: Source) -> bool:
    if old is None:
        return True
    return old.source != "locked" and (source != "assumed" or old.source == "assumed")


def _next(draft: Draft, spec: PortraitSpec) -> Draft:
    if spec == draft.spec:
        return draft
    return Draft(spec, (*draft.past, draft.spec)[-UNDO_DEPTH:], draft.version + 1)
