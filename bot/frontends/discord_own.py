"""What Discord's own buttons do: show, share and take back, the lossless file, the brief's form."""

import hashlib
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import discord
from msgspec import structs

from bot.core.replies import Gallery, Heard, Picture
from bot.frontends.chat_cards import Words
from bot.frontends.chat_pictures import Limits, Prints, Sheet
from bot.frontends.discord_addresses import Address, address_for
from bot.frontends.discord_buttons import Own, components
from bot.frontends.discord_commands import Vocabulary
from bot.frontends.discord_entry import Entry
from bot.frontends.discord_form import brief_of, form
from bot.frontends.discord_turns import turn
from bot.frontends.discord_ways import ENVELOPE, NONCE, WordsIn, files_of

log = logging.getLogger(__name__)

SHOWN = 25  # entries, the latest ones, when somebody opens the door late
MIB = 1024 * 1024
LinkTo = Callable[[str, str], str]
"""`link(blob, name)`: an address for a file, "" where this studio has none to give."""


class OwnButtons:
    """Answers taps that the conversation knows nothing of. Only the asker's own count."""

    def __init__(
        self,
        entry: Entry,
        prints: Prints,
        words_in: WordsIn,
        link: LinkTo,
        vocabulary: Vocabulary,
    ) -> None:
        self._entry, self._prints = entry, prints
        self._words_in, self._link, self._vocabulary = words_in, link, vocabulary
        self._sharing: set[tuple[int, str]] = set()

    async def do(self, interaction: discord.Interaction, verb: str, rest: str) -> None:
        """What a button of this front-end's own does."""
        verbs = {
            "show": self.show,
            "share": self.share,
            "unshare": self.unshare,
            "file": self.file,
            "edit": self.edit,
            "upscale": self.upscale,
        }
        if verb in verbs:
            await verbs[verb](interaction, rest)
        else:
            await self.tell(interaction, "unknown_choice")

    async def show(self, interaction: discord.Interaction, rest: str) -> None:
        """Open the door that somebody knocked at: what was said since goes to them alone."""
        user, channel, after = (int(part) for part in rest.split(":"))
        if interaction.user.id != user:
            await self.tell(interaction, "not_yours")
            return
        address = Address(user, channel)
        await self._entry.let_in(interaction, address)
        await self._catch_up(address.session, after)
        if interaction.message:
            with suppress(discord.HTTPException):
                await interaction.message.delete()

    async def share(self, interaction: discord.Interaction, rest: str) -> None:
        """Post one picture for everybody in this channel, once per message."""
        message, sharing = interaction.message, (getattr(interaction.message, "id", 0), rest)
        if sharing in self._sharing:
            await interaction.response.defer()
            return
        self._sharing.add(sharing)
        try:
            await interaction.response.defer()
            address, picture = await self.find(interaction, rest)
            if picture is None or interaction.channel_id != address.channel:
                await self.tell(
                    interaction, "picture_gone" if picture is None else "share_elsewhere"
                )
            elif await self._post(interaction, picture) and message:
                await interaction.edit_original_response(view=_without(message, rest))
        finally:
            self._sharing.discard(sharing)

    async def unshare(self, interaction: discord.Interaction, rest: str) -> None:
        """Take a shared picture down again."""
        if str(interaction.user.id) != rest:
            await self.tell(interaction, "not_yours")
            return
        await interaction.response.defer()
        if interaction.message:
            with suppress(discord.NotFound):
                await interaction.message.delete()

    async def file(self, interaction: discord.Interaction, rest: str) -> None:
        """The lossless file itself where it fits by now, else a link, else where it lies."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        _, picture = await self.find(interaction, rest)
        if picture is None:
            await self.tell(interaction, "picture_gone")
            return
        sheet = await self._prints.original(picture, Limits(_limit(interaction)))
        words = self.words_for(interaction)
        if sheet:
            text = words("gallery_file")
        elif link := self._link(picture.full, _file_name(picture)):
            text = words("lossless_link", link=link)
        else:
            mib = f"{_limit(interaction) / MIB:.0f}"
            text = words("lossless_stays", mib=mib, file=picture.full)
        await interaction.followup.send(
            text, files=files_of([sheet] if sheet else []), ephemeral=True
        )

    async def edit(self, interaction: discord.Interaction, rest: str) -> None:
        """Show the brief as a form. Discord wants a form at once, or not at all."""
        address = Address(interaction.user.id, int(rest))
        brief = brief_of(await self._entry.conversation.transcript(address.session))
        if brief is None:
            await self.tell(interaction, "not_yours")
            return
        filled = form(brief, address.channel, self._vocabulary, self.words_for(interaction))
        await interaction.response.send_modal(filled)

    async def upscale(self, interaction: discord.Interaction, rest: str) -> None:
        """Enlarge the picture chosen among several."""
        channel, _, render = rest.partition(":")
        await self.enlarge(interaction, Address(interaction.user.id, int(channel)), render)

    async def enlarge(
        self, interaction: discord.Interaction, address: Address, render: str
    ) -> None:
        """Enlarge one picture; the conversation says so when that cannot be done."""
        await self._entry.let_in(interaction, address, thinking=True)
        said = turn(address, interaction)
        await self._entry.take(structs.replace(said, intent="upscale", about=render))

    async def find(
        self, interaction: discord.Interaction, rest: str
    ) -> tuple[Address, Picture | None]:
        """A picture of `<channel>:<render>`, if it is this person's and still there."""
        channel, _, render = rest.partition(":")
        address = Address(interaction.user.id, int(channel))
        return address, await self.picture(address, render)

    async def picture(self, address: Address, render: str) -> Picture | None:
        """One of a session's pictures, by its render."""
        for posted in reversed(await self._entry.conversation.transcript(address.session)):
            if isinstance(posted.entry, Gallery):
                for picture in posted.entry.pictures:
                    if render and picture.render == render:
                        return picture
        return None

    def words_for(self, interaction: discord.Interaction) -> Words:
        """The sentences in this person's language."""
        return self._words_in(str(interaction.locale))

    async def tell(self, interaction: discord.Interaction, key: str, **facts: object) -> None:
        """A sentence for the person who tapped, in their language where it exists."""
        text = self.words_for(interaction)(key, **facts)
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.response.send_message(text, ephemeral=True)

    async def _catch_up(self, session: str, after: int) -> None:
        """What was said since a place, and the results that wait: those once."""
        conversation, channel = self._entry.conversation, self._entry.channel(session)
        waiting = {d.posted.seq for d in await conversation.deliveries.unsettled(session)}
        posted = await conversation.transcript(session, after)
        said = [p for p in posted if not isinstance(p.entry, Heard) and p.seq not in waiting]
        for each in said[-SHOWN:]:
            await channel.send(each)
        await conversation.deliveries.catch_up(session, channel)

    async def _post(self, interaction: discord.Interaction, picture: Picture) -> bool:
        sheet = await self._fitting(picture, _limit(interaction))
        if sheet is None:
            await self.tell(interaction, "picture_gone")
            return False
        words = self._words_in(str(interaction.guild_locale or "en-US"))
        channel = interaction.client.get_partial_messageable(interaction.channel_id or 0)
        remove = Own("unshare", str(interaction.user.id), words("btn_unshare"))
        view = components((), address_for(interaction), (remove,))
        assert view is not None
        try:
            # By the bot itself, not through the interaction: replies to that one hide their words.
            await channel.send(
                words("shared", who=interaction.user.mention),
                files=files_of([sheet]),
                view=view,
                nonce=_nonce(interaction, picture),
            )
        except discord.Forbidden:
            await self.tell(interaction, "share_refused")
            return False
        return True

    async def _fitting(self, picture: Picture, size: int) -> Sheet | None:
        limits = Limits(size)
        return await self._prints.original(picture, limits) or await self._prints.preview(
            picture, limits
        )


def _without(message: discord.Message, rest: str) -> discord.ui.View:
    """A message's components with the button of this share greyed out."""
    view: Any = discord.ui.View.from_message(message, timeout=None)
    for item in view.children:
        if getattr(item, "custom_id", "") == f"nl.share:{rest}":
            item.disabled = True
    view.stop()
    return view


def _nonce(interaction: discord.Interaction, picture: Picture) -> str:
    """The same for every tap on one message's button: Discord makes one message of them."""
    message = interaction.message.id if interaction.message else interaction.id
    named = f"{message} {picture.render}"
    return hashlib.sha256(named.encode()).hexdigest()[:NONCE]


def _limit(interaction: discord.Interaction) -> int:
    return interaction.filesize_limit - ENVELOPE


def _file_name(picture: Picture) -> str:
    return f"northlight-{picture.render}.{picture.full.rpartition('.')[2]}"
