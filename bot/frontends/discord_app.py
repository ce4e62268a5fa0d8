"""The studio on Discord: commands and taps anywhere, free words where the bot is spoken to."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import aiohttp
import discord
from msgspec import structs

from bot.core.apologies import apology
from bot.core.conversation import Conversation
from bot.frontends.chat_cards import Words
from bot.frontends.chat_commands import intent_of
from bot.frontends.chat_outbox import Deliver, Outbox, Outboxes, Pace
from bot.frontends.chat_pictures import Prints
from bot.frontends.chat_turnstile import Turnstile
from bot.frontends.discord_addresses import Address, Doors, address_for, address_of
from bot.frontends.discord_client import StudioClient
from bot.frontends.discord_commands import Vocabulary
from bot.frontends.discord_courier import DiscordCourier
from bot.frontends.discord_entry import Entry
from bot.frontends.discord_errors import passing, refused
from bot.frontends.discord_form import brief_of, said_in
from bot.frontends.discord_menus import Menus
from bot.frontends.discord_own import LinkTo, OwnButtons
from bot.frontends.discord_turns import (
    is_hidden,
    replied,
    spoken_at,
    turn,
    words_in,
)
from bot.frontends.discord_ways import Ways
from engine.blobs import DiskBlobs

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 60.0
UNREACHABLE = (OSError, aiohttp.ClientError, discord.GatewayNotFound, discord.DiscordServerError)


@dataclass(frozen=True, slots=True)
class Extras:
    """What Discord can show beyond sentences; nothing of it is needed.

    `vocabulary(slot)` are the values to pick from, `say(locale, key, **facts)` a sentence in that
    language or None, `link(blob, name)` an address for a file or "".
    """

    vocabulary: Vocabulary = lambda slot: ()
    say: Callable[..., str | None] = lambda locale, key, **facts: None
    link: LinkTo = lambda blob, name: ""


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
        extras: Extras | None = None,
        edit_s: float = 2.0,
    ) -> None:
        extras = extras or Extras()
        self._token, self._conversation, self.words = token, conversation, words
        self.vocabulary, self.say = extras.vocabulary, extras.say
        self._prints, self._doors = Prints(blobs), Doors()
        self._turnstile = Turnstile(conversation, words)
        pace = Pace(edit_s, passing, refused)
        self.outboxes = Outboxes(self._courier, pace, conversation.deliveries)
        self._entry = Entry(conversation, self._turnstile, self._doors, self.outboxes)
        self._own = OwnButtons(
            self._entry, self._prints, self.words_in, extras.link, self.vocabulary
        )
        self.menus = Menus(self._entry, self._own)
        self.client = StudioClient(self)

    def channel(self, session_id: str) -> Outbox:
        """Where replies for a session go; what is sent before Discord is reached waits."""
        return self.outboxes.channel(session_id)

    def words_in(self, locale: str) -> Words:
        """The sentences for a locale: in its language where they exist, else in English."""
        return lambda key, **facts: self.say(locale, key, **facts) or self.words(key, **facts)

    async def run(self) -> None:
        """Serve until the task is cancelled. A refused token is one log line, then the end."""
        pause = FIRST_PAUSE_S
        try:
            while True:
                try:
                    return await self.client.start(self._token)
                except UNREACHABLE as error:
                    self._outage(error, first=pause == FIRST_PAUSE_S)
                except discord.ClientException:
                    raise
                except Exception:  # such as an event that discord.py cannot read
                    log.exception("the connection to Discord broke, trying on")
                await self.client.close()
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
                self.client = StudioClient(self)
        except discord.LoginFailure:
            log.error("Discord refuses DISCORD_BOT_TOKEN: copy it again from the developer portal")
        except discord.PrivilegedIntentsRequired:
            log.error("Discord refuses an intent: switch it on in the developer portal, under Bot")
        finally:
            await self.close()

    async def close(self) -> None:
        """Finish answers under way, say goodbye; within seconds."""
        await self._turnstile.close()
        await self.outboxes.close()
        await self.client.close()

    async def on_command(
        self,
        interaction: discord.Interaction,
        command: str,
        argument: str,
        photo: discord.Attachment | None,
    ) -> None:
        """A slash command: acknowledged within Discord's three seconds, answered in private."""
        address = await self._entry.let_in(interaction, thinking=True)
        intent = None if photo else intent_of(command, argument)
        said = structs.replace(turn(address, interaction, argument), intent=intent)
        await self._entry.take(said, [photo] if photo else [])

    async def on_tap(self, interaction: discord.Interaction, choice: str, channel: int) -> None:
        """A tapped button, of any age; `channel` is the one its session belongs to."""
        address = Address(interaction.user.id, channel or address_for(interaction).channel)
        await self._entry.let_in(interaction, address)
        if await self._entry.belongs_to_another(choice, address):
            await self._own.tell(interaction, "not_yours")
            return
        tapped = structs.replace(turn(address, interaction), choice=choice)
        await self._entry.tap(tapped)

    async def on_own(self, interaction: discord.Interaction, verb: str, rest: str) -> None:
        """A tapped button that the conversation knows nothing of."""
        try:
            await self._own.do(interaction, verb, rest)
        except Exception as error:
            await self.on_mishap(interaction, error)

    async def on_form(self, interaction: discord.Interaction, channel: int) -> None:
        """The brief's form, filled in: what was changed is said to the conversation."""
        address = Address(interaction.user.id, channel)
        try:
            await self._entry.let_in(interaction, address, thinking=True)
            brief = brief_of(await self._conversation.transcript(address.session))
            text = said_in(dict(interaction.data or {}), brief, self.vocabulary)
            if text:
                await self._entry.take(turn(address, interaction, text))
            else:
                await self._own.tell(interaction, "form_unchanged")
        except Exception as error:
            await self.on_mishap(interaction, error)

    async def on_message(self, message: discord.Message) -> None:
        """Words and photos for the bot; several photos are an album."""
        me, address = self.client.user, spoken_at(message)
        self._entry.called(address, message)
        with suppress(discord.HTTPException):
            await message.channel.typing()
        said, photos = turn(address, message, words_in(message, me)), message.attachments
        if not said.text and is_hidden(message, me):
            await message.reply(self.words("name_me"), mention_author=False)
            return
        if not said.text and not photos and message.guild:
            said = structs.replace(said, intent="help")
        about = partial(self.menus.about, address, replied(message, me))
        await self._entry.take(said, photos, about)

    async def on_mishap(self, interaction: discord.Interaction, error: BaseException) -> None:
        """What nobody foresaw: a sentence for the person, a log line with the same id."""
        said = apology(self.words, getattr(error, "original", error), "a Discord interaction")
        with suppress(discord.HTTPException):
            if interaction.response.is_done():
                await interaction.followup.send(said.text, ephemeral=True)
            else:
                await interaction.response.send_message(said.text, ephemeral=True)

    def _courier(self, session_id: str) -> Deliver:
        address = address_of(session_id)
        ways = Ways(lambda: self.client, address, self._doors, self.words_in)
        return DiscordCourier(address, ways, self._prints, self.words).deliver

    @staticmethod
    def _outage(error: Exception, *, first: bool) -> None:
        if first:
            reason = type(error).__name__
            log.warning("Discord cannot be reached, trying on; is the network up? (%s)", reason)
