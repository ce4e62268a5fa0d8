"""A bot, a Telegram played by others, and a network of its own: `make test-telegram`."""

import asyncio
import base64
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from support.sittings import WORDS
from support.studios import CardStudio
from support.telegram_phone import READINGS
from support.telegram_shim import Shim

from bot.core.conversation import Conversation
from bot.core.desk import explain
from bot.frontends.telegram_app import TelegramApp
from bot.history.sqlite import SqliteHistory
from engine.base import Studio
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine

PEER = Path(__file__).with_name("peer.py")
PATIENCE_S = 10
PYTHON = os.environ.get("GRAMLAB_PYTHON", "")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without gramlab, or where there is more network than gramlab starts in, these tests sleep."""
    alone = {name for _, name in socket.if_nameindex()} == {"lo"}
    if PYTHON and alone:
        return
    reason = "needs gramlab in a network of its own: make test-telegram"
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.skip(reason=reason))


class Message(Struct):
    """A message as its reader sees it."""

    raw: dict[str, Any]

    @property
    def id(self) -> int:
        return self.raw["id"]

    @property
    def text(self) -> str:
        return self.raw.get("text") or self.raw.get("caption") or ""

    @property
    def buttons(self) -> dict[str, str]:
        rows = (self.raw.get("reply_markup") or {}).get("inline_keyboard", [])
        return {b["text"]: b["callback_data"] for row in rows for b in row}

    @property
    def kind(self) -> str:
        return next((kind for kind in ("photo", "document") if kind in self.raw), "text")


class Telegram:
    """Telegram as people see it; `shim` is what the bot sees."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()
        self.shim: Shim
        self.token = ""
        self.ids: dict[str, int] = {}
        self.chats: dict[str, int] = {}

    async def open(self) -> None:
        hello = await self._line()
        self.token, self.ids, self.chats = hello["token"], hello["ids"], hello["chats"]
        self.shim = Shim(hello["url"])
        await self.shim.start()

    async def write(self, text: str, who: str = "Ann", where: str = "") -> None:
        await self._do("text", who=who, where=where or who, text=text)

    async def photo(
        self, data: bytes, caption: str = "", who: str = "Ann", where: str = ""
    ) -> None:
        packed = base64.b64encode(data).decode()
        await self._do("photo", who=who, where=where or who, data=packed, caption=caption)

    async def document(self, data: bytes, name: str, caption: str = "") -> None:
        packed = base64.b64encode(data).decode()
        await self._do("document", who="Ann", where="Ann", data=packed, name=name, caption=caption)

    async def album(
        self, *photos: bytes, caption: str = "", who: str = "Ann", where: str = ""
    ) -> None:
        packed = [base64.b64encode(data).decode() for data in photos]
        await self._do("album", who=who, where=where or who, photos=packed, caption=caption)

    async def tap(self, message: Message, label: str, who: str = "Ann", where: str = "") -> str:
        """Tap a button; returns the tap's id."""
        data = message.buttons[label]
        tapped = await self._do("tap", who=who, where=where or who, message=message.id, data=data)
        return tapped["id"]

    async def notice(self, callback: str, who: str) -> Any:
        """What the tap was answered with, once it is."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = (await self._do("notice", who=who, callback=callback))["answer"]
                if found is not None:
                    return found
                await asyncio.sleep(0.05)

    async def history(self, where: str = "Ann") -> list[Message]:
        return [Message(raw) for raw in await self._do("history", where=where)]

    async def heard(self, where: str = "Ann") -> list[Message]:
        """What the bot has written there."""
        people = set(self.ids.values())
        return [m for m in await self.history(where) if m.raw["sender_id"] not in people]

    async def contents(self, message: Message, who: str = "Ann") -> bytes:
        return base64.b64decode(await self._do("contents", who=who, message=message.raw))

    async def until(
        self, holds: Callable[[list[Message]], Any], where: str = "Ann"
    ) -> list[Message]:
        """Wait until something holds of what the bot has written."""
        heard: list[Message] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not holds(heard := await self.heard(where)):  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError([(m.kind, m.text, list(m.buttons)) for m in heard]) from None
        return heard

    async def button(self, label: str, where: str = "Ann") -> Message:
        """The latest message with this button, once there is one."""
        heard = await self.until(lambda ms: any(label in m.buttons for m in ms), where)
        return next(m for m in reversed(heard) if label in m.buttons)

    async def kinds(self, kind: str, number: int = 1, where: str = "Ann") -> list[Message]:
        """So many messages of a kind."""
        heard = await self.until(lambda ms: len([m for m in ms if m.kind == kind]) >= number, where)
        return [m for m in heard if m.kind == kind]

    async def _do(self, what: str, **facts: Any) -> Any:
        async with self._turn:
            assert self._process.stdin
            self._process.stdin.write(json.dumps({"do": what, **facts}).encode() + b"\n")
            answer = await self._line()
        assert "error" not in answer, answer["error"]
        return answer["ok"]

    async def _line(self) -> Any:
        assert self._process.stdout
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_S)
        assert line, "gramlab has ended"
        return json.loads(line)


@pytest.fixture
async def telegram(tmp_path: Path) -> AsyncIterator[Telegram]:
    process = await asyncio.create_subprocess_exec(
        PYTHON, str(PEER), str(tmp_path / "world"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**26,
    )  # fmt: skip
    telegram = Telegram(process)
    await telegram.open()
    yield telegram
    await telegram.shim.close()
    assert process.stdin
    process.stdin.close()
    await asyncio.wait_for(process.wait(), PATIENCE_S)


class Bot:
    """The studio's side: started, stopped, started again over the same files."""

    def __init__(self, folder: Path, telegram: Telegram) -> None:
        self._folder, self._telegram = folder, telegram
        self.blobs = DiskBlobs(folder / "blobs")
        self.studio: Studio = CardStudio(self.blobs)
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        from support.interviewers import ScriptedInterviewer

        async def discard(ids: object) -> None:
            """Test cards may stay."""

        self.history = SqliteHistory(self._folder / "northlight.db")
        self.engine = InProcessEngine(self.studio)
        self.conversation = Conversation(
            self.history, ScriptedInterviewer(READINGS), self.engine, WORDS,
            discard=discard, new_seed=lambda: 7,
        )  # fmt: skip
        await self.history.open()
        await self.engine.start()
        self.app = TelegramApp(
            self._telegram.token, self.conversation, self.blobs, partial(explain, WORDS),
            api=self._telegram.shim.url, edit_s=0.2,
        )  # fmt: skip
        await self.conversation.resume(self.app.channel)
        self._running = asyncio.create_task(self.app.run())

    async def stop(self) -> None:
        if self._running:
            self._running.cancel()
            await asyncio.wait([self._running])
            self._running = None
            await self._close()

    async def _close(self) -> None:
        closing: list[Callable[[], Awaitable[None]]] = [
            self.conversation.close, self.engine.close, self.history.close,
        ]  # fmt: skip
        for close in closing:
            await close()


@pytest.fixture
async def bot(tmp_path: Path, telegram: Telegram) -> AsyncIterator[Bot]:
    bot = Bot(tmp_path, telegram)
    await bot.start()
    yield bot
    await bot.stop()
