"""Somebody with Discord open: a guild's channel and direct messages, against simcord."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import discord
import simcord
from simcord.backend.models import AllowedMentions

from bot.core.conversation import Conversation
from bot.core.desk import explain
from bot.core.replies import Entry, Posted
from bot.core.vocabulary import named
from bot.frontends.discord_addresses import Address
from bot.frontends.discord_app import DiscordApp, Extras
from bot.frontends.discord_buttons import Own, components
from bot.links import FileLinks
from engine.blobs import DiskBlobs
from support.sittings import WORDS
from support.studios import CardStudio

PATIENCE_S = 15
TOKEN_LIFE_S = 15 * 60
PUBLIC_URL = "https://studio.example.org"


def discord_app(
    conversation: Conversation, folder: Path, *, public_url: str = "", edit_s: float = 0.0
) -> DiscordApp:
    """The front-end as the composition root makes it."""
    blobs = DiskBlobs(folder / "blobs")
    can = CardStudio(blobs).capabilities()
    extras = Extras(
        vocabulary=partial(named, WORDS, can),
        say=WORDS.locales.say,
        link=FileLinks("secret", public_url).link,
    )
    words = partial(explain, WORDS)
    return DiscordApp("token", conversation, blobs, words, extras=extras, edit_s=edit_s)


class Desktop:
    """Alex, and Sam who looks on."""

    def __init__(self, env: simcord.Env, app: DiscordApp) -> None:
        self.env, self.app = env, app
        self.guild = guild = env.create_guild()
        self.channel = guild.create_text_channel("general")
        self.user = env.create_user("alex")
        self.member = guild.add_member(self.user)
        self.stranger = guild.add_member(env.create_user("sam"))

    @property
    def session(self) -> str:
        """Alex's session in the guild's channel."""
        return Address(self.user.id, self.channel.id).session

    @property
    def me(self) -> str:
        """How to name the bot in a message."""
        user = self.app.client.user
        assert user
        return user.mention

    async def slash(self, command: str, **options: Any) -> Any:
        """Use a command in the guild."""
        result = await self.member.slash(self.channel, command, **options)
        await self.settled()
        return result

    async def menu(self, name: str, message: discord.Message, who: Any = None) -> Any:
        """Use a message menu in the guild."""
        result = await (who or self.member).context_menu(self.channel, name, message)
        await self.settled()
        return result

    async def tap(self, message: discord.Message, label: str, who: Any = None) -> Any:
        """Tap a button."""
        result = await (who or self.member).click(message, label=label)
        await self.settled()
        return result

    async def pick(self, message: discord.Message, label: str) -> Any:
        """Pick from the message's menu."""
        value = {o.label: o.value for o in menu_of(message).options}[label]
        result = await self.member.select(message, [value], custom_id=menu_of(message).custom_id)
        await self.settled()
        return result

    async def submit(self, shown: Any, **values: Any) -> Any:
        """Fill and send a form."""
        result = await self.member.submit_modal(shown, values)
        await self.settled()
        return result

    async def dm(self, text: str, *files: tuple[str, bytes]) -> None:
        """Write to the bot in private."""
        backend, channel = self.env.backend, self.user.dm_channel
        await self.user.send_dm(text, attachments=backend.store_attachments(channel.id, files))
        await self.settled()

    async def say(self, text: str, **options: Any) -> discord.Message:
        """Write in the guild's channel."""
        message = await self.member.send(self.channel, text, **options)
        await self.settled()
        return message

    async def post(self, seq: int, entry: Entry) -> None:
        """Say something to this person in the guild's channel, as a job would."""
        await self.app.channel(self.session).send(Posted(seq, entry))
        await self.settled()

    async def answer_in_private(self, text: str, message: discord.Message) -> None:
        """Reply in direct messages."""
        reference = {"message_id": str(message.id)}
        channel = self.user.dm_channel
        self.env.backend.create_message(channel.id, self.user.id, text, reference=reference)
        await self.env.settle()
        await self.settled()

    async def answer_quietly(self, text: str, message: discord.Message) -> None:
        """Reply in the guild's channel with the ping switched off."""
        reference = {"message_id": str(message.id)}
        quiet = AllowedMentions(replied_user=False)
        self.env.backend.create_message(
            self.channel.id, self.member.id, text, reference=reference, allowed_mentions=quiet
        )
        await self.env.settle()
        await self.settled()

    async def offer(self, own: Own) -> None:
        """Put a button before everybody, as a forwarded or an old message would."""
        channel: Any = self.app.client.get_channel(self.channel.id)
        await channel.send("old", view=components((), Address(0), (own,)))

    def requests(self, method: str, path: str) -> list[dict[str, Any]]:
        """What the bot asked of Discord, by the end of the path."""
        found = [r for r in self.env.http_requests if r.method == method and r.path.endswith(path)]
        return [r.json or {} for r in found]

    async def settled(self) -> None:
        """Wait until everything said is on its way."""
        await self.app.outboxes.drained()

    def private(self) -> list[discord.Message]:
        """What the bot wrote in direct messages."""
        return self._by_bot(self.user.dm_channel.history())

    def public(self) -> list[discord.Message]:
        """What the bot wrote where the whole guild could read it."""
        return [m for m in self._by_bot(self.channel.history()) if not m.flags.ephemeral]

    def answers(self, viewer: Any = None) -> list[discord.Message]:
        """What the bot wrote in the guild's channel for one person's eyes."""
        history = self.channel.history(viewer=viewer or self.member)
        return [m for m in self._by_bot(history) if m.flags.ephemeral]

    def _by_bot(self, messages: list[discord.Message]) -> list[discord.Message]:
        return [m for m in messages if m.author == self.app.client.user]

    async def until(self, holds: Callable[[], Any]) -> Any:
        """Wait until something holds; returns it."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := holds()):  # noqa: ASYNC110 - the simulation has no event
                await asyncio.sleep(0.005)
        return found

    async def picture(self) -> discord.Message:
        """Wait for the answer that carries a picture."""
        return await self.until(
            lambda: next((m for m in reversed(self.answers()) if finished(m)), None)
        )


@asynccontextmanager
async def desktop(guest: Any, folder: Path, **options: Any) -> AsyncIterator[Desktop]:
    """Discord, open, with this sitting's conversation behind it."""
    app = discord_app(guest.conversation, folder, **options)
    async with simcord.run(app.client) as env:
        yield Desktop(env, app)


@contextmanager
def speaking(alex: Desktop, *, user: str, guild: str) -> Iterator[None]:
    """Everybody's client and the guild speak these languages; simcord only knows en-US."""
    emit = alex.env.backend.emit

    def translated(event: str, payload: Any) -> Any:
        if event == "INTERACTION_CREATE":
            payload = {**payload, "locale": user, "guild_locale": guild}
        return emit(event, payload)

    alex.env.backend.emit = translated  # type: ignore[method-assign]  # what Discord would send
    try:
        yield
    finally:
        alex.env.backend.emit = emit  # type: ignore[method-assign]


def finished(message: discord.Message) -> bool:
    """Whether a message shows a finished picture."""
    return any(a.filename.startswith("northlight-") for a in message.attachments)


def taps(message: discord.Message) -> dict[str, str]:
    """Labels and custom ids of a message's buttons."""
    items = (item for row in message.components for item in getattr(row, "children", ()))
    return {i.label or "": i.custom_id or "" for i in items if isinstance(i, discord.Button)}


def menu_of(message: discord.Message) -> discord.SelectMenu:
    """A message's only menu; fails the test when there is none."""
    items = (item for row in message.components for item in getattr(row, "children", ()))
    (menu,) = [item for item in items if isinstance(item, discord.SelectMenu)]
    return menu
