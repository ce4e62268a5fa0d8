"""What surrounds a picture from one's own photo: light, groups, own backdrops, prints, truth."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.sittings import PERSON, SCRIPT, WORDS, Sitting, photo, sitting
from support.studios import CoachStudio

from bot.core.prints import size_in
from bot.core.replies import Gallery, Posted, Progress
from bot.frontends.collecting import CollectingChannel
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.shots import EVERYONE, Shot


@pytest.fixture
async def coached(tmp_path: Path) -> AsyncIterator[Sitting]:
    """A sitting in a studio with a coach."""
    engine = InProcessEngine(CoachStudio(DiskBlobs(tmp_path / "blobs"), delay=0.01))
    async with sitting(tmp_path, SCRIPT, engine=engine) as guest:
        yield guest


async def swapped(guest: Sitting) -> Gallery:
    await guest.send(photo())
    await guest.tap("Yes, go ahead")
    await guest.say("me on canvas")
    await guest.until(lambda entries: any(_made(e) for e in entries))
    return guest.channel.entries[-1]  # type: ignore[return-value]  # the wait above saw to it


def _made(entry: object) -> bool:
    return isinstance(entry, Gallery) and any(p.render for p in entry.pictures)


async def made(guest: Sitting, number: int) -> Shot:
    await guest.until(lambda entries: sum(map(_made, entries)) >= number)
    return (await guest.history.renders(PERSON))[-1].shot


async def test_the_light_is_told_after_consent_with_its_diagram(coached: Sitting) -> None:
    """Nothing is read out of a face before its owner agreed."""
    await coached.send(photo())
    assert not any(isinstance(e, Gallery) for e in coached.channel.entries)
    await coached.tap("Yes, go ahead")
    told = next(e for e in coached.channel.entries if isinstance(e, Gallery))
    assert told.text == "Your light comes from the left, high and soft, a little warm."
    assert WORDS.say("plan_own") in told.pictures[0].alt
    assert told.pictures[0].vector.endswith(".svg")
    assert await coached.conversation.may_see(PERSON, told.pictures[0].preview)
    assert await coached.conversation.may_see(PERSON, told.pictures[0].vector)
    assert not await coached.conversation.may_see("test:eve", told.pictures[0].preview)


async def test_advice_can_be_waved_aside(coached: Sitting) -> None:
    """The coach advises; the person decides."""
    await coached.send(photo() + b"dark")
    await coached.tap("Yes, go ahead")
    assert coached.says[-1] == WORDS.say("photo_advice")
    await coached.tap("Use it anyway")
    assert coached.says[-1].startswith(WORDS.say("ask_backdrop"))


@pytest.mark.parametrize(("label", "sitter"), [("2", 1), ("Keep everyone", EVERYONE)])
async def test_whom_of_a_group_to_portray_is_asked(
    coached: Sitting, label: str, sitter: int
) -> None:
    """A group is a question, never a refusal, and the answer reaches the studio."""
    await coached.send(photo() + b"three")
    await coached.tap("Yes, go ahead")
    await coached.tap(label)
    await coached.say("me on canvas")
    assert (await made(coached, 1)).sitter == sitter


async def test_cut_me_out_works_straight_from_a_photo(coached: Sitting) -> None:
    """No backdrop needs to be chosen for no backdrop."""
    await coached.send(photo(), "cut me out")
    await coached.tap("Yes, go ahead")
    shot = await made(coached, 1)
    assert shot.operation == "cutout"
    assert shot.source


async def test_a_print_is_of_the_picture_and_an_identity_photo_of_the_photo(
    coached: Sitting,
) -> None:
    """Documents get the untouched photo, cropped."""
    await swapped(coached)
    first = (await coached.history.renders(PERSON))[0]
    await coached.say("print 5x7")
    shot = await made(coached, 2)
    assert (shot.operation, shot.spec, shot.source) == ("print", {"size": "5x7"}, first.render.blob)
    await coached.say("passport photo")
    await coached.tap("ID photo sheet 35x45")
    shot = await made(coached, 3)
    assert shot.source == first.shot.source
    assert shot.spec == {"size": "35x45", "sheet": "yes"}


async def test_the_truth_sheet_is_shown_without_a_job_and_goes_with_its_picture(
    coached: Sitting,
) -> None:
    """One tap, and nothing of it stays when the picture is deleted."""
    await swapped(coached)
    truth = (await coached.history.renders(PERSON))[0].render.truth
    await coached.tap("What changed?")
    shown = coached.last
    assert isinstance(shown, Gallery)
    assert shown.pictures[0].preview == truth
    await coached.tap("Delete")
    assert truth in coached.discarded
    assert not await coached.conversation.may_see(PERSON, truth)


async def test_a_picture_without_a_face_can_become_the_backdrop(coached: Sitting) -> None:
    """Their own garden behind them, if they say so."""
    await coached.send(photo())
    await coached.tap("Yes, go ahead")
    await coached.send(photo() + b"none")
    assert coached.says[-1] == WORDS.say("ask_own_picture")
    await coached.tap("Yes, as backdrop")
    shot = await made(coached, 1)
    assert shot.backdrop.kind == "picture"
    assert shot.backdrop.source not in (None, shot.source)


async def test_where_the_light_of_a_picture_disagrees_another_backdrop_is_one_tap_away(
    coached: Sitting,
) -> None:
    """They hear why, and keep the picture they have."""
    await coached.send(photo())
    await coached.tap("Yes, go ahead")
    await coached.send(photo() + b"none")
    await coached.tap("Yes, as backdrop")
    await made(coached, 1)
    await coached.tap("Grey canvas instead")
    shot = await made(coached, 2)
    assert shot.backdrop.id == "canvas-grey"
    assert len(await coached.history.renders(PERSON)) == 2


async def test_a_picture_that_is_not_to_be_the_backdrop_is_deleted(coached: Sitting) -> None:
    """No is no, here too."""
    await coached.send(photo())
    await coached.tap("Yes, go ahead")
    await coached.send(photo() + b"none")
    await coached.tap("No")
    assert len(coached.discarded) == 1


async def test_a_second_picture_with_its_caption_becomes_the_backdrop(coached: Sitting) -> None:
    """Also when there are people in it."""
    await coached.send(photo())
    await coached.tap("Yes, go ahead")
    await coached.send(photo() + b"three", "use this as the backdrop")
    shot = await made(coached, 1)
    assert shot.backdrop.id == "own-picture"


async def test_a_first_look_is_its_owners_and_gone_when_the_job_ends(coached: Sitting) -> None:
    """A preview is shown while it is useful, and never kept."""
    shown: list[Posted] = []
    coached.channel = CollectingChannel(shown.append)
    await swapped(coached)
    looks = {p.entry.preview for p in shown if isinstance(p.entry, Progress)} - {None}
    assert looks
    await coached.conversation.close()
    assert looks <= set(coached.discarded)
    kept = [p.entry for p in await coached.conversation.transcript(PERSON)]
    assert not any(e.preview for e in kept if isinstance(e, Progress))


@pytest.mark.parametrize(("text", "size"), [("print it 7 by 5", "5x7"), ("on A4", "a4"), ("3", "")])
def test_sizes_are_heard_as_people_say_them(text: str, size: str) -> None:
    """Either way round, with any cross."""
    assert size_in(text) == size
