"""From Telegram's messages and taps to turns."""

from collections.abc import Awaitable, Callable, Sequence

from telegram import CallbackQuery, Chat, Document, Message, PhotoSize, User
from telegram.constants import ChatType

from bot.core.turns import Turn, Upload
from bot.errors import NorthlightError
from bot.frontends.telegram_manners import command_of, text_of, without_mention
from engine.errors import PhotoRejected

PREFIX = "telegram"
MAX_DOWNLOAD = 20 * 1024 * 1024  # bytes; getFile gives no more

Shown = Callable[[str, str], Awaitable[str]]
"""`(session id, message id)` to the picture that the message shows, or ""."""


class OnlyWordsAndPhotos(NorthlightError):
    """A voice message, a sticker, a film: nothing the studio can work with."""

    code = "only_words_and_photos"


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


def is_shared(chat: int) -> bool:
    """Whether a chat is a group: their ids are negative."""
    return chat < 0


async def to_turn(
    messages: Sequence[Message], user: User, bot: User, client_id: str, shown: Shown
) -> Turn:
    """A message (or the messages of one album) as a turn; its photos are downloaded.

    An answer to one of the person's own photos brings that photo along, an answer to a picture of
    the studio's says which one is meant.

    Raises:
        PhotoRejected: The file is too heavy, or no picture.
        OnlyWordsAndPhotos: There is nothing in it that the studio understands.
        telegram.error.TelegramError: The download failed.
    """
    first = messages[0]
    speaking = next((m for m in messages if text_of(m)), first)
    command = command_of(speaking)
    text = command.words if command else without_mention(text_of(speaking), bot)
    intent = command.intent if command else None
    photos = await _uploads(messages) or await _pointed_at(first, user)
    if not text and not intent and not photos:
        if not text_of(speaking):
            raise OnlyWordsAndPhotos
        intent = "help"  # only our name was called
    session = session_of(first.chat, user)
    photo, *more = photos or [None]
    return Turn(
        session, person_of(user), text, photo=photo, more=tuple(filter(None, more)),
        client_id=client_id, intent=intent, about=await _about(first, session, bot, shown),
        places=places_of(first.chat), shared=is_shared(first.chat.id),
        language=user.language_code or "",
    )  # fmt: skip


def tap_turn(query: CallbackQuery, chat: Chat, client_id: str) -> Turn:
    """A tapped button as a turn."""
    session, person = session_of(chat, query.from_user), person_of(query.from_user)
    places = places_of(chat)
    return Turn(
        session, person, choice=query.data or "", client_id=client_id, places=places,
        shared=is_shared(chat.id), language=query.from_user.language_code or "",
    )  # fmt: skip


async def _uploads(messages: Sequence[Message]) -> list[Upload]:
    """The photos among them; a film in an album is left out, alone it is refused."""
    found, refused = [], None
    for message in messages:
        try:
            if upload := await _upload(message):
                found.append(upload)
        except PhotoRejected as error:
            refused = error
    if refused and not found:
        raise refused
    return found


async def _pointed_at(message: Message, user: User) -> list[Upload]:
    pointed = message.reply_to_message
    if pointed is None or pointed.from_user is None or pointed.from_user.id != user.id:
        return []
    return await _uploads([pointed]) if pointed.photo or pointed.document else []


async def _about(message: Message, session: str, bot: User, shown: Shown) -> str:
    pointed = message.reply_to_message
    if pointed is None or pointed.from_user is None or pointed.from_user.id != bot.id:
        return ""
    return await shown(session, str(pointed.message_id))


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
