"""What a sitter said stays said, and every change can be taken back."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.spec import (
    SLOTS,
    UNDO_DEPTH,
    Draft,
    Field,
    PortraitSpec,
    SetSlot,
    SpecPatch,
    assume,
    lock,
    merge,
    undo,
)

values = st.one_of(st.text(max_size=8), st.integers(0, 9))
patches = st.builds(
    lambda sets, clear: SpecPatch(tuple(SetSlot(s, v) for s, v in sets), tuple(clear)),
    st.lists(st.tuples(st.sampled_from(SLOTS), values), max_size=4),
    st.lists(st.sampled_from(SLOTS), max_size=2),
)


def said(**slots: str) -> SpecPatch:
    return SpecPatch(tuple(SetSlot(s, v, f"quote {v}") for s, v in slots.items()))


def test_a_said_slot_keeps_value_source_and_quote() -> None:
    """The brief card can show the sitter's own words."""
    draft = merge(Draft(), said(wardrobe="navy blazer"))
    assert draft.spec.fields["wardrobe"] == Field("navy blazer", "said", "quote navy blazer")


def test_an_assumption_never_replaces_what_was_said() -> None:
    """The studio's taste is weaker than the sitter's word, and weaker than a lock."""
    draft = merge(merge(Draft(), said(backdrop="grey")), said(backdrop="white"), "assumed")
    assert draft.spec.value("backdrop") == "grey"


def test_saying_it_replaces_an_assumption() -> None:
    """A correction always reaches an assumed slot."""
    draft = merge(merge(Draft(), said(film="neutral"), "assumed"), said(film="tri-x-400"))
    assert draft.spec.fields["film"].source == "said"


def test_a_locked_slot_stands_until_it_is_cleared() -> None:
    """A series keeps its light while pose and wardrobe change."""
    locked = lock(merge(Draft(), said(lighting="loop")), ("lighting",))
    assert merge(locked, said(lighting="split")).spec.value("lighting") == "loop"
    freed = SpecPatch((SetSlot("lighting", "split"),), clear=("lighting",))
    assert merge(locked, freed).spec.value("lighting") == "split"


def test_unknown_slots_are_ignored() -> None:
    """A reader that invents a slot changes nothing."""
    assert merge(Draft(), said(hat="yes")) == Draft()


def test_a_patch_that_changes_nothing_is_no_version() -> None:
    """Undo never lands on the same spec."""
    draft = merge(Draft(), said(film="neutral"))
    assert merge(draft, said(film="neutral")) == draft


def test_undo_at_the_beginning_is_harmless() -> None:
    """There is nothing before the first word."""
    assert undo(Draft()) == Draft()


def test_assumptions_fill_only_what_is_empty() -> None:
    """Completing a spec keeps every field that is there."""
    spec = PortraitSpec({"film": Field("tri-x-400")})
    full = assume(spec, {"film": "neutral", "aspect": "3:4"})
    assert full.fields == {"film": Field("tri-x-400"), "aspect": Field("3:4", "assumed")}


@given(st.lists(patches, max_size=12))
def test_every_change_can_be_undone_in_turn(changes: list[SpecPatch]) -> None:
    """Undoing walks back through exactly the specs that were."""
    drafts = [Draft()]
    for change in changes:
        drafts.append(merge(drafts[-1], change))
    distinct = [d.spec for i, d in enumerate(drafts) if i == 0 or d != drafts[i - 1]]
    draft = drafts[-1]
    for spec in reversed(distinct[:-1]):
        draft = undo(draft)
        assert draft.spec == spec


@given(st.lists(patches, max_size=12))
def test_versions_only_grow(changes: list[SpecPatch]) -> None:
    """A button that names an old version can always be told from the current one."""
    draft, version = Draft(), 0
    for change in changes:
        after = undo(draft) if change.clear else merge(draft, change)
        assert after.version == version + (after != draft)
        draft, version = after, after.version


def test_the_past_is_bounded() -> None:
    """A session that is corrected forever does not grow forever."""
    draft = Draft()
    for number in range(UNDO_DEPTH * 2):
        draft = merge(draft, said(subject=str(number)))
    assert len(draft.past) == UNDO_DEPTH
