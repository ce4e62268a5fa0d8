"""Turns on their way to the conversation: each is answered even when its page has gone."""

import asyncio
from collections.abc import Callable

from bot.core.apologies import apology
from bot.core.conversation import Conversation
from bot.core.replies import Apology, Posted
from bot.core.turns import Turn
from bot.frontends.web_frames import Ack
from bot.frontends.web_hub import Hub


class Turns:
    """Hands turns over and acknowledges them; `explain(code, error_id=…)` words what went wrong."""

    def __init__(self, conversation: Conversation, hub: Hub, explain: Callable[..., str]) -> None:
        self._conversation = conversation
        self._hub = hub
        self._explain = explain

    def take(self, turn: Turn) -> asyncio.Task[None]:
        """Start answering; the task ends when the turn is answered, and never fails."""
        return self._hub.spawn(self._answer(turn))

    def apology(self, code: str, error_id: str = "") -> Posted:
        """A sentence that is shown but not kept (its place is 0)."""
        return Posted(0, Apology(self._explain(code, error_id=error_id), code, error_id))

    def mishap(self, error: Exception) -> Posted:
        """Log what nobody foresaw, and the words for it, under one id."""
        return Posted(0, apology(self._explain, error, "taking a turn"))

    async def _answer(self, turn: Turn) -> None:
        try:
            await self._conversation.handle(turn, self._hub.channel(turn.session))
        except Exception as error:
            self._hub.tell(turn.session, self.mishap(error))
        self._hub.tell(turn.session, Ack(turn.client_id))
