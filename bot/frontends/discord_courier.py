"""From replies to Discord's calls, for one session."""

import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from io import BytesIO
from itertools import count

import discord
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot.core.replies import Choice, Gallery, Heard, Picture, Posted
from bot.frontends.chat_accounts import OutOfReach, Parts
from bot.frontends.chat_cards import Words, clip, split, text_of
from bot.frontends.chat_pictures import Limits, Prints, Sheet, parcels
from bot.frontends.discord_addresses import Address, Doors
from bot.frontends.discord_buttons import buttons

log = logging.getLogger(__name__)

MAX_CONTENT = 2000
MAX_FILES = 10
MAX_ALT = 1024
REMEMBERED = 32  # messages that can still be edited
ENVELOPE = 16 * 1024  # bytes of a request around its files

UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, DEAD_TOKEN = 10008, 10015, 50027


class DiscordCourier:
    """Carries postings to one person; the same place again edits the message it became.

    In a guild everything is private: through the interaction while its token lives, then by direct
    message. Where those are closed, the channel says that the answer waits, and shows nothing.
    """

    def __init__(
        self,
        client: Callable[[], discord.Client],
        address: Address,
        doors: Doors,
        prints: Prints,
        words: Words,
    ) -> None:
        self._client, self._address, self._doors = client, address, doors
        self._prints, self._words = prints, words
        self._messages: OrderedDict[int, discord.Message] = OrderedDict()
        self._parts = Parts()
        self._nonces = _nonces(0)

    async def deliver(self, posted: Posted) -> None:
        """Send or edit. Raises `discord.HTTPException`."""
        entry = posted.entry
        if isinstance(entry, Heard):
            return
        text, choices = text_of(entry, self._words), entry.choices
        self._nonces = _nonces(posted.seq)
        before = self._messages.get(posted.seq)
        if before and await self._edit(before, text, choices):
            return
        if isinstance(entry, Gallery):
            with self._parts.of_one():
                message = await self._gallery(entry)
        else:
            message = await self._write(text, choices)
        self._remember(posted.seq, message)

    def _remember(self, seq: int, message: discord.Message | None) -> None:
        if seq and message is not None:
            self._messages[seq] = message
        while len(self._messages) > REMEMBERED:
            self._messages.popitem(last=False)

    async def _edit(self, message: discord.Message, text: str, choices: Sequence[Choice]) -> bool:
        """Edit a message; False when it is out of reach and has to be written anew."""
        view = buttons(choices, self._address)
        try:
            await message.edit(content=clip(text, MAX_CONTENT), view=view)
        except discord.HTTPException as error:
            if not _out_of_reach(error):
                raise
            return False
        return True

    async def _write(
        self, text: str, choices: Sequence[Choice], files: Sequence[Sheet] = ()
    ) -> discord.Message | None:
        """Text in pieces; files and buttons with the last piece."""
        pieces = split(text, MAX_CONTENT) or [""]
        for piece in pieces[:-1]:
            await self._send(piece, (), ())
        return await self._send(pieces[-1], choices, files)

    async def _gallery(self, entry: Gallery) -> discord.Message | None:
        limit = self._file_limit()
        notes = [p.caption for p in entry.pictures if p.caption]
        waiting: list[Sheet] = []
        async for parcel in parcels(self._sheets(entry.pictures, limit, notes), MAX_FILES, limit):
            if waiting:
                await self._send("", (), waiting)
            waiting = parcel
        return await self._write(
            "\n".join([entry.text, *dict.fromkeys(notes)]), entry.choices, waiting
        )

    async def _sheets(
        self, pictures: Sequence[Picture], limit: int, notes: list[str]
    ) -> AsyncIterator[Sheet]:
        """Lossless files; where one is too heavy its JPEG, and a note that says so."""
        for picture in pictures:
            sheet = await self._prints.original(picture, Limits(limit))
            if sheet is None and (sheet := await self._prints.preview(picture, Limits(limit))):
                notes.append(self._words("lossless_too_large"))
            if sheet:
                yield sheet

    async def _send(
        self, text: str, choices: Sequence[Choice], files: Sequence[Sheet]
    ) -> discord.Message | None:
        session = self._address.session
        interaction = self._doors.get(session)
        if interaction is None:
            return await self._send_directly(text, choices, files)
        view = buttons(choices, self._address) or discord.utils.MISSING
        try:
            message = await interaction.followup.send(
                text,
                view=view,
                files=_files(files),
                ephemeral=interaction.guild_id is not None,
                wait=True,
            )
            self._parts.left()
            return message
        except discord.HTTPException as error:
            if not _out_of_reach(error):
                raise
        self._doors.shut(session)
        return await self._send_directly(text, choices, files)

    async def _send_directly(
        self, text: str, choices: Sequence[Choice], files: Sequence[Sheet]
    ) -> discord.Message | None:
        client, user_id = self._client(), self._address.user
        user = client.get_user(user_id) or await client.fetch_user(user_id)
        view = buttons(choices, self._address) or discord.utils.MISSING
        try:
            message = await user.send(
                text,
                view=view,
                files=_files(files),
                nonce=next(self._nonces),  # type: ignore[arg-type]  # None is "no nonce" there
            )
            self._parts.left()
            return message
        except discord.Forbidden as error:
            if self._address.channel:
                await self._nudge()
            raise OutOfReach from error

    async def _nudge(self) -> None:
        """Tell somebody whose direct messages are closed that there is an answer."""
        channel = self._client().get_partial_messageable(self._address.channel)
        text = f"<@{self._address.user}> {self._words('ready_in_private')}"
        await channel.send(text, allowed_mentions=discord.AllowedMentions(users=True))

    def _file_limit(self) -> int:
        interaction = self._doors.get(self._address.session)
        limit = interaction.filesize_limit if interaction else DEFAULT_FILE_SIZE_LIMIT_BYTES
        return limit - ENVELOPE


def _nonces(seq: int) -> Iterator[str | None]:
    """One for each message of a posting, the same when it is sent again.

    Discord then gives back the message it has instead of making another, for a few minutes
    (Create Message, `enforce_nonce`; at most 25 characters). A posting without a place has none.
    """
    return (f"nl-{seq}-{part}" if seq else None for part in count())


def _files(sheets: Sequence[Sheet]) -> list[discord.File]:
    # Made anew for every attempt: a sent file has been read to its end.
    return [
        discord.File(BytesIO(s.data), s.name, description=clip(s.alt, MAX_ALT) or None)
        for s in sheets
    ]


def _out_of_reach(error: discord.HTTPException) -> bool:
    """The token died, or the message is gone."""
    gone = (UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK, DEAD_TOKEN)
    return error.code in gone or error.status in (401, 404)
