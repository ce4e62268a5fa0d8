"""The studio on Discord: slash commands anywhere, free words in direct messages."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import aiohttp
import discord
from discord import app_commands
from msgspec import structs

from bot.core.conversation import Conversation
from bot.core.turns import Turn, Upload
from bot.errors import NorthlightError
from bot.frontends.chat_cards import Words
from bot.frontends.chat_outbox import Deliver, Outbox, Outboxes, Pace
from bot.frontends.chat_pictures import Prints
from bot.frontends.chat_turnstile import Turnstile
from bot.frontends.discord_addresses import Address, Doors, address_for, address_of, places_of
from bot.frontends.discord_buttons import Tap
from bot.frontends.discord_commands import add_commands
from bot.frontends.discord_courier import DiscordCourier
from engine.blobs import DiskBlobs
from engine.errors import PhotoRejected

log = logging.getLogger(__name__)

MAX_DOWNLOAD = 20 * 1024 * 1024  # bytes, as on every other front-end
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
SPOKEN = (discord.MessageType.default, discord.MessageType.reply)
UNREACHABLE = (OSError, aiohttp.ClientError, discord.GatewayNotFound, discord.DiscordServerError)


class OnlyWordsAndPhotos(NorthlightError):
    """A sticker, a poll, an empty message: nothing the studio can work with."""

    code = "only_words_and_photos"


class StudioClient(discord.Client):
    """The connection. None of its intents is privileged: what is written to a bot in a direct
    message is its to read.
    """

    def __init__(self, app: "DiscordApp", words: Words) -> None:
        intents = discord.Intents(guilds=True, dm_messages=True)
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # nobody calls us
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none())
        self._app = app
        self.tapped = app.on_tap
        self.tree = app_commands.CommandTree(self)
        add_commands(self.tree, app.on_command, words)
        self.add_dynamic_items(Tap)

    async def setup_hook(self) -> None:
        """Logged in: tell Discord the commands, let what waits go out."""
        self._app.outboxes.ready.set()
        try:
            await self.tree.sync()
        except discord.HTTPException as error:
            log.warning("Discord did not take the slash commands: %s %s", error.status, error.code)

    async def on_ready(self) -> None:
        """Connected."""
        log.info("on Discord as %s", self.user)

    async def on_message(self, message: discord.Message) -> None:
        """Hear what is said in private; in guilds only commands and taps count."""
        if message.guild is None and not message.author.bot and message.type in SPOKEN:
            await self._app.on_message(message)


class DiscordApp:
    """The front-end. `words(key, **facts)` is a sentence of the replies.

    `edit_s` is seconds between two edits of progress for one person. `client` is what is connected
    now: a lost start makes a new one.
    """

    def __init__(
        self,
        token: str,
        conversation: Conversation,
        blobs: DiskBlobs,
        words: Words,
        *,
        edit_s: float = 2.0,
    ) -> None:
        self._token, self._words = token, words
        self._prints, self._doors = Prints(blobs), Doors()
        self._turnstile = Turnstile(conversation, words)
        pace = Pace(edit_s, _certainly_not_sent, _refused)
        self.outboxes = Outboxes(self._courier, pace, conversation.deliveries)
        self.client = StudioClient(self, words)

    def channel(self, session_id: str) -> Outbox:
        """Where replies for a session go; what is sent before Discord is reached waits."""
        return self.outboxes.channel(session_id)

    async def run(self) -> None:
        """Serve until the task is cancelled. A refused token is one log line, then the end."""
        pause = FIRST_PAUSE_S
        try:
            while True:
                try:
                    return await self.client.start(self._token)
                except UNREACHABLE as error:
                    self._outage(error, first=pause == FIRST_PAUSE_S)
                await self.client.close()
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
                self.client = StudioClient(self, self._words)
        except discord.LoginFailure:
            log.error("Discord refuses DISCORD_BOT_TOKEN: copy it again from the developer portal")
        finally:
            await self.close()

    async def close(self) -> None:
        """Finish answers under way, say goodbye; within seconds."""
        await self._turnstile.close()
        await self.outboxes.close()
        await self.client.close()

    async def on_command(
        self, interaction: discord.Interaction, text: str, photo: discord.Attachment | None
    ) -> None:
        """A slash command: acknowledged within Discord's three seconds, answered in private."""
        address = address_for(interaction)
        private = interaction.guild_id is not None
        deferred = interaction.response.defer(ephemeral=private, thinking=True)
        await self._let_in(interaction, address, deferred)

        async def arrive() -> Turn:
            turn = await _turn(address, text, photo, str(interaction.id))
            return structs.replace(turn, places=places_of(interaction))

        await self._turnstile.take(address.session, arrive, self.channel(address.session))

    async def on_tap(self, interaction: discord.Interaction, choice: str, channel: int) -> None:
        """A tapped button, of any age; `channel` is the one its session belongs to."""
        address = Address(interaction.user.id, channel or address_for(interaction).channel)
        await self._let_in(interaction, address, interaction.response.defer())
        turn = Turn(
            address.session,
            address.person,
            choice=choice,
            client_id=str(interaction.id),
            places=places_of(interaction),
        )
        await self._turnstile.tap(turn, self.channel(address.session))

    async def on_message(self, message: discord.Message) -> None:
        """Free words and photos in private; several photos are as many turns, the words last."""
        address = Address(message.author.id)
        # What is written is answered in the open conversation, not behind an older command.
        self._doors.shut(address.session)
        photos: Sequence[discord.Attachment | None] = message.attachments or [None]
        for number, photo in enumerate(photos, 1):
            text = message.content if number == len(photos) else ""
            arrive = _arriving(address, text, photo, f"{message.id}:{number}")
            await self._turnstile.take(address.session, arrive, self.channel(address.session))

    async def _let_in(
        self,
        interaction: discord.Interaction,
        address: Address,
        deferred: Awaitable[object],
    ) -> None:
        # Too late for Discord is not too late for the person: they are then answered directly.
        with suppress(discord.HTTPException):
            await deferred
            self._doors.open(address.session, interaction)

    def _courier(self, session_id: str) -> Deliver:
        address = address_of(session_id)
        return DiscordCourier(
            lambda: self.client, address, self._doors, self._prints, self._words
        ).deliver

    @staticmethod
    def _outage(error: Exception, *, first: bool) -> None:
        if first:
            log.warning("Discord cannot be reached, trying on: %s", type(error).__name__)


def _certainly_not_sent(error: Exception) -> bool:
    """No connection was had, or Discord asked us to wait; after anything later it may be there."""
    waits = isinstance(error, discord.HTTPException) and error.status == 429
    return waits or isinstance(error, aiohttp.ClientConnectorError | discord.RateLimited)


def _refused(error: Exception) -> bool:
    """Discord said no: blocked by the person, gone, or not allowed."""
    return isinstance(error, discord.HTTPException) and 400 <= error.status < 500


def _arriving(
    address: Address, text: str, photo: discord.Attachment | None, client_id: str
) -> Callable[[], Awaitable[Turn]]:
    async def arrive() -> Turn:
        return await _turn(address, text, photo, client_id)

    return arrive


async def _turn(
    address: Address, text: str, photo: discord.Attachment | None, client_id: str
) -> Turn:
    """Words and a photo as a turn; the photo is downloaded.

    Raises:
        PhotoRejected: The file is too heavy, or no picture.
        OnlyWordsAndPhotos: There is nothing in it that the studio understands.
        discord.HTTPException: The download failed.
    """
    upload = await _download(photo) if photo else None
    if not text.strip() and upload is None:
        raise OnlyWordsAndPhotos
    return Turn(address.session, address.person, text.strip(), photo=upload, client_id=client_id)


async def _download(photo: discord.Attachment) -> Upload:
    if photo.size > MAX_DOWNLOAD:
        raise PhotoRejected(f"{photo.size} bytes", code="photo_too_heavy")
    if not (photo.content_type or "image/").startswith("image/"):
        raise PhotoRejected(f"a file of type {photo.content_type}", code="photo_not_an_image")
    return Upload(await photo.read(), photo.filename)
