"""Results sent with an account kept around the sending: once, or not at all, or asked about."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import chain, repeat

from bot.core.deliveries import Deliveries
from bot.core.ports import Channel
from bot.core.replies import Posted
from bot.core.session import Delivery, DeliveryState
from bot.frontends.chat_pace import Pace

log = logging.getLogger(__name__)

Deliver = Callable[[Posted], Awaitable[None]]


class OutOfReach(Exception):
    """The person cannot be written to now (blocked, closed); what was to be sent waits."""


class PartlySent(Exception):
    """A result takes several messages, and one after the first was lost."""


class Parts:
    """Counts the messages of one result that have left."""

    def __init__(self) -> None:
        self._left = 0

    def left(self) -> None:
        """One more has arrived at the platform."""
        self._left += 1

    @contextmanager
    def of_one(self) -> Iterator[None]:
        """Around the sending of one result.

        Raises:
            PartlySent: It failed after its first message had left.
        """
        self._left = 0
        try:
            yield
        except Exception as error:
            if self._left:
                raise PartlySent(f"{self._left} messages had left") from error
            raise


class Accounts:
    """Sends results of one chat. While the platform is out of reach it tries on, without end."""

    def __init__(self, deliveries: Deliveries, deliver: Deliver, pace: Pace) -> None:
        self._deliveries, self._deliver, self._pace = deliveries, deliver, pace
        self.knock = asyncio.Event()  # somebody has reason to believe that it works again

    async def send(self, delivery: Delivery, posted: Posted, channel: Channel) -> None:
        """Send and note. Never raises; a history that fails leaves it for the next start."""
        ids = {"session": delivery.session, "job": delivery.job}
        try:
            for pause in chain(self._pace.pauses, repeat(self._pace.longest_s)):
                if not await self._deliveries.begin(delivery):
                    return
                state = await self._attempt(posted, ids)
                await self._deliveries.end(delivery, state, channel)
                if state != "pending":
                    return
                await self._rest(pause)
        except Exception:
            log.exception("a delivery could not be accounted for", extra=ids)

    async def _attempt(self, posted: Posted, ids: dict[str, str]) -> DeliveryState:
        try:
            await self._deliver(posted)
        except Exception as error:
            state = self._fate(error)
            log.warning("a result is %s", state, exc_info=error, extra=ids)
            return state
        return "sent"

    def _fate(self, error: Exception) -> DeliveryState:
        if isinstance(error, PartlySent):
            return "unsure"
        if self._pace.passing(error):
            return "pending"
        refused = isinstance(error, OutOfReach) or self._pace.refused(error)
        return "undeliverable" if refused else "unsure"

    async def _rest(self, pause: float) -> None:
        self.knock.clear()
        waking = asyncio.create_task(self.knock.wait())
        await asyncio.wait([waking], timeout=pause)
        waking.cancel()
