"""From replies to Telegram's calls, for one chat."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
)
from telegram.error import BadRequest

from bot.core.replies import Choice, Entry, Gallery, Heard, Picture, Posted
from bot.frontends.chat_cards import Words, clip, split, text_of
from bot.frontends.chat_pictures import Limits, Prints, Sheet

MIB = 1024 * 1024
# https://core.telegram.org/bots/api, "Sending files", sendPhoto, sendMessage, sendMediaGroup
PHOTO = Limits(size=10 * MIB - 4096, sides=10_000, ratio=20)
DOCUMENT = Limits(size=50 * MIB - 4096)
MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_ALBUM = 10
MAX_BUTTONS = 100
ROW_WIDTH = 30  # characters that fit side by side on a narrow phone
ROW_BUTTONS = 3
REMEMBERED = 32  # messages that can still be edited

T = TypeVar("T")


class TelegramCourier:
    """Carries postings to one chat; the same place again edits the message it became.

    Which message that was is kept in memory: after a restart, an edit becomes a new message.
    """

    def __init__(self, bot: Callable[[], Bot], chat: int, prints: Prints, words: Words) -> None:
        self._bot, self._chat = bot, chat
        self._prints, self._words = prints, words
        self._messages: OrderedDict[int, int] = OrderedDict()

    async def deliver(self, posted: Posted) -> None:
        """Send or edit. Raises `telegram.error.TelegramError`."""
        entry = posted.entry
        if isinstance(entry, Heard):
            return
        if posted.seq in self._messages and await self._edit(self._messages[posted.seq], entry):
            return
        if isinstance(entry, Gallery):
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
        return message

    async def _gallery(self, entry: Gallery) -> int | None:
        previews, originals = await self._sheets(entry.pictures)
        if len(entry.pictures) == 1 and (previews or originals):
            return await self._single(entry, previews, originals)
        for batch in _batches(previews):
            await self._photos(batch)
        for batch in _batches(originals):
            await self._documents(batch)
        notes = dict.fromkeys(p.caption for p in entry.pictures if p.caption)
        return await self._write("\n".join([entry.text, *notes]), entry.choices)

    async def _single(self, entry: Gallery, photos: list[Sheet], files: list[Sheet]) -> int:
        caption = clip(
            "\n".join(filter(None, [entry.text, entry.pictures[0].caption])), MAX_CAPTION
        )
        markup, bot = keyboard(entry.choices), self._bot()
        message = 0
        for photo in photos:
            shown = None if files else markup
            sent = await bot.send_photo(
                self._chat, photo.data, caption=caption, reply_markup=shown, filename=photo.name
            )
            message = sent.message_id
        for file in files:
            sent = await bot.send_document(
                self._chat,
                file.data,
                caption=None if photos else caption,
                reply_markup=markup,
                filename=file.name,
                disable_content_type_detection=True,
            )
            message = sent.message_id
        return message

    async def _photos(self, sheets: Sequence[Sheet]) -> None:
        if len(sheets) == 1:
            await self._bot().send_photo(self._chat, sheets[0].data, filename=sheets[0].name)
            return
        album = [InputMediaPhoto(sheet.data, filename=sheet.name) for sheet in sheets]
        await self._bot().send_media_group(self._chat, album)

    async def _documents(self, sheets: Sequence[Sheet]) -> None:
        if len(sheets) == 1:
            await self._bot().send_document(self._chat, sheets[0].data, filename=sheets[0].name)
            return
        album = [InputMediaDocument(sheet.data, filename=sheet.name) for sheet in sheets]
        await self._bot().send_media_group(self._chat, album)

    async def _sheets(self, pictures: Sequence[Picture]) -> tuple[list[Sheet], list[Sheet]]:
        """Photos to look at, and files to keep; a picture that was deleted is in neither."""
        photos = [await self._prints.preview(p, PHOTO) for p in pictures]
        files = [
            await self._prints.original(p, DOCUMENT) or await self._prints.preview(p, DOCUMENT)
            for p in pictures
        ]
        return [p for p in photos if p], [f for f in files if f]


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


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    return (items[i : i + MAX_ALBUM] for i in range(0, len(items), MAX_ALBUM))


def _reraised(error: BadRequest) -> bool:
    """False for a message that cannot be edited any more; anything else is raised again."""
    gone = ("message to edit not found", "message can't be edited", "message_id_invalid")
    if any(words in error.message.lower() for words in gone):
        return False
    raise error
