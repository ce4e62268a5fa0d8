"""The studio closes in peace: nothing new, nothing cut off without a word, nothing forgotten."""

import asyncio
from pathlib import Path

from support.sittings import PERSON, SCRIPT, WORDS, Sitting, sitting

from bot.core.ports import Reading
from bot.core.replies import Apology, Progress
from bot.core.session import Session

GRACE_S = 5.0


class Thinking:
    """A reader that takes its time over "hm"."""

    def __init__(self, seconds: float) -> None:
        self.begun = asyncio.Event()
        self._seconds = seconds

    async def read(self, session: Session, text: str) -> Reading:
        if text == "hm":
            self.begun.set()
            await asyncio.sleep(self._seconds)
        return SCRIPT.get(text, SCRIPT["headshot"])

    async def close(self) -> None:
        pass


async def test_new_work_is_refused_with_a_sentence(guest: Sitting) -> None:
    """Who writes while the studio closes hears what to do, and leaves no trace."""
    await guest.conversation.settle(GRACE_S)
    await guest.say("headshot")
    (sorry,) = guest.channel.entries
    assert isinstance(sorry, Apology)
    assert sorry.text == WORDS.say("closing")
    assert await guest.history.transcript(PERSON) == []


async def test_a_turn_under_way_is_answered_first(tmp_path: Path) -> None:
    """Closing waits for it."""
    thinking = Thinking(0.05)
    async with sitting(tmp_path, interviewer=thinking) as guest:
        slow = asyncio.create_task(guest.say("hm"))
        await thinking.begun.wait()
        await guest.conversation.settle(GRACE_S)
        assert slow.done() or await asyncio.wait_for(slow, 1) is None
        assert guest.choice("Shoot")


async def test_a_turn_that_takes_too_long_ends_with_a_word(tmp_path: Path) -> None:
    """No silence: the person is told to say it again, in the transcript too."""
    thinking = Thinking(60)
    async with sitting(tmp_path, interviewer=thinking) as guest:
        slow = asyncio.create_task(guest.say("hm"))
        await thinking.begun.wait()
        await asyncio.wait_for(guest.conversation.settle(0.02), GRACE_S)
        await slow
        assert guest.says == [WORDS.say("interrupted")]
        assert guest.history._turns[PERSON]


async def test_whose_picture_is_unfinished_hears_that_it_will_be(slow: Sitting) -> None:
    """The job stays in history; the next start takes it up and says so."""
    await slow.say("headshot")
    await slow.say("go")
    await slow.until(lambda entries: any(isinstance(e, Progress) for e in entries))
    await slow.conversation.settle(GRACE_S)
    progress = [e for e in slow.channel.entries if isinstance(e, Progress)][-1]
    assert progress.text == WORDS.say("job_interrupted")
    assert len(await slow.history.jobs()) == 1
    slow.rewire(slow.history)
    assert await slow.conversation.resume(lambda _: slow.channel) == 1
    await slow.pictures()


async def test_a_cancel_is_heard_while_closing(slow: Sitting) -> None:
    """It takes work away."""
    await slow.say("headshot")
    await slow.say("go")
    await slow.conversation._door.move("closing")
    await slow.tap("Cancel")
    await slow.until(lambda _: WORDS.say("cancelled") in slow.says)
