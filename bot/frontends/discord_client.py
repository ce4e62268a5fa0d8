"""The connection to Discord: what it listens to, and whom it tells."""

import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.errors import new_error_id
from bot.frontends.discord_buttons import OwnButton, OwnMenu, Pick, Tap
from bot.frontends.discord_commands import Commands, Tongues, add_menus
from bot.frontends.discord_form import FORM
from bot.frontends.discord_turns import is_addressed

if TYPE_CHECKING:
    from bot.frontends.discord_app import DiscordApp

log = logging.getLogger(__name__)

NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    attach_files=True,  # to share
    read_message_history=True,  # to reply
)


class Tree(app_commands.CommandTree["StudioClient"]):
    """The commands; what goes wrong in one is a sentence and a log line with the same id."""

    async def on_error(
        self, interaction: discord.Interaction, error: app_commands.AppCommandError, /
    ) -> None:
        """Nobody is left with a silent "thinking"."""
        await self.client.app.on_mishap(interaction, error)


class StudioClient(discord.Client):
    """None of its intents is privileged: what is written to a bot in a direct message, or names
    it in a guild, is its to read.
    """

    def __init__(self, app: "DiscordApp") -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody calls us
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none())
        self.app, self.tapped, self.asked = app, app.on_tap, app.on_own
        self.tree = Tree(self)
        Commands(app.on_command, app.words, app.vocabulary).add_to(self.tree)
        add_menus(self.tree, app.words, selfie=app.menus.selfie, upscale=app.menus.upscale)
        self.add_dynamic_items(Tap, Pick, OwnButton, OwnMenu)

    async def setup_hook(self) -> None:
        """Logged in: tell Discord the commands, let what waits go out."""
        self.app.outboxes.ready.set()
        await self.tree.set_translator(Tongues(self.app.say))
        try:
            await self.tree.sync()
        except discord.HTTPException as error:
            log.warning("Discord did not take the slash commands: %s %s", error.status, error.code)

    async def on_ready(self) -> None:
        """Connected."""
        log.info("on Discord as %s; to add it to a server: %s", self.user, self.invitation())

    def invitation(self) -> str:
        """Where somebody who runs a server adds the bot to it."""
        return discord.utils.oauth_url(
            self.application_id or 0, permissions=NEEDED, scopes=("bot", "applications.commands")
        )

    async def on_message(self, message: discord.Message) -> None:
        """Hear what is said in private, and in guilds what is said to the bot."""
        if is_addressed(message, self.user):
            await self.app.on_message(message)

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """A submitted form. Read here, because discord.py forgets its forms at a restart."""
        custom_id = str((interaction.data or {}).get("custom_id", ""))
        if interaction.type == discord.InteractionType.modal_submit and custom_id.startswith(FORM):
            await self.app.on_form(interaction, int(custom_id.removeprefix(FORM)))

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """One log line with an id, never a traceback on the terminal."""
        log.exception("on Discord, %s failed", event_method, extra={"error_id": new_error_id()})
