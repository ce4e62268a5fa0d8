"""Whether the studio takes new work, and when turns under way have to end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal

from bot.errors import StudioClosed

State = Literal["open", "paused", "draining", "closing"]


class Door:
    """open: all goes on. paused: people are heard, new shots wait. draining: shots are finished,
    nothing new is taken. closing: the process ends.
    """

    def __init__(self) -> None:
        self.state: State = "open"
        self._turns: set[asyncio.Timeout] = set()
        self._news = asyncio.Condition()

    @property
    def holds_shots(self) -> bool:
        """Whether shots that have not begun must wait."""
        return self.state in ("paused", "closing")

    async def move(self, state: State) -> None:
        """Open, pause, drain or close."""
        self.state = state
        await self.tell()

    async def tell(self) -> None:
        """Let everybody who waits look again."""
        async with self._news:
            self._news.notify_all()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds that `move` or `tell` may have changed."""
        async with self._news:
            await self._news.wait_for(holds)

    @asynccontextmanager
    async def turn(self, *, always: bool = False) -> AsyncIterator[None]:
        """Around one turn; `always` for those that are heard while draining.

        Raises:
            StudioClosed: Nothing new is taken (`closing`, `draining`), or the turn had to be cut
                short (`interrupted`).
        """
        if self.state == "closing" or (self.state == "draining" and not always):
            raise StudioClosed(self.state)
        limit = asyncio.timeout(None)
        try:
            async with limit:
                self._turns.add(limit)
                yield
        except TimeoutError as error:
            if limit.expired():
                raise StudioClosed("interrupted") from error
            raise
        finally:
            self._turns.discard(limit)
            await self.tell()

    async def close(self, grace_s: float) -> None:
        """Take nothing new; turns under way have `grace_s` seconds to end."""
        await self.move("closing")
        deadline = asyncio.get_running_loop().time() + grace_s
        for limit in self._turns:
            limit.reschedule(deadline)
        await self.until(lambda: not self._turns)
