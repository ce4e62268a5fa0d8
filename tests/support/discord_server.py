"""Discord over real HTTP and a real gateway, as far as direct messages go.

Made after the documentation (Gateway: Hello, Identify, Ready, Heartbeat; Create Message with
`enforce_nonce`); no emulator that others wrote serves a bot in another process.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import WSMsgType, web
from msgspec import Struct

from support.telegram_http import serving

BOT = {"id": "1", "username": "northlight", "discriminator": "0", "avatar": None, "bot": True}
APPLICATION = {
    "id": "1", "name": "northlight", "description": "", "icon": None, "flags": 0,
    "bot_public": True, "bot_require_code_grant": False, "verify_key": "", "owner": BOT,
    "team": None, "summary": "",
}  # fmt: skip
HELLO, IDENTIFY, HEARTBEAT, ACK = 10, 2, 1, 11


class Sent(Struct):
    """A message the bot wrote; `files` counts its attachments, edits change its text."""

    id: int
    text: str
    files: int
    nonce: str | None
    texts: list[str]


class DiscordServer:
    """One person's direct messages with the bot."""

    def __init__(self) -> None:
        self.url = ""
        self.sent: list[Sent] = []
        self._socket: web.WebSocketResponse | None = None
        self._number = 1000

    @property
    def connected(self) -> bool:
        """Whether a bot has identified itself and is still there."""
        return self._socket is not None and not self._socket.closed

    async def write(self, person: int, text: str) -> None:
        """A person writes in private."""
        author = {"id": str(person), "username": "ann", "discriminator": "0", "avatar": None}
        message = self._message(text) | {"author": author}
        assert self._socket
        await self._socket.send_json({"op": 0, "t": "MESSAGE_CREATE", "s": 2, "d": message})

    async def gateway(self, request: web.Request) -> web.WebSocketResponse:
        """The websocket."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": 20_000}})
        async for frame in socket:
            if frame.type != WSMsgType.TEXT:
                break
            await self._hear(socket, json.loads(frame.data))
        return socket

    async def me(self, _: web.Request) -> web.Response:
        """Who the bot is."""
        return _json(BOT)

    async def application(self, _: web.Request) -> web.Response:
        """Which application it belongs to."""
        return _json(APPLICATION)

    async def commands(self, _: web.Request) -> web.Response:
        """No slash commands here: the bot is told so, as by a missing scope."""
        return _json({"code": 50001, "message": "Missing Access"}, status=403)

    async def user(self, request: web.Request) -> web.Response:
        """Anybody."""
        found = {"id": request.match_info["user"], "username": "ann", "discriminator": "0"}
        return _json(found | {"avatar": None})

    async def open_dm(self, request: web.Request) -> web.Response:
        """The channel of a person's direct messages."""
        asked = await request.json()
        person = {"id": str(asked["recipient_id"]), "username": "ann", "discriminator": "0"}
        channel = {"id": "500", "type": 1, "recipients": [person | {"avatar": None}]}
        return _json(channel | {"last_message_id": None})

    async def create(self, request: web.Request) -> web.Response:
        """A new message; the same nonce again is the same message."""
        payload, files = await _payload(request)
        nonce = payload.get("nonce") if payload.get("enforce_nonce") else None
        found = next((s for s in self.sent if nonce and s.nonce == nonce), None)
        if found is None:
            text = payload.get("content") or ""
            message = self._message(text)
            found = Sent(int(message["id"]), text, files, nonce, [text])
            self.sent.append(found)
        return _json(self._message(found.text, found.id))

    async def edit(self, request: web.Request) -> web.Response:
        """Another text for a message."""
        payload, _ = await _payload(request)
        number = int(request.match_info["message"])
        found = next(s for s in self.sent if s.id == number)
        found.text = payload.get("content") or found.text
        found.texts.append(found.text)
        return _json(self._message(found.text, number))

    async def _hear(self, socket: web.WebSocketResponse, frame: dict[str, Any]) -> None:
        if frame["op"] == HEARTBEAT:
            await socket.send_json({"op": ACK})
        elif frame["op"] == IDENTIFY:
            ready = {
                "v": 10, "user": BOT, "guilds": [], "session_id": "s",
                "resume_gateway_url": self.url.replace("http", "ws") + "/gateway",
                "application": {"id": "1", "flags": 0},
            }  # fmt: skip
            await socket.send_json({"op": 0, "t": "READY", "s": 1, "d": ready})
            self._socket = socket

    def _message(self, text: str, number: int = 0) -> dict[str, Any]:
        self._number += 1
        return {
            "id": str(number or self._number), "channel_id": "500", "author": BOT, "content": text,
            "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "tts": False,
            "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [],
            "embeds": [], "pinned": False, "type": 0, "components": [],
        }  # fmt: skip


@asynccontextmanager
async def discord() -> AsyncIterator[DiscordServer]:
    """A Discord on a free port of this machine."""
    server, app = DiscordServer(), web.Application(client_max_size=2**26)
    app.router.add_get("/gateway/", server.gateway)
    app.router.add_get("/gateway", server.gateway)
    app.router.add_get("/users/@me", server.me)
    app.router.add_get("/oauth2/applications/@me", server.application)
    app.router.add_get("/applications/@me", server.application)
    app.router.add_put("/applications/{app}/commands", server.commands)
    app.router.add_post("/users/@me/channels", server.open_dm)
    app.router.add_get("/users/{user}", server.user)
    app.router.add_post("/channels/{channel}/messages", server.create)
    app.router.add_patch("/channels/{channel}/messages/{message}", server.edit)
    async with serving(app) as server.url:
        yield server
        if server._socket:
            await asyncio.wait_for(server._socket.close(), 5)


def _json(value: dict[str, Any], status: int = 200) -> web.Response:
    # Discord names no charset, and discord.py wants it so.
    body = json.dumps(value).encode()
    return web.Response(body=body, status=status, content_type="application/json")


async def _payload(request: web.Request) -> tuple[dict[str, Any], int]:
    if not request.content_type.startswith("multipart/"):
        return await request.json(), 0
    form = await request.post()
    return json.loads(str(form["payload_json"])), sum(name != "payload_json" for name in form)
