"""Several pictures of one brief; what a person likes; pointing at an earlier picture."""

import asyncio
from pathlib import Path

from msgspec import structs
from support.sittings import PERSON, SCRIPT, WORDS, Sitting, sitting
from support.studios import CardStudio

from bot.core.policy import complete
from bot.core.preferences import Preferences
from bot.core.replies import Ask, Gallery, Progress
from bot.core.spec import Field, PortraitSpec
from bot.core.turns import Turn
from engine.base import Report
from engine.dispatch.inprocess import InProcessEngine
from engine.jobs import Render
from engine.shots import Shot


async def command(guest: Sitting, intent: str, text: str = "", about: str = "") -> None:
    turn = Turn(PERSON, PERSON, text, intent=intent, about=about)  # pyright: ignore[reportArgumentType] - the test's own words
    await guest.conversation.handle(turn, guest.channel)


async def test_several_of_a_brief_are_one_gallery(guest: Sitting) -> None:
    """Told how many, shooting gives them all in one reply: other sitters, the same brief."""
    await guest.say("three of them")
    await guest.tap("Just shoot" if "Just shoot" in labels(guest) else "Shoot")
    shown = await guest.pictures()
    assert len(shown.pictures) == 3
    assert [c.label for c in shown.choices] == ["1", "2", "3"]
    records = await guest.history.renders(PERSON)
    assert len({r.shot.seed for r in records}) == 3
    assert len({r.shot.backdrop for r in records}) == 1


async def test_one_of_several_is_picked_by_its_number(guest: Sitting) -> None:
    """What follows is about that one."""
    await guest.say("three of them")
    await guest.tap("Shoot")
    await guest.pictures()
    await guest.tap("1")
    await guest.tap("Upscale")
    await guest.pictures(2)
    first, _, _, large = await guest.history.renders(PERSON)
    assert large.shot.seed == first.shot.seed
    assert large.shot.scale > first.shot.scale


async def test_words_about_an_earlier_picture_change_that_one(guest: Sitting) -> None:
    """ "No, butterfly", said of the first picture, leaves the second one's warmth alone."""
    await guest.say("headshot")
    await guest.tap("Shoot")
    await guest.pictures()
    await guest.tap("Warmer")
    await guest.pictures(2)
    first = (await guest.history.renders(PERSON))[0]
    turn = Turn(PERSON, PERSON, "no, butterfly", about=first.id)
    await guest.conversation.handle(turn, guest.channel)
    await guest.pictures(3)
    last = (await guest.history.renders(PERSON))[-1]
    assert last.shot.spec["lighting"] == "butterfly"
    assert last.shot.spec["warmth"] == first.shot.spec["warmth"]


async def test_nobody_points_at_somebody_elses_picture(guest: Sitting) -> None:
    """An id that is not of this session is not there."""
    await guest.say("headshot")
    await guest.tap("Shoot")
    await guest.pictures()
    theirs = (await guest.history.renders(PERSON))[0].id
    turn = Turn("test:bob", "test:bob", "bigger", about=theirs)
    await guest.conversation.handle(turn, guest.channel)
    assert not await guest.history.jobs("test:bob")


async def test_a_command_is_not_read_by_anybody(guest: Sitting) -> None:
    """A language model that is down or slow cannot misread /settings."""
    await command(guest, "settings")
    assert WORDS.say("settings_title") in guest.says[-1]


async def test_the_settings_card_changes_in_place_and_is_kept(guest: Sitting) -> None:
    """One entry, however often it is tapped; what was settled shapes the next picture."""
    await command(guest, "settings")
    place = guest.channel.last
    await guest.tap("Film")
    await guest.tap(WORDS.label("film", "tri-x-400"))
    await guest.tap(WORDS.say("btn_photo_only"))
    assert not [e for seq, e in guest.channel.posted.items() if seq > place and isinstance(e, Ask)]
    card = guest.channel.posted[place]
    assert isinstance(card, Ask)
    assert WORDS.label("film", "tri-x-400") in card.text
    assert WORDS.say("settings_delivery_photo") in card.text
    await guest.say("someone")
    await guest.tap("Just shoot")
    shown = await guest.pictures()
    assert shown.carry == "photo"
    likes = await guest.history.preferences(PERSON)
    assert likes == Preferences(delivery="photo", film="tri-x-400")


async def test_the_file_is_a_tap_away(guest: Sitting) -> None:
    """Who wants photos only still gets the lossless file when they ask."""
    await guest.history.prefer(PERSON, Preferences(delivery="photo"))
    await guest.say("headshot")
    await guest.tap("Shoot")
    await guest.pictures()
    await guest.tap(WORDS.say("btn_file"))
    assert isinstance(guest.last, Gallery)
    assert guest.last.carry == "file"


def test_a_look_that_was_asked_for_stands_above_likes() -> None:
    """Film noir is black and white, whoever likes Portra; a look nobody asked for gives way."""
    likes = Preferences(film="portra-800").tastes()
    noir = PortraitSpec({"look": Field("film-noir")})
    assert complete(noir, WORDS, likes=likes).value("film") == complete(noir, WORDS).value("film")
    assert complete(PortraitSpec(), WORDS, likes=likes).value("film") == "portra-800"


class Looking(CardStudio):
    """Shows a first look."""

    def render(self, shot: Shot, report: Report) -> Render:
        report("step_look", 0.5, self._blobs.put(b"look", "jpg"))  # pyright: ignore[reportAttributeAccessIssue]
        return super().render(shot, report)


async def test_first_looks_can_be_declined(tmp_path: Path) -> None:
    """They are shown to those who like them."""
    from engine.blobs import DiskBlobs

    engine = InProcessEngine(Looking(DiskBlobs(tmp_path / "blobs")))
    async with sitting(tmp_path, SCRIPT, engine=engine) as guest:
        seen: list[str | None] = []
        send = guest.channel.send

        async def watch(posted) -> None:  # noqa: ANN001
            if isinstance(posted.entry, Progress):
                seen.append(posted.entry.preview)
            await send(posted)

        guest.channel.send = watch  # type: ignore[method-assign]
        await guest.say("headshot")
        for likes in (Preferences(first_looks=False), Preferences()):
            await guest.history.prefer(PERSON, likes)
            seen.clear()
            await guest.tap("Again" if "Again" in labels(guest) else "Shoot")
            await guest.pictures(1 if not likes.first_looks else 2)
            assert any(seen) == likes.first_looks


async def test_a_used_button_offers_what_can_be_done_now(guest: Sitting) -> None:
    """Twice at once, it shoots once; the other tap hears how things stand."""
    await guest.say("headshot")
    shoot = guest.choice("Shoot").id
    await asyncio.gather(guest.tap_id(shoot), guest.tap_id(shoot))
    assert WORDS.say("choice_used") in guest.says
    await guest.pictures()
    assert len(await guest.history.renders(PERSON)) == 1
    await guest.tap_id(shoot)
    assert guest.says[-1] in (WORDS.say("present_picture"), WORDS.say("stale_choice"))


async def test_a_button_of_another_conversation_explains_itself(guest: Sitting) -> None:
    """Forwarded or tapped by somebody else, it does nothing to its owner."""
    await guest.say("headshot")
    shoot = guest.choice("Shoot").id
    bob = Turn("test:bob", "test:bob", choice=shoot)
    await guest.conversation.handle(bob, guest.channel)
    assert guest.says[-1] == WORDS.say("foreign_choice")
    assert await guest.conversation.owner(shoot) == PERSON
    assert not await guest.history.jobs()


def labels(guest: Sitting) -> list[str]:
    return [c.label for e in guest.channel.entries for c in getattr(e, "choices", ())]


def test_session_state_of_older_versions_still_opens() -> None:
    """A session saved before there were preferences reads as one without."""
    import msgspec

    from bot.core.session import Session

    old = msgspec.to_builtins(Session("a", "b"))
    del old["likes"], old["card"]
    assert msgspec.convert(old, Session) == structs.replace(Session("a", "b"))
