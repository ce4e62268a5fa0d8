"""Results on their way to people: each sent once, kept while it cannot be, asked about when unsure.

A channel that cannot lose anything (a page replays its transcript) is simply shown the result. A
`Mailbox` keeps an account here around the sending: `begin` before it, `end` after it.
"""

import logging
from collections import defaultdict
from collections.abc import Callable

from msgspec import structs

from bot.core.desk import Desk, Offer
from bot.core.events import DeliveryMoved, Observer, platform_of
from bot.core.ports import Channel, Mailbox
from bot.core.replies import Ask, Gallery, Heard, Posted
from bot.core.session import Action, Delivery, DeliveryState, Session
from bot.core.typed import agrees, refuses

log = logging.getLogger(__name__)
TO_SEND: tuple[DeliveryState, ...] = ("pending", "undeliverable")
UNSETTLED: tuple[DeliveryState, ...] = ("unsure", "asked")


class Deliveries:
    """The account of results. `undeliverable` ones are tried again when their person is heard."""

    def __init__(self, desk: Desk, observer: Observer) -> None:
        self._desk, self._observer = desk, observer
        self._owed: defaultdict[str, set[str]] = defaultdict(set)

    async def hand_over(self, delivery: Delivery, channel: Channel) -> None:
        """Give a result, or the question about one, to its channel."""
        if isinstance(channel, Mailbox):
            await channel.deliver(delivery)
            return
        await self._desk.show(delivery.posted.seq, delivery.posted.entry, channel)
        asked = delivery.state == "unsure"
        of: tuple[DeliveryState, ...] = UNSETTLED if asked else TO_SEND
        await self._move(delivery, "asked" if asked else "sent", of)

    async def begin(self, delivery: Delivery) -> bool:
        """Note that it is about to be sent; False when it was, or is being, sent already."""
        if delivery.state == "unsure":
            return True  # a question may be repeated
        return await self._move(delivery, "sending", TO_SEND)

    async def end(self, delivery: Delivery, state: DeliveryState, channel: Channel) -> None:
        """Note what became of the sending; where it may or may not have arrived, ask."""
        if delivery.state == "unsure":
            await self._move(delivery, "asked" if state == "sent" else "unsure", UNSETTLED)
            return
        await self._move(delivery, state, ("sending",))
        if state == "undeliverable":
            self._owed[delivery.session].add(delivery.job)
        if state == "unsure":
            await self._ask(delivery, channel)

    async def resume(
        self, channel_for: Callable[[str], Channel], session_id: str | None = None
    ) -> int:
        """Go on after a restart; returns how many results were still to be sent or asked about."""
        known = await self._desk.history.deliveries(session_id)
        found = [d for d in known if d.state != "asked"]
        for delivery in found:
            channel = channel_for(delivery.session)
            if delivery.state in TO_SEND:
                await self.hand_over(delivery, channel)
            else:
                await self._doubt(delivery, channel)
        return len(found)

    async def catch_up(self, session: str, channel: Channel) -> None:
        """The person is heard again: try what could not be delivered to them."""
        if session in self._owed:
            known = await self._desk.history.deliveries(session)
            owed = self._owed.pop(session, set())
            for delivery in known:
                if delivery.job in owed and delivery.state == "undeliverable":
                    await self.hand_over(delivery, channel)

    async def unsettled(self, session: str) -> list[Delivery]:
        """A session's results that are not noted as sent."""
        return await self._desk.history.deliveries(session)

    async def answer(self, session: Session, action: Action, channel: Channel) -> Session:
        """The person says whether it came. The first answer counts."""
        state: DeliveryState = "sent" if action.kind == "arrived" else "pending"
        found = [d for d in await self._desk.history.deliveries(session.id) if d.job == action.job]
        if not found or not await self._move(found[0], state, UNSETTLED):
            await self._desk.say(session.id, channel, "choice_used")
        elif state == "sent":
            await self._desk.say(session.id, channel, "delivery_came")
        else:
            await self.hand_over(structs.replace(found[0], state="pending"), channel)
        return session

    async def typed_answer(self, session: Session, text: str) -> Action | None:
        """What a typed yes or no means while "did it arrive?" is the latest question."""
        yes = agrees(self._desk.prompts, text)
        if not (yes or refuses(self._desk.prompts, text)):
            return None
        for delivery in await self._desk.history.deliveries(session.id):
            if delivery.state == "asked" and await self._just_asked(delivery):
                return Action("arrived" if yes else "send_again", job=delivery.job)
        return None

    async def _just_asked(self, delivery: Delivery) -> bool:
        """Whether that question is the last thing said: a yes to another one is none to this."""
        since = await self._desk.history.transcript(delivery.session, delivery.posted.seq)
        said = [posted.entry for posted in since if not isinstance(posted.entry, Heard)]
        last = said[-1] if said else delivery.posted.entry
        if not isinstance(last, Ask) or not last.choices:
            return False
        offered = await self._desk.history.offered(last.choices[0].id)
        return bool(offered) and offered.action == Action(
            "arrived", job=delivery.job, label=offered.action.label
        )

    async def _doubt(self, delivery: Delivery, channel: Channel) -> None:
        """The studio stopped between sending and noting it."""
        if isinstance(delivery.posted.entry, Gallery):
            await self._move(delivery, "unsure", ("sending",))
            await self._ask(delivery, channel)
        else:  # a sentence may come twice
            await self._move(delivery, "pending", ("sending", "unsure"))
            await self.hand_over(structs.replace(delivery, state="pending"), channel)

    async def _ask(self, delivery: Delivery, channel: Channel) -> None:
        taps = [
            Offer("btn_arrived", Action("arrived", job=delivery.job)),
            Offer("btn_send_again", Action("send_again", job=delivery.job)),
        ]
        question = Ask(
            self._desk.words("ask_arrived"), await self._desk.offer(delivery.session, taps)
        )
        seq = await self._desk.history.post(delivery.session, question)
        asking = structs.replace(delivery, posted=Posted(seq, question), state="unsure")
        await self.hand_over(asking, channel)

    async def _move(
        self, delivery: Delivery, to: DeliveryState, of: tuple[DeliveryState, ...]
    ) -> bool:
        moved = await self._desk.history.move_delivery(delivery.job, to, of=of)
        if moved:
            ids = {"session": delivery.session, "job": delivery.job}
            log.info("delivery %s", to, extra=ids)
            self._observer.saw(DeliveryMoved(platform_of(delivery.session), to))
        return moved
