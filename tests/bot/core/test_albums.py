"""Several photos at once: the best is taken, a view becomes the backdrop, nothing is lost."""

from pathlib import Path

import pytest
from msgspec import structs
from support.sittings import PERSON, SCRIPT, WORDS, Sitting, sitting
from support.studios import CardStudio, draw_card

from bot.core.replies import Apology
from bot.core.turns import Turn, Upload
from engine.base import Box, Photo
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.errors import PhotoRejected
from engine.shots import Shot

ME_DARK, ME_WELL, VIEW, BROKEN = (draw_card(Shot("swap", seed)) for seed in range(4))


class Reader(CardStudio):
    """Sees what the test says is in a photo."""

    def receive(self, data: bytes) -> Photo:
        if data == BROKEN:
            raise PhotoRejected("broken", code="photo_unreadable")
        photo = super().receive(data)
        face = Box(0, 0, 40, 40)
        hints = ("coach_more_light",) if data == ME_DARK else ()
        return structs.replace(photo, faces=() if data == VIEW else (face,), hints=hints)


@pytest.fixture
async def guest(tmp_path: Path):  # noqa: ANN201
    engine = InProcessEngine(Reader(DiskBlobs(tmp_path / "blobs")))
    async with sitting(tmp_path, SCRIPT, engine=engine) as guest:
        yield guest


async def send(guest: Sitting, *photos: bytes, text: str = "") -> None:
    first, *more = [Upload(data, "me.jpg") for data in photos]
    turn = Turn(PERSON, PERSON, text, photo=first, more=tuple(more))
    await guest.conversation.handle(turn, guest.channel)


async def blob(guest: Sitting) -> str:
    photo = (await guest.history.session(PERSON, PERSON)).photo
    assert photo
    return photo.blob


async def test_the_best_of_several_is_taken_and_another_a_tap_away(guest: Sitting) -> None:
    """Consent is asked for the photo that is used."""
    await send(guest, ME_DARK, ME_WELL)
    assert WORDS.say("album_best", number=2) in guest.says
    best = await blob(guest)
    await guest.tap("1")
    assert guest.says[-1] == WORDS.say("consent_ask")
    assert await blob(guest) != best
    await guest.tap("Yes, go ahead")
    session = await guest.history.session(PERSON, PERSON)
    assert session.consented == (await blob(guest),)


async def test_a_view_among_them_becomes_the_backdrop(guest: Sitting) -> None:
    """A selfie and a landscape in one album mean: me in front of that."""
    await send(guest, VIEW, ME_WELL)
    assert WORDS.say("album_backdrop") in guest.says
    await guest.tap("Yes, go ahead")
    await guest.pictures()
    (made,) = await guest.history.renders(PERSON)
    assert made.shot.backdrop.kind == "picture"
    assert made.shot.source == await blob(guest)


async def test_the_caption_of_an_album_is_the_instruction(guest: Sitting) -> None:
    """What is said stands above what is guessed."""
    await send(guest, ME_WELL, VIEW, text="me on canvas")
    await guest.tap("Yes, go ahead")
    await guest.pictures()
    (made,) = await guest.history.renders(PERSON)
    assert made.shot.backdrop.id == "canvas-dark"


async def test_a_broken_one_does_not_spoil_the_others(guest: Sitting) -> None:
    """Only when none will do is that said."""
    await send(guest, BROKEN, ME_WELL)
    assert guest.says[-1] == WORDS.say("consent_ask")


@pytest.mark.parametrize(
    ("photos", "code"), [((BROKEN, BROKEN), "photo_unreadable"), ((VIEW, VIEW), "photo_no_person")]
)
async def test_when_none_will_do_that_is_said(
    guest: Sitting, photos: tuple[bytes, ...], code: str
) -> None:
    """One sentence for the whole album."""
    await send(guest, *photos)
    apologies = [e for e in guest.channel.entries if isinstance(e, Apology)]
    assert [a.code for a in apologies] == [code]


async def test_a_no_deletes_the_whole_album(guest: Sitting) -> None:
    """Nothing of what was sent together stays behind."""
    await send(guest, ME_DARK, ME_WELL)
    session = await guest.history.session(PERSON, PERSON)
    assert session.photo
    blobs = {session.photo.blob, *(p.blob for p in session.album)}
    assert len(blobs) == 2
    await guest.tap("No, delete it")
    assert blobs <= set(guest.discarded)
