"""What one can do with a message on Discord: take its photo, enlarge its picture."""

from collections.abc import Iterator

import discord

from bot.frontends.discord_addresses import Address, address_for
from bot.frontends.discord_buttons import Own, components
from bot.frontends.discord_entry import Entry
from bot.frontends.discord_own import OwnButtons
from bot.frontends.discord_turns import is_picture, renders_in, turn


class Menus:
    """Answers the message menus, each in private to whoever asks."""

    def __init__(self, entry: Entry, own: OwnButtons) -> None:
        self._entry, self._own = entry, own

    async def selfie(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """A photo somebody points at; they are asked whether it may be used."""
        photos = [file for file in message.attachments if is_picture(file)]
        if not photos:
            await self._own.tell(interaction, "menu_no_photo")
            return
        address = await self._entry.let_in(interaction, thinking=True)
        await self._entry.take(turn(address, interaction), photos)

    async def upscale(self, interaction: discord.Interaction, message: discord.Message) -> None:
        """A message with pictures of the person's own: enlarge it, or ask which."""
        address, renders = await self._theirs(interaction, message)
        if not renders:
            await self._own.tell(interaction, "menu_not_made_here")
        elif len(renders) == 1:
            await self._own.enlarge(interaction, address, renders[0])
        else:
            await self._ask_which(interaction, address, renders)

    async def about(self, address: Address, message: discord.Message | None) -> str:
        """The first picture of theirs in a message that somebody answers, or ""."""
        for render in renders_in(message.attachments) if message else ():
            if await self._own.picture(address, render):
                return render
        return ""

    async def _ask_which(
        self, interaction: discord.Interaction, address: Address, renders: list[str]
    ) -> None:
        own = [
            Own("upscale", f"{address.channel}:{render}", str(number))
            for number, render in enumerate(renders, 1)
        ]
        text = self._own.words_for(interaction)("menu_which")
        view = components((), address, own) or discord.utils.MISSING
        await interaction.response.send_message(text, view=view, ephemeral=True)

    async def _theirs(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> tuple[Address, list[str]]:
        """The pictures in a message that are this person's, and where they were made."""
        here, renders = address_for(interaction), renders_in(message.attachments)
        for address in dict.fromkeys((here, *_made_in(message, here))):
            if found := [r for r in renders if await self._own.picture(address, r)]:
                return address, found
        return here, []


def _made_in(message: discord.Message, here: Address) -> Iterator[Address]:
    """Where a message's buttons say it comes from: answers may have moved to a private chat."""
    for row in message.components:
        for component in getattr(row, "children", ()):
            channel = str(component.custom_id or "").rpartition(":")[2]
            if channel.isdigit():
                yield Address(here.user, int(channel))
