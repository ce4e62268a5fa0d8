"""A sitter's own photo: consent first, then the backdrop; refused photos are gone."""

from pathlib import Path

import pytest
from support.faults import CrowdStudio
from support.sittings import PERSON, WORDS, Sitting, another_photo, photo, sitting
from support.studios import CoachStudio

from bot.core.replies import Heard
from bot.core.session import leaves_of
from bot.core.turns import Turn, Upload
from bot.history.records import photos_of
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine


async def test_a_photo_is_used_only_after_its_owner_agreed(guest: Sitting) -> None:
    """Consent once per face, then no more questions."""
    await guest.send(photo())
    assert guest.says[-1] == WORDS.say("consent_ask")
    await guest.say("me on canvas")
    assert guest.says[-1] == WORDS.say("consent_ask")
    assert await guest.history.jobs() == []
    await guest.tap("Yes, go ahead")
    await guest.pictures()
    render = (await guest.history.renders(PERSON))[0]
    assert render.shot.operation == "swap"
    assert render.shot.source


async def test_the_same_face_is_not_asked_about_again(guest: Sitting) -> None:
    """Sending the same photo twice is no new face."""
    await guest.send(photo())
    await guest.tap("Yes, go ahead")
    await guest.send(photo())
    assert guest.says.count(WORDS.say("consent_ask")) == 1


async def test_a_refused_photo_is_deleted(guest: Sitting) -> None:
    """No is no."""
    await guest.send(photo())
    await guest.tap("No, delete it")
    assert len(guest.discarded) == 1
    heard = next(e for e in guest.channel.entries if isinstance(e, Heard))
    assert not await guest.conversation.may_see(PERSON, heard.photo or "")


async def test_a_rejected_photo_gets_its_sentence_and_keeps_the_words(guest: Sitting) -> None:
    """A PDF renamed .jpg loses neither the turn nor the session."""
    await guest.send(b"%PDF-1.7", "on canvas please")
    assert (await guest.apology()).code == "photo_not_an_image"
    assert Heard("on canvas please") in guest.channel.entries


async def test_wanting_a_swap_without_a_photo_asks_for_one(guest: Sitting) -> None:
    """The studio says what it needs."""
    await guest.say("me on canvas")
    assert guest.says[-1].endswith(WORDS.say("swap_needs_photo"))
    await guest.say("me on canvas")
    assert guest.says[-1].endswith(WORDS.say("swap_photo_awaited"))
    await guest.tap("Invent somebody")
    assert guest.says[-1].startswith(WORDS.say("invented"))


@pytest.mark.parametrize(("word", "sentence"), [
        ("Yes!", "ask_backdrop"), ("no", "consent_no"), ("Ja, das bin ich.", "ask_backdrop"),
        ("sí, soy yo", "ask_backdrop"), ("Oui, c’est moi !", "ask_backdrop"),
        ("Nein, das bin ich nicht", "consent_no"), ("no soy yo", "consent_no"),
    ],
)  # fmt: skip
async def test_consent_can_be_typed(guest: Sitting, word: str, sentence: str) -> None:
    """A person without buttons at hand can answer in words."""
    await guest.send(photo())
    await guest.say(word)
    assert guest.says[-1].startswith(WORDS.say(sentence))


async def test_a_photo_without_a_face_is_refused_and_thrown_away(tmp_path: Path) -> None:
    """A landscape is said to be one, never "faces != 1"."""
    async with sitting(tmp_path, engine=InProcessEngine(CrowdStudio(0))) as guest:
        await guest.send(b"landscape")
        assert (await guest.apology()).code == "photo_no_person"
        assert len(guest.discarded) == 1


async def test_a_photo_of_three_people_says_so_when_it_asks(tmp_path: Path) -> None:
    """Everybody's consent is asked, with the number of people found."""
    async with sitting(tmp_path, engine=InProcessEngine(CrowdStudio(3))) as guest:
        await guest.send(b"group")
        assert guest.says == [WORDS.say("consent_ask_several", count=3)]


async def test_an_earlier_photo_can_still_be_refused_and_is_gone_for_good(guest: Sitting) -> None:
    """Its tap is still there; nothing of the session goes on with it afterwards."""
    await guest.send(photo())
    refuse = guest.choice("No, delete it").id
    await guest.tap("Yes, go ahead")
    await guest.send(another_photo())
    await guest.tap_id(refuse)
    (gone,) = guest.discarded
    assert not await guest.conversation.may_see(PERSON, gone)
    session = await guest.history.session(PERSON, PERSON)
    assert gone not in photos_of(session)
    await guest.say("use this as the backdrop")
    assert (await guest.history.session(PERSON, PERSON)).photo
    assert not await guest.history.jobs()


async def test_a_refused_photo_takes_what_was_drawn_of_it_along(tmp_path: Path) -> None:
    """Its light diagram is as much theirs as the photo, also when it is not the latest."""
    studio = CoachStudio(DiskBlobs(tmp_path / "blobs"))
    async with sitting(tmp_path, engine=InProcessEngine(studio)) as guest:
        await guest.send(photo())
        refuse = guest.choice("No, delete it").id
        first = (await guest.history.session(PERSON, PERSON)).photo
        assert first
        await guest.tap("Yes, go ahead")
        await guest.send(another_photo())
        await guest.tap_id(refuse)
        assert set(leaves_of(first)) <= set(guest.discarded)


async def test_a_refused_photo_is_in_no_planned_set(guest: Sitting) -> None:
    """The table that was laid out for it goes with it."""
    await guest.send(photo())
    refuse = guest.choice("No, delete it").id
    await guest.tap("Yes, go ahead")
    turn = Turn(PERSON, PERSON, text="4", intent="series")
    await guest.conversation.handle(turn, guest.channel)
    shoot = guest.choice("Shoot").id
    await guest.tap_id(refuse)
    assert (await guest.history.session(PERSON, PERSON)).plan is None
    await guest.tap_id(shoot)
    assert guest.says[-1] == WORDS.say("table_gone")


async def test_a_rejected_photo_leaves_what_another_person_sent(tmp_path: Path) -> None:
    """Two people may send the same view: one is told that nobody is in it, the other keeps it."""
    studio = CoachStudio(DiskBlobs(tmp_path / "blobs"))
    async with sitting(tmp_path, engine=InProcessEngine(studio)) as guest:
        view = Upload(photo() + b"none")
        await guest.send(photo())
        await guest.tap("Yes, go ahead")
        await guest.send(view.data)
        hung = (await guest.history.session(PERSON, PERSON)).backdrop_photo
        for turn in (
            Turn("test:bob", "test:bob", photo=view),
            Turn("test:bob", "test:bob", photo=view, more=(view,)),
        ):
            await guest.conversation.handle(turn, guest.channel)
        assert hung
        assert hung not in guest.discarded
