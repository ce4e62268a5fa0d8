"""Somebody with the studio's page open, without a browser: the page's own frames over a socket."""

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin


class WebPerson:
    """Keeps the cookie between visits, as a browser does."""

    def __init__(self) -> None:
        self.seen: dict[int, dict[str, Any]] = {}
        self._cookie = ""
        self._count = 0

    async def visit(self, url: str, *words: str) -> None:
        """Open the page, say each of the words, and hear each answer begin before the next."""
        async with self._open(url) as socket:
            await socket.send(json.dumps({"kind": "hello", "after": 0}))
            for text in words:
                self._count += 1
                name = f"turn-{self._count}"
                frame = {"kind": "text", "text": text, "client_id": name}
                await socket.send(json.dumps(frame))
                await self._until(socket, lambda f, name=name: f.get("ack") == name)

    async def look(self, url: str) -> list[dict[str, Any]]:
        """Open the page anew and read everything that is there."""
        self.seen = {}
        async with self._open(url) as socket:
            await socket.send(json.dumps({"kind": "hello", "after": 0}))
            last = (await self._until(socket, lambda f: "ready" in f))["last"]
            if last:
                await self._until(socket, lambda f: f.get("seq") == last)
        return [self.seen[seq]["entry"] for seq in sorted(self.seen)]

    async def _until(self, socket: ClientConnection, holds: Any) -> dict[str, Any]:
        async with asyncio.timeout(20):
            while True:
                frame = json.loads(await socket.recv())
                if frame.get("seq"):
                    self.seen[frame["seq"]] = frame
                if holds(frame):
                    return frame

    def _open(self, url: str) -> "_Visit":
        return _Visit(self, url)


class _Visit:
    def __init__(self, person: WebPerson, url: str) -> None:
        self._person, self._where = person, urlsplit(url)

    async def __aenter__(self) -> ClientConnection:
        host = self._where.netloc
        headers = {"Cookie": self._person._cookie} if self._person._cookie else {}
        self._connecting = connect(
            f"ws://{host}/ws", origin=Origin(f"http://{host}"), additional_headers=headers
        )
        self._socket = await self._connecting
        assert self._socket.response
        if cookie := self._socket.response.headers.get("set-cookie"):
            self._person._cookie = cookie.partition(";")[0]
        return self._socket

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
