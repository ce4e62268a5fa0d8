"""What happens next is decided purely, always, and without nagging."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from support.sittings import WORDS

from bot.core.policy import (
    AskSlot,
    Confirm,
    NeedConsent,
    NeedPhoto,
    Shoot,
    complete,
    contradictions,
    next_step,
    weights,
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
        assert len(session.asked) < WORDS.asking.most


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
    for warning in contradictions(full, WORDS):
        slot, value = warning.fix
        mended = PortraitSpec({**full.fields, slot: Field(value)})
        assert warning.key not in [w.key for w in contradictions(mended, WORDS)]


def test_a_warning_given_once_is_not_repeated() -> None:
    """ "Keep it as it is" is respected."""
    spec = PortraitSpec({s: Field(v) for s, v in {
        "gender": "man", "wardrobe": "white shirt", "backdrop": "seamless-white",
    }.items()})  # fmt: skip
    session = Session("s", "p", Draft(spec), told=("warn_white_on_white",))
    assert isinstance(next_step(session, CAN, WORDS, "confirm"), Confirm)


def said(**values: str | float) -> PortraitSpec:
    """A spec of these said values."""
    return PortraitSpec({slot: Field(value) for slot, value in values.items()})


@given(specs)
def test_nothing_that_was_only_assumed_is_ever_warned_of(spec: PortraitSpec) -> None:
    """Every warning is about what somebody decided, and could not be solved by assuming better."""
    full = complete(spec, WORDS)
    by_key = {f"warn_{rule.id}": rule for rule in WORDS.contradictions.rules}
    for warning in contradictions(full, WORDS):
        assert any(full.said(slot) for slot in by_key[warning.key].slots)


@pytest.mark.parametrize(
    ("values", "slot", "assumed"),
    [
        ({"lighting": "low-key", "look": "linkedin"}, "backdrop", "seamless-charcoal"),
        ({"wardrobe": "black suit", "look": "film-noir"}, "backdrop", "seamless-charcoal"),
        ({"shot": "full-body", "look": "linkedin"}, "lens_mm", 50),
        ({"glasses": "yes", "look": "glamour"}, "lighting", "loop"),
        ({"shot": "close-up", "look": "executive"}, "pose", "angled"),
    ],
)
def test_an_assumption_gives_way_to_what_was_said(
    values: dict, slot: str, assumed: str | int
) -> None:
    """Nobody is asked to choose between their own wish and our guess."""
    full = complete(said(**values), WORDS)
    assert (full.value(slot), full.source(slot)) == (assumed, "assumed")
    assert contradictions(full, WORDS) == ()


def test_a_locked_field_is_left_alone_by_the_way_out() -> None:
    """The fix goes through what may still change."""
    fields = {"film": Field("tri-x-400", "locked"), "warmth": Field(2)}
    full = complete(PortraitSpec(fields), WORDS)
    found = {w.key: w.fix for w in contradictions(full, WORDS)}
    assert found["warn_tri_x_warm"] == ("warmth", 0)


@given(sessions)
def test_at_most_three_questions_each_the_heaviest_that_is_missing(session: Session) -> None:
    """Answering or skipping every question reaches the offer to shoot after three."""
    for _ in range(WORDS.asking.most + 1):
        step = next_step(session, CAN, WORDS)
        if not isinstance(step, AskSlot):
            return
        weighed = weights(session, WORDS)
        assert weighed[step.slot] >= WORDS.asking.least
        session = structs.replace(session, asked=(*session.asked, step.slot))
    raise AssertionError("a fourth question")


@pytest.mark.parametrize(
    ("look", "first"),
    [
        ("glamour", "hair"),
        ("dating", "expression"),
        ("linkedin", "backdrop"),
        ("retro-70s", "hair"),
    ],
)
def test_the_first_question_depends_on_the_look(look: str, first: str) -> None:
    """What would change this picture most: glamour is hair, dating is a smile."""
    session = Session("s", "p", Draft(said(look=look, gender="woman")))
    assert next_step(session, CAN, WORDS) == AskSlot(first)


def test_whoever_said_who_is_not_asked_who_again() -> None:
    """A nurse was named: the one thing left is whether she or he."""
    session = Session("s", "p", Draft(said(subject="nurse", look="medical")))
    assert next_step(session, CAN, WORDS) == AskSlot("gender")
    assert next_step(structs.replace(session, asked=("subject",)), CAN, WORDS) != AskSlot("gender")


def test_a_look_is_asked_for_while_it_would_still_decide_much() -> None:
    """Light, backdrop, film, lens and frame said: the look has little left to say."""
    who = {"gender": "woman"}
    assert next_step(Session("s", "p", Draft(said(**who))), CAN, WORDS) == AskSlot("look")
    much = who | dict.fromkeys(WORDS.looks["linkedin"].fields, "x")
    assert weights(Session("s", "p", Draft(said(**much))), WORDS)["look"] == 0
