"""An open page hears the newest of everything, in order, however slow it is."""

import asyncio
import json
from typing import Any

from bot.core.replies import Posted, Progress, Say
from bot.frontends.web_frames import Ack, Ready
from bot.frontends.web_hub import MAX_WAITING, Hub, Tab


class SlowSocket:
    """Keeps what it is sent; sends nothing on until `flowing` is set."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.closed: int | None = None
        self.flowing = asyncio.Event()

    async def send_text(self, text: str) -> None:
        await self.flowing.wait()
        self.sent.append(json.loads(text))

    async def close(self, code: int) -> None:
        self.closed = code


def tab_on(socket: SlowSocket) -> Tab:
    return Tab(socket)  # type: ignore[arg-type]  # a twin of the one method it uses


async def drained(tab: Tab, socket: SlowSocket) -> list[dict[str, Any]]:
    """What has arrived once the network flows."""
    socket.flowing.set()
    writing = asyncio.create_task(tab.write())
    await asyncio.sleep(0.01)
    writing.cancel()
    return socket.sent


async def test_a_slow_page_gets_only_the_newest_progress() -> None:
    socket = SlowSocket()
    tab = tab_on(socket)
    for percent in range(100):
        tab.put(Posted(5, Progress("j", "working", percent / 100)))
    tab.put(Posted(6, Say("done")))
    sent = await drained(tab, socket)
    assert [f["seq"] for f in sent] == [5, 6]
    assert sent[0]["entry"]["fraction"] == 0.99


async def test_what_is_posted_during_a_replay_wins_over_what_was_read_before_it() -> None:
    socket = SlowSocket()
    tab = tab_on(socket)
    tab.hold()
    read = [Posted(1, Say("hello")), Posted(2, Progress("j", "half", 0.5))]
    tab.put(Posted(2, Progress("j", "all", 1.0, state="done")))
    tab.put(Posted(3, Say("finished")))
    tab.replay(Ready("me", 2), read)
    sent = await drained(tab, socket)
    assert [f.get("seq") for f in sent] == [None, 1, 2, 3]
    assert sent[2]["entry"]["state"] == "done"


async def test_acknowledgements_and_passing_apologies_are_never_merged() -> None:
    socket = SlowSocket()
    tab = tab_on(socket)
    for frame in (Ack("a"), Ack("b"), Posted(0, Say("x")), Posted(0, Say("y"))):
        tab.put(frame)
    assert len(await drained(tab, socket)) == 4


async def test_a_page_that_has_fallen_hopelessly_behind_is_left_to_reconnect() -> None:
    socket = SlowSocket()
    tab = tab_on(socket)
    for seq in range(MAX_WAITING + 1):
        tab.put(Posted(seq + 1, Say("more")))
    await tab.write()
    assert socket.closed == 1013


async def test_a_turn_under_way_is_finished_before_the_hub_closes() -> None:
    hub, done = Hub(), asyncio.Event()

    async def turn() -> None:
        await asyncio.sleep(0.01)
        done.set()

    hub.spawn(turn())
    await hub.close()
    assert done.is_set()


async def test_a_turn_that_hangs_does_not_keep_the_studio_open() -> None:
    hub = Hub()
    hanging = hub.spawn(asyncio.Event().wait())  # type: ignore[arg-type]  # any coroutine
    await hub.close(grace_s=0.01)
    await asyncio.wait({hanging})
    assert hanging.cancelled()
