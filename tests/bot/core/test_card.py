"""Every field of the card can be changed, locked and taken back, by taps alone."""

from pathlib import Path

import pytest
from msgspec import structs
from support.faults import FailingStudio
from support.sittings import PERSON, SCRIPT, WORDS, Sitting, reading, sitting

from bot.core.light_plan import light_plan
from bot.core.plan import LIGHT_SLOTS
from bot.core.policy import complete
from bot.core.replies import Ask, Brief, BriefLine
from bot.core.session import Session
from bot.core.spec import Draft, Field, PortraitSpec, SetSlot, SpecPatch, lock, merge, undo, unlock
from engine.dispatch.inprocess import InProcessEngine
from engine.errors import EngineUnavailable
from engine.shots import LightPlan


def card(guest: Sitting) -> Brief:
    """The card that is the newest entry."""
    assert isinstance(guest.last, Ask)
    assert guest.last.brief, guest.last
    return guest.last.brief


def line(guest: Sitting, slot: str) -> BriefLine:
    """A field of the newest card."""
    return next(line for line in card(guest).lines if line.slot == slot)


def labels(guest: Sitting) -> list[str]:
    """The taps of the newest entry."""
    return [c.label for c in getattr(guest.last, "choices", ())]


async def spec_of(guest: Sitting) -> PortraitSpec:
    """What is known of the guest's portrait."""
    session: Session = await guest.history.session(PERSON, PERSON)
    return session.draft.spec


async def test_a_field_is_changed_by_two_taps_and_taken_back_by_a_third(guest: Sitting) -> None:
    """Tap the field, tap a value: the card is back with it. Undo: as it was."""
    await guest.say("headshot")
    await guest.tap_id(line(guest, "backdrop").edit)
    assert WORDS.say("why_backdrop") in guest.says[-1]
    assert WORDS.label("backdrop", "seamless-grey") not in labels(guest)
    await guest.tap(WORDS.label("backdrop", "canvas-dark"))
    assert line(guest, "backdrop").value == WORDS.label("backdrop", "canvas-dark")
    assert line(guest, "backdrop").source == "said"
    await guest.tap(WORDS.say("btn_undo"))
    assert line(guest, "backdrop").value == WORDS.label("backdrop", "seamless-grey")


async def test_chats_without_taps_on_the_card_have_a_list_of_fields(guest: Sitting) -> None:
    """Change something lists the card's fields with their values, and leads back."""
    await guest.say("headshot")
    fields = [f"{ln.label}: {ln.value}" for ln in card(guest).lines]
    await guest.tap(WORDS.say("btn_change"))
    assert labels(guest) == [*fields, WORDS.say("btn_card")]
    await guest.tap(fields[0])
    assert WORDS.say("ask_look") in guest.says[-1]
    await guest.tap(WORDS.say("btn_card"))
    assert card(guest)


async def test_an_assumed_field_is_locked_and_released_as_assumed(guest: Sitting) -> None:
    """A lock holds what was only a guess, and does not turn it into something said."""
    await guest.say("headshot")
    assert line(guest, "lighting").source == "assumed"
    await guest.tap_id(line(guest, "lighting").lock)
    assert line(guest, "lighting").source == "locked"
    assert (await spec_of(guest)).value("lighting") == "loop"
    await guest.tap_id(line(guest, "lighting").lock)
    assert line(guest, "lighting").source == "assumed"
    await guest.tap_id(line(guest, "backdrop").lock)
    await guest.tap_id(line(guest, "backdrop").lock)
    assert line(guest, "backdrop").source == "said"


async def test_a_lock_turns_on_the_card_itself(guest: Sitting) -> None:
    """No new card, no bubble: the one that was tapped shows it, in the transcript too."""
    await guest.say("headshot")
    before = len(guest.channel.entries)
    await guest.tap_id(line(guest, "lighting").lock)
    assert len(guest.channel.entries) == before
    kept = (await guest.conversation.transcript(PERSON))[-1].entry
    assert kept == guest.last


async def test_a_locked_field_is_not_changed_in_silence(guest: Sitting) -> None:
    """Neither by words nor by an old tap; the way to unlock it is one tap away."""
    await guest.say("headshot")
    await guest.tap_id(line(guest, "lighting").lock)
    await guest.say("no, butterfly")
    assert "light" in guest.says[-1]
    assert (await spec_of(guest)).value("lighting") == "loop"
    await guest.tap("Unlock light")
    assert line(guest, "lighting").source == "assumed"
    await guest.say("no, butterfly")
    assert (await spec_of(guest)).value("lighting") == "butterfly"


async def test_a_locked_field_offers_its_key_and_no_values(guest: Sitting) -> None:
    """Unlock first."""
    await guest.say("headshot")
    await guest.tap_id(line(guest, "backdrop").lock)
    await guest.tap_id(line(guest, "backdrop").edit)
    assert labels(guest) == ["Unlock backdrop", WORDS.say("btn_card")]


async def test_the_light_plan_stands_on_the_card_and_is_ones_own(guest: Sitting) -> None:
    """Drawn before the shot, as PNG and SVG; redrawn only when the light changes."""
    await guest.say("headshot")
    first = card(guest).plan
    assert first
    assert first.preview.endswith(".png")
    assert first.vector.endswith(".svg")
    assert WORDS.label("lighting", "loop") in first.alt
    assert card(guest).redrawn
    for blob in (first.preview, first.vector):
        assert await guest.conversation.may_see(PERSON, blob)
        assert not await guest.conversation.may_see("test:bob", blob)
    await guest.tap_id(line(guest, "age").lock)
    assert card(guest).plan == first
    assert not card(guest).redrawn
    await guest.say("no, butterfly")
    assert card(guest).redrawn
    assert await guest.conversation.may_see(PERSON, first.preview)


async def test_the_whole_light_is_locked_by_one_tap(guest: Sitting) -> None:
    """The plan becomes what a series holds fixed."""
    await guest.say("headshot")
    await guest.tap(WORDS.say("btn_lock_light"))
    spec = await spec_of(guest)
    assert all(spec.source(slot) == "locked" for slot in LIGHT_SLOTS)
    await guest.tap(WORDS.say("btn_unlock_light"))
    spec = await spec_of(guest)
    assert not any(spec.source(slot) == "locked" for slot in LIGHT_SLOTS)


async def test_a_studio_that_cannot_draw_still_shows_the_card(tmp_path: Path) -> None:
    """The drawing is a courtesy."""
    engine = InProcessEngine(FailingStudio("studio_failed"))
    async with sitting(tmp_path, SCRIPT, engine=engine) as guest:
        await guest.say("headshot")
        assert card(guest).plan is None
        with pytest.raises(EngineUnavailable):
            await engine.draw(LightPlan(0, 0))


async def test_surprise_and_just_shoot_are_there_with_a_warning_too(guest: Sitting) -> None:
    """At every step."""
    await guest.say("white on white")
    assert {WORDS.say("btn_surprise"), WORDS.say("btn_just_shoot")} <= set(labels(guest))


async def test_words_answer_a_field_that_has_no_list(tmp_path: Path) -> None:
    """The wardrobe is said, and goes to the interviewer as the answer to that question."""
    script = SCRIPT | {"tweed": reading("correct", wardrobe="tweed jacket")}
    async with sitting(tmp_path, script) as guest:
        await guest.say("white on white")
        await guest.tap("Keep it as it is")
        await guest.tap_id(line(guest, "wardrobe").edit)
        assert WORDS.say("say_it") in guest.says[-1]
        assert (await guest.history.session(PERSON, PERSON)).pending == "wardrobe"
        await guest.say("tweed")
        assert line(guest, "wardrobe").value == "tweed jacket"


async def test_the_looks_own_value_heads_the_answers(tmp_path: Path) -> None:
    """One tap takes the photographer's proposal: brown canvas for the seventies."""
    script = SCRIPT | {"retro": reading(look="retro-70s", gender="woman")}
    async with sitting(tmp_path, script) as guest:
        await guest.say("retro")
        assert labels(guest)[0] == WORDS.label("backdrop", "canvas-brown")
        assert len(labels(guest)) == len(set(labels(guest)))


def test_locking_and_unlocking_are_each_one_step_of_undo() -> None:
    """Taking back a lock leaves the value."""
    draft = merge(Draft(), SpecPatch((SetSlot("film", "tri-x-400", "tri-x"),)))
    locked = lock(draft, ("film",))
    assert undo(locked).spec == draft.spec
    assert unlock(locked, ("film",)).spec == draft.spec
    bare = structs.replace(locked, past=())
    assert unlock(bare, ("film",)).spec.source("film") == "said"


def test_the_same_light_gives_the_same_plan_whatever_the_sitter_wears() -> None:
    """So the plan can be a series' lock."""

    def plan(**said: str) -> LightPlan:
        spec = PortraitSpec({slot: Field(value) for slot, value in said.items()})
        return light_plan(complete(spec, WORDS), WORDS)

    assert plan(wardrobe="navy blazer") == plan(wardrobe="cream dress", pose="seated")
    assert plan(key_side="right").aside == -plan(key_side="left").aside > 0
    assert plan(lighting="split").aside < plan(lighting="loop").aside
    assert plan(lighting="split").fill == 0
    assert plan(shot="full-body").distance > plan().distance
    assert plan(softness="crisp").width < plan(softness="very-soft").width
