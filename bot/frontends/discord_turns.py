"""From Discord's messages and attachments to turns."""

from collections.abc import Sequence

import discord
from msgspec import structs

from bot.core.turns import Turn, Upload
from bot.errors import NorthlightError
from bot.frontends.chat_pictures import render_of
from bot.frontends.discord_addresses import Address, places_of
from engine.errors import PhotoRejected

MAX_DOWNLOAD = 20 * 1024 * 1024  # bytes of one photo, as on every other front-end
MAX_ALBUM = 3 * MAX_DOWNLOAD  # bytes of all photos in one message
SPOKEN = (discord.MessageType.default, discord.MessageType.reply)


class OnlyWordsAndPhotos(NorthlightError):
    """A sticker, a poll, an empty message: nothing the studio can work with."""

    code = "only_words_and_photos"


def turn(address: Address, source: discord.Interaction | discord.Message, text: str = "") -> Turn:
    """A turn of this person, as it came from Discord."""
    return Turn(
        address.session,
        address.person,
        text.strip(),
        client_id=str(source.id),
        places=places_of(source),
        language=str(getattr(source, "locale", "")),
    )


async def arrived(turn: Turn, files: Sequence[discord.Attachment]) -> Turn:
    """The turn with its photos downloaded; among several files those that are none are left out.

    Raises:
        PhotoRejected: A file is too heavy, or none is a picture.
        OnlyWordsAndPhotos: There is nothing in it that the studio understands.
        discord.HTTPException: The download failed.
    """
    photos = [file for file in files if is_picture(file)]
    if files and not photos:
        raise PhotoRejected(f"a file of type {files[0].content_type}", code="photo_not_an_image")
    if not turn.text and not turn.intent and not photos:
        raise OnlyWordsAndPhotos
    _weigh(photos)
    uploads = [Upload(await photo.read(), photo.filename) for photo in photos]
    return structs.replace(turn, photo=next(iter(uploads), None), more=tuple(uploads[1:]))


def _weigh(photos: Sequence[discord.Attachment]) -> None:
    heaviest, together = max((p.size for p in photos), default=0), sum(p.size for p in photos)
    if heaviest > MAX_DOWNLOAD or together > MAX_ALBUM:
        raise PhotoRejected(f"{together} bytes", code="photo_too_heavy")


def is_picture(file: discord.Attachment) -> bool:
    """Whether an attachment may be a picture; Discord does not know every camera's type."""
    return (file.content_type or "image/").startswith("image/")


def is_addressed(message: discord.Message, me: discord.ClientUser | None) -> bool:
    """Whether a message is for the bot: in private always, in a guild by mention or reply."""
    if message.author.bot or message.type not in SPOKEN or me is None:
        return False
    if message.guild is None:
        return True
    return names(message, me) or replied(message, me) is not None


def names(message: discord.Message, me: discord.ClientUser | None) -> bool:
    """Whether a message names the bot; in private all of them do."""
    return message.guild is None or any(me and user.id == me.id for user in message.mentions)


def spoken_at(message: discord.Message) -> Address:
    """Whose session a message belongs to."""
    return Address(message.author.id, message.channel.id if message.guild else 0)


def replied(message: discord.Message, me: discord.ClientUser | None) -> discord.Message | None:
    """The message of the bot's that this one answers."""
    before = message.reference.resolved if message.reference else None
    if not isinstance(before, discord.Message) or me is None:
        return None
    return before if before.author.id == me.id else None


def words_in(message: discord.Message, me: discord.ClientUser | None) -> str:
    """What is said, without the bot's name."""
    text = message.content
    for mention in _mentions(me):
        text = text.replace(mention, " ")
    return text.strip()


def is_hidden(message: discord.Message, me: discord.ClientUser | None) -> bool:
    """Whether Discord may have hidden what was said: it shows bots only what names them."""
    named = any(mention in message.content for mention in _mentions(me))
    return message.guild is not None and not named and not message.attachments


def _mentions(me: discord.ClientUser | None) -> tuple[str, ...]:
    return (f"<@{me.id}>", f"<@!{me.id}>") if me else ()


def renders_in(files: Sequence[discord.Attachment]) -> list[str]:
    """The pictures of this studio's among a message's files."""
    return [render for file in files if (render := render_of(file.filename))]
