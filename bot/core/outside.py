"""Pictures made away from this machine: told plainly, asked once, and never without a yes."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import msgspec
from msgspec import structs

from bot.core.desk import Desk, Offer
from bot.core.ports import Channel
from bot.core.preferences import Preferences
from bot.core.replies import Heard, Say
from bot.core.session import Action, Session
from bot.core.shooting import Shooting
from bot.core.typed import agrees, refuses
from engine.base import Capabilities, Outside
from engine.jobs import Job, decode_job, encode
from engine.shots import Operation, Series, Shot

SENT = "hosted"
"""The profile of a shot that its person agreed to send."""
HERE = "here"
"""What a person's preference says after a no."""
WAITING = "outside"
"""Under which note the job waits that was asked about."""
OUTSIDE_KINDS = ("send_out", "keep_in")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def agreement(outside: Outside) -> str:
    """What a yes is to: this server at this price. Another needs another yes."""
    return f"{outside.host} {outside.price}".strip()


def agreed(can: Capabilities, likes: Preferences) -> bool:
    """Whether this person's pictures may leave the machine."""
    return can.outside is not None and likes.outside == agreement(can.outside)


def as_seen(can: Capabilities, likes: Preferences) -> Capabilities:
    """What the studio honours for this person: after a no, only what it does by itself."""
    return can.here() if likes.outside == HERE else can


def made_outside(shot: Shot) -> bool:
    """Whether a shot was, or would be, made away from here; such a picture comes but once."""
    return shot.profile == SENT


def total(price: str, count: int) -> str:
    """What `count` pictures cost together; "" where the price is unknown.

    >>> total("0.04 USD", 12)
    '0.48 USD'
    >>> total("about 0,05 €", 4)
    'about 0,20 €'
    >>> total("a token each", 3)
    '3 x a token each'
    """
    if not price or count == 1:
        return price
    found = _NUMBER.search(price)
    if found is None:
        return f"{count} x {price}"
    try:
        sum_ = str(Decimal(found[0].replace(",", ".")) * count)
    except InvalidOperation:
        return f"{count} x {price}"
    written = sum_.replace(".", ",") if "," in found[0] else sum_
    return price[: found.start()] + written + price[found.end() :]


def cost(desk: Desk, outside: Outside, count: int) -> str:
    """In a sentence what these pictures cost."""
    if not outside.price:
        return desk.words("outside_price_unknown")
    if count == 1:
        return desk.words("outside_price", price=outside.price)
    whole = total(outside.price, count)
    return desk.words("outside_prices", count=count, price=outside.price, total=whole)


def where_and_cost(desk: Desk, outside: Outside, count: int) -> str:
    """For the cards: where these pictures are made, and what they cost."""
    where = desk.words("outside_where", host=outside.host)
    return f"{where} {cost(desk, outside, count)}"


def also_private(desk: Desk, can: Capabilities, intent: str) -> str:
    """What has to be added to "everything stays here" where a server may draw; "" elsewhere."""
    if intent != "privacy" or can.outside is None:
        return ""
    return f" {desk.words('outside_privacy', host=can.outside.host)}"


def leaving(series: Series, outside: Outside) -> int:
    """How many shots of a series would be made there."""
    return sum(_eligible(shot, outside.operations) for shot in series.shots)


def sent(series: Series, can: Capabilities) -> Series:
    """The series with all of it marked as agreed to that this studio's server can make."""
    operations = can.outside.operations if can.outside else ()
    return structs.replace(series, shots=_marked(series.shots, operations, SENT))


class AskedShooting(Shooting):
    """Shooting, where what leaves the machine has to be agreed to before it is written down."""

    async def submit_job(self, session: Session, job: Job, channel: Channel) -> None:
        """Submit, as made here or there; or ask first, and keep the job until the answer."""
        can = self._engine.capabilities()
        likes = await self._history.preferences(session.person)
        outside = can.outside
        if outside is None or not leaving(job.series, outside):
            return await super().submit_job(session, _stamped(job, (), ""), channel)
        yes = agreed(can, likes)
        if yes or (likes.outside == HERE and _can_here(job, outside)):
            stamped = _stamped(job, outside.operations, SENT if yes else "")
            return await super().submit_job(session, stamped, channel)
        return await self._ask(session, job, outside, channel)

    async def answered(self, session: Session, action: Action, channel: Channel) -> Session:
        """The person's answer, kept for all their pictures; after a yes, what waited is shot."""
        outside, yes = self._engine.capabilities().outside, action.kind == "send_out"
        if outside is None:
            await self.desk.say(session.id, channel, "stale_choice")
            return session
        if yes and action.value != agreement(outside):
            # The tap is from before the server or its price changed: that was another question.
            await self._again(session, outside, channel)
            return session
        likes = await self._history.preferences(session.person)
        likes = structs.replace(likes, outside=agreement(outside) if yes else HERE)
        await self._history.prefer(session.person, likes)
        session = structs.replace(session, likes=likes)
        job = await self._waiting_job(session)
        await self._history.note(session.id, WAITING, "")
        if yes and job:
            await self.submit_job(session, job, channel)
        else:
            await self.desk.say(session.id, channel, "outside_yes" if yes else "outside_no")
        return session

    async def typed_answer(self, session: Session, text: str) -> Action | None:
        """What a typed yes or no means while this is asked; None for anything else."""
        outside = self._engine.capabilities().outside
        if outside is None or not await self._just_asked(session):
            return None
        if agrees(self.desk.prompts, text):
            return Action("send_out", value=agreement(outside))
        return Action("keep_in") if refuses(self.desk.prompts, text) else None

    async def _again(self, session: Session, outside: Outside, channel: Channel) -> None:
        job = await self._waiting_job(session)
        if job:
            await self._ask(session, job, outside, channel)
        else:
            await self.desk.say(session.id, channel, "stale_choice")

    async def _ask(self, session: Session, job: Job, outside: Outside, channel: Channel) -> None:
        yes = Action("send_out", value=agreement(outside), once=True)
        taps = (Offer("btn_send_out", yes, "primary"), Offer("btn_keep_in", Action("keep_in")))
        count = leaving(job.series, outside)
        facts = {"host": outside.host, "cost": cost(self.desk, outside, count)}
        choices = await self.desk.offer(session.id, taps)
        entry = Say(self.desk.words("outside_ask", **facts), choices)
        seq = await self.desk.post(session.id, entry, channel)
        await self._history.note(session.id, WAITING, f"{seq} {encode(job).decode()}")

    async def _just_asked(self, session: Session) -> bool:
        """Whether this is the latest question: a yes to another one is none to this."""
        seq, _, _ = (await self._history.noted(session.id, WAITING)).partition(" ")
        if not seq:
            return False
        since = await self._history.transcript(session.id, int(seq))
        return all(isinstance(posted.entry, Heard) for posted in since)

    async def _waiting_job(self, session: Session) -> Job | None:
        _, _, kept = (await self._history.noted(session.id, WAITING)).partition(" ")
        try:
            return decode_job(kept.encode()) if kept else None
        except msgspec.DecodeError:
            return None  # written by another version; the brief is still there


def _eligible(shot: Shot, operations: Sequence[Operation]) -> bool:
    return shot.operation in operations


def _can_here(job: Job, outside: Outside) -> bool:
    """Whether the embedded studio can make all of it by itself."""
    there = [shot for shot in job.series.shots if _eligible(shot, outside.operations)]
    return all(shot.operation in outside.here for shot in there)


def _stamped(job: Job, operations: Sequence[Operation], profile: str) -> Job:
    """The job with its shots marked as sent or not, whatever an earlier picture was."""
    shots = _marked(job.series.shots, operations, profile)
    return structs.replace(job, series=structs.replace(job.series, shots=shots))


def _marked(
    shots: Sequence[Shot], operations: Sequence[Operation], profile: str
) -> tuple[Shot, ...]:
    def marked(shot: Shot) -> Shot:
        if _eligible(shot, operations):
            return structs.replace(shot, profile=profile)
        return structs.replace(shot, profile="") if shot.profile == SENT else shot

    return tuple(map(marked, shots))
