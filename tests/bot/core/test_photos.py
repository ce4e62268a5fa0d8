"""A sitter's own photo: consent first, then the backdrop; refused photos are gone."""

from pathlib import Path

import pytest
from support.faults import CrowdStudio
from support.sittings import PERSON, WORDS, Sitting, photo, sitting

from bot.core.replies import Heard
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
