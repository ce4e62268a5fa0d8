"""Discord's slash commands: each says plain words to the conversation."""

from collections.abc import Awaitable, Callable
from typing import Any

import discord
from discord import app_commands

from bot.frontends.chat_cards import Words
from bot.frontends.chat_commands import MENU, words_of

Said = Callable[[discord.Interaction, str, discord.Attachment | None], Awaitable[None]]
# Answered in guilds and in the bot's own direct messages.
CONTEXTS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)
INSTALLS = app_commands.AppInstallationType(guild=True, user=False)
MAX_DESCRIPTION = 100

AnyCommand = app_commands.Command[Any, ..., Any]


def add_commands(tree: app_commands.CommandTree[Any], said: Said, words: Words) -> None:
    """Put every command into the tree; `said(interaction, words, photo)` hears them."""
    own = {"portrait": _portrait, "backdrop": _backdrop, "print": _print}
    for name in MENU:
        make = own.get(name)
        tree.add_command(make(said, words) if make else _plain(name, said, words))


def _portrait(said: Said, words: Words) -> AnyCommand:
    async def portrait(interaction: discord.Interaction, text: str) -> None:
        await said(interaction, words_of("portrait", text), None)

    app_commands.describe(text=words("option_words"))(portrait)
    return _command("portrait", portrait, words)


def _backdrop(said: Said, words: Words) -> AnyCommand:
    async def backdrop(
        interaction: discord.Interaction,
        photo: discord.Attachment | None = None,
        text: str | None = None,
    ) -> None:
        # A photo alone is shown, not spoken about: the studio asks what should stand behind it.
        spoken = words_of("backdrop", text or "") if text or photo is None else ""
        await said(interaction, spoken, photo)

    app_commands.describe(photo=words("option_photo"), text=words("option_backdrop"))(backdrop)
    return _command("backdrop", backdrop, words)


def _print(said: Said, words: Words) -> AnyCommand:
    async def print_size(interaction: discord.Interaction, size: str | None = None) -> None:
        await said(interaction, words_of("print", size or ""), None)

    app_commands.describe(size=words("option_size"))(print_size)
    return _command("print", print_size, words)


def _plain(name: str, said: Said, words: Words) -> AnyCommand:
    async def plain(interaction: discord.Interaction) -> None:
        await said(interaction, words_of(name), None)

    return _command(name, plain, words)


def _command(name: str, callback: Callable[..., Any], words: Words) -> AnyCommand:
    description = words(f"command_{name}")[:MAX_DESCRIPTION]
    return app_commands.Command(
        name=name,
        description=description,
        callback=callback,
        allowed_contexts=CONTEXTS,
        allowed_installs=INSTALLS,
    )
