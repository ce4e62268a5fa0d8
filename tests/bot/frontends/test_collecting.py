"""The collecting channel keeps what a chat would show, and knows when a turn has ended."""

import asyncio

from bot.core.replies import Apology, Gallery, Posted, Progress, Say
from bot.frontends.collecting import CollectingChannel


async def test_the_same_place_again_edits() -> None:
    channel = CollectingChannel()
    await channel.send(Posted(2, Progress("j", "half", 0.5)))
    await channel.send(Posted(1, Say("hello")))
    await channel.send(Posted(2, Progress("j", "all", 1.0)))
    assert channel.entries == [Say("hello"), Progress("j", "all", 1.0)]
    assert channel.last == 2


async def test_an_entry_without_a_place_is_shown_and_never_replaced() -> None:
    channel = CollectingChannel()
    await channel.send(Posted(0, Apology("one", "a")))
    await channel.send(Posted(0, Apology("two", "b")))
    assert len(channel.entries) == 2


async def test_it_waits_for_the_pictures() -> None:
    channel = CollectingChannel()
    waiting = asyncio.create_task(channel.ended())
    await channel.send(Posted(1, Progress("j", "working")))
    await asyncio.sleep(0)
    assert not waiting.done()
    await channel.send(Posted(2, Gallery("here", ())))
    assert await waiting == Gallery("here", ())


async def test_an_apology_and_a_called_off_job_end_the_wait_too() -> None:
    channel = CollectingChannel()
    await channel.send(Posted(1, Apology("sorry", "x")))
    await channel.send(Posted(2, Progress("j", "off", state="cancelled")))
    assert isinstance(await channel.ended(), Apology)
    assert isinstance(await channel.ended(after=1), Progress)


async def test_a_second_turn_waits_for_its_own_ending() -> None:
    channel = CollectingChannel()
    await channel.send(Posted(1, Gallery("first", ())))
    waiting = asyncio.create_task(channel.ended(after=channel.last))
    await channel.send(Posted(2, Gallery("second", ())))
    assert await waiting == Gallery("second", ())


async def test_every_posting_is_heard_as_it_comes() -> None:
    heard: list[Posted] = []
    channel = CollectingChannel(heard.append)
    await channel.send(Posted(1, Say("a")))
    assert heard == [Posted(1, Say("a"))]


async def test_it_waits_until_something_holds() -> None:
    channel = CollectingChannel()
    waiting = asyncio.create_task(channel.until(lambda entries: len(entries) == 2))
    await channel.send(Posted(1, Say("a")))
    await channel.send(Posted(2, Say("b")))
    await waiting
