"""Carries out the next step: asks, warns, shows the brief, or shoots."""

from collections.abc import Callable, Iterable

from msgspec import structs

from bot.core.brief import value_label
from bot.core.card import HERE, Card
from bot.core.coaching import explaining
from bot.core.desk import Desk, Offer
from bot.core.enlarging import of_photo
from bot.core.gallery import next_taps
from bot.core.outside import HERE as STAYS
from bot.core.outside import AskedShooting, as_seen, sent
from bot.core.plan import cut_out, plan
from bot.core.policy import (
    AskSlot,
    NeedConsent,
    NeedPhoto,
    NeedSitter,
    Urgency,
    Warn,
    next_step,
)
from bot.core.ports import Channel
from bot.core.replies import Ask, Gallery, Say
from bot.core.session import Action, RenderRecord, Session, leaves_of
from bot.core.spec import PortraitSpec
from bot.core.ways import completed, gains, operation_of
from engine.base import Capabilities, Engine, Estimate
from engine.shots import EVERYONE, Operation, Scalar, Series, Shot

ASKED_AS = {"subject": "gender"}
HINT = "model_would_add"
STRAIGHT = ("cutout", "upscale")
MAX_SITTERS = 8
MAX_VALUES = 20
LISTED = 40
"""Values of a field that are listed for who asks for all of them."""
NEEDED = "swap_needs_photo"


class Director:
    """Decides nothing itself: `policy` does. It words the step and sets it going."""

    def __init__(
        self, desk: Desk, engine: Engine, shooting: AskedShooting, new_seed: Callable[[], int]
    ) -> None:
        self._desk = desk
        self._engine = engine
        self._shooting = shooting
        self.new_seed = new_seed
        self.card = Card(desk, engine)

    async def advance(
        self, session: Session, channel: Channel, urgency: Urgency = "ask", heard: str = ""
    ) -> Session:
        """Take the next step and return the session as it then stands (already saved).

        `heard` says what was understood; it goes before a question, for a card shows it anyway.
        """
        step = next_step(session, self.can(session), self._desk.prompts, urgency)
        needed = isinstance(step, NeedPhoto | NeedConsent | NeedSitter)
        if session.then in STRAIGHT and session.mode == "swap" and not needed:
            return await self._straight(session, channel)
        match step:
            case AskSlot(slot=slot):
                session = await self._ask(session, slot, channel, heard)
            case NeedPhoto():
                session = await self._ask_photo(session, channel, heard)
            case NeedConsent():
                session = await self.ask_consent(session, channel)
            case NeedSitter():
                session = await self._ask_sitter(session, channel)
            case Warn():
                session = await self._warn(session, step, channel, heard)
            case _ if urgency == "now":
                return await self.shoot(await self._with_hint(session, channel), channel)
            case _:
                session, hint = self._hinted(session)
                session = await self.card.show(session, self.completed(session), channel, hint)
        await self._desk.history.save(session)
        return session

    async def shoot(self, session: Session, channel: Channel) -> Session:
        """Plan the completed spec and submit it, unless the same brief is being shot already."""
        session = structs.replace(session, pending="")
        await self._desk.history.save(session)
        if await self._is_shooting(session):
            await self._already(session, channel)
            return session
        source = session.photo.blob if session.mode == "swap" and session.photo else None
        operation = operation_of(session, self.can(session))
        if operation == "edit":
            await self._desk.say(session.id, channel, "portrait_from_photo")
        series = plan(
            self.completed(session),
            self._desk.prompts,
            seed=self.new_seed(),
            operation=operation,
            source=source,
            picture=session.backdrop_photo,
        )
        if source:
            shots = tuple(structs.replace(s, sitter=session.sitter or 0) for s in series.shots)
            series = structs.replace(series, shots=shots)
        await self._shooting.submit(session, series, channel)
        return session

    async def _straight(self, session: Session, channel: Channel) -> Session:
        """The sitter alone, or the photo enlarged: straight from their photo."""
        larger = session.then == "upscale"
        session = structs.replace(session, then="", pending="")
        await self._desk.history.save(session)
        if session.photo:
            spec, source = self.completed(session), session.photo.blob
            shot = plan(spec, self._desk.prompts, seed=0, operation="swap", source=source).shots[0]
            shot = structs.replace(shot, sitter=session.sitter or 0)
            can, times = self.can(session), session.times
            made = of_photo(shot, session.photo, times, can) if larger else cut_out(shot, source)
            await self.submit(session, made, channel)
        return session

    async def _ask_sitter(self, session: Session, channel: Channel) -> Session:
        photo = session.photo
        if photo is None:
            return session
        taps = [
            Offer(str(n + 1), Action("sitter", slot=str(n), value=photo.blob))
            for n in range(min(len(photo.faces), MAX_SITTERS))
        ]
        everyone = Action("sitter", slot=str(EVERYONE), value=photo.blob)
        choices = await self._desk.offer(session.id, [*taps, Offer("btn_everyone", everyone)])
        text = self._desk.words("ask_sitter")
        shown = photo.numbered or photo.blob
        numbered = explaining(shown, self._desk.words("alt_numbered"), photo.width, photo.height)
        entry = Gallery(text, (numbered,), choices) if photo.numbered else Ask(text, choices)
        await self._desk.post(session.id, entry, channel)
        return structs.replace(session, pending="sitter")

    async def submit(self, session: Session, shot: Shot, channel: Channel) -> None:
        """Submit one decided shot, unless exactly that one is under way."""
        await self.submit_series(session, Series((shot,)), channel)

    async def submit_series(self, session: Session, series: Series, channel: Channel) -> None:
        """Submit decided shots, unless exactly these are under way."""
        running = await self._desk.history.jobs(session.id)
        if any(r.job.series == series for r in running):
            await self._already(session, channel)
        else:
            await self._shooting.submit(session, series, channel)

    async def shoot_rest(self, session: Session, job: str, channel: Channel) -> Session:
        """Go on with a set that was called off or failed."""
        if await self._desk.history.jobs(session.id):
            await self._already(session, channel)
        elif not await self._shooting.submit_rest(session, job, channel):
            await self._desk.say(session.id, channel, "table_gone")
        return session

    async def estimate(self, series: Series, session: Session | None = None) -> Estimate:
        """How long a series takes, made where this session's person would have it made."""
        if session and session.likes.outside != STAYS:
            series = sent(series, self._engine.capabilities())
        return await self._engine.estimate(series)

    async def seconds(self, session: Session) -> int:
        """How long the brief as it stands would take at most, in steps of five seconds."""
        shots = plan(self.completed(session), self._desk.prompts, seed=0, operation="generate")
        expected = await self.estimate(shots, session)
        return max(5, 5 * round(expected.most / 5))

    def can(self, session: Session | None = None) -> Capabilities:
        """What the studio honours, for this session's person where one is named."""
        can = self._engine.capabilities()
        return as_seen(can, session.likes) if session else can

    async def answer_outside(self, session: Session, action: Action, channel: Channel) -> Session:
        """A yes or no to pictures made elsewhere; after a no, what can be done here is shown."""
        session = await self._shooting.answered(session, action, channel)
        if action.kind == "keep_in":
            return await self.advance(session, channel, "confirm")
        return session

    async def ask_consent(self, session: Session, channel: Channel) -> Session:
        """Ask once per uploaded face whether it may be used."""
        photo = session.photo
        if photo is None:
            return session
        several = len(photo.faces) > 1
        key = "consent_ask_several" if several else "consent_ask"
        facts = {"count": len(photo.faces)} if several else {}
        yes = Offer("btn_yes_mine", Action("consent", value=photo.blob), "primary")
        _, *drawn = leaves_of(photo)
        refuse = Action("refuse", slot=" ".join(drawn), value=photo.blob)
        no = Offer("btn_no_delete", refuse, "danger")
        await self._desk.say(session.id, channel, key, yes, no, **facts)
        return structs.replace(session, pending="consent")

    async def ask_backdrop(self, session: Session, record: RenderRecord, channel: Channel) -> None:
        """Offer other backdrops for a finished picture."""
        taps = [
            Offer(label, Action("other_backdrop", value=value, render=record.id))
            for value, label in self._taps("backdrop", record.shot.operation)
            if value != record.shot.backdrop.id
        ]
        choices = await self._desk.offer(session.id, taps)
        text = self._desk.words("ask_other_backdrop")
        await self._desk.post(session.id, Ask(text, choices), channel)

    async def present(self, session: Session, channel: Channel) -> Session:
        """How things stand: the job under way, else the current picture, else the brief."""
        if await self._desk.history.jobs(session.id):
            await self._already(session, channel)
        elif record := await self._desk.history.render(session.current):
            await self._desk.say(
                session.id, channel, "present_picture", *next_taps(record, self.can(session))
            )
        elif session.draft.spec.fields or session.photo:
            return await self.advance(session, channel, "confirm")
        return session

    def values(
        self, slot: str, operation: Operation = "generate", *, everything: bool = False
    ) -> list[tuple[Scalar, str]]:
        """A slot's values that this studio honours, with their labels; the usual ones, or all."""
        return self._taps(slot, operation, most=LISTED if everything else 0)

    async def edit(self, session: Session, action: Action, channel: Channel) -> Session:
        """Open a field of the card, or all of them; lock or unlock; or go back to the card."""
        spec = self.completed(session)
        if action.kind in ("lock", "unlock"):
            session = self.card.turned(session, action, spec)
            if action.value == HERE and session.brief:
                return await self.card.redo(session, self.completed(session), channel)
            return await self.advance(session, channel, "confirm")
        if action.slot == "card":
            return await self.advance(session, channel, "confirm")
        if not action.slot:
            return await self.card.ask_which(session, spec, channel)
        values = self._taps(action.slot, session.mode, most=MAX_VALUES)
        return await self.card.ask_value(session, action.slot, spec, values, channel)

    def completed(self, session: Session) -> PortraitSpec:
        """The spec with every empty slot assumed."""
        return completed(session, self._desk.prompts, self.can(session))

    def hint(self, session: Session, missed: Iterable[str]) -> tuple[Session, list[str]]:
        """What a picture model would add, once, where somebody asks for what only it can do."""
        if HINT in session.told or not gains(missed, self.can(session)):
            return session, []
        return structs.replace(session, told=(*session.told, HINT)), [self._desk.words(HINT)]

    def _hinted(self, session: Session) -> tuple[Session, list[str]]:
        """The hint where something was said that only a model does."""
        spec = session.draft.spec
        said = {slot: value for slot, value in spec.values().items() if spec.said(slot)}
        return self.hint(session, self.can(session).not_honoured(session.mode, said))

    async def _with_hint(self, session: Session, channel: Channel) -> Session:
        session, hint = self._hinted(session)
        if hint:
            await self._desk.post(session.id, Say(hint[0]), channel)
        return session

    async def _ask(self, session: Session, slot: str, channel: Channel, heard: str = "") -> Session:
        version = session.draft.version
        asked = ASKED_AS.get(slot, slot)
        taps = [
            Offer(label, Action("set", slot=asked, value=value, version=version))
            for value, label in self.proposed(session, asked)
        ]
        choices = await self._desk.offer(session.id, [*taps, *self.shortcuts(version)])
        text = f"{heard} {self._desk.words(f'ask_{slot}')} {self._desk.words(f'why_{slot}')}"
        entry = Ask(text.strip(), choices)
        await self._desk.post(session.id, entry, channel)
        return structs.replace(session, pending=asked, asked=(*session.asked, slot))

    async def _ask_photo(self, session: Session, channel: Channel, heard: str) -> Session:
        """Ask for their photo, with a way to go on without one."""
        key = "swap_photo_awaited" if NEEDED in session.told else NEEDED
        choices = await self._desk.offer(session.id, [self.invent()])
        text = f"{heard} {self._desk.words(key)}".strip()
        await self._desk.post(session.id, Say(text, choices), channel)
        return structs.replace(session, told=tuple(dict.fromkeys((*session.told, NEEDED))))

    def invent(self) -> Offer:
        """The tap of somebody who sends no photo."""
        return Offer("btn_invent", Action("invent"))

    async def begin_invented(self, session: Session, channel: Channel) -> Session:
        """Go on without a photo: with somebody who does not exist."""
        session = structs.replace(session, mode="generate", then="", pending="")
        return await self.advance(session, channel, heard=self._desk.words("invented"))

    async def _warn(self, session: Session, warn: Warn, channel: Channel, heard: str) -> Session:
        slot, value = warn.fix
        label = self._desk.prompts.label(slot, value)
        fix = Action("set", slot=slot, value=value, version=session.draft.version)
        taps = [Offer(label, fix, "primary"), Offer("btn_keep", Action("skip"))]
        taps += self.shortcuts(session.draft.version)
        choices = await self._desk.offer(session.id, taps)
        text = f"{heard} {self._desk.words(warn.key)}".strip()
        await self._desk.post(session.id, Say(text, choices), channel)
        return structs.replace(session, told=(*session.told, warn.key), pending=warn.key)

    def shortcuts(self, version: int) -> list[Offer]:
        """The two ways out that stand under every question."""
        surprise = Action("surprise", version=version, once=True)
        return [
            Offer("btn_surprise", surprise),
            Offer("btn_just_shoot", Action("shoot", version=version, once=True), "primary"),
        ]

    def proposed(self, session: Session, slot: str) -> list[tuple[Scalar, str]]:
        """The values on offer, with what this look would take at the head of them."""
        values = self._taps(slot, session.mode)
        own = self.completed(session).value(slot)
        if own is None or session.draft.spec.value("look") is None:
            return values
        others = [pair for pair in values if pair[0] != own]
        return [(own, value_label(self._desk.prompts, slot, own)), *others]

    def _taps(self, slot: str, operation: Operation, *, most: int = 0) -> list[tuple[Scalar, str]]:
        """Values on offer that the studio honours: all there are, where `most` allows that."""
        honoured = self._engine.capabilities().honours.get(operation, {}).get(slot)
        values = self._desk.prompts.choices(slot)
        known = tuple(self._desk.prompts.slot(slot).values.values())
        return [
            (value.id, self._desk.prompts.label(slot, value.id))
            for value in (known if len(known) <= most else values)
            if honoured is None or value.id in honoured
        ]

    async def _is_shooting(self, session: Session) -> bool:
        running = await self._desk.history.jobs(session.id)
        return any(
            r.spec_version == session.draft.version
            and r.job.series.shots[0].operation == operation_of(session, self.can(session))
            for r in running
        )

    async def _already(self, session: Session, channel: Channel) -> None:
        await self._desk.say(
            session.id, channel, "already_shooting", Offer("btn_cancel", Action("cancel"))
        )
