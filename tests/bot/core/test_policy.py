"""What happens next is decided purely, always, and without nagging."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from support.sittings import WORDS

from bot.core.policy import (
    MAX_QUESTIONS,
    AskSlot,
    Confirm,
    NeedConsent,
    NeedPhoto,
    Shoot,
    complete,
    contradictions,
    next_step,
)
from bot.core.session import Session
from bot.core.spec import SLOTS, Draft, Field, PortraitSpec
from engine.base import Photo
from engine.studio.wish import capabilities

CAN = capabilities()
values = {
    slot: st.sampled_from([v.id for v in WORDS.slot(slot).values.values()] or ["words"])
    for slot in SLOTS
}
specs = st.fixed_dictionaries({}, optional=values).map(
    lambda found: PortraitSpec({slot: Field(value) for slot, value in found.items()})
)
sessions = st.builds(
    lambda spec, mode, asked: Session("s", "p", Draft(spec), mode=mode, asked=tuple(asked)),
    specs,
    st.sampled_from(["generate", "swap"]),
    st.lists(st.sampled_from(["subject", "backdrop", "expression", "hair"]), unique=True),
)


@given(sessions)
def test_there_is_always_a_next_step_and_never_a_question_twice(session: Session) -> None:
    """Said and asked slots are left alone, whatever was said."""
    step = next_step(session, CAN, WORDS)
    if isinstance(step, AskSlot):
        assert step.slot not in session.asked
        assert not session.draft.spec.said(step.slot)
        assert len(session.asked) < MAX_QUESTIONS


@given(sessions)
def test_just_shoot_shoots_unless_a_photo_is_missing(session: Session) -> None:
    """Nobody who wants the picture now is asked anything else."""
    assert isinstance(next_step(session, CAN, WORDS, "now"), Shoot | NeedPhoto)


def test_a_swap_needs_a_photo_then_its_owners_consent() -> None:
    """In this order, before anything else."""
    session = Session("s", "p", mode="swap")
    assert isinstance(next_step(session, CAN, WORDS, "now"), NeedPhoto)
    session = structs.replace(session, photo=Photo("f.png", 9, 9))
    assert isinstance(next_step(session, CAN, WORDS, "now"), NeedConsent)
    session = structs.replace(session, consented=("f.png",))
    assert isinstance(next_step(session, CAN, WORDS, "now"), Shoot)


@given(specs)
def test_completing_fills_and_never_overrules(spec: PortraitSpec) -> None:
    """What was said stays; the rest is marked as assumed."""
    full = complete(spec, WORDS)
    assert all(full.fields[slot] == field for slot, field in spec.fields.items())
    assert all(f.source == "assumed" for s, f in full.fields.items() if s not in spec.fields)
    assert full.value("backdrop")
    assert full.value("aspect")


@given(specs)
def test_every_contradictions_fix_resolves_it(spec: PortraitSpec) -> None:
    """One tap, and the warning is gone."""
    full = complete(spec, WORDS)
    for warning in contradictions(full):
        slot, value = warning.fix
        mended = PortraitSpec({**full.fields, slot: Field(value)})
        assert warning.key not in [w.key for w in contradictions(mended)]


def test_a_warning_given_once_is_not_repeated() -> None:
    """ "Keep it as it is" is respected."""
    spec = PortraitSpec({s: Field(v) for s, v in {
        "gender": "man", "wardrobe": "white shirt", "backdrop": "seamless-white",
    }.items()})  # fmt: skip
    session = Session("s", "p", Draft(spec), told=("warn_white_on_white",))
    assert isinstance(next_step(session, CAN, WORDS, "confirm"), Confirm)
