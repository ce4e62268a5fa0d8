"""Readers of a job's events may be late, slow, many, or gone."""

import asyncio

from engine.dispatch.feed import Feed
from engine.jobs import Done, JobEvent, Queued, Render, Rendered, Started, Step

RENDER = Render("b", "p", 1, 1, 0, "m")


async def read(feed: Feed) -> list[JobEvent]:
    async with asyncio.timeout(10):
        return [event async for event in feed.read()]


async def test_a_late_reader_gets_the_story_condensed() -> None:
    feed = Feed()
    for event in (Queued(1, 9.0), Queued(0, 3.0), Started(1, 3.0), Step(0, "a", 0.1, 2.0)):
        feed.publish(event)
    for event in (Rendered(0, RENDER), Step(1, "a", 0.6, 1.0), Rendered(1, RENDER), Done()):
        feed.publish(event)
    told = await read(feed)
    assert [e for e in told if not isinstance(e, Step)] == [
        Queued(0, 3.0),
        Started(1, 3.0),
        Rendered(0, RENDER),
        Rendered(1, RENDER),
        Done(),
    ]


async def test_a_flood_of_steps_is_thinned_but_the_newest_arrives() -> None:
    feed = Feed()
    reader = asyncio.create_task(read(feed))
    for number in range(500):
        feed.publish(Step(0, f"step {number}", number / 500, 1.0))
        await asyncio.sleep(0)
    await asyncio.sleep(0.25)
    feed.close()
    steps = await reader
    assert len(steps) < 50
    assert steps[-1] == Step(0, "step 499", 499 / 500, 1.0)


async def test_steps_never_delay_a_picture() -> None:
    feed = Feed()
    events = feed.read()
    feed.publish(Step(0, "a", 0.0, 1.0))
    assert isinstance(await anext(events), Step)
    feed.publish(Step(0, "b", 0.5, 1.0))
    feed.publish(Rendered(0, RENDER))
    assert isinstance(await anext(events), Rendered)
    await events.aclose()  # type: ignore[attr-defined]


async def test_closing_ends_readers_after_what_was_published() -> None:
    feed = Feed()
    readers = [asyncio.create_task(read(feed)) for _ in range(3)]
    await asyncio.sleep(0)
    feed.publish(Started(1, 1.0))
    feed.close()
    assert [await reader for reader in readers] == [[Started(1, 1.0)]] * 3


async def test_a_feed_does_not_grow_with_its_steps() -> None:
    feed = Feed()
    for number in range(1000):
        feed.publish(Step(0, "a", number / 1000, 1.0))
    feed.close()
    assert len(await read(feed)) == 1


async def test_every_first_look_is_told_however_slow_the_reader() -> None:
    """Who reads the events deletes them, so none may be missed; each is told of once more at most
    with the newest step of its shot."""
    feed = Feed()
    for look in range(12):
        for number in range(20):
            preview = f"{look // 2 * 2 + number % 2}.jpg"  # of two shots by turns
            feed.publish(Step(number % 2, "a", look / 12 + number / 240, 1.0, preview))
    feed.close()
    told = [e.preview for e in await read(feed) if isinstance(e, Step)]
    assert set(told) == {f"{look}.jpg" for look in range(12)}
    assert len(told) == 12
