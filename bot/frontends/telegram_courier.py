"""From replies to Telegram's calls, for one chat."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
)
from telegram.error import BadRequest

from bot.core.replies import Choice, Entry, Gallery, Heard, Picture, Posted
from bot.frontends.chat_accounts import Parts
from bot.frontends.chat_cards import Words, clip, split, text_of
from bot.frontends.chat_pictures import Limits, Prints, Sheet, parcels

MIB = 1024 * 1024
# https://core.telegram.org/bots/api, "Sending files", sendPhoto, sendMessage, sendMediaGroup
PHOTO = Limits(size=10 * MIB - 4096, sides=10_000, ratio=20)
DOCUMENT = Limits(size=50 * MIB - 4096)
PHOTO_ALBUM = 40 * MIB  # bytes uploaded in one call
MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_ALBUM = 10
MAX_BUTTONS = 100
ROW_WIDTH = 30  # characters that fit side by side on a narrow phone
ROW_BUTTONS = 3
REMEMBERED = 32  # messages that can still be edited


class TelegramCourier:
    """Carries postings to one chat; the same place again edits the message it became.

    Which message that was is kept in memory: after a restart, an edit becomes a new message.
    """

    def __init__(self, bot: Callable[[], Bot], chat: int, prints: Prints, words: Words) -> None:
        self._bot, self._chat = bot, chat
        self._prints, self._words = prints, words
        self._messages: OrderedDict[int, int] = OrderedDict()
        self._parts = Parts()

    async def deliver(self, posted: Posted) -> None:
        """Send or edit. Raises `telegram.error.TelegramError`."""
        entry = posted.entry
        if isinstance(entry, Heard):
            return
        if posted.seq in self._messages and await self._edit(self._messages[posted.seq], entry):
            return
        if isinstance(entry, Gallery):
            with self._parts.of_one():
                message = await self._gallery(entry)
        else:
            message = await self._write(text_of(entry, self._words), entry.choices)
        self._remember(posted.seq, message)

    def _remember(self, seq: int, message: int | None) -> None:
        if seq and message is not None:
            self._messages[seq] = message
        while len(self._messages) > REMEMBERED:
            self._messages.popitem(last=False)

    async def _edit(self, message: int, entry: Entry) -> bool:
        """Edit a message; False when it is gone and has to be written anew."""
        bot, markup = self._bot(), keyboard(getattr(entry, "choices", ()))
        try:
            if isinstance(entry, Gallery):
                await bot.edit_message_reply_markup(self._chat, message, reply_markup=markup)
            elif not isinstance(entry, Heard):
                text = clip(text_of(entry, self._words), MAX_TEXT)
                await bot.edit_message_text(text, self._chat, message, reply_markup=markup)
        except BadRequest as error:
            return "not modified" in error.message.lower() or _reraised(error)
        return True

    async def _write(self, text: str, choices: Sequence[Choice]) -> int | None:
        pieces, message = split(text, MAX_TEXT), None
        for number, piece in enumerate(pieces, 1):
            markup = keyboard(choices) if number == len(pieces) else None
            sent = await self._bot().send_message(self._chat, piece, reply_markup=markup)
            message = sent.message_id
            self._parts.left()
        return message

    async def _gallery(self, entry: Gallery) -> int | None:
        if len(entry.pictures) == 1:
            return await self._single(entry, entry.pictures[0])
        async for album in parcels(self._photos(entry.pictures), MAX_ALBUM, PHOTO_ALBUM):
            await self._send_photos(album)
            self._parts.left()
        async for album in parcels(self._files(entry.pictures), MAX_ALBUM, DOCUMENT.size):
            await self._send_files(album)
            self._parts.left()
        notes = dict.fromkeys(p.caption for p in entry.pictures if p.caption)
        return await self._write("\n".join([entry.text, *notes]), entry.choices)

    async def _single(self, entry: Gallery, picture: Picture) -> int | None:
        """A photo with the words, then its file with the buttons; whichever of them there is."""
        words = "\n".join(filter(None, [entry.text, picture.caption]))
        caption, markup, bot = clip(words, MAX_CAPTION), keyboard(entry.choices), self._bot()
        photo = await self._prints.preview(picture, PHOTO)
        file = await self._file(picture)
        sent: Message | None = None
        if photo:
            below = None if file else markup
            sent = await bot.send_photo(
                self._chat, photo.data, caption=caption, reply_markup=below, filename=photo.name
            )
            self._parts.left()
        if file:
            sent = await bot.send_document(
                self._chat,
                file.data,
                caption=None if photo else caption,
                reply_markup=markup,
                filename=file.name,
                disable_content_type_detection=True,
            )
        return sent.message_id if sent else await self._write(words, entry.choices)

    async def _send_photos(self, sheets: Sequence[Sheet]) -> None:
        if len(sheets) == 1:
            await self._bot().send_photo(self._chat, sheets[0].data, filename=sheets[0].name)
            return
        album = [InputMediaPhoto(sheet.data, filename=sheet.name) for sheet in sheets]
        await self._bot().send_media_group(self._chat, album)

    async def _send_files(self, sheets: Sequence[Sheet]) -> None:
        if len(sheets) == 1:
            await self._bot().send_document(self._chat, sheets[0].data, filename=sheets[0].name)
            return
        album = [InputMediaDocument(sheet.data, filename=sheet.name) for sheet in sheets]
        await self._bot().send_media_group(self._chat, album)

    async def _photos(self, pictures: Sequence[Picture]) -> AsyncIterator[Sheet]:
        for picture in pictures:
            if sheet := await self._prints.preview(picture, PHOTO):
                yield sheet

    async def _files(self, pictures: Sequence[Picture]) -> AsyncIterator[Sheet]:
        for picture in pictures:
            if sheet := await self._file(picture):
                yield sheet

    async def _file(self, picture: Picture) -> Sheet | None:
        """The file itself; the best JPEG where that is too heavy; None when it was deleted."""
        if not picture.render:
            return None  # it explains something, and is seen already
        lossless = await self._prints.original(picture, DOCUMENT)
        return lossless or await self._prints.preview(picture, DOCUMENT)


def keyboard(choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """Choices as rows of buttons; `callback_data` is the choice's id (12 of 64 bytes)."""
    if not choices:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(c.label, callback_data=c.id) for c in row]
            for row in rows(choices[:MAX_BUTTONS])
        ]
    )


def rows(choices: Sequence[Choice]) -> list[list[Choice]]:
    """Choices side by side as long as their labels fit."""
    found: list[list[Choice]] = []
    for choice in choices:
        row = found[-1] if found else []
        width = sum(len(c.label) for c in row) + len(choice.label)
        if row and len(row) < ROW_BUTTONS and width <= ROW_WIDTH:
            row.append(choice)
        else:
            found.append([choice])
    return found


def _reraised(error: BadRequest) -> bool:
    """False for a message that cannot be edited any more; anything else is raised again."""
    gone = ("message to edit not found", "message can't be edited", "message_id_invalid")
    if any(words in error.message.lower() for words in gone):
        return False
    raise error
