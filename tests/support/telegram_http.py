"""Telegram over real HTTP, for bots in other processes: long polling, calls, held answers."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from support.telegram_server import PATIENCE_S, Call, TelegramServer, limit_of

LONGEST_POLL_S = 5.0


class TelegramHttp(TelegramServer):
    """Serves the Bot API at `url`. What a bot polled and acknowledged is not given out again.

    A call of which `hold(call)` is true has arrived, but its answer never comes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.hold: Callable[[Call], bool] = lambda call: False
        self._updates: list[dict[str, Any]] = []
        self._number = 0

    def write(self, person: int, text: str) -> None:
        """A person writes in private."""
        sender = {"id": person, "is_bot": False, "first_name": "Ann"}
        chat = {"id": person, "type": "private", "first_name": "Ann"}
        message = {"message_id": self._number + 1, "date": 1, "chat": chat, "from": sender}
        self._push({"message": message | {"text": text}})

    def tap(self, person: int, data: str) -> None:
        """A person taps a button."""
        sender = {"id": person, "is_bot": False, "first_name": "Ann"}
        chat = {"id": person, "type": "private", "first_name": "Ann"}
        message = {"message_id": 1, "date": 1, "chat": chat, "text": "old"}
        query = {"id": str(self._number), "from": sender, "chat_instance": "1", "data": data}
        self._push({"callback_query": query | {"message": message}})

    async def answer(self, request: web.Request) -> web.Response:
        """One call."""
        call = await _call(request)
        if call.method == "getUpdates":
            return web.json_response({"ok": True, "result": await self._poll(call)})
        self.calls.append(call)
        async with self._news:
            self._news.notify_all()
        if self.hold(call):
            await asyncio.Event().wait()
        if refusal := limit_of(call):
            body = {"ok": False, "error_code": refusal.status, "description": refusal.description}
            return web.json_response(body, status=refusal.status)
        return web.json_response({"ok": True, "result": self._result(call)})

    def _push(self, update: dict[str, Any]) -> None:
        self._number += 1
        self._updates.append({"update_id": self._number, **update})

    async def _poll(self, call: Call) -> list[dict[str, Any]]:
        offset = int(call.params.get("offset") or 0)
        self._updates = [u for u in self._updates if u["update_id"] >= offset]
        wait_s = min(float(call.params.get("timeout") or 0), LONGEST_POLL_S)
        until = asyncio.get_running_loop().time() + wait_s
        while not self._updates and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110 - bounded
            await asyncio.sleep(0.01)
        return self._updates


@asynccontextmanager
async def telegram() -> AsyncIterator[TelegramHttp]:
    """A Telegram on a free port of this machine."""
    server = TelegramHttp()
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/bot{token}/{method}", server.answer)
    async with serving(app) as server.url:
        yield server


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """The app's address; held answers are dropped at the end."""
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        port = runner.addresses[0][1]
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def until(holds: Callable[[], Any]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(PATIENCE_S * 2):
        while not holds():  # noqa: ASYNC110 - another process may change it
            await asyncio.sleep(0.01)


async def _call(request: web.Request) -> Call:
    params: dict[str, Any] = {}
    files: dict[str, bytes] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
        else:
            params[name] = _plain(value)
    return Call(request.match_info["method"], params, files)


def _plain(value: Any) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value
