"""Jobs beside the conversation: one per wish, called off at once, never lost."""

import asyncio
from pathlib import Path

from support.faults import FailingStudio, FaultyHistory
from support.sittings import PERSON, SCRIPT, WORDS, Sitting, sitting

from bot.core.ports import Reading, Speaking
from bot.core.replies import Apology, Ask, Progress
from bot.core.session import Session
from bot.core.turns import Turn
from bot.frontends.collecting import CollectingChannel
from engine.dispatch.inprocess import InProcessEngine


async def test_a_double_tap_on_shoot_is_one_job(slow: Sitting) -> None:
    """Two quick taps, one picture, one kind word."""
    await slow.say("headshot")
    shoot = slow.choice("Shoot").id
    await asyncio.gather(slow.tap_id(shoot), slow.tap_id(shoot))
    await slow.pictures()
    assert len(await slow.history.renders(PERSON)) == 1
    assert WORDS.say("choice_used") in slow.says


async def test_saying_shoot_during_the_shot_starts_no_second_job(slow: Sitting) -> None:
    """Impatience is not an order."""
    await slow.say("headshot")
    await slow.say("go")
    await slow.say("go")
    assert WORDS.say("already_shooting") in slow.says
    await slow.pictures()
    assert len(await slow.history.renders(PERSON)) == 1


async def test_cancel_gets_through_while_a_job_runs(slow: Sitting) -> None:
    """The lock is free while the picture is made."""
    await slow.say("headshot")
    await slow.say("go")
    await slow.say("stop")
    await slow.until(lambda _: WORDS.say("cancelled") in slow.says)
    progress = [e for e in slow.channel.entries if isinstance(e, Progress)][-1]
    assert progress.state == "cancelled"
    assert await slow.history.jobs() == []


async def test_a_tapped_cancel_does_not_wait_for_a_slow_reader(tmp_path: Path) -> None:
    """A model that thinks for a minute must not hold a person's Cancel."""

    class Thinking:
        def __init__(self) -> None:
            self.done = asyncio.Event()

        async def read(
            self, session: Session, text: str, speaking: Speaking | None = None
        ) -> Reading:
            if text == "hm":
                await self.done.wait()
            return SCRIPT.get(text, Reading())

        async def close(self) -> None:
            pass

    thinking = Thinking()
    async with sitting(tmp_path, delay=0.3, interviewer=thinking) as guest:
        await guest.say("headshot")
        await guest.say("go")
        slow = asyncio.create_task(guest.say("hm"))
        await guest.tap("Cancel")
        await guest.until(lambda _: WORDS.say("cancelled") in guest.says)
        assert not slow.done()
        thinking.done.set()
        await slow


async def test_cancel_without_a_job_says_so(guest: Sitting) -> None:
    """Silence is never an answer; once a brief is begun, what was meant is a tap away."""
    await guest.say("stop")
    assert guest.says[-1].startswith(WORDS.say("nothing_under_way"))
    await guest.say("someone")
    await guest.say("stop")
    assert guest.says[-1] == WORDS.say("nothing_to_cancel")
    await guest.tap("Undo")
    assert not (await guest.history.session(PERSON, PERSON)).draft.spec.fields


async def test_two_people_do_not_wait_for_each_other(slow: Sitting) -> None:
    """One person's job leaves another's conversation quick and separate."""
    await slow.say("headshot")
    await slow.tap("Shoot")
    other = CollectingChannel()
    await slow.conversation.handle(Turn("test:bob", "test:bob", text="headshot"), other)
    assert isinstance(other.entries[-1], Ask)
    await slow.pictures()


async def test_a_failed_job_says_why_and_offers_another_try(tmp_path: Path) -> None:
    """The apology carries the id of the log line."""

    async with sitting(tmp_path, SCRIPT, engine=InProcessEngine(FailingStudio("disk_full"))) as g:
        await g.say("headshot")
        await g.tap("Shoot")
        apology = await g.apology()
        assert apology.code == "disk_full"
        assert apology.error_id
        assert [c.label for c in apology.choices] == [WORDS.say("btn_retry")]
        assert await g.history.jobs() == []


async def test_an_unfinished_job_is_run_again_after_a_restart(tmp_path: Path) -> None:
    """kill -9 in the middle of a job loses nothing: the next start makes the picture, once."""
    async with sitting(tmp_path, SCRIPT, delay=5) as before:
        await before.say("headshot")
        await before.tap("Shoot")
        history = before.history
    async with sitting(tmp_path, SCRIPT) as after:
        after.rewire(history)
        assert await after.conversation.resume(lambda _: after.channel) == 1
        await after.pictures()
        assert len(await history.renders(PERSON)) == 1
        assert await history.jobs() == []
        assert await after.conversation.resume(lambda _: after.channel) == 0


async def test_who_waits_hears_how_many_are_ahead(tmp_path: Path) -> None:
    """A queue without a position is silence."""
    async with sitting(tmp_path, SCRIPT, delay=1.5) as slow:
        await _wait_in_line(slow)


async def _wait_in_line(slow: Sitting) -> None:
    await slow.say("headshot")
    await slow.tap("Shoot")
    waiting = CollectingChannel()
    await slow.conversation.handle(Turn("test:bob", "test:bob", text="headshot"), waiting)
    shoot = _choice(waiting, "Shoot")
    await slow.conversation.handle(Turn("test:bob", "test:bob", choice=shoot), waiting)
    said = WORDS.say("queued", position=1)
    async with asyncio.timeout(15):
        await waiting.until(lambda entries: any(said == getattr(e, "text", "") for e in entries))


def _choice(channel: CollectingChannel, label: str) -> str:
    choices = [c for e in channel.entries for c in getattr(e, "choices", ()) if c.label == label]
    return choices[-1].id


async def test_a_job_that_could_not_be_kept_is_over(tmp_path: Path) -> None:
    """It is not "being shot" for ever: its end is told once, and another try is a tap away."""
    async with sitting(tmp_path, SCRIPT) as guest:
        guest.rewire(history := FaultyHistory("add_render"))
        await guest.say("headshot")
        await guest.tap("Shoot")
        assert (await guest.apology()).code == "history_broken"
        await guest.until(lambda _: not guest.is_shooting)
        assert await guest.history.jobs() == []
        history.cannot.clear()
        await guest.tap(WORDS.say("btn_retry"))
        await guest.pictures()
        assert [e.code for e in guest.channel.entries if isinstance(e, Apology)] == [
            "history_broken"
        ]


async def test_a_job_whose_end_could_not_be_written_down_can_be_called_off(tmp_path: Path) -> None:
    """Cancel is never answered by silence, nor is the next brief "already being shot" for ever."""
    async with sitting(tmp_path, SCRIPT) as guest:
        guest.rewire(history := FaultyHistory("conclude"))
        await guest.say("headshot")
        await guest.tap("Shoot")
        assert (await guest.apology()).code == "history_broken"
        history.cannot.clear()
        assert await guest.history.jobs()
        await guest.say("stop")
        await guest.until(lambda _: WORDS.say("cancelled") in " ".join(guest.says))
        assert await guest.history.jobs() == []
