"""What a person made is theirs in each of their chats, nobody else's, and no group's business."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs
from support.set_studio import SetStudio
from support.sittings import WORDS, Sitting, reading, sitting

from bot.core.ports import Reading, Speaking
from bot.core.replies import Ask, Gallery
from bot.core.session import Session
from bot.core.turns import Turn
from bot.core.whereabouts import place_in
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine

BRIEF = "LinkedIn headshot, woman in her 40s, brown hair, soft smile"


class Thinking:
    """Reads nothing before it may."""

    def __init__(self) -> None:
        self.begun, self.done = asyncio.Event(), asyncio.Event()

    async def read(self, session: Session, text: str, speaking: Speaking | None = None) -> Reading:
        """A film, after a while."""
        self.begun.set()
        await self.done.wait()
        return reading(film="tri-x-400")

    async def close(self) -> None:
        """Nothing to let go of."""


ANN, BOB = "chat:ann", "chat:bob"
PRIVATE, GROUP = "chat:1", "chat:-5:1"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture
async def guest(tmp_path: Path) -> AsyncIterator[Sitting]:
    engine = InProcessEngine(SetStudio(DiskBlobs(tmp_path / "blobs")))
    async with sitting(tmp_path, interviewer=LexiconInterviewer(WORDS), engine=engine) as opened:
        yield opened


async def says(
    guest: Sitting, text: str, session: str = PRIVATE, person: str = ANN, *, shared: bool = False
) -> None:
    turn = Turn(session, person, text=text, shared=shared)
    await guest.conversation.handle(turn, guest.channel)


async def one_from_yesterday(guest: Sitting, brief: str = f"{BRIEF}, olive canvas, tri-x") -> str:
    """A picture that Ann made in private; its id."""
    await says(guest, brief)
    await says(guest, "shoot")
    await guest.pictures()
    renders = guest.history._renders
    name = list(renders)[-1]
    renders[name] = structs.replace(renders[name], created=YESTERDAY.isoformat())
    return name


async def test_a_picture_is_found_from_another_chat_of_the_same_person(guest: Sitting) -> None:
    """With its day said, and words are about it."""
    name = await one_from_yesterday(guest)
    await says(guest, "the one from yesterday", "chat:2")
    assert isinstance(guest.last, Gallery)
    assert [p.render for p in guest.last.pictures] == [name]
    assert str(YESTERDAY.astimezone().day) in guest.last.text
    await says(guest, "on navy", "chat:2")
    await guest.pictures(3)
    (made,) = await guest.history.renders("chat:2")
    assert made.shot.backdrop.id == "seamless-navy"
    assert await guest.history.owns("chat:2", made.render.blob)


async def test_like_last_time_holds_in_every_chat(guest: Sitting) -> None:
    """Also in a group: it takes over how, and shows nothing."""
    await one_from_yesterday(guest)
    await says(guest, "like last time", GROUP, shared=True)
    assert isinstance(guest.last, Ask)
    session = await guest.history.session(GROUP, ANN)
    assert session.draft.spec.value("backdrop") == "canvas-olive"


async def test_a_name_is_the_persons(guest: Sitting) -> None:
    """Given in one chat, known in the other, and gone with the person."""
    name = await one_from_yesterday(guest)
    await says(guest, "call this one agency set")
    await says(guest, "open agency set", "chat:2")
    assert isinstance(guest.last, Gallery)
    assert [p.render for p in guest.last.pictures] == [name]
    await guest.history.forget(ANN)
    assert await guest.history.notes(ANN, "name:") == {}


@pytest.mark.parametrize("said", ["the one from yesterday", "open agency set", "the last one"])
async def test_another_person_finds_nothing(guest: Sitting, said: str) -> None:
    """Neither a picture nor a name nor how it was made."""
    name = await one_from_yesterday(guest)
    await says(guest, "call this one agency set")
    before = len(guest.channel.entries)
    await says(guest, said, "chat:9", BOB)
    await says(guest, "like last time", "chat:9", BOB)
    fresh = guest.channel.entries[before:]
    assert not [e for e in fresh if isinstance(e, Gallery)]
    assert not await guest.history.owns("chat:9", guest.history._renders[name].render.blob)
    assert WORDS.say("no_last_time") in guest.says


@pytest.mark.parametrize("said", ["the one from yesterday", "open agency set"])
async def test_where_others_read_along_nothing_private_is_shown(guest: Sitting, said: str) -> None:
    """It is said where to ask instead."""
    await one_from_yesterday(guest)
    await says(guest, "call this one agency set")
    await says(guest, said, GROUP, shared=True)
    assert guest.says[-1] == WORDS.say("recall_private")


async def test_the_second_one_is_first_looked_for_in_this_chat(guest: Sitting) -> None:
    """Numbers count what the person has before them."""
    await one_from_yesterday(guest)
    await says(guest, f"{BRIEF}, navy backdrop", "chat:2")
    await says(guest, "shoot", "chat:2")
    await guest.pictures(2)
    await says(guest, "number 1", "chat:2")
    assert isinstance(guest.last, Gallery)
    (here,) = await guest.history.renders("chat:2")
    assert [p.render for p in guest.last.pictures] == [here.id]


async def test_a_picture_deleted_from_elsewhere_is_gone_everywhere(guest: Sitting) -> None:
    """The reply that showed it first lets go of it too."""
    name = await one_from_yesterday(guest)
    await says(guest, "the one from yesterday", "chat:2")
    tap = guest.choice("Delete").id
    await guest.conversation.handle(Turn("chat:2", ANN, choice=tap), guest.channel)
    shown = await guest.history.transcript(PRIVATE)
    left = [p.render for t in shown if isinstance(t.entry, Gallery) for p in t.entry.pictures]
    assert name not in left
    assert await guest.history.render(name) is None


@pytest.mark.parametrize(
    ("said", "zone"),
    [
        ("I'm in Berlin", "Europe/Berlin"),
        ("I’m in New York right now", "America/New_York"),
        ("my time zone is Pacific/Auckland", "Pacific/Auckland"),
        ("my timezone is PST", "America/Los_Angeles"),
        ("ich wohne in München", "Europe/Berlin"),
        ("estoy en Barcelona", "Europe/Madrid"),
        ("j'habite à Lyon.", "Europe/Paris"),
    ],
)
async def test_a_place_settles_whose_day_it_is(guest: Sitting, said: str, zone: str) -> None:
    """In the words people use for it."""
    await says(guest, said)
    assert guest.says[-1] == WORDS.say("zone_kept", zone=zone)
    assert (await guest.history.preferences(ANN)).calendar == zone


@pytest.mark.parametrize(
    "said", ["I'm in a library", "I'm in love with Rembrandt light", "I am in my 40s", "in Berlin"]
)
def test_other_sentences_are_left_to_the_reader(said: str) -> None:
    assert place_in(said, WORDS.memory) is None


async def test_an_unknown_zone_is_named(guest: Sitting) -> None:
    await says(guest, "my time zone is Mars/Olympus")
    assert guest.says[-1] == WORDS.say("zone_unknown", zone="Mars/Olympus")


@pytest.mark.parametrize("bad", ["", "Mars/Olympus", "../../etc/passwd", "Europe/", "x" * 60])
async def test_a_device_can_only_name_a_zone_there_is(guest: Sitting, bad: str) -> None:
    """What a page sends is checked; what was said in words goes before it."""
    await guest.conversation.note_device(ANN, zone="Asia/Tokyo")
    await guest.conversation.note_device(ANN, zone=bad)
    assert (await guest.history.preferences(ANN)).calendar == "Asia/Tokyo"
    await says(guest, "I'm in Berlin")
    await guest.conversation.note_device(ANN, zone="Asia/Seoul")
    assert (await guest.history.preferences(ANN)).calendar == "Europe/Berlin"


async def test_where_others_read_along_private_names_are_not_listed(guest: Sitting) -> None:
    """A name may say as much as its picture; where it was given, it is listed."""
    await one_from_yesterday(guest)
    await says(guest, "call this one agency set")
    await says(guest, "what names do I have", GROUP, shared=True)
    assert guest.says[-1] == WORDS.say("recall_private")
    await says(guest, "what names do I have")
    assert guest.says[-1] == WORDS.say("names_known", names="agency set")


async def test_like_last_time_tells_a_group_nothing_of_who_it_was(guest: Sitting) -> None:
    """The brief is read by everybody there: how, but not whom."""
    await one_from_yesterday(guest)
    await says(guest, "like last time", GROUP, shared=True)
    spec = (await guest.history.session(GROUP, ANN)).draft.spec
    assert not {"subject", "age", "hair"} & set(spec.fields)
    await says(guest, "like last time", "chat:2")
    spec = (await guest.history.session("chat:2", ANN)).draft.spec
    assert {"subject", "age", "hair"} <= set(spec.fields)


async def test_what_a_person_settles_in_two_chats_at_once_is_both_kept(tmp_path: Path) -> None:
    """A slow reading in one chat takes nothing back that was settled in another meanwhile."""
    thinking = Thinking()
    async with sitting(tmp_path, interviewer=thinking) as guest:
        slow = asyncio.create_task(says(guest, "always in black and white"))
        await thinking.begun.wait()
        await says(guest, "I'm in Berlin", "chat:2")
        await guest.conversation.note_device(ANN, language="de-AT")
        thinking.done.set()
        await slow
        likes = await guest.history.preferences(ANN)
        assert (likes.film, likes.zone, likes.seen_language) == (
            "tri-x-400", "Europe/Berlin", "de-AT",
        )  # fmt: skip
