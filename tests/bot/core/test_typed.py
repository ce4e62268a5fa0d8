"""A typed yes or no answers the question just asked, in any language; and only that one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from support.sittings import PERSON, WORDS, Sitting, photo, sitting
from support.studios import CardStudio

from bot.core.typed import agrees, refuses
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.base import Box, Photo
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine

YES = ("yes", "Yes please!", "ja", "Sí.", "oui")
NO = ("no", "Nein!", "non", "no thanks")


class Eyed(CardStudio):
    """Sees somebody in the first photo, and nobody in those after it."""

    received = 0

    def receive(self, data: bytes) -> Photo:
        self.received += 1
        faces = (Box(1, 2, 3, 4),) if self.received == 1 else ()
        return structs.replace(super().receive(data), faces=faces)


@pytest.fixture
async def guest(tmp_path: Path) -> AsyncIterator[Sitting]:
    engine = InProcessEngine(Eyed(DiskBlobs(tmp_path / "blobs")))
    async with sitting(tmp_path, interviewer=LexiconInterviewer(WORDS), engine=engine) as opened:
        yield opened


async def portrait(guest: Sitting) -> None:
    await guest.say("LinkedIn headshot, woman in her 40s, brown hair, soft smile, cream backdrop")
    await guest.say("shoot")
    await guest.pictures()


@pytest.mark.parametrize("word", YES)
def test_a_plain_yes_agrees(word: str) -> None:
    assert agrees(WORDS, word)
    assert not refuses(WORDS, word)


@pytest.mark.parametrize("word", NO)
def test_a_plain_no_refuses(word: str) -> None:
    assert refuses(WORDS, word)
    assert not agrees(WORDS, word)


@pytest.mark.parametrize("word", YES[1:3])
async def test_a_yes_deletes_the_picture_that_was_asked_about(guest: Sitting, word: str) -> None:
    """And shoots nothing."""
    await portrait(guest)
    await guest.say("delete it")
    await guest.say(word)
    assert not await guest.history.renders(PERSON)
    assert not await guest.history.jobs()


@pytest.mark.parametrize("word", NO[:2])
async def test_a_no_keeps_it(guest: Sitting, word: str) -> None:
    await portrait(guest)
    await guest.say("delete it")
    await guest.say(word)
    assert len(await guest.history.renders(PERSON)) == 1
    await guest.say("yes")
    assert len(await guest.history.renders(PERSON)) >= 1, "that question was answered"


@pytest.mark.parametrize("between", ["warmer", "what is loop light?", "thanks"])
async def test_a_later_yes_deletes_nothing(guest: Sitting, between: str) -> None:
    """Only the very next words are the answer."""
    await portrait(guest)
    await guest.say("delete it")
    await guest.say(between)
    first = (await guest.history.renders(PERSON))[0].id
    await guest.say("yes")
    assert await guest.history.render(first)


async def test_forgetting_everything_takes_a_yes(guest: Sitting) -> None:
    await portrait(guest)
    await guest.say("forget me")
    await guest.say("no")
    assert await guest.history.renders(PERSON)
    await guest.say("forget me")
    await guest.say("ja")
    assert not await guest.history.renders(PERSON)


@pytest.mark.parametrize(("word", "hung"), [("oui", True), ("nein", False)])
async def test_a_picture_without_people_is_hung_by_a_yes(
    guest: Sitting, word: str, hung: bool
) -> None:
    """ "Shall I use it as your backdrop?" is answered as any question is."""
    await guest.send(photo(), "put me on a dark canvas backdrop")
    await guest.say("yes")
    await guest.pictures()
    await guest.send(photo() + b"2")
    await guest.say(word)
    session = await guest.history.session(PERSON, PERSON)
    assert bool(session.backdrop_photo) is hung
    assert session.pending != "own_backdrop"


@pytest.mark.parametrize(("said", "rows"), [("4", 4), ("six please", 6)])
async def test_how_many_is_answered_by_typing(guest: Sitting, said: str, rows: int) -> None:
    """A figure or a word; what is no number is about something else."""
    await portrait(guest)
    await guest.say("make a series")
    await guest.say(said)
    session = await guest.history.session(PERSON, PERSON)
    assert session.plan
    assert len(session.plan.rows) == rows


async def test_a_number_after_something_else_makes_no_set(guest: Sitting) -> None:
    await portrait(guest)
    await guest.say("make a series")
    await guest.say("warmer")
    await guest.say("4")
    assert (await guest.history.session(PERSON, PERSON)).plan is None


async def test_the_words_of_a_tap_can_be_typed_in_any_language(guest: Sitting) -> None:
    """ "Einfach aufnehmen" stands there as a tap, so it shoots."""
    await guest.say("Bewerbungsfoto, Frau in den Dreißigern, brauner Hintergrund")
    await guest.say("einfach aufnehmen")
    await guest.pictures()


async def test_advised_against_is_taken_in_plain_words() -> None:
    """What the coach would do better may stay as it is."""
    talk = WORDS.smalltalk
    said = ("just use it", "use it anyway", "nimm es trotzdem", "prends-la quand même")
    assert all(talk.takes_anyway(text) for text in said)
    assert not talk.takes_anyway("what would be better?")
