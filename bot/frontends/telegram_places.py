"""Where in a shared chat a person spoke last: answers hang on that message, in its topic."""

from collections import OrderedDict
from contextlib import suppress

from msgspec import Struct
from telegram import Message, ReplyParameters

from bot.core.conversation import Conversation
from bot.errors import NorthlightError

MAX_PLACES = 2000


class Place(Struct, frozen=True):
    """A message, and the forum topic it stands in (0: none)."""

    message: int = 0
    thread: int = 0

    @property
    def address(self) -> dict[str, object]:
        """The parameters every send method takes, to answer there."""
        found: dict[str, object] = {}
        if self.message:
            # The person may have deleted it meanwhile; they are answered anyway.
            found["reply_parameters"] = ReplyParameters(
                self.message, allow_sending_without_reply=True
            )
        if self.thread:
            found["message_thread_id"] = self.thread
        return found


NOWHERE = Place()


class Places:
    """Remembers places in memory and, for the time after a restart, in the conversation."""

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._known: OrderedDict[str, Place] = OrderedDict()

    async def spoken(self, session_id: str, message: Message) -> None:
        """Somebody spoke here."""
        thread = message.message_thread_id if message.is_topic_message else None
        place = Place(message.message_id, thread or 0)
        self._keep(session_id, place)
        with suppress(NorthlightError):  # it is known here, and asked for again after a restart
            await self._conversation.note_place(session_id, f"{place.message}/{place.thread}")

    async def of(self, session_id: str) -> Place:
        """Where to answer; anywhere in the chat, where that cannot be looked up."""
        if session_id not in self._known:
            try:
                numbers = (await self._conversation.place(session_id)).split("/")
            except NorthlightError:
                return NOWHERE
            known = len(numbers) == 2 and all(n.isdigit() for n in numbers)
            self._keep(session_id, Place(*map(int, numbers)) if known else NOWHERE)
        return self._known[session_id]

    def _keep(self, session_id: str, place: Place) -> None:
        self._known[session_id] = place
        self._known.move_to_end(session_id)
        if len(self._known) > MAX_PLACES:
            self._known.popitem(last=False)
