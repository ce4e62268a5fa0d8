"""A set of pictures: planned as a table that words and taps change, then shot as one job."""

from msgspec import structs

from bot.core.desk import Desk, Offer
from bot.core.director import Director
from bot.core.editing import says_edit, sort_edit
from bot.core.ports import Channel, Reading
from bot.core.replies import Ask, Say
from bot.core.series_card import TableCard
from bot.core.series_plan import (
    LEAST,
    MOST,
    SHOWN,
    Row,
    SeriesPlan,
    changed_all,
    changed_row,
    effective,
    series_of,
    undone,
    without,
)
from bot.core.session import HOW_MANY, Action, RenderRecord, Session
from bot.core.set_rows import Allows, allowing, allows_wider, as_done, resized, rows_for, told_apart
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
from bot.core.spec import Field, PortraitSpec
from engine.shots import Shot

COUNTS = (4, 6, 8, 12)
A_SET = 8
STEP = {"fewer": -1, "more": 1}


class SeriesMaker:
    """Plans sets with the person, and hands them over to be shot."""

    def __init__(self, desk: Desk, director: Director) -> None:
        self._desk, self._director, self._card = desk, director, TableCard(desk, director)

    async def ask(self, session: Session, render: str, channel: Channel) -> Session:
        """How many pictures it shall be."""
        taps = [Offer(str(n), Action("series", value=n, render=render)) for n in COUNTS]
        key = "ask_series_photo" if session.mode == "swap" else "ask_series"
        await self._desk.say(session.id, channel, key, *taps)
        return structs.replace(session, pending=f"{HOW_MANY}{render}")

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
        record = await self._desk.theirs(session, render or session.current)
        plan = await self._begun(session, record)
        fixed = pinned or {}
        base = as_done(self._director.can(), plan.operation, plan.base | fixed)
        plan = structs.replace(plan, setups=setups, pinned=tuple(fixed), base=base)
        rows = rows_for(plan, count, self._allows(session, plan), self._desk.prompts)
        plan = structs.replace(plan, rows=rows)
        short = min(max(count, LEAST), MOST) - len(rows)
        session = structs.replace(session, plan=plan, pending="")
        if short > 0:
            await self._desk.say(session.id, channel, "table_fewer", count=len(rows))
        session = await self._post(session, plan, channel)
        return await self._director.advance(session, channel) if _awaits(plan) else session

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
            # What is under way is called off first; the table can wait.
            running = await self._desk.history.jobs(session.id)
            return None if running else await self._put_away(session, channel)
        possible = await self._possible(session, plan, reading, channel)
        if reading.patch and not possible.patch:
            return session
        reading = possible
        named = bare_frame(text, len(plan.rows), self._desk.prompts)
        if named is not None and not reading.patch:
            return await self._amend(
                session, await self._card.row(session, plan, [str(named)]), channel
            )
        changed = self._changed(session, plan, reading, text)
        return await self._post(session, changed, channel) if changed else None

    async def _possible(
        self, session: Session, plan: SeriesPlan, reading: Reading, channel: Channel
    ) -> Reading:
        """The reading with what the studio can do of it, or comes nearest; the rest is said."""
        changes: Row = {s.slot: s.value for s in reading.patch.set if s.slot != "count"}
        can, shot = self._director.can(session), Shot(plan.operation, 0, plan.base)
        edit = sort_edit(shot, changes, can)
        if not edit.cannot:
            return reading
        refused = structs.replace(edit, done={}, already={})
        bare = structs.replace(shot, spec={})
        told = says_edit(refused, bare, self._desk.prompts, can)
        await self._desk.post(session.id, Say(" ".join(told)), channel)
        sets = tuple(
            structs.replace(change, value=edit.nearest.get(change.slot, change.value))
            for change in reading.patch.set
            if change.slot not in edit.cannot or change.slot in edit.nearest
        )
        return structs.replace(reading, patch=structs.replace(reading.patch, set=sets))

    def _changed(
        self, session: Session, plan: SeriesPlan, reading: Reading, text: str
    ) -> SeriesPlan | None:
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
            return resized(plan, count, self._allows(session, plan), prompts) if count else plan
        if not changes:
            return None
        if named and not about_all(text, prompts):
            for number in named:
                plan = changed_row(plan, number, changes)
            return plan
        return told_apart(changed_all(plan, changes), self._allows(session, plan), prompts)

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
                return await self._amend(
                    session, await self._card.row(session, plan, where), channel
                )
            case "set":
                plan = changed_row(plan, int(where[0]), {where[1]: action.value})
            case "drop":
                plan = without(plan, [int(where[0])])
            case "fewer" | "more":
                count = len(plan.rows) + STEP[what]
                plan = resized(plan, count, self._allows(session, plan), self._desk.prompts)
        session = structs.replace(session, plan=plan)
        return await self._amend(session, await self._card.table(session, plan), channel)

    async def _shoot(self, session: Session, plan: SeriesPlan, channel: Channel) -> Session:
        if _awaits(plan):
            go_on = self._director.advance if session.mode == "swap" else self.replan
            return await go_on(session, channel)
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
            card = Ask("\n".join(await self._card.lines(session, plan)))
            await self._desk.amend(session.id, plan.card, card, channel)

    async def _begun(self, session: Session, record: RenderRecord | None) -> SeriesPlan:
        """The set of the picture spoken of, else of the photo, else of the brief so far."""
        if record and record.shot.operation in ("generate", "swap"):
            return _of_picture(record.shot)
        photo = session.photo
        mine = photo.blob if photo and photo.blob in session.consented else ""
        base = self._director.completed(session).values()
        return SeriesPlan(
            operation=session.mode,
            base={slot: value for slot, value in base.items() if slot != "count"},
            rows=(),
            seed=self._director.new_seed(),
            source=mine if session.mode == "swap" else "",
            picture=session.backdrop_photo,
            sitter=session.sitter or 0,
        )

    async def _post(self, session: Session, plan: SeriesPlan, channel: Channel) -> Session:
        """A fresh card below what was said; the earlier one gives up its taps."""
        old = session.plan
        if old and old.card:
            await self._close_card(session, old, channel)
        card = await self._card.table(session, plan)
        seq = await self._desk.post(session.id, card, channel)
        return structs.replace(session, plan=structs.replace(plan, card=seq))

    async def _amend(self, session: Session, card: Ask, channel: Channel) -> Session:
        if session.plan:
            await self._desk.amend(session.id, session.plan.card, card, channel)
        return session

    def _allows(self, session: Session, plan: SeriesPlan) -> Allows:
        """What frames can differ in here; a photo that ends below the chin has one framing."""
        can, photo = allowing(self._director.can(session), plan.operation), session.photo
        mine = photo and plan.operation == "swap" and photo.blob == plan.source
        if not mine or not photo or allows_wider(photo, plan.sitter):
            return can
        return lambda slot, value: slot != "shot" and can(slot, value)


def _awaits(plan: SeriesPlan) -> bool:
    """Whether the set is to be of a photo that may not be used yet, or is not here."""
    return plan.operation == "swap" and not plan.source


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
