"""Discord over real HTTP: interactions answered, files carried, 429 waited out.

simcord takes the place of discord.py's HTTP client; here that client does its work.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from discord.utils import time_snowflake, utcnow
from msgspec import Struct
from support.desktops import discord_app
from support.discord_server import DiscordServer
from support.sittings import WORDS, Sitting, photo
from support.telegram_http import serving, until
from yarl import URL

from bot.core.replies import Gallery, Picture, Posted, Progress
from engine.blobs import DiskBlobs

DEFERRED, EPHEMERAL = 5, 64
WAIT_S = 0.2
BASES = ("discord.http.Route.BASE", "discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY")


class Request(Struct):
    """What the bot asked for: the words of the message, and its files by name."""

    method: str
    path: str
    payload: dict[str, Any]
    files: dict[str, bytes]


class InteractionServer(DiscordServer):
    """A guild's channel, where one person uses commands."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Request] = []
        self.busy = 0  # requests that are told to wait
        # Ids carry their time, and an interaction's time is over after 15 minutes.
        self.interaction = time_snowflake(utcnow())

    async def use(self, command: str) -> None:
        """Somebody types a command without options."""
        person = {"id": "7", "username": "ann", "discriminator": "0", "avatar": None}
        member = {"user": person, "roles": [], "joined_at": "2026-01-01T00:00:00+00:00",
                  "deaf": False, "mute": False, "flags": 0, "permissions": "0"}  # fmt: skip
        data = {"id": "3", "name": command, "type": 1, "options": []}
        interaction = {
            "id": str(self.interaction), "type": 2, "token": "t", "version": 1,
            "application_id": "1",
            "data": data, "guild_id": "5", "channel_id": "6", "member": member, "context": 0,
            "channel": {"id": "6", "type": 0, "name": "general", "permissions": "0", "position": 0},
            "locale": "de", "guild_locale": "en-US", "app_permissions": "0", "entitlements": [],
            "authorizing_integration_owners": {}, "attachment_size_limit": 10_485_760,
        }  # fmt: skip
        assert self._socket
        frame = {"op": 0, "t": "INTERACTION_CREATE", "s": 3, "d": interaction}
        await self._socket.send_json(frame)

    async def hear(self, request: web.Request) -> web.Response:
        """Everything an interaction allows; told to wait while `busy`."""
        if self.busy:
            self.busy -= 1
            return _limited()
        self.asked.append(await _request(request))
        if request.path.endswith("/callback"):
            said = {"id": str(self.interaction), "type": 2, "response_message_id": "901"}
            said |= {"response_message_loading": True, "response_message_ephemeral": True}
            return _json({"interaction": said})
        return _json(self._message("") | {"attachments": [], "flags": EPHEMERAL})

    async def garble(self) -> None:
        """An event that discord.py cannot read."""
        assert self._socket
        frame = {"op": 0, "t": "INTERACTION_CREATE", "s": 4, "d": {"id": "1"}}
        await self._socket.send_json(frame)

    def of(self, method: str) -> list[Request]:
        """What was asked through the interaction's own address."""
        return [r for r in self.asked if r.method == method and r.path.startswith("/webhooks/")]


@asynccontextmanager
async def running(guest: Sitting, folder: Path) -> AsyncIterator[tuple[Any, InteractionServer]]:
    """The front-end, connected."""
    server, app = InteractionServer(), web.Application(client_max_size=2**26)
    app.router.add_get("/gateway/", server.gateway)
    app.router.add_get("/gateway", server.gateway)
    app.router.add_get("/users/@me", server.me)
    app.router.add_get("/oauth2/applications/@me", server.application)
    app.router.add_get("/applications/@me", server.application)
    app.router.add_put("/applications/{app}/commands", server.commands)
    app.router.add_route("*", "/interactions/{id}/{token}/callback", server.hear)
    app.router.add_route("*", "/webhooks/{tail:.*}", server.hear)
    async with serving(app) as server.url:
        with moved(server.url):
            front = discord_app(guest.conversation, folder)
            task = asyncio.create_task(front.run())
            try:
                await until(lambda: server.connected)
                yield front, server
            finally:
                task.cancel()
                await asyncio.wait([task])


@contextmanager
def moved(where: str) -> Iterator[None]:
    """discord.py talks to a Discord of our own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BASES[0], where)
        patch.setattr(BASES[1], URL(where.replace("http", "ws") + "/gateway"))
        yield


async def test_a_command_is_acknowledged_and_answered(guest: Sitting, tmp_path: Path) -> None:
    """Deferred, for one person's eyes, then answered in their client's language in its place."""
    async with running(guest, tmp_path) as (_, server):
        await server.use("help")
        await until(lambda: server.of("POST"))
        callback, answer = server.asked
        assert callback.path == f"/interactions/{server.interaction}/t/callback"
        assert callback.payload == {"type": DEFERRED, "data": {"flags": EPHEMERAL}}
        assert answer.path == "/webhooks/1/t"
        assert answer.payload["content"] == WORDS.say_in("de", "help")
        assert answer.payload["flags"] == EPHEMERAL
        assert answer.payload["allowed_mentions"]["parse"] == []


async def test_files_travel_whole_with_words_for_those_who_cannot_see(
    guest: Sitting, tmp_path: Path
) -> None:
    """As multipart, next to the message's JSON."""
    blob = DiskBlobs(tmp_path / "blobs").put(photo(), "png")
    gallery = Gallery("Here", (Picture("job-0", blob, blob, 90, 120, "a card"),))
    async with running(guest, tmp_path) as (front, server):
        await server.use("help")
        await until(lambda: server.of("POST"))
        await front.channel("discord:7:6").send(Posted(9001, gallery))
        await until(lambda: len(server.of("POST")) == 2)
        sent = server.of("POST")[-1]
        assert list(sent.files.values()) == [photo()]
        (described,) = sent.payload["attachments"]
        assert described["filename"] == "northlight-job-0.png"
        assert described["description"] == "a card"


async def test_first_looks_are_attached_and_taken_away_by_edits(
    guest: Sitting, tmp_path: Path
) -> None:
    """The same message, again and again."""
    blob = DiskBlobs(tmp_path / "blobs").put(photo(), "png")
    shown = Progress("job", "Developing", state="working", preview=blob)
    async with running(guest, tmp_path) as (front, server):
        await server.use("help")
        await until(lambda: server.of("POST"))
        outbox = front.channel("discord:7:6")
        for entry in (Progress("job", "Developing", state="working"), shown):
            await outbox.send(Posted(9001, entry))
            await outbox.drained()
        await outbox.send(Posted(9001, Progress("job", "Finished.", state="done")))
        await outbox.drained()
        look, done = server.of("PATCH")
        assert list(look.files.values()) == [photo()]
        assert len(look.payload["attachments"]) == 1
        assert (done.payload["content"], done.payload["attachments"]) == ("Finished.", [])


async def test_being_told_to_wait_is_waited_out(guest: Sitting, tmp_path: Path) -> None:
    """As long as Discord says (retry_after), and the answer comes once."""
    async with running(guest, tmp_path) as (front, server):
        await server.use("help")
        await until(lambda: server.of("POST"))
        server.busy, loop = 2, asyncio.get_running_loop()
        begun = loop.time()
        outbox = front.channel("discord:7:6")
        await outbox.send(Posted(9001, Progress("job", "Developing", state="working")))
        await outbox.drained()
        assert loop.time() - begun >= 2 * WAIT_S
        assert len(server.of("POST")) == 2


async def test_an_event_nobody_can_read_does_not_end_it(
    guest: Sitting,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It says so in the log, comes back, and answers."""
    monkeypatch.setattr("bot.frontends.discord_app.FIRST_PAUSE_S", 0.05)
    async with running(guest, tmp_path) as (_, server):
        first = server._socket
        await server.garble()
        await until(lambda: server.connected and server._socket is not first)
        await server.use("help")
        await until(lambda: server.of("POST"))
    assert any("broke" in record.message for record in caplog.records)


def _limited() -> web.Response:
    body = {"message": "You are being rate limited.", "retry_after": WAIT_S, "global": False}
    response = _json(body, 429)
    response.headers.update({"Via": "1.1 google", "Retry-After": str(WAIT_S)})
    return response


def _json(value: dict[str, Any], status: int = 200) -> web.Response:
    # Discord names no charset, and discord.py wants it so.
    body = json.dumps(value).encode()
    return web.Response(body=body, status=status, content_type="application/json")


async def _request(request: web.Request) -> Request:
    if not request.content_type.startswith("multipart/"):
        return Request(request.method, request.path, await request.json(), {})
    payload: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
        else:
            payload = json.loads(str(value))
    return Request(request.method, request.path, payload, files)
