"""From replies to Discord's messages, for one session."""

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord.utils import MISSING
from msgspec import structs

from bot.core.replies import Apology, Ask, Entry, Gallery, Heard, Picture, Posted, Progress, Say
from bot.frontends.chat_accounts import PartlySent
from bot.frontends.chat_cards import Words, clip, split, text_of
from bot.frontends.chat_pictures import Limits, Prints, Sheet, parcels, render_of
from bot.frontends.discord_addresses import Address
from bot.frontends.discord_buttons import Own, components
from bot.frontends.discord_errors import out_of_reach, passing, retried, too_heavy
from bot.frontends.discord_ways import Letter, Ways, files_of

MAX_CONTENT = 2000
MAX_FILES = 10
REMEMBERED = 32  # postings that can still be edited
LEAST_FILE = 256 * 1024  # bytes: below this a picture is not made lighter still
Spoken = Say | Ask | Progress | Apology


@dataclass(slots=True)
class Sent:
    """The messages a posting became, and the first look that the last of them shows."""

    messages: list[discord.Message]
    look: str = ""


class DiscordCourier:
    """Carries postings to one person; the same place again edits the message it became."""

    def __init__(self, address: Address, ways: Ways, prints: Prints, words: Words) -> None:
        self._address, self._ways = address, ways
        self._prints, self._words = prints, words
        self._sent: OrderedDict[int, Sent] = OrderedDict()
        self._halfway: tuple[Posted, Sent] | None = None

    async def deliver(self, posted: Posted) -> None:
        """Send or edit; tried again after a passing failure, it goes on where it stopped.

        Raises as `Ways.send` does, and `PartlySent` where a later message of several was lost.
        """
        entry, sent = posted.entry, self._sent.get(posted.seq)
        if isinstance(entry, Heard) or (sent and await self._edit(sent, entry)):
            return
        sent = self._begun(posted)
        try:
            await self._send_rest(entry, posted.seq, sent)
        except Exception as error:
            if sent.messages and not passing(error):
                raise PartlySent(f"{len(sent.messages)} messages had left") from error
            raise
        self._halfway = None
        self._remember(posted.seq, sent)

    async def _send_rest(self, entry: Spoken | Gallery, seq: int, sent: Sent) -> None:
        number = 0
        async for letter in self._letters(entry):
            number += 1
            if number > len(sent.messages):
                sent.messages.append(await self._send(letter, seq))

    def _begun(self, posted: Posted) -> Sent:
        if self._halfway is None or self._halfway[0] is not posted:
            self._halfway = (posted, Sent([], _look(posted.entry)))
        return self._halfway[1]

    def _remember(self, seq: int, sent: Sent) -> None:
        if seq and sent.messages:
            self._sent[seq] = sent
        while len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)

    async def _edit(self, sent: Sent, entry: Spoken | Gallery) -> bool:
        """Edit what was sent; False when it is out of reach and has to be sent anew."""
        letter = self._letter(entry)
        view = components(letter.choices, self._address, letter.own, letter.hint)
        changes: dict[str, Any] = {"content": clip(letter.text, MAX_CONTENT), "view": view}
        try:
            with retried():
                if isinstance(entry, Gallery):
                    await self._take_down(sent, entry)
                files = await self._new_look(sent, entry)
                await sent.messages[-1].edit(**changes, attachments=files)
        except discord.HTTPException as error:
            if not out_of_reach(error):
                raise
            return False
        sent.look = _look(entry)
        return True

    async def _new_look(self, sent: Sent, entry: Spoken | Gallery) -> Any:  # noqa: ANN401 - or MISSING
        """What the last message shall show, where that changes."""
        look = _look(entry)
        if look == sent.look:
            return MISSING
        return files_of(await self._looks(look))

    async def _take_down(self, sent: Sent, gallery: Gallery) -> None:
        left = {picture.render for picture in gallery.pictures}
        for number, message in enumerate(sent.messages):
            kept = [a for a in message.attachments if render_of(a.filename) in {*left, ""}]
            if len(kept) < len(message.attachments):
                sent.messages[number] = await message.edit(attachments=kept)

    def _letter(self, entry: Spoken | Gallery) -> Letter:
        asks = isinstance(entry, Ask | Say)
        return Letter(
            text_of(entry, self._words),
            entry.choices,
            self._own(entry),
            hint=self._words("menu_hint") if asks else "",
        )

    def _own(self, entry: Spoken | Gallery) -> tuple[Own, ...]:
        if isinstance(entry, Ask) and entry.brief:
            return (Own("edit", str(self._address.channel), self._words("btn_edit_brief")),)
        if isinstance(entry, Gallery) and self._address.channel:
            return self._shares(entry)
        return ()

    def _shares(self, gallery: Gallery) -> tuple[Own, ...]:
        made = [p.render for p in gallery.pictures if p.render]
        labels = (
            [self._words("btn_share")]
            if len(made) == 1
            else [self._words("btn_share_number", number=n + 1) for n in range(len(made))]
        )
        rests = [f"{self._address.channel}:{render}" for render in made]
        return tuple(Own("share", r, label) for r, label in zip(rests, labels, strict=True))

    async def _letters(self, entry: Spoken | Gallery) -> AsyncIterator[Letter]:
        """The text in pieces; a first look and the buttons with the last piece."""
        if isinstance(entry, Gallery):
            async for page in self._gallery(entry):
                yield page
            return
        looks = await self._looks(_look(entry))
        letter = structs.replace(self._letter(entry), sheets=tuple(looks))
        for page in _paged(letter):
            yield page

    async def _looks(self, look: str) -> list[Sheet]:
        sheet = await self._prints.look(look, Limits(self._ways.file_limit())) if look else None
        return [sheet] if sheet else []

    async def _gallery(self, entry: Gallery) -> AsyncIterator[Letter]:
        """Files by the parcel; text and buttons with the last one."""
        limit, heavy = self._ways.file_limit(), list[Picture]()
        waiting: list[Sheet] = []
        async for parcel in parcels(self._sheets(entry, limit, heavy), MAX_FILES, limit):
            if waiting:
                yield Letter(sheets=tuple(waiting))
            waiting = parcel
        letter = self._letter(entry)
        notes = [letter.text, *(p.caption for p in entry.pictures if p.caption)]
        if heavy:
            notes.append(self._words("lossless_too_large"))
        own = (*letter.own, *self._lossless([p.render for p in heavy]))
        text = "\n".join(dict.fromkeys(notes))
        for page in _paged(structs.replace(letter, text=text, own=own, sheets=tuple(waiting))):
            yield page

    async def _sheets(
        self, entry: Gallery, limit: int, heavy: list[Picture]
    ) -> AsyncIterator[Sheet]:
        """Lossless files; where one is too heavy its JPEG, and it is noted as such."""
        limits, lossless = Limits(limit), entry.carry != "photo"
        for picture in entry.pictures:
            sheet = await self._prints.original(picture, limits) if lossless else None
            if sheet is None and lossless and picture.render:
                heavy.append(picture)
            if sheet := sheet or await self._prints.preview(picture, limits):
                yield sheet

    def _lossless(self, renders: Sequence[str]) -> tuple[Own, ...]:
        label, channel = self._words("btn_file"), self._address.channel
        numbered = len(renders) > 1
        return tuple(
            Own("file", f"{channel}:{render}", f"{label} {n}" if numbered else label)
            for n, render in enumerate(renders, 1)
        )

    async def _send(self, letter: Letter, seq: int) -> discord.Message:
        """Send; lighter pictures where Discord, whatever it promised, finds these too heavy."""
        size = max((len(s.data) for s in letter.sheets), default=0)
        while True:
            try:
                return await self._ways.send(letter, seq)
            except discord.HTTPException as error:
                if not too_heavy(error) or size <= LEAST_FILE:
                    raise
            size //= 2
            letter = await self._lighter(letter, size)

    async def _lighter(self, letter: Letter, size: int) -> Letter:
        sheets = [await self._prints.lighter(sheet, size) for sheet in letter.sheets]
        note = self._words("lossless_too_large")
        text = letter.text if note in letter.text else f"{letter.text}\n{note}".strip()
        asked = {own.rest for own in letter.own if own.verb == "file"}
        found = self._lossless([r for s in letter.sheets if (r := render_of(s.name))])
        own = (*letter.own, *(each for each in found if each.rest not in asked))
        fitting = tuple(filter(None, sheets))
        return structs.replace(letter, sheets=fitting, text=text, own=own)


def _look(entry: Entry) -> str:
    return entry.preview or "" if isinstance(entry, Progress) else ""


def _paged(letter: Letter) -> list[Letter]:
    pieces = split(letter.text, MAX_CONTENT) or [""]
    return [*(Letter(piece) for piece in pieces[:-1]), structs.replace(letter, text=pieces[-1])]
