"""The ways to a person on Discord: an interaction, a direct message, a knock in the channel."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BytesIO

import discord
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES, MISSING
from msgspec import Struct

from bot.core.replies import Choice
from bot.frontends.chat_accounts import OutOfReach
from bot.frontends.chat_cards import Words, clip
from bot.frontends.chat_pictures import Sheet
from bot.frontends.discord_addresses import Address, Call, Doors
from bot.frontends.discord_buttons import Own, components
from bot.frontends.discord_errors import out_of_reach, retried

MAX_ALT = 1024
ENVELOPE = 16 * 1024  # bytes of a request around its files
NONCE = 24  # hex digits; Discord takes 25 characters

Client = Callable[[], discord.Client]
WordsIn = Callable[[str], Words]


class Letter(Struct, frozen=True):
    """One message to be: `hint` is the menu's placeholder where choices may become a menu."""

    text: str = ""
    choices: tuple[Choice, ...] = ()
    own: tuple[Own, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    hint: str = ""


class Ways:
    """Sends letters to one person. In a guild nobody else sees them.

    Through the interaction while its token lives, else as a direct message; where somebody spoke
    before everybody, or direct messages are closed, the channel only hears that an answer waits.
    """

    def __init__(self, client: Client, address: Address, doors: Doors, words_in: WordsIn) -> None:
        self._client, self._address, self._doors = client, address, doors
        self._words_in = words_in
        self._knocked = False  # until the person comes: one button shows all that waits

    async def send(self, letter: Letter, seq: int) -> discord.Message:
        """Send.

        Raises:
            OutOfReach: The person only hears that there is an answer, and a button leads to it.
            NotYet: Discord failed, and sending it again is safe.
            discord.HTTPException: Discord refused, or it may or may not have arrived.
        """
        session = self._address.session
        if interaction := self._doors.get(session):
            try:
                return await self._through(interaction, letter)
            except discord.HTTPException as error:
                if not out_of_reach(error):
                    raise
            self._doors.shut(session)
        if call := self._doors.call(session):
            return await self._answer_call(call, letter, seq)
        return await self._directly(letter, seq)

    def file_limit(self) -> int:
        """Bytes that one message may weigh now."""
        interaction = self._doors.get(self._address.session)
        limit = interaction.filesize_limit if interaction else DEFAULT_FILE_SIZE_LIMIT_BYTES
        return limit - ENVELOPE

    async def _through(self, interaction: discord.Interaction, letter: Letter) -> discord.Message:
        sent = await interaction.followup.send(
            letter.text,
            view=self._view(letter, in_guild=interaction.guild_id is not None),
            files=files_of(letter.sheets),
            ephemeral=interaction.guild_id is not None,
            wait=True,
        )
        self._knocked = False
        return sent

    async def _directly(self, letter: Letter, seq: int) -> discord.Message:
        if self._knocked:
            raise OutOfReach
        client, user_id = self._client(), self._address.user
        try:
            with retried():
                user = client.get_user(user_id) or await client.fetch_user(user_id)
                return await user.send(
                    letter.text,
                    view=self._view(letter, in_guild=False),
                    files=files_of(letter.sheets),
                    nonce=self._nonce(letter, seq),
                )
        except discord.Forbidden as error:
            if self._address.channel:
                await self._knock(seq)
            raise OutOfReach from error

    async def _knock(self, seq: int) -> None:
        channel = self._client().get_partial_messageable(self._address.channel)
        with suppress(discord.HTTPException):  # the answer waits all the same
            await channel.send(self._knock_text(), view=self._knock_view(max(seq - 1, 0)))
            self._knocked = True

    async def _answer_call(self, call: Call, letter: Letter, seq: int) -> discord.Message:
        if not seq:  # not in the transcript, and says nothing but that a turn did not arrive
            return await call.message.reply(letter.text, mention_author=False)
        if not call.knocked:
            call.after = seq - 1 if call.after is None else call.after
            before, view = call.knock, self._knock_view(call.after)
            text = self._guild_words()("ready_in_private")
            call.knock = await self._reply(call.message, text, view)
            call.knocked = True
            if before:
                with suppress(discord.HTTPException):
                    await before.delete()
        raise OutOfReach

    async def _reply(
        self, message: discord.Message, text: str, view: discord.ui.View
    ) -> discord.Message:
        try:
            return await message.reply(text, view=view, mention_author=False)
        except discord.Forbidden:  # replying needs Read Message History, speaking does not
            return await message.channel.send(self._knock_text(), view=view)

    def _knock_text(self) -> str:
        return f"<@{self._address.user}> {self._guild_words()('ready_in_private')}"

    def _knock_view(self, after: int) -> discord.ui.View:
        address = self._address
        label = self._guild_words()("btn_show_me")
        show = Own("show", f"{address.user}:{address.channel}:{after}", label, "primary")
        view = components((), address, (show,))
        assert view is not None
        return view

    def _guild_words(self) -> Words:
        channel = self._client().get_channel(self._address.channel)
        guild = getattr(channel, "guild", None)
        return self._words_in(str(guild.preferred_locale) if guild else "en-US")

    def _view(self, letter: Letter, *, in_guild: bool) -> discord.ui.View:
        # Sharing is for the guild, and a direct message is not there.
        own = [each for each in letter.own if in_guild or each.verb != "share"]
        return components(letter.choices, self._address, own, letter.hint) or MISSING

    def _nonce(self, letter: Letter, seq: int) -> str:
        # The same letter at the same place is the same message, however often it is tried.
        named = f"{self._address.session}\n{seq}\n{letter.text}\n{[s.name for s in letter.sheets]}"
        return hashlib.sha256(named.encode()).hexdigest()[:NONCE]


def files_of(sheets: Sequence[Sheet]) -> list[discord.File]:
    """Files to attach. Made anew for every attempt: a sent file has been read to its end."""
    return [
        discord.File(BytesIO(s.data), s.name, description=clip(s.alt, MAX_ALT) or None)
        for s in sheets
    ]
