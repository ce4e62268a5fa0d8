"""A chat whose line can be cut at every moment: the real outbox before a platform of switches."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.core.conversation import Conversation
from bot.core.deliveries import Deliveries
from bot.core.replies import Apology, Entry, Gallery, Posted
from bot.core.session import Delivery
from bot.frontends.chat_accounts import OutOfReach
from bot.frontends.chat_outbox import Outbox, Outboxes, Pace

E = TypeVar("E", bound=Entry)
PATIENCE_S = 15
RESULTS = (Gallery, Apology)


class Unplugged(Exception):
    """No connection was had."""


class ScriptedMailbox:
    """An `Outbox` in front of a platform that does what its switches say, to results only."""

    def __init__(self, session: str, deliveries: Deliveries) -> None:
        self.shown: list[Posted] = []
        self.tried = 0
        self.out_of_reach = False
        self.unplugged = 0  # attempts that find no connection
        self.answers_lost = 0  # attempts that arrive without us hearing of it
        self._stopped = asyncio.Event()
        self._stop_while_sending = False
        pace = Pace(0.0, lambda e: isinstance(e, Unplugged), pauses=(0.0,), longest_s=0.001)
        outboxes = Outboxes(lambda _: self._arrive, pace, deliveries)
        self._ready = outboxes.ready
        self._ready.set()
        self._outbox: Outbox = outboxes.channel(session)
        self._stop_before = False

    def stop_before_sending(self) -> None:
        """The process ends when a result is about to be sent."""
        self._stop_before = True

    def stop_while_sending(self) -> None:
        """The process ends while a result is on its way."""
        self._stop_while_sending = True

    async def send(self, posted: Posted) -> None:
        """Queue, unless the process has ended."""
        if not self._stopped.is_set():
            await self._outbox.send(posted)

    async def deliver(self, delivery: Delivery) -> None:
        """Queue, unless the process ends here."""
        if self._stop_before and isinstance(delivery.posted.entry, RESULTS):
            self.tried += 1
            self._stopped.set()
        if not self._stopped.is_set():
            await self._outbox.deliver(delivery)

    async def drained(self) -> None:
        """Everything has arrived, or the process has ended."""
        ended = asyncio.create_task(self._stopped.wait())
        idle = asyncio.create_task(self._outbox.drained())
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait({ended, idle}, return_when=asyncio.FIRST_COMPLETED)
        for task in (ended, idle):
            task.cancel()

    def of(self, kind: type[E]) -> list[E]:
        """What arrived of one kind."""
        return [p.entry for p in self.shown if isinstance(p.entry, kind)]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(PATIENCE_S):
            while not holds():  # noqa: ASYNC110 - several things may change
                await asyncio.sleep(0.002)

    async def _arrive(self, posted: Posted) -> None:
        if not isinstance(posted.entry, RESULTS):
            self.shown.append(posted)
            return
        self.tried += 1
        await self._cut()
        self.shown.append(posted)
        if self.answers_lost:
            self.answers_lost -= 1
            raise TimeoutError

    async def _cut(self) -> None:
        if self._stop_while_sending:
            self._stopped.set()
            await asyncio.Event().wait()
        if self.out_of_reach:
            raise OutOfReach
        if self.unplugged:
            self.unplugged -= 1
            raise Unplugged


class Mailboxes:
    """One mailbox per session."""

    def __init__(self, deliveries: Deliveries) -> None:
        self._deliveries = deliveries
        self._open: dict[str, ScriptedMailbox] = {}

    def channel(self, session: str) -> ScriptedMailbox:
        """The session's mailbox."""
        if session not in self._open:
            self._open[session] = ScriptedMailbox(session, self._deliveries)
        return self._open[session]


def mailboxes(conversation: Conversation) -> Mailboxes:
    """Mailboxes that keep this conversation's account."""
    return Mailboxes(conversation.deliveries)
