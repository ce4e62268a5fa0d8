"""One open page: its frames become turns, and what was posted flows back."""

import asyncio

import msgspec
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.core.conversation import Conversation
from bot.core.replies import Posted
from bot.core.turns import Turn
from bot.frontends.web_frames import Frame, Hello, Ready, Said, Tapped, decode
from bot.frontends.web_hub import Hub, Tab
from bot.frontends.web_identity import Identities, fingerprint
from bot.frontends.web_turns import Turns

TURNS_AT_ONCE = 16


class Sockets:
    """The WebSocket endpoint. A page hears nothing before it has said hello."""

    def __init__(
        self, conversation: Conversation, turns: Turns, hub: Hub, identities: Identities
    ) -> None:
        self._conversation = conversation
        self._turns = turns
        self._hub = hub
        self._identities = identities

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one page until it closes."""
        socket = WebSocket(scope, receive, send)
        person = await self._accept(socket)
        tab = Tab(socket)
        writing = asyncio.create_task(tab.write())
        try:
            await self._read(socket, person, tab)
        except (WebSocketDisconnect, RuntimeError):  # RuntimeError: closed from this side
            pass
        finally:
            self._hub.leave(person, tab)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    async def _accept(self, socket: WebSocket) -> str:
        known = self._identities.known(socket)
        person = known or self._identities.new()
        cookie = self._identities.set_cookie(person, socket)
        await socket.accept(headers=[] if known else [(b"set-cookie", cookie.encode())])
        return person

    async def _read(self, socket: WebSocket, person: str, tab: Tab) -> None:
        room = asyncio.Semaphore(TURNS_AT_ONCE)
        while True:
            frame = await self._next(socket, tab)
            if isinstance(frame, Hello):
                await self._replay(person, tab, frame)
            elif frame is not None:
                await room.acquire()
                task = self._turns.take(to_turn(person, frame))
                task.add_done_callback(lambda _: room.release())

    async def _next(self, socket: WebSocket, tab: Tab) -> Frame | None:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        try:
            return decode(message.get("text") or message.get("bytes") or b"")
        except (msgspec.MsgspecError, ValueError, RecursionError):
            tab.put(self._turns.apology("bad_message"))
            return None

    async def _replay(self, person: str, tab: Tab, hello: Hello) -> None:
        after = hello.after
        tab.hold()
        self._hub.join(person, tab)
        ready, missed = Ready(fingerprint(person), after), []
        try:
            device = {"zone": hello.zone, "language": hello.language}
            await self._conversation.note_device(person, **device)
            await self._conversation.welcome(person, person, self._hub.channel(person))
            ready, missed = await self._missed(person, after)
        except Exception as error:
            tab.put(self._turns.mishap(error))
        tab.replay(ready, missed)

    async def _missed(self, person: str, after: int) -> tuple[Ready, list[Posted]]:
        """What was posted after a place; all of it when that place is gone."""
        who, missed = fingerprint(person), await self._conversation.transcript(person, after)
        if not missed and after:
            if await self._conversation.transcript(person, after - 1):
                return Ready(who, after), []
            after, missed = 0, await self._conversation.transcript(person)
        if not missed:
            return Ready(who, 0), []
        return Ready(who, missed[-1].seq, 0 if after else missed[0].seq), missed


def to_turn(person: str, frame: Said | Tapped) -> Turn:
    """A frame as a turn. The session is the person's one and only, for now."""
    if isinstance(frame, Said):
        return Turn(person, person, text=frame.text, client_id=frame.client_id)
    return Turn(person, person, choice=frame.choice, client_id=frame.client_id)
