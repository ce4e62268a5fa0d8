"""The way out to one chat: in order, at the platform's pace, never holding up whoever speaks."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable

from bot.core.deliveries import Deliveries
from bot.core.replies import Posted, Progress
from bot.core.session import Delivery
from bot.frontends.chat_accounts import Accounts, Deliver, OutOfReach
from bot.frontends.chat_pace import Pace

__all__ = ["Deliver", "Outbox", "Outboxes", "Pace"]

log = logging.getLogger(__name__)

MAX_CHATS = 2000


class Outbox:
    """A `Mailbox` that queues. Waiting progress is replaced by newer progress for the same place.

    Nothing leaves before `ready` is set. Results are accounted for in the `deliveries`; any other
    posting that cannot be delivered is logged: the transcript has it.
    """

    def __init__(
        self,
        session_id: str,
        deliver: Deliver,
        ready: asyncio.Event,
        pace: Pace,
        *,
        deliveries: Deliveries,
    ) -> None:
        self._session_id = session_id
        self._deliver, self._ready, self._pace = deliver, ready, pace
        self._accounts = Accounts(deliveries, deliver, pace)
        self._results: dict[int, Delivery] = {}
        self._waiting: dict[object, Posted] = {}
        self._news = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._begun: set[int] = set()
        self._progress_at = float("-inf")

    async def send(self, posted: Posted) -> None:
        """Queue a posting."""
        self._waiting[posted.seq or object()] = posted
        self._news.set()
        self._accounts.knock.set()
        if self.idle:
            self._worker = asyncio.create_task(self._work())

    async def deliver(self, delivery: Delivery) -> None:
        """Queue a job's result, or the question whether it came."""
        self._results[delivery.posted.seq] = delivery
        await self.send(delivery.posted)

    @property
    def idle(self) -> bool:
        """Whether nothing waits and nothing is on its way."""
        return self._worker is None or self._worker.done()

    async def drained(self) -> None:
        """Wait until everything is delivered or given up."""
        while self._worker is not None and not self._worker.done():
            await asyncio.wait([self._worker])

    async def close(self, grace_s: float) -> None:
        """Deliver what can be delivered within `grace_s` seconds, drop the rest."""
        grace_s = grace_s if self._ready.is_set() else 0
        if self._worker is not None and not self._worker.done():
            _, late = await asyncio.wait([self._worker], timeout=grace_s)
            for worker in late:
                worker.cancel()

    async def _work(self) -> None:
        await self._ready.wait()
        while self._waiting:
            key = self._next()
            if key is None:
                await self._pause()
            else:
                await self._hand_over(self._waiting.pop(key))

    def _next(self) -> object | None:
        early = self._too_early_s() > 0
        return next((k for k, p in self._waiting.items() if not (early and self._paced(p))), None)

    def _paced(self, posted: Posted) -> bool:
        return isinstance(posted.entry, Progress) and posted.seq in self._begun

    def _too_early_s(self) -> float:
        now = asyncio.get_running_loop().time()
        return self._progress_at + self._pace.edit_s - now

    async def _pause(self) -> None:
        self._news.clear()
        waking = asyncio.create_task(self._news.wait())
        await asyncio.wait([waking], timeout=max(self._too_early_s(), 0))
        waking.cancel()

    async def _hand_over(self, posted: Posted) -> None:
        result = self._results.pop(posted.seq, None)
        if result is None:
            await self._try(posted)
        else:
            await self._accounts.send(result, posted, self)
        self._note(posted)

    async def _try(self, posted: Posted) -> None:
        for pause in (*self._pace.pauses, None):
            try:
                await self._deliver(posted)
            except Exception as error:
                if pause is None or not self._pace.passing(error):
                    self._lost(posted, error)
                    break
                await asyncio.sleep(pause)
            else:
                break

    def _note(self, posted: Posted) -> None:
        if not isinstance(posted.entry, Progress):
            return
        self._progress_at = asyncio.get_running_loop().time()
        self._begun.add(posted.seq)
        if posted.entry.state in ("done", "failed", "cancelled"):
            self._begun.discard(posted.seq)

    def _lost(self, posted: Posted, error: Exception) -> None:
        if isinstance(error, OutOfReach):
            log.info("a person is out of reach", extra={"session": self._session_id})
            return
        extra = {"session": self._session_id, "seq": posted.seq}
        log.error("delivery failed", exc_info=error, extra=extra)


class Outboxes:
    """One outbox per session, made when first needed; idle ones are forgotten beyond `MAX_CHATS`.

    `courier(session_id)` gives the function that carries one posting to that session's chat.
    """

    def __init__(
        self,
        courier: Callable[[str], Deliver],
        pace: Pace,
        deliveries: Deliveries,
        max_chats: int = MAX_CHATS,
    ) -> None:
        self.ready = asyncio.Event()
        self._courier, self._pace, self._max_chats = courier, pace, max_chats
        self._deliveries = deliveries
        self._open: OrderedDict[str, Outbox] = OrderedDict()

    def channel(self, session_id: str) -> Outbox:
        """The session's outbox."""
        outbox = self._open.get(session_id)
        if outbox is None:
            outbox = Outbox(
                session_id,
                self._courier(session_id),
                self.ready,
                self._pace,
                deliveries=self._deliveries,
            )
            self._open[session_id] = outbox
            self._forget_idle()
        self._open.move_to_end(session_id)
        return outbox

    async def drained(self) -> None:
        """Wait until every chat has everything."""
        await asyncio.gather(*(o.drained() for o in self._open.values()))

    async def close(self, grace_s: float = 3.0) -> None:
        """Let all chats have what they can get within `grace_s` seconds."""
        await asyncio.gather(*(o.close(grace_s) for o in self._open.values()))

    def _forget_idle(self) -> None:
        excess = len(self._open) - self._max_chats
        idle = [name for name, outbox in list(self._open.items())[:-1] if outbox.idle]
        for name in idle[: max(excess, 0)]:
            del self._open[name]
