"""A person with Telegram open, for update-level tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from telegram import Update

from bot.core.desk import explain
from bot.frontends.telegram_app import TelegramApp
from engine.blobs import DiskBlobs
from support.sittings import WORDS, Sitting, reading
from support.telegram_server import USERNAME, Call, TelegramServer

TOKEN = "1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
ANN = {"id": 7, "is_bot": False, "first_name": "Ann"}
BOT = {"id": 1, "is_bot": True, "first_name": "Northlight", "username": USERNAME}
BOB = {"id": 8, "is_bot": False, "first_name": "Bob"}
HOME = {"id": 7, "type": "private", "first_name": "Ann"}
CLUB = {"id": -100, "type": "supergroup", "title": "Club"}
SESSION = "telegram:7"
UPDATES = count(1)


class Phone:
    """One person with Telegram open."""

    def __init__(self, app: TelegramApp, server: TelegramServer, folder: Path) -> None:
        self.app, self.server, self.folder = app, server, folder
        self.last_message = 0

    async def write(self, text: str, chat: Any = HOME, sender: Any = ANN) -> None:
        await self.message({"text": text}, chat, sender)

    async def message(self, content: Any, chat: Any = HOME, sender: Any = ANN) -> None:
        self.last_message = number = next(UPDATES)
        body = {"message_id": number, "date": 1, "chat": chat, "from": sender, **content}
        await self.update({"update_id": number, "message": body})

    async def photo(
        self,
        data: bytes,
        size: int | None = None,
        *,
        name: str = "big",
        chat: Any = HOME,
        sender: Any = ANN,
        **more: Any,
    ) -> None:
        self.server.downloads[name] = data
        small = {"file_id": "small", "file_unique_id": "s", "width": 9, "height": 9}
        large = {"file_id": name, "file_unique_id": "b", "width": 90, "height": 120}
        sizes = [small, large | {"file_size": size or len(data)}]
        await self.message({"photo": sizes, **more}, chat, sender)

    async def album(self, *photos: bytes, caption: str = "", **more: Any) -> None:
        """Several photos at once, as Telegram sends them: an update each, the caption on one."""
        await asyncio.gather(
            *(
                self.photo(
                    data,
                    name=f"big{n}",
                    media_group_id="album-1",
                    **({"caption": caption} if caption and not n else {}),
                    **more,
                )
                for n, data in enumerate(photos)
            )
        )

    async def document(self, data: bytes, kind: str, size: int | None = None) -> None:
        self.server.downloads["doc"] = data
        file = {"file_id": "doc", "file_unique_id": "d", "file_name": "a", "mime_type": kind}
        await self.message({"document": file | {"file_size": size or len(data)}})

    async def tap(self, data: str, chat: Any = HOME, sender: Any = ANN) -> None:
        """Tap a button, however old."""
        number = next(UPDATES)
        message = {"message_id": 1, "date": 1, "chat": chat, "text": "old"}
        query = {"id": str(number), "from": sender, "chat_instance": "1", "data": data}
        await self.update(
            {
                "update_id": number,
                "callback_query": query | {"message": message},
            }
        )

    async def update(self, payload: dict[str, Any]) -> None:
        update = Update.de_json(payload, self.app.application.bot)
        await self.app.application.process_update(update)

    async def heard(self) -> list[Call]:
        """What the person sees once nothing more is under way to them."""
        await self.app.outboxes.drained()
        return self.server.said()

    async def button(self, label: str) -> str:
        await self.server.until(lambda calls: any(label in c.buttons for c in calls))
        return next(c.buttons[label] for c in reversed(self.server.calls) if label in c.buttons)


@asynccontextmanager
async def phone(
    guest: Sitting, folder: Path, edit_s: float = 0.0, **seams: Any
) -> AsyncIterator[Phone]:
    server = TelegramServer()
    app = TelegramApp(
        TOKEN,
        guest.conversation,
        DiskBlobs(folder / "blobs"),
        partial(explain, WORDS),
        request=server,
        edit_s=edit_s,
        quiet_s=0.05,
        **seams,
    )
    await app.open()
    try:
        yield Phone(app, server, folder)
    finally:
        await app.close()


READINGS = {
    "a woman": reading(subject="a woman", gender="woman"),
    "shoot": reading("shoot"),
    "cancel": reading("cancel"),
    "help": reading("help"),
    "undo": reading("undo"),
    "history": reading("history"),
    "privacy": reading("privacy"),
    "forget me": reading("forget"),
    "change the backdrop": reading("other_backdrop"),
    "a new portrait": reading("restart"),
    "blue backdrop behind me": reading(backdrop="gradient-blue"),
    "blue": reading(backdrop="gradient-blue"),
}
