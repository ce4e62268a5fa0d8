"""Telegram as a bot sees it: takes calls, remembers them, enforces the limits it documents."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from telegram.request import BaseRequest, RequestData

USERNAME = "northlight_bot"
FIRST_MESSAGE = 100
PATIENCE_S = 15


class Call(Struct, frozen=True):
    """One call of the Bot API: its method, its parameters, the bytes of its files."""

    method: str
    params: dict[str, Any]
    files: dict[str, bytes]

    @property
    def text(self) -> str:
        """The message's words."""
        return self.params.get("text") or self.params.get("caption") or ""

    @property
    def buttons(self) -> dict[str, str]:
        """Labels and their callback data."""
        rows = (self.params.get("reply_markup") or {}).get("inline_keyboard", [])
        return {b["text"]: b["callback_data"] for row in rows for b in row}


class Refusal(Struct, frozen=True):
    """How Telegram says no."""

    status: int
    description: str
    parameters: dict[str, Any] = {}


class TelegramServer(BaseRequest):
    """Plays Telegram behind PTB's own seam. `refuse` may answer a call with a `Refusal`, downloads
    wait for `downloads_begin`.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.messages: list[tuple[Call, int]] = []
        self.downloads: dict[str, bytes] = {}
        self.downloads_begin = asyncio.Event()
        self.downloads_begin.set()
        self.refuse: Callable[[Call], Refusal | Exception | None] = lambda call: None
        self._next = FIRST_MESSAGE
        self._news = asyncio.Condition()

    @property
    def read_timeout(self) -> float | None:
        """Nothing is waited for."""
        return 1.0

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: Any, **__: Any
    ) -> tuple[int, bytes]:
        """Answer one call."""
        if "/file/bot" in url:
            await self.downloads_begin.wait()
            return 200, self.downloads[url.rsplit("/", 1)[1]]
        files = request_data.multipart_data if request_data else {}
        call = Call(
            url.rsplit("/", 1)[1],
            request_data.parameters if request_data else {},
            {name: file[1] for name, file in (files or {}).items()},  # type: ignore[misc]  # bytes
        )
        self.calls.append(call)
        async with self._news:
            self._news.notify_all()
        refusal = self.refuse(call) or limit_of(call)
        if isinstance(refusal, Exception):
            raise refusal
        if refusal:
            return refusal.status, json.dumps(_no(refusal)).encode()
        return 200, json.dumps({"ok": True, "result": self._result(call)}).encode()

    async def until(self, holds: Callable[[list[Call]], Any]) -> None:
        """Wait until something holds of the calls so far."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: holds(self.calls))

    def said(self, *methods: str) -> list[Call]:
        """Calls of these methods; of all that a person would see when none is named."""
        seen = methods or ("sendMessage", "sendPhoto", "sendDocument", "sendMediaGroup")
        return [c for c in self.calls if c.method in seen]

    def message_id(self, call: Call) -> int:
        """The id of the first message a call became."""
        return next(number for known, number in self.messages if known is call)

    def _result(self, call: Call) -> Any:
        if call.method == "getMe":
            return {"id": 1, "is_bot": True, "first_name": "Northlight", "username": USERNAME}
        if call.method == "getFile":
            name = call.params["file_id"]
            return {"file_id": name, "file_unique_id": name, "file_path": f"photos/{name}"}
        if call.method == "sendMediaGroup":
            return [self._message(call) for _ in call.params["media"]]
        if call.method.startswith(("send", "editMessage")):
            return self._message(call)
        return True

    def _message(self, call: Call) -> dict[str, Any]:
        self._next += 1
        self.messages.append((call, self._next))
        chat = {"id": call.params["chat_id"], "type": "private"}
        return {"message_id": self._next, "date": 1, "chat": chat, "text": call.text}


def limit_of(call: Call) -> Refusal | None:
    """What the documentation says is refused."""
    if len(call.params.get("text") or "") > 4096:
        return Refusal(400, "Bad Request: message is too long")
    if len(call.params.get("caption") or "") > 1024:
        return Refusal(400, "Bad Request: message caption is too long")
    if any(len(data.encode()) > 64 for data in call.buttons.values()):
        return Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
    if call.method == "sendPhoto" and sum(map(len, call.files.values())) > 10 * 1024 * 1024:
        return Refusal(400, "Bad Request: file is too big")
    if call.method == "sendMediaGroup" and not 2 <= len(call.params["media"]) <= 10:
        return Refusal(400, "Bad Request: wrong number of messages in the album")
    return None


def _no(refusal: Refusal) -> dict[str, Any]:
    return {
        "ok": False,
        "error_code": refusal.status,
        "description": refusal.description,
        "parameters": refusal.parameters,
    }
