"""The table of a set as a card: what it shows, and what its taps mean."""

import math

from bot.core.brief import QUIET
from bot.core.desk import Desk, Offer
from bot.core.director import Director
from bot.core.heard import named_value
from bot.core.outside import where_and_cost
from bot.core.replies import Ask
from bot.core.series_plan import (
    LEAST,
    MOST,
    SHOWN,
    SeriesPlan,
    effective,
    series_of,
    varied,
    words_of,
)
from bot.core.session import Action, Session
from bot.core.spec import Scalar
from engine.base import Estimate

MINUTE_S = 90.0
CLOSE = 0.15
"""A range narrower than this share of its end is told as one number."""


def table_taps() -> list[Offer]:
    """The two ways on from a table: shoot it, or put it away."""
    return [
        Offer("btn_shoot", _tap("shoot"), "primary"),
        Offer("btn_cancel", _tap("cancel")),
    ]


class TableCard:
    """Words the table; decides nothing."""

    def __init__(self, desk: Desk, director: Director) -> None:
        self._desk, self._director = desk, director

    async def table(self, session: Session, plan: SeriesPlan) -> Ask:
        """The table with its taps."""
        taps = [
            *table_taps(),
            *(Offer(str(n + 1), _tap(f"row:{n}")) for n in range(len(plan.rows))),
        ]
        if len(plan.rows) > LEAST:
            taps.append(Offer("btn_fewer", _tap("fewer")))
        if len(plan.rows) < MOST:
            taps.append(Offer("btn_more", _tap("more")))
        lines = await self.lines(session, plan)
        return Ask("\n".join(lines), await self._desk.offer(session.id, taps))

    async def lines(self, session: Session, plan: SeriesPlan) -> list[str]:
        """The frames, what is the same in all, what cannot be varied, and the cost in time."""
        words, prompts = self._desk.words, self._desk.prompts
        rows = [
            words("table_row", number=n + 1, what=words_of(plan, n, prompts))
            for n in range(len(plan.rows))
        ]
        same = ", ".join(
            named_value(prompts, slot, plan.base[slot])
            for slot in (*SHOWN, "aspect")
            if slot not in varied(plan) and slot in plan.base and self._honours(plan, slot)
            if plan.base[slot] != QUIET.get(slot)
        )
        return [
            words("table_title", count=len(plan.rows)),
            *rows,
            "",
            words("table_same", what=same),
            *self._nobody(session, plan),
            *self._limits(plan),
            await self._cost(session, plan),
            *self._price(session, plan),
            "",
            words("table_change"),
        ]

    def _nobody(self, session: Session, plan: SeriesPlan) -> list[str]:
        """That nobody was described, where a set would be of somebody invented."""
        anybody = self._desk.prompts.defaults["subject"]
        known = session.current or plan.base.get("subject") != anybody
        return [] if known or plan.operation != "generate" else [self._desk.words("table_who")]

    def _limits(self, plan: SeriesPlan) -> list[str]:
        """What cannot be varied here, said plainly."""
        left = [
            slot for slot in ("pose", "wardrobe", "expression") if not self._honours(plan, slot)
        ]
        if not left:
            return []
        prompts = self._desk.prompts
        names = ", ".join(prompts.amid(prompts.slot_label(slot)) for slot in left)
        key = "table_photo" if plan.operation == "swap" else "table_words"
        return [self._desk.words(key, what=names)]

    async def _cost(self, session: Session, plan: SeriesPlan) -> str:
        series = series_of(plan, self._desk.prompts, "")
        return cost_words(self._desk, await self._director.estimate(series, session))

    def _price(self, session: Session, plan: SeriesPlan) -> list[str]:
        """What the whole set costs, where its frames are made on a server."""
        outside = self._director.can(session).outside
        if outside is None or plan.operation not in outside.operations:
            return []
        return [where_and_cost(self._desk, outside, len(plan.rows))]

    async def row(self, session: Session, plan: SeriesPlan, where: list[str]) -> Ask:
        """One frame: which slots of it can be changed, or the values of one of them."""
        number, prompts = int(where[0]), self._desk.prompts
        what = words_of(plan, number, prompts)
        text = self._desk.words("table_frame", number=number + 1, what=what)
        if len(where) > 1:
            slot, now = where[1], effective(plan, plan.rows[number]).get(where[1])
            taps = [
                Offer(f"✓ {label}" if value == now else label, _tap(f"set:{number}:{slot}", value))
                for value, label in self._director.values(slot, plan.operation)
            ]
        else:
            taps = [
                Offer(prompts.slot_label(slot), _tap(f"row:{number}:{slot}"))
                for slot in SHOWN
                if self._director.values(slot, plan.operation) and self._honours(plan, slot)
            ]
            if len(plan.rows) > LEAST:
                taps.append(Offer("btn_leave_out", _tap(f"drop:{number}")))
        taps.append(Offer("btn_back", _tap("table")))
        return Ask(text, await self._desk.offer(session.id, taps))

    def _honours(self, plan: SeriesPlan, slot: str) -> bool:
        return slot in self._director.can().honours.get(plan.operation, {})


def cost_words(desk: Desk, estimate: Estimate) -> str:
    """How long a set takes, as a range where that is all one can say."""
    if estimate.most < MINUTE_S:
        least, most = (max(5, 5 * round(s / 5)) for s in (estimate.least, estimate.most))
        return desk.words("table_seconds", seconds=_span(desk, least, most))
    least, most = max(1, int(estimate.least / 60)), math.ceil(estimate.most / 60)
    return desk.words("table_minutes", minutes=_span(desk, least, most))


def _span(desk: Desk, least: int, most: int) -> str:
    close = most - least <= CLOSE * most
    return str(most) if close else desk.words("table_span", least=least, most=most)


def _tap(what: str, value: Scalar = "") -> Action:
    return Action("table", slot=what, value=value)
