"""The way in on Discord: acknowledge within three seconds, then a turn for the conversation."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import discord
from msgspec import structs

from bot.core.conversation import Conversation
from bot.core.turns import Turn
from bot.errors import HistoryUnavailable
from bot.frontends.chat_outbox import Outbox, Outboxes
from bot.frontends.chat_turnstile import Turnstile
from bot.frontends.discord_addresses import Address, Doors, address_for
from bot.frontends.discord_turns import arrived


class Entry:
    """Lets people in; their turns are answered through `doors`."""

    def __init__(
        self, conversation: Conversation, turnstile: Turnstile, doors: Doors, outboxes: Outboxes
    ) -> None:
        self.conversation, self.doors = conversation, doors
        self._turnstile, self._outboxes = turnstile, outboxes

    def channel(self, session_id: str) -> Outbox:
        """Where replies for a session go."""
        return self._outboxes.channel(session_id)

    async def let_in(
        self,
        interaction: discord.Interaction,
        address: Address | None = None,
        *,
        thinking: bool = False,
    ) -> Address:
        """Acknowledge, and answer through this interaction from now on."""
        address = address or address_for(interaction)
        private = interaction.guild_id is not None
        # Too late for Discord is not too late for the person: they are then answered directly.
        with suppress(discord.HTTPException):
            await interaction.response.defer(ephemeral=private, thinking=thinking)
            self.doors.open(address.session, interaction)
        return address

    async def take(
        self,
        said: Turn,
        photos: Sequence[discord.Attachment] = (),
        about: Callable[[], Awaitable[str]] | None = None,
    ) -> None:
        """Answer a turn, after earlier ones; its photos, and the picture it is `about`, are
        fetched first.
        """

        async def arrive() -> Turn:
            turn = await arrived(said, photos)
            return structs.replace(turn, about=await about()) if about else turn

        await self._turnstile.take(said.session, arrive, self.channel(said.session))

    async def tap(self, tapped: Turn) -> None:
        """Answer a tap at once."""
        await self._turnstile.tap(tapped, self.channel(tapped.session))

    def called(self, address: Address, message: discord.Message) -> None:
        """Somebody wrote to the bot, in private or before everybody."""
        if message.guild is None:
            # What is written is answered in the open conversation, not behind an older command.
            self.doors.shut(address.session)
        elif self.doors.get(address.session) is None:
            self.doors.called(address.session, message)

    async def belongs_to_another(self, choice: str, address: Address) -> bool:
        """Whether a choice was offered to somebody else, or elsewhere."""
        with suppress(HistoryUnavailable):  # the conversation says so when it is asked
            return await self.conversation.owner(choice) not in ("", address.session)
        return False
