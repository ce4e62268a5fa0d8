"""From Telegram's messages and taps to turns."""

import re

from msgspec import Struct
from telegram import CallbackQuery, Chat, Document, Message, PhotoSize, User
from telegram.constants import ChatType

from bot.core.turns import Turn, Upload
from bot.errors import NorthlightError
from bot.frontends.chat_commands import words_of
from engine.errors import PhotoRejected

PREFIX = "telegram"
MAX_DOWNLOAD = 20 * 1024 * 1024  # bytes; getFile gives no more

_COMMAND = re.compile(r"/(\w{1,32})(?:@(\w+))?(?:\s+|$)(.*)", re.DOTALL)


class OnlyWordsAndPhotos(NorthlightError):
    """A voice message, a sticker, a film: nothing the studio can work with."""

    code = "only_words_and_photos"


class Command(Struct, frozen=True):
    """`/name@bot argument`; `bot` is empty when nobody is named."""

    name: str
    bot: str = ""
    argument: str = ""

    @property
    def words(self) -> str:
        """What the command says to the conversation."""
        return words_of(self.name, self.argument)


def session_of(chat: Chat, user: User) -> str:
    """The session's id: of the chat; in a group, of each person in it."""
    if chat.type == ChatType.PRIVATE:
        return f"{PREFIX}:{chat.id}"
    return f"{PREFIX}:{chat.id}:{user.id}"


def person_of(user: User) -> str:
    """The person's id."""
    return f"{PREFIX}:{user.id}"


def places_of(chat: Chat) -> tuple[str, ...]:
    """The chat, for guest lists."""
    return (f"{PREFIX}:{chat.id}",)


def chat_of(session_id: str) -> int:
    """The chat a session's replies go to."""
    return int(session_id.split(":")[1])


def command_of(message: Message) -> Command | None:
    """The command a message (or a photo's caption) begins with.

    >>> from telegram import Message, Chat
    >>> chat = Chat(1, "private")
    >>> command_of(Message(1, None, chat, text="/portrait@studio a man")).words
    'a man'
    """
    match = _COMMAND.match(text_of(message))
    if match is None:
        return None
    name, bot, argument = match.groups(default="")
    return Command(name.lower(), bot.lower(), argument.strip())


def text_of(message: Message) -> str:
    """What was written: a text, or the words under a photo."""
    return (message.text or message.caption or "").strip()


def is_for(message: Message, username: str) -> bool:
    """In private everything is for us; in a group, only a command that names us."""
    command = command_of(message)
    if message.chat.type == ChatType.PRIVATE:
        return command is None or command.bot in ("", username.lower())
    return command is not None and command.bot == username.lower()


async def to_turn(message: Message, user: User, client_id: str) -> Turn:
    """The message as a turn; its photo is downloaded.

    Raises:
        PhotoRejected: The file is too heavy, or no picture.
        OnlyWordsAndPhotos: There is nothing in it that the studio understands.
        telegram.error.TelegramError: The download failed.
    """
    command = command_of(message)
    text = command.words if command else text_of(message)
    photo = await _upload(message)
    if not text and photo is None:
        raise OnlyWordsAndPhotos
    session, person = session_of(message.chat, user), person_of(user)
    places = places_of(message.chat)
    return Turn(session, person, text, photo=photo, client_id=client_id, places=places)


def tap_turn(query: CallbackQuery, chat: Chat, client_id: str) -> Turn:
    """A tapped button as a turn."""
    session, person = session_of(chat, query.from_user), person_of(query.from_user)
    places = places_of(chat)
    return Turn(session, person, choice=query.data or "", client_id=client_id, places=places)


async def _upload(message: Message) -> Upload | None:
    if message.photo:
        return await _download(message.photo[-1], "photo.jpg")
    if message.document is None:
        return None
    # An animation comes as a document too, and is no still picture.
    kind = message.document.mime_type or ""
    if message.animation or not kind.startswith("image/"):
        raise PhotoRejected(f"a document of type {kind}", code="photo_not_an_image")
    return await _download(message.document, message.document.file_name or "photo")


async def _download(sent: PhotoSize | Document, name: str) -> Upload:
    if (sent.file_size or 0) > MAX_DOWNLOAD:
        raise PhotoRejected(f"{sent.file_size} bytes", code="photo_too_heavy")
    file = await sent.get_file()
    return Upload(bytes(await file.download_as_bytearray()), name)
