"""One chat's line to Telegram: every call of the Bot API that shows something."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
)
from telegram.constants import ChatAction
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.frontends.chat_pictures import Sheet
from bot.frontends.telegram_places import Place
from bot.frontends.telegram_turns import is_shared

Markup = InlineKeyboardMarkup | None
Where = Callable[[], Awaitable[Place]]
SIGN_S = 4.5  # a chat action is shown for five seconds
BEFORE_SIGN_S = 0.3  # answers that come sooner need no sign of life
SAME = ("message is not modified", "message_not_modified")
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")


class Line:
    """Sends to, edits in, and deletes from one chat. Raises `telegram.error.TelegramError`.

    `where` is asked before each sending: in a group, answers hang on the asking message.
    """

    def __init__(self, bot: Callable[[], Bot], chat: int, where: Where) -> None:
        self._bot, self.chat, self._where = bot, chat, where
        self._sign_at = float("-inf")

    @property
    def shared(self) -> bool:
        """Whether it is a group, where Telegram allows 20 messages a minute."""
        return is_shared(self.chat)

    async def text(self, text: str, markup: Markup = None) -> int:
        """Write a message."""
        sent = await self._bot().send_message(text=text, reply_markup=markup, **await self._to())
        return sent.message_id

    async def photo(self, sheet: Sheet, caption: str | None = None, markup: Markup = None) -> int:
        """Send a picture to look at."""
        sent = await self._bot().send_photo(
            photo=sheet.data,
            caption=caption,
            reply_markup=markup,
            filename=sheet.name,
            **await self._to(),
        )
        return sent.message_id

    async def file(self, sheet: Sheet, caption: str | None = None, markup: Markup = None) -> int:
        """Send a picture to keep, untouched."""
        sent = await self._bot().send_document(
            document=sheet.data,
            caption=caption,
            reply_markup=markup,
            filename=sheet.name,
            disable_content_type_detection=True,
            **await self._to(),
        )
        return sent.message_id

    async def album(
        self,
        sheets: Sequence[Sheet],
        kind: type[InputMediaPhoto] | type[InputMediaDocument],
        captions: Sequence[str | None],
    ) -> list[int]:
        """Send 2 to 10 pictures as one message; returns a message id for each."""
        media = [
            kind(sheet.data, filename=sheet.name, caption=caption)
            for sheet, caption in zip(sheets, captions, strict=True)
        ]
        sent = await self._bot().send_media_group(media=media, **await self._to())
        return [message.message_id for message in sent]

    async def edit_text(self, message: int, text: str, markup: Markup) -> bool:
        """Change a message's words. This and the other edits are False when it is gone."""
        bot = self._bot()
        return await _edited(bot.edit_message_text(text, self.chat, message, reply_markup=markup))

    async def edit_caption(self, message: int, caption: str, markup: Markup) -> bool:
        """Change the words under a picture."""
        edit = self._bot().edit_message_caption
        return await _edited(edit(self.chat, message, caption=caption, reply_markup=markup))

    async def edit_picture(self, message: int, sheet: Sheet, caption: str, markup: Markup) -> bool:
        """Change a message's picture, or give it one; also False where that is not possible."""
        media = InputMediaPhoto(sheet.data, caption=caption, filename=sheet.name)
        edit = self._bot().edit_message_media
        try:
            return await _edited(edit(media, self.chat, message, reply_markup=markup))
        except BadRequest:
            return False

    async def edit_buttons(self, message: int, markup: Markup) -> bool:
        """Change a message's buttons."""
        edit = self._bot().edit_message_reply_markup
        return await _edited(edit(self.chat, message, reply_markup=markup))

    async def delete(self, messages: Sequence[int]) -> bool:
        """Take messages away; False when Telegram keeps them (they are older than 48 hours)."""
        try:
            for message in messages:
                await self._bot().delete_message(self.chat, message)
        except (BadRequest, InvalidToken):  # the latter is how the library words any 404
            return False
        return True

    async def sign(self, action: ChatAction) -> None:
        """Show that something is under way, as far as that is possible; not in groups."""
        now = asyncio.get_running_loop().time()
        if self.shared or now - self._sign_at < SIGN_S:
            return
        self._sign_at = now
        with suppress(TelegramError):
            await self._bot().send_chat_action(self.chat, action)

    @asynccontextmanager
    async def signing(self, action: ChatAction) -> AsyncIterator[None]:
        """Show it again and again until the work inside is done."""
        task = asyncio.create_task(self._signs(action))
        try:
            yield
        finally:
            task.cancel()

    async def _signs(self, action: ChatAction) -> None:
        await asyncio.sleep(BEFORE_SIGN_S)
        while True:
            await self.sign(action)
            await asyncio.sleep(SIGN_S)

    async def _to(self) -> dict[str, Any]:
        place = await self._where() if self.shared else Place()
        return {"chat_id": self.chat, **place.address}


async def _edited(edit: Awaitable[Any]) -> bool:
    """Whether the message is there and as it should be; other refusals are raised."""
    try:
        await edit
    except BadRequest as error:
        words = error.message.lower()
        if any(same in words for same in SAME):
            return True
        if any(gone in words for gone in GONE):
            return False
        raise
    return True
