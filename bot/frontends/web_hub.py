"""Who is listening: every open tab of a session hears everything, at its own pace."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any

from starlette.websockets import WebSocket

from bot.core.ports import Channel
from bot.core.replies import Posted
from bot.frontends.web_frames import Ack, Ready, encode

MAX_WAITING = 2000


class Tab:
    """One open page: an outbox, so that a slow network makes nobody else wait.

    A waiting posting is replaced by a newer one for the same place: nobody needs stale progress.
    """

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._waiting: dict[object, str] = {}
        self._held: dict[int, Posted] | None = None
        self._news = asyncio.Event()

    def put(self, frame: Posted | Ready | Ack) -> None:
        """Queue a frame. Postings wait while a replay is being read, so that none is overtaken."""
        if not isinstance(frame, Posted) or not frame.seq:
            self._queue(object(), frame)
        elif self._held is not None:
            self._held[frame.seq] = frame
        else:
            self._queue(frame.seq, frame)

    def hold(self) -> None:
        """Keep live postings back until `replay`."""
        self._held = {}

    def replay(self, ready: Ready, missed: list[Posted]) -> None:
        """Queue what was missed; a live posting held meanwhile is newer than what was read."""
        held, self._held = self._held or {}, None
        self.put(ready)
        merged = {p.seq: p for p in missed} | held
        for seq in sorted(merged):
            self.put(merged[seq])

    async def write(self) -> None:
        """Send what is queued until the page is gone or has fallen hopelessly behind."""
        while len(self._waiting) <= MAX_WAITING:
            await self._news.wait()
            self._news.clear()
            while self._waiting:
                text = self._waiting.pop(next(iter(self._waiting)))
                await self._socket.send_text(text)
        await self._socket.close(1013)

    def _queue(self, key: object, frame: Posted | Ready | Ack) -> None:
        self._waiting[key] = encode(frame)
        self._news.set()


class HubChannel:
    """A `Channel` to all tabs of a session, open or not: the transcript keeps what none hears."""

    def __init__(self, hub: "Hub", session_id: str) -> None:
        self._hub = hub
        self._session_id = session_id

    async def send(self, posted: Posted) -> None:
        """Show the posting in every open tab."""
        self._hub.tell(self._session_id, posted)


class Hub:
    """The open tabs by session, and the turns under way for them."""

    def __init__(self) -> None:
        self._tabs: defaultdict[str, set[Tab]] = defaultdict(set)
        self._under_way: set[asyncio.Task[Any]] = set()

    def channel(self, session_id: str) -> Channel:
        """Where replies for this session go; outlives any one socket."""
        return HubChannel(self, session_id)

    def join(self, session_id: str, tab: Tab) -> None:
        """From now on the tab hears the session."""
        self._tabs[session_id].add(tab)

    def leave(self, session_id: str, tab: Tab) -> None:
        """The tab is gone."""
        self._tabs[session_id].discard(tab)
        if not self._tabs[session_id]:
            del self._tabs[session_id]

    def tell(self, session_id: str, frame: Posted | Ack) -> None:
        """Queue a frame for every open tab of the session."""
        for tab in self._tabs.get(session_id, ()):
            tab.put(frame)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do this even when the page that asked for it goes away."""
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def close(self, grace_s: float = 5.0) -> None:
        """Let turns under way finish for `grace_s` seconds, then drop them."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=grace_s)
            for task in late:
                task.cancel()
