"""From replies to Telegram's messages, for one chat."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from telegram import InputMediaDocument, InputMediaPhoto
from telegram.constants import ChatAction

from bot.core.replies import Choice, Entry, Gallery, Heard, Picture, Posted, Progress
from bot.frontends.chat_accounts import Parts
from bot.frontends.chat_cards import Words, clip, split, text_of
from bot.frontends.chat_pictures import Limits, Prints, Sheet, parcels
from bot.frontends.telegram_keyboards import keyboard
from bot.frontends.telegram_line import Line

MIB = 1024 * 1024
# https://core.telegram.org/bots/api, "Sending files", sendPhoto, sendMessage, sendMediaGroup
PHOTO = Limits(size=10 * MIB - 4096, sides=10_000, ratio=20)
DOCUMENT = Limits(size=50 * MIB - 4096)
PHOTO_ALBUM = 40 * MIB  # bytes uploaded in one call
MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_ALBUM = 10
REMEMBERED = 32  # messages that can still be edited
GROUP_EDIT_S = 6.0  # seconds between edits of progress; 20 messages a minute are for everybody

Note = Callable[[int, str], Awaitable[None]]
"""`(message id, render)`: this message shows that picture."""


@dataclass(slots=True)
class Sent:
    """What a place in the transcript became: the message with the words and buttons, and pictures.

    `shows` maps messages to the renders they show; `look` is the first look on a progress message.
    """

    anchor: int
    shows: dict[int, str] = field(default_factory=dict)
    look: str = ""


class TelegramCourier:
    """Carries postings to one chat; the same place again edits the message it became.

    Which message that was is kept in memory: after a restart, an edit becomes a new message.
    """

    def __init__(self, line: Line, prints: Prints, words: Words, note: Note) -> None:
        self._line, self._prints, self._words, self._note = line, prints, words, note
        self._sent: OrderedDict[int, Sent] = OrderedDict()
        self._edited_at = float("-inf")
        self._parts = Parts()

    async def deliver(self, posted: Posted) -> None:
        """Send or edit. Raises `telegram.error.TelegramError`."""
        entry, known = posted.entry, self._sent.get(posted.seq)
        if isinstance(entry, Heard):
            return
        if known and await self._edit(known, entry):
            return
        if isinstance(entry, Gallery):
            with self._parts.of_one():
                sent = await self._gallery(entry)
        else:
            sent = Sent(await self._write(text_of(entry, self._words), entry.choices))
        self._remember(posted.seq, sent)

    def _remember(self, seq: int, sent: Sent) -> None:
        if seq:
            self._sent[seq] = sent
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)

    async def _edit(self, sent: Sent, entry: Entry) -> bool:
        """Edit a message; False when it is gone and has to be written anew."""
        if isinstance(entry, Gallery):
            return await self._fewer(sent, entry)
        if isinstance(entry, Heard):
            return True
        if isinstance(entry, Progress):
            return await self._progress(sent, entry)
        text = clip(text_of(entry, self._words), MAX_TEXT)
        return await self._line.edit_text(sent.anchor, text, keyboard(entry.choices))

    async def _progress(self, sent: Sent, entry: Progress) -> bool:
        if entry.state == "working" and self._too_soon():
            return True
        if entry.state == "working":
            await self._line.sign(ChatAction.UPLOAD_PHOTO)
        elif sent.look and await self._line.delete([sent.anchor]):
            return True  # a first look goes when its job ends, and so does its message
        text, markup = text_of(entry, self._words), keyboard(entry.choices)
        if entry.preview and entry.preview != sent.look and await self._look(sent, entry, text):
            return True
        if sent.look:
            return await self._line.edit_caption(sent.anchor, clip(text, MAX_CAPTION), markup)
        return await self._line.edit_text(sent.anchor, clip(text, MAX_TEXT), markup)

    async def _look(self, sent: Sent, entry: Progress, text: str) -> bool:
        blob = entry.preview or ""
        sheet = await self._prints.preview(Picture("", blob, blob, 0, 0, ""), PHOTO)
        if sheet is None:
            return False
        caption, markup = clip(text, MAX_CAPTION), keyboard(entry.choices)
        if not await self._line.edit_picture(sent.anchor, sheet, caption, markup):
            # Older Bot API servers add no picture to a text: it comes in its place.
            replaced = sent.anchor
            sent.anchor = await self._line.photo(sheet, caption, markup)
            await self._line.delete([replaced])
        sent.look = blob
        return True

    def _too_soon(self) -> bool:
        now = asyncio.get_running_loop().time()
        if self._line.shared and now - self._edited_at < GROUP_EDIT_S:
            return True
        self._edited_at = now
        return False

    async def _fewer(self, sent: Sent, entry: Gallery) -> bool:
        """Take down what the gallery no longer has; what is left keeps its buttons."""
        left = {picture.render for picture in entry.pictures}
        gone = [message for message, render in sent.shows.items() if render not in left]
        if gone and await self._line.delete(gone):
            sent.shows = {m: r for m, r in sent.shows.items() if m not in gone}
            if sent.anchor in gone:
                return True
        return await self._line.edit_buttons(sent.anchor, keyboard(entry.choices))

    async def _write(self, text: str, choices: Sequence[Choice]) -> int:
        pieces, message = split(text, MAX_TEXT), 0
        for number, piece in enumerate(pieces, 1):
            markup = keyboard(choices) if number == len(pieces) else None
            message = await self._line.text(piece, markup)
            self._parts.left()
        return message

    async def _gallery(self, entry: Gallery) -> Sent:
        await self._line.sign(ChatAction.UPLOAD_PHOTO)
        if len(entry.pictures) == 1:
            return await self._single(entry, entry.pictures[0])
        sent = Sent(0)
        if entry.carry != "file":
            async for album in parcels(self._photos(entry.pictures), MAX_ALBUM, PHOTO_ALBUM):
                await self._several(sent, album, InputMediaPhoto, entry)
        if entry.carry != "photo":
            async for album in parcels(self._files(entry.pictures), MAX_ALBUM, DOCUMENT.size):
                await self._several(sent, album, InputMediaDocument, entry)
        notes = dict.fromkeys(p.caption for p in entry.pictures if p.caption)
        # An album cannot carry buttons: they come with the words, in a message of their own.
        sent.anchor = await self._write("\n".join([entry.text, *notes]), entry.choices)
        return sent

    async def _single(self, entry: Gallery, picture: Picture) -> Sent:
        """A photo with the words, then its file with the buttons; whichever of them there is."""
        words = "\n".join(filter(None, [entry.text, picture.caption]))
        caption, markup = clip(words, MAX_CAPTION), keyboard(entry.choices)
        file = await self._file(picture) if entry.carry != "photo" else None
        photo = None
        if entry.carry != "file" or file is None:
            photo = await self._prints.preview(picture, PHOTO)
        sent = Sent(0)
        if photo:
            below = None if file else markup
            await self._shown(sent, await self._line.photo(photo, caption, below), picture.render)
        if file:
            above = None if photo else caption
            await self._shown(sent, await self._line.file(file, above, markup), picture.render)
        if not sent.anchor:
            sent.anchor = await self._write(words, entry.choices)
        return sent

    async def _several(
        self,
        sent: Sent,
        sheets: Sequence[Sheet],
        kind: type[InputMediaPhoto] | type[InputMediaDocument],
        entry: Gallery,
    ) -> None:
        order = [picture.render for picture in entry.pictures]
        captions = [str(order.index(s.render) + 1) if s.render in order else None for s in sheets]
        if len(sheets) > 1:
            messages = await self._line.album(sheets, kind, captions)
        else:
            send = self._line.photo if kind is InputMediaPhoto else self._line.file
            messages = [await send(sheets[0], captions[0])]
        for message, sheet in zip(messages, sheets, strict=False):
            await self._shown(sent, message, sheet.render)

    async def _shown(self, sent: Sent, message: int, render: str) -> None:
        self._parts.left()
        sent.anchor = message
        if render:
            sent.shows[message] = render
            await self._note(message, render)

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
