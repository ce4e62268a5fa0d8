"""A set of pictures: planned as a table that words and taps change, then shot as one job."""

from msgspec import structs

from bot.core.desk import Desk, Offer
from bot.core.director import Director
from bot.core.ports import Channel, Reading
from bot.core.replies import Ask
from bot.core.series_plan import (
    LEAST,
    MOST,
    SHOWN,
    Row,
    SeriesPlan,
    allowing,
    changed_all,
    changed_row,
    effective,
    resized,
    rows_for,
    series_of,
    undone,
    varied,
    without,
    words_of,
)
from bot.core.session import Action, RenderRecord, Session
from bot.core.set_words import (
    about_all,
    bare_frame,
    count_in,
    drops,
    frames_in,
    resizes,
    setups_in,
    without_setups,
)
from bot.core.spec import Field, PortraitSpec, Scalar
from engine.shots import Shot

COUNTS = (4, 6, 8, 12)
A_SET = 8
MINUTE_S = 90.0
STEP = {"fewer": -1, "more": 1}


class SeriesMaker:
    """Plans sets with the person, and hands them over to be shot."""

    def __init__(self, desk: Desk, director: Director) -> None:
        self._desk, self._director = desk, director

    async def ask(self, session: Session, render: str, channel: Channel) -> Session:
        """How many pictures it shall be."""
        taps = [Offer(str(n), Action("series", value=n, render=render)) for n in COUNTS]
        key = "ask_series_photo" if session.mode == "swap" else "ask_series"
        await self._desk.say(session.id, channel, key, *taps)
        return session

    async def asked(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session:
        """What a sentence says about a new set: how many, in how many setups, and what is fixed."""
        prompts = self._desk.prompts
        setups = setups_in(text, prompts)
        said = next((int(s.value) for s in reading.patch.set if s.slot == "count"), 0)
        count = count_in(without_setups(text, prompts), prompts) or said
        site = any(phrase in text.casefold() for phrase in prompts.sets.words.sites)
        if not count and not setups and not site:
            return await self.ask(session, session.current, channel)
        pinned: Row = {s.slot: s.value for s in reading.patch.set if s.slot in (*SHOWN, "aspect")}
        return await self.make(session, count or A_SET, channel, setups=setups, pinned=pinned)

    async def make(
        self,
        session: Session,
        count: int,
        channel: Channel,
        *,
        render: str = "",
        setups: int = 0,
        pinned: Row | None = None,
    ) -> Session:
        """Lay out a table: of the picture named, of the photo, or of the brief so far."""
        record = await self._desk.history.render(render or session.current)
        mine = record if record and record.session == session.id else None
        plan = await self._begun(session, mine)
        fixed = pinned or {}
        plan = structs.replace(plan, setups=setups, pinned=tuple(fixed), base=plan.base | fixed)
        rows = rows_for(plan, count, self._allows(plan), self._desk.prompts)
        plan = structs.replace(plan, rows=rows)
        short = min(max(count, LEAST), MOST) - len(rows)
        session = structs.replace(session, plan=plan, pending="")
        if short > 0:
            await self._desk.say(session.id, channel, "table_fewer", count=len(rows))
        return await self._post(session, plan, channel)

    async def replan(self, session: Session, channel: Channel) -> Session:
        """Lay the same table out for a photo that has come since."""
        plan = session.plan
        if plan is None:
            return session
        return await self.make(
            structs.replace(session, current=""), len(plan.rows), channel,
            setups=plan.setups, pinned={s: plan.base[s] for s in plan.pinned},
        )  # fmt: skip

    def reading_as(self, session: Session, text: str) -> Session:
        """The session as it is to be read: "3 warmer" is warmer than frame 3."""
        plan = session.plan
        if plan is None:
            return session
        named = frames_in(text, len(plan.rows), self._desk.prompts)
        values = effective(plan, plan.rows[named[0]]) if named else plan.base
        fields = {slot: Field(value, "assumed") for slot, value in values.items()}
        draft = structs.replace(session.draft, spec=PortraitSpec(fields))
        return structs.replace(session, draft=draft)

    async def hear(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        """Words about the table; None when they are about something else."""
        plan = session.plan
        if plan is None or reading.wants_photo:
            return None
        if reading.intent == "shoot" and not reading.patch:
            return await self._shoot(session, plan, channel)
        if reading.intent == "cancel":
            return await self._put_away(session, channel)
        named = bare_frame(text, len(plan.rows), self._desk.prompts)
        if named is not None and not reading.patch:
            return await self._amend(session, await self._row(session, plan, [str(named)]), channel)
        changed = self._changed(plan, reading, text)
        return await self._post(session, changed, channel) if changed else None

    def _changed(self, plan: SeriesPlan, reading: Reading, text: str) -> SeriesPlan | None:
        prompts = self._desk.prompts
        if reading.intent == "undo":
            return undone(plan)
        changes: Row = {s.slot: s.value for s in reading.patch.set if s.slot != "count"}
        named = frames_in(text, len(plan.rows), prompts)
        if named and drops(text, prompts) and not changes:
            return without(plan, named)
        said = next((int(s.value) for s in reading.patch.set if s.slot == "count"), 0)
        if not changes and (said or resizes(text, prompts) or reading.intent == "series"):
            count = said or count_in(text, prompts)
            return resized(plan, count, self._allows(plan), prompts) if count else plan
        if not changes:
            return None
        if named and not about_all(text, prompts):
            for number in named:
                plan = changed_row(plan, number, changes)
            return plan
        return changed_all(plan, changes)

    async def tap(self, session: Session, action: Action, channel: Channel) -> Session:
        """A tap on the table; `slot` says which, as "row:3" or "set:3:film"."""
        plan, (what, *where) = session.plan, action.slot.split(":")
        if what == "rest":
            return await self._director.shoot_rest(session, action.job, channel)
        if plan is None or (where and int(where[0]) >= len(plan.rows)):
            await self._desk.say(session.id, channel, "table_gone")
            return session
        match what:
            case "shoot":
                return await self._shoot(session, plan, channel)
            case "cancel":
                return await self._put_away(session, channel)
            case "row":
                return await self._amend(session, await self._row(session, plan, where), channel)
            case "set":
                plan = changed_row(plan, int(where[0]), {where[1]: action.value})
            case "drop":
                plan = without(plan, [int(where[0])])
            case "fewer" | "more":
                count = len(plan.rows) + STEP[what]
                plan = resized(plan, count, self._allows(plan), self._desk.prompts)
        session = structs.replace(session, plan=plan)
        return await self._amend(session, await self._table(session, plan), channel)

    async def _shoot(self, session: Session, plan: SeriesPlan, channel: Channel) -> Session:
        title = self._desk.words("sheet_title", count=len(plan.rows))
        series = series_of(plan, self._desk.prompts, title)
        session = structs.replace(session, plan=None)
        await self._close_card(session, plan, channel)
        await self._director.submit_series(session, series, channel)
        return session

    async def _put_away(self, session: Session, channel: Channel) -> Session:
        if session.plan:
            await self._close_card(session, session.plan, channel)
        await self._desk.say(session.id, channel, "table_away")
        return structs.replace(session, plan=None)

    async def _close_card(self, session: Session, plan: SeriesPlan, channel: Channel) -> None:
        if plan.card:
            card = Ask("\n".join(await self._lines(session, plan)))
            await self._desk.amend(session.id, plan.card, card, channel)

    async def _begun(self, session: Session, record: RenderRecord | None) -> SeriesPlan:
        """The set of the picture spoken of, else of the photo, else of the brief so far."""
        if record and record.shot.operation in ("generate", "swap"):
            return _of_picture(record.shot)
        photo = session.photo
        mine = session.mode == "swap" and photo and photo.blob in session.consented
        base = self._director.completed(session).values()
        return SeriesPlan(
            operation="swap" if mine else "generate",
            base={slot: value for slot, value in base.items() if slot != "count"},
            rows=(),
            seed=self._director.new_seed(),
            source=photo.blob if mine and photo else "",
            picture=session.backdrop_photo,
            sitter=session.sitter or 0,
        )

    async def _post(self, session: Session, plan: SeriesPlan, channel: Channel) -> Session:
        """A fresh card below what was said; the earlier one gives up its taps."""
        old = session.plan
        if old and old.card:
            await self._close_card(session, old, channel)
        card = await self._table(session, plan)
        seq = await self._desk.post(session.id, card, channel)
        return structs.replace(session, plan=structs.replace(plan, card=seq))

    async def _amend(self, session: Session, card: Ask, channel: Channel) -> Session:
        if session.plan:
            await self._desk.amend(session.id, session.plan.card, card, channel)
        return session

    async def _table(self, session: Session, plan: SeriesPlan) -> Ask:
        taps = [
            Offer("btn_shoot", _tap("shoot"), "primary"),
            Offer("btn_cancel", _tap("cancel")),
            *(Offer(str(n + 1), _tap(f"row:{n}")) for n in range(len(plan.rows))),
        ]
        if len(plan.rows) > LEAST:
            taps.append(Offer("btn_fewer", _tap("fewer")))
        if len(plan.rows) < MOST:
            taps.append(Offer("btn_more", _tap("more")))
        lines = await self._lines(session, plan)
        return Ask("\n".join(lines), await self._desk.offer(session.id, taps))

    async def _lines(self, session: Session, plan: SeriesPlan) -> list[str]:
        words, prompts = self._desk.words, self._desk.prompts
        rows = [
            words("table_row", number=n + 1, what=words_of(plan, n, prompts))
            for n in range(len(plan.rows))
        ]
        same = ", ".join(
            prompts.label(slot, plan.base[slot])
            for slot in (*SHOWN, "aspect")
            if slot not in varied(plan) and slot in plan.base and self._honours(plan, slot)
        )
        return [
            words("table_title", count=len(plan.rows)),
            *rows,
            words("table_same", what=same),
            *self._limits(plan),
            await self._cost(session, plan),
            words("table_change"),
        ]

    def _limits(self, plan: SeriesPlan) -> list[str]:
        """What cannot be varied here, said plainly."""
        left = [
            slot for slot in ("pose", "wardrobe", "expression") if not self._honours(plan, slot)
        ]
        if not left:
            return []
        names = ", ".join(self._desk.prompts.slot(slot).label.lower() for slot in left)
        key = "table_photo" if plan.operation == "swap" else "table_words"
        return [self._desk.words(key, what=names)]

    async def _cost(self, session: Session, plan: SeriesPlan) -> str:
        series = series_of(plan, self._desk.prompts, "")
        seconds = await self._director.estimate(series)
        if seconds < MINUTE_S:
            return self._desk.words("table_seconds", seconds=max(5, 5 * round(seconds / 5)))
        return self._desk.words("table_minutes", minutes=round(seconds / 60))

    async def _row(self, session: Session, plan: SeriesPlan, where: list[str]) -> Ask:
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
                Offer(prompts.slot(slot).label, _tap(f"row:{number}:{slot}"))
                for slot in SHOWN
                if self._director.values(slot, plan.operation) and self._honours(plan, slot)
            ]
            if len(plan.rows) > LEAST:
                taps.append(Offer("btn_leave_out", _tap(f"drop:{number}")))
        taps.append(Offer("btn_back", _tap("table")))
        return Ask(text, await self._desk.offer(session.id, taps))

    def _allows(self, plan: SeriesPlan):  # noqa: ANN202 - a function of slot and value
        return allowing(self._director.can(), plan.operation)

    def _honours(self, plan: SeriesPlan, slot: str) -> bool:
        return slot in self._director.can().honours.get(plan.operation, {})


def _tap(what: str, value: Scalar = "") -> Action:
    return Action("table", slot=what, value=value)


def _of_picture(shot: Shot) -> SeriesPlan:
    """A set around a finished picture: its brief, its sitter, its seed."""
    base = {slot: value for slot, value in shot.spec.items() if slot != "count"}
    return SeriesPlan(
        operation=shot.operation,
        base=base,
        rows=(),
        seed=shot.seed,
        source=shot.source or "",
        picture=shot.backdrop.source or "",
        sitter=shot.sitter,
        scale=min(shot.scale, Shot("generate", 0).scale),
        drawn_as=shot.drawn_as,
    )
