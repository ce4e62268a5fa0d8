"""Between the bot and gramlab: what gramlab lacks of the documented Bot API, and faults on demand.

It answers methods gramlab does not know as the documentation says, takes off parameters it does not
know, and keeps every call for the tests to look at.
"""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import unquote, urlencode

from aiohttp import ClientSession, web
from msgspec import Struct

LACKING: dict[str, Any] = {
    "sendchataction": True,
    "setmycommands": True,
    "deletemessage": True,
    "setwebhook": True,
}
UNKNOWN = ("reply_parameters", "message_thread_id")
_FIELD = re.compile(
    rb'\r\nContent-Disposition: form-data; name="(\w+)"\r\n(?:[^\r\n]+\r\n)*\r\n(.*)\r\n', re.DOTALL
)
"""A part of a form that is no file: its name and its value."""
MAX_BODY = 120 * 1024 * 1024


class Called(Struct):
    """A call: its method in small letters and its plain parameters, as the bot sent them."""

    method: str
    params: dict[str, Any]


class Fault(Struct):
    """What to answer instead; status 0 hangs up. `after` lets the call through first."""

    status: int
    body: dict[str, Any] = {}
    after: bool = False


class Shim:
    """A small proxy. `fault` is asked about every call."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream
        self.calls: list[Called] = []
        self.fault: Callable[[Called], Fault | None] = lambda call: None
        self.url = ""

    async def start(self) -> None:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._session = ClientSession(auto_decompress=False, skip_auto_headers=["Content-Type"])
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        await self._runner.cleanup()
        await self._session.close()

    def said(self, method: str) -> list[Called]:
        """Calls of a method."""
        return [call for call in self.calls if call.method == method.lower()]

    async def until(self, method: str, number: int = 1, patience_s: float = 20) -> list[Called]:
        """Wait for so many calls of a method."""
        async with asyncio.timeout(patience_s):
            while len(self.said(method)) < number:  # noqa: ASYNC110 - a proxy has no event for it
                await asyncio.sleep(0.02)
        return self.said(method)

    async def _answer(self, request: web.Request) -> web.Response:
        path = unquote(request.raw_path)  # gramlab compares tokens without decoding %3A
        method = path.rsplit("/", 1)[-1].split("?")[0].lower()
        if "/file/" in path:
            return await self._pass(request, path, b"", {})
        body = await request.read()
        call = Called(method, await _parameters(request, body))
        if method != "getupdates":
            self.calls.append(call)
        fault = self.fault(call)
        if fault and not fault.after:
            return self._fail(request, fault)
        if method in LACKING:
            return web.json_response({"ok": True, "result": LACKING[method]})
        answer = await self._pass(request, path, body, call.params)
        return self._fail(request, fault) if fault else answer

    async def _pass(
        self, request: web.Request, path: str, body: bytes, params: dict[str, Any]
    ) -> web.Response:
        kind = request.headers.get("Content-Type", "")
        if any(name in params for name in UNKNOWN):
            body = await _without(request, body)
        headers = {"Content-Type": kind} if kind else {}
        call = self._session.request(
            request.method, self._upstream + path, data=body or None, headers=headers
        )
        async with call as answer:
            kind = answer.headers.get("Content-Type", "")
            return web.Response(
                status=answer.status, body=await answer.read(), headers={"Content-Type": kind}
            )

    @staticmethod
    def _fail(request: web.Request, fault: Fault) -> web.Response:
        if not fault.status and request.transport:
            request.transport.abort()
        return web.json_response(fault.body, status=fault.status or 500)


async def _parameters(request: web.Request, body: bytes) -> dict[str, Any]:
    if request.content_type == "multipart/form-data":
        fields = (_FIELD.match(part) for part in _parts(request, body))
        return {f[1].decode(): _plain(f[2].decode()) for f in fields if f}
    if request.content_type == "application/json":
        return json.loads(body or b"{}")
    form = await request.post()
    return {name: _plain(str(value)) for name, value in form.items()}


def _parts(request: web.Request, body: bytes) -> list[bytes]:
    return body.split(b"--" + _boundary(request))


def _boundary(request: web.Request) -> bytes:
    return request.headers["Content-Type"].split("boundary=")[1].strip('"').encode()


async def _without(request: web.Request, body: bytes) -> bytes:
    """The same call without the parameters gramlab does not know."""
    if request.content_type == "multipart/form-data":
        fields = ((part, _FIELD.match(part)) for part in _parts(request, body))
        kept = [part for part, field in fields if not (field and field[1].decode() in UNKNOWN)]
        return (b"--" + _boundary(request)).join(kept)
    if request.content_type == "application/json":
        params = json.loads(body)
        return json.dumps({k: v for k, v in params.items() if k not in UNKNOWN}).encode()
    form = await request.post()
    return urlencode({k: str(v) for k, v in form.items() if k not in UNKNOWN}).encode()


def _plain(value: str) -> Any:
    with suppress(ValueError):
        return json.loads(value)
    return value
