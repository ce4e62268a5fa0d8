"""The way in: turns of one chat in order, every failure a sentence, shutdown waits for answers."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.core.apologies import apology
from bot.core.conversation import Conversation
from bot.core.locks import Locks
from bot.core.ports import Channel
from bot.core.replies import Posted
from bot.core.turns import Turn

Words = Callable[..., str]
Arrive = Callable[[], Awaitable[Turn]]


class Turnstile:
    """Hands turns to the conversation. `words(key, **facts)` is a sentence of the replies."""

    def __init__(self, conversation: Conversation, words: Words) -> None:
        self._conversation, self._words = conversation, words
        self._locks = Locks()
        self._under_way: set[asyncio.Task[None]] = set()

    async def take(self, session_id: str, arrive: Arrive, channel: Channel) -> None:
        """Fetch a turn (a photo may have to be downloaded) and answer it, after earlier ones."""
        async with self._locks(session_id):
            await self._answer(arrive, channel)

    async def tap(self, turn: Turn, channel: Channel) -> None:
        """Answer a tap at once: a cancel must not wait behind a photo that is still arriving."""

        async def arrive() -> Turn:
            return turn

        await self._answer(arrive, channel)

    async def attempt(self, work: Awaitable[None], channel: Channel) -> None:
        """Do what is no turn; what goes wrong in it is a sentence all the same."""
        try:
            await work
        except Exception as error:
            await channel.send(Posted(0, apology(self._words, error, "taking a turn")))

    async def close(self, grace_s: float = 4.0) -> None:
        """Wait for turns under way, for `grace_s` seconds at most."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=grace_s)

    async def _answer(self, arrive: Arrive, channel: Channel) -> None:
        # A task of its own: it is counted, and outlives a platform's handler that is cancelled.
        task = asyncio.create_task(self._pass(arrive, channel))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await asyncio.shield(task)

    async def _pass(self, arrive: Arrive, channel: Channel) -> None:
        async def handled() -> None:
            await self._conversation.handle(await arrive(), channel)

        await self.attempt(handled(), channel)
