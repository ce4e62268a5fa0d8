"""A reply is spoken while it is made, kept when it is whole, and takes one place."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from msgspec import structs
from support.interviewers import ScriptedInterviewer
from support.sittings import PERSON, WORDS, Sitting, reading, sitting

from bot.core.ports import Reading, Speaking
from bot.core.replies import Ask, Entry, Posted, Say
from bot.core.session import Session
from bot.core.usage import Usage, total
from bot.frontends.collecting import CollectingChannel

TALK = structs.replace(reading("smalltalk"), reply="Nobody knows what to do with their hands.")
NAVY = structs.replace(
    reading("correct", wardrobe="navy blazer"),
    reply="Navy it is.",
    prompt="interviewer@abc",
    usage=Usage(1, 900, 40, 0.002),
)
LOST = structs.replace(reading(), reply="Say that once more?")


class Speaker(ScriptedInterviewer):
    """Speaks `parts` before each of its readings."""

    def __init__(self, readings: dict[str, Reading], parts: Sequence[str]) -> None:
        super().__init__(readings)
        self.speech = dict.fromkeys(readings, tuple(parts))


async def spoken(guest: Sitting, text: str) -> tuple[list[Posted], list[Entry]]:
    """What passed through the channel for a sentence, and what a person sees in the end."""
    passed: list[Posted] = []
    guest.channel = CollectingChannel(passed.append)
    await guest.say(text)
    return passed, guest.channel.entries


@pytest.mark.parametrize(
    ("read", "parts"),
    [(TALK, ("Nobody", "Nobody knows")), (NAVY, ("Navy",)), (LOST, ("Say that",))],
    ids=["talk", "change", "lost"],
)
async def test_a_reply_grows_in_one_place_and_ends_whole(
    tmp_path: Path, read: Reading, parts: tuple[str, ...]
) -> None:
    """First marked as unfinished, then whole, both in the transcript and on the screen."""
    async with sitting(tmp_path, interviewer=Speaker({"hello": read}, parts)) as guest:
        passed, entries = await spoken(guest, "hello")
        kept = await guest.history.transcript(PERSON)
    growing = [p for p in passed if isinstance(p.entry, Say) and p.entry.more]
    assert tuple(p.entry.text for p in growing if isinstance(p.entry, Say)) == parts
    assert len({p.seq for p in growing}) == 1
    whole = [e for e in entries if isinstance(e, Say) and e.text == read.reply]
    assert [e.more for e in whole] == [False]
    assert [p.entry for p in kept if p.seq == growing[0].seq] == whole


async def test_a_change_is_said_before_the_next_question(tmp_path: Path) -> None:
    """The words about it come first; the question waits below."""
    async with sitting(tmp_path, interviewer=Speaker({"navy": NAVY}, ())) as guest:
        _, entries = await spoken(guest, "navy")
    said = [type(e) for e in entries if isinstance(e, Say | Ask)]
    assert said == [Say, Ask]
    assert isinstance(entries[1], Say)
    assert entries[1].text == "Navy it is."


async def test_words_that_do_not_stand_give_way_to_the_studios_own(tmp_path: Path) -> None:
    """A reply taken back while it was spoken leaves no half sentence behind."""
    taken_back = structs.replace(NAVY, reply="")
    silent = structs.replace(TALK, reply="")
    speaker = Speaker({"navy": taken_back, "hi": silent}, ("You listen for",))
    async with sitting(tmp_path, interviewer=speaker) as guest:
        _, first = await spoken(guest, "navy")
        _, second = await spoken(guest, "hi")
    texts = [e.text for e in (*first, *second) if isinstance(e, Say)]
    assert texts[0] == "Navy blazer: good."
    assert texts[1].startswith(WORDS.say("talk_greeting"))


async def test_what_was_begun_is_ended_before_the_studio_acts(tmp_path: Path) -> None:
    """A remark that the studio itself acts on leaves no reply hanging in the air."""
    said = "stop asking questions"
    async with sitting(tmp_path, interviewer=Speaker({said: TALK}, ("Nobody",))) as guest:
        await guest.say("navy")
        _, entries = await spoken(guest, said)
    whole = [e for e in entries if isinstance(e, Say)]
    assert (whole[-1].text, whole[-1].more) == (TALK.reply, False)
    assert isinstance(guest.last, Ask)
    assert guest.last.brief


async def test_half_a_reply_survives_a_crash(tmp_path: Path) -> None:
    """What was on the screen is in the transcript, and does not wait for more for ever."""

    class Dying(Speaker):
        async def read(
            self, session: Session, text: str, speaking: Speaking | None = None
        ) -> Reading:
            await super().read(session, text, speaking)
            raise RuntimeError("power cut")

    async with sitting(tmp_path, interviewer=Dying({"hi": TALK}, ("Nobody",))) as guest:
        await spoken(guest, "hi")
        kept = [p.entry for p in await guest.history.transcript(PERSON)]
    assert Say("Nobody") in kept


async def test_what_a_session_took_can_be_added_up(tmp_path: Path) -> None:
    """Each exchange keeps its instructions, tokens and cost, apart from what was understood."""
    async with sitting(tmp_path, interviewer=Speaker({"navy": NAVY}, ())) as guest:
        await guest.say("navy")
        await guest.say("navy")
        kept = await guest.history.exchanges(PERSON)
    assert {e.prompt for e in kept} == {"interviewer@abc"}
    assert total(e.usage for e in kept) == Usage(2, 1800, 80, 0.004)
    assert "usage" not in kept[0].reading


async def test_a_reader_cut_short_leaves_no_stray_words(tmp_path: Path) -> None:
    """Its time ran out while the first words were being kept: they are found, and made whole."""

    class Hasty(ScriptedInterviewer):
        async def read(
            self, session: Session, text: str, speaking: Speaking | None = None
        ) -> Reading:
            assert speaking
            with suppress(TimeoutError):
                await asyncio.wait_for(speaking("Nobody"), 0.01)
            return TALK

    async with sitting(tmp_path, interviewer=Hasty()) as guest:
        guest.history.post = slowly(guest.history.post)  # type: ignore[method-assign]  # a busy disk
        await guest.say("hi")
        kept = [p.entry for p in await guest.history.transcript(PERSON)]
    assert [e.text for e in kept if isinstance(e, Say)] == [TALK.reply]


def slowly(post: Callable[[str, Entry], Awaitable[int]]) -> Callable[[str, Entry], Awaitable[int]]:
    async def later(session_id: str, entry: Entry) -> int:
        await asyncio.sleep(0.05)
        return await post(session_id, entry)

    return later
