"""Who is spoken to, and whose a photo is: in a group the bot minds its own business."""

import re

from msgspec import Struct
from telegram import Message, User
from telegram.constants import ChatType, MessageEntityType

from bot.core.intents import Intent
from bot.frontends.chat_commands import MENU, intent_of, words_of

OURS = (*MENU, "start")
_COMMAND = re.compile(r"/(\w{1,32})(?:@(\w+))?(?:\s+|$)(.*)", re.DOTALL)
_MENTIONS: list[str | None] = [MessageEntityType.MENTION, MessageEntityType.TEXT_MENTION]


class Command(Struct, frozen=True):
    """`/name@bot argument`; `bot` is empty when nobody is named."""

    name: str
    bot: str = ""
    argument: str = ""

    @property
    def intent(self) -> Intent | None:
        """What it means outright; None when its words have to be read."""
        return intent_of(self.name, self.argument)

    @property
    def words(self) -> str:
        """What it says to the conversation."""
        return self.argument if self.intent else words_of(self.name, self.argument)


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


def is_private(message: Message) -> bool:
    """Whether nobody else reads this chat."""
    return message.chat.type == ChatType.PRIVATE


def is_for(message: Message, bot: User) -> bool:
    """In private everything is for us; in a group a command, a mention, or an answer to us."""
    command, username = command_of(message), (bot.username or "").lower()
    if command and command.bot:
        return command.bot == username
    if is_private(message):
        return True
    if command:
        return command.name in OURS
    return _mentions(message, bot) or _answers(message, bot)


def without_mention(text: str, bot: User) -> str:
    """The words without our own name.

    >>> without_mention("@Studio_Bot, a man in grey", User(1, "S", True, username="studio_bot"))
    'a man in grey'
    """
    name = re.compile(rf"@{re.escape(bot.username or '')}\b[,:]?", re.IGNORECASE)
    return " ".join(name.sub(" ", text).split(" ")).strip()


def photo_of_another(message: Message, user: User, bot: User) -> bool:
    """Whether the message points at a photo that somebody else sent."""
    pointed = message.reply_to_message
    if pointed is None or not (pointed.photo or pointed.document) or pointed.from_user is None:
        return False
    return pointed.from_user.id not in (user.id, bot.id)


def _mentions(message: Message, bot: User) -> bool:
    found = message.parse_entities(_MENTIONS) | message.parse_caption_entities(_MENTIONS)
    by_name = any(said.casefold() == f"@{bot.username}".casefold() for said in found.values())
    return by_name or any(entity.user and entity.user.id == bot.id for entity in found)


def _answers(message: Message, bot: User) -> bool:
    answered = message.reply_to_message
    if answered is None or answered.from_user is None:
        return False
    # In a forum every message "answers" the one that opened its topic.
    return answered.from_user.id == bot.id and answered.forum_topic_created is None
