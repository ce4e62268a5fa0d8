"""The brief card on the desk: shown with its light plan, changed, locked, unlocked by taps."""

import logging
from collections.abc import Sequence

from msgspec import structs

from bot.core.brief import brief_card, value_label
from bot.core.desk import Desk, Offer
from bot.core.light_plan import UNSURE, light_plan
from bot.core.outside import as_seen, where_and_cost
from bot.core.plan import LIGHT_SLOTS
from bot.core.ports import Channel
from bot.core.replies import Ask, Brief, Picture
from bot.core.session import Action, Session
from bot.core.spec import PortraitSpec, lock, unlock
from bot.core.ways import operation_of
from engine.base import Capabilities, Drawing, Engine, KeyLight
from engine.errors import EngineError
from engine.shots import Scalar

log = logging.getLogger(__name__)
HERE = "here"
"""The value of a lock's tap that stands on the card itself: the card then changes in place."""
SHORT = 28
"""Characters of a value that a tap's label has room for."""


class Card:
    """Shows the completed brief, and opens each of its fields."""

    def __init__(self, desk: Desk, engine: Engine) -> None:
        self._desk, self._engine = desk, engine

    async def show(
        self, session: Session, spec: PortraitSpec, channel: Channel, notes: Sequence[str] = ()
    ) -> Session:
        """Post the card of a completed spec: fields with taps, the light plan, what comes next."""
        session, entry = await self._entry(session, spec, notes)
        seq = await self._desk.post(session.id, entry, channel)
        return structs.replace(session, pending="", brief=seq)

    async def redo(self, session: Session, spec: PortraitSpec, channel: Channel) -> Session:
        """Bring the last card up to date where it stands."""
        session, entry = await self._entry(session, spec)
        await self._desk.amend(session.id, session.brief, entry, channel)
        return session

    async def _entry(
        self, session: Session, spec: PortraitSpec, notes: Sequence[str] = ()
    ) -> tuple[Session, Ask]:
        can, version = self._can(session), session.draft.version
        brief = brief_card(spec, version, operation_of(session, can), can, self._desk.prompts)
        brief = structs.replace(brief, notes=(*brief.notes, *notes))
        brief = self._with_cost(brief, session, spec, can)
        session, brief = await self._drawn(session, spec, brief)
        brief = await self._with_taps(session.id, brief)
        choices = await self._desk.offer(session.id, self._next(session, brief))
        return session, Ask(self._desk.words("brief_ready"), choices, brief)

    async def ask_which(self, session: Session, spec: PortraitSpec, channel: Channel) -> Session:
        """Every field of the card as a tap, for chats whose card has no taps of its own."""
        can, words = self._can(session), self._desk.words
        operation = operation_of(session, can)
        brief = brief_card(spec, session.draft.version, operation, can, self._desk.prompts)
        taps = [
            Offer(
                words("tap_field", field=line.label, value=_short(line.value)),
                Action("edit", slot=line.slot),
            )
            for line in brief.lines
        ]
        choices = await self._desk.offer(session.id, [*taps, self._back()])
        await self._desk.post(session.id, Ask(words("ask_change"), choices), channel)
        return structs.replace(session, pending="")

    async def ask_value(
        self,
        session: Session,
        slot: str,
        spec: PortraitSpec,
        values: list[tuple[Scalar, str]],
        channel: Channel,
    ) -> Session:
        """The values a field could have, with its lock; a locked one has to be unlocked first."""
        locked = spec.source(slot) == "locked"
        taps = [] if locked else self._values(session, slot, spec, values)
        kind = "unlock" if locked else "lock"
        field = self._desk.prompts.slot_label(slot)
        turn = Offer(
            self._desk.words(f"tap_{kind}", field=self._desk.prompts.amid(field)),
            Action(kind, slot=slot),
        )
        choices = await self._desk.offer(session.id, [*taps, turn, self._back()])
        text = self._locked_text(slot, spec) if locked else self._question(slot)
        await self._desk.post(session.id, Ask(text, choices), channel)
        return structs.replace(session, pending="" if locked else slot)

    def turned(self, session: Session, action: Action, spec: PortraitSpec) -> Session:
        """The session with a field, or the whole light, locked or unlocked."""
        slots = (action.slot,) if action.slot else LIGHT_SLOTS
        if action.kind == "unlock":
            return structs.replace(session, draft=unlock(session.draft, slots))
        return structs.replace(session, draft=lock(session.draft, slots, spec))

    async def say_held(self, session: Session, slots: tuple[str, ...], channel: Channel) -> None:
        """Say which fields a lock has kept, with a tap to unlock each."""
        prompts = self._desk.prompts
        labels = {slot: prompts.amid(prompts.slot_label(slot)) for slot in slots}
        taps = [
            Offer(self._desk.words("tap_unlock", field=label), Action("unlock", slot=slot))
            for slot, label in labels.items()
        ]
        fields = ", ".join(labels.values())
        await self._desk.say(session.id, channel, "locked_kept", *taps, fields=fields)

    async def own_light(self, session: Session) -> tuple[Session, Picture | None]:
        """The plan of the light in the sitter's photo; None where it was not read well."""
        spec = session.draft.spec
        drawing = await self._draw(session, spec) if own_light_of(session) else None
        if drawing is None:
            return session, None
        session = structs.replace(session, drawn=(drawing.png, drawing.svg))
        await self._desk.history.save(session)
        return session, self._picture(drawing, spec, session)

    async def _drawn(
        self, session: Session, spec: PortraitSpec, brief: Brief
    ) -> tuple[Session, Brief]:
        drawing = await self._draw(session, spec)
        if drawing is None:
            return session, brief
        blobs = (drawing.png, drawing.svg)
        redrawn = blobs != session.drawn
        session = structs.replace(session, drawn=blobs)
        await self._desk.history.save(session)  # a page asks for the drawing as soon as it hears
        plan = self._picture(drawing, spec, session)
        return session, structs.replace(brief, plan=plan, redrawn=redrawn)

    async def _draw(self, session: Session, spec: PortraitSpec) -> Drawing | None:
        own = own_light_of(session)
        if session.mode != "generate" and own is None and not spec.said("lighting"):
            return None
        try:
            return await self._engine.draw(light_plan(spec, self._desk.prompts, own))
        except EngineError:
            log.warning("no light plan", exc_info=True, extra={"session": session.id})
            return None

    def _picture(self, drawing: Drawing, spec: PortraitSpec, session: Session) -> Picture:
        own, can = own_light_of(session), self._can(session)
        labels = light_plan(spec, self._desk.prompts, own).labels
        theirs = own is not None and not spec.said("lighting")
        caption = self._desk.words("plan_caption_own" if theirs else "plan_caption")
        if not theirs and "lighting" in can.not_honoured(session.mode, spec.values()):
            reason = can.reasons.get("lighting", "cannot_honour")
            caption = f"{caption} {self._desk.words(reason)}"
        parts = ", ".join(labels.values())
        alt = self._desk.words("alt_plan", parts=parts)
        size = (drawing.width, drawing.height)
        return Picture("", drawing.png, drawing.png, *size, alt, caption, drawing.svg)

    def _can(self, session: Session) -> Capabilities:
        return as_seen(self._engine.capabilities(), session.likes)

    def _with_cost(
        self, brief: Brief, session: Session, spec: PortraitSpec, can: Capabilities
    ) -> Brief:
        """The card with where the picture is made and what it costs, if that is not here."""
        outside = can.outside
        if outside is None or session.mode not in outside.operations:
            return brief
        count = int(spec.value("count") or 1) if session.mode == "generate" else 1
        note = where_and_cost(self._desk, outside, count)
        return structs.replace(brief, notes=(*brief.notes, note))

    async def _with_taps(self, session_id: str, brief: Brief) -> Brief:
        words, offers = self._desk.words, list[Offer]()
        for line in brief.lines:
            field, kind = (
                self._desk.prompts.amid(line.label),
                "unlock" if line.source == "locked" else "lock",
            )
            offers.append(Offer(words("tap_change", field=field), Action("edit", slot=line.slot)))
            here = Action(kind, slot=line.slot, value=HERE)
            offers.append(Offer(words(f"tap_{kind}", field=field), here))
        ids = [choice.id for choice in await self._desk.offer(session_id, offers)]
        pairs = zip(brief.lines, ids[::2], ids[1::2], strict=True)
        lines = tuple(structs.replace(line, edit=edit, lock=turn) for line, edit, turn in pairs)
        return structs.replace(brief, lines=lines)

    def _next(self, session: Session, brief: Brief) -> list[Offer]:
        version = brief.version
        taps = [
            Offer("btn_shoot", Action("shoot", version=version, once=True), "primary"),
            Offer("btn_surprise", Action("surprise", version=version, once=True)),
            Offer("btn_change", Action("edit")),
        ]
        if brief.plan:
            spec = session.draft.spec
            fixed = all(spec.source(slot) == "locked" for slot in LIGHT_SLOTS)
            kind = "unlock" if fixed else "lock"
            taps.append(Offer(f"btn_{kind}_light", Action(kind)))
        return [*taps, Offer("btn_undo", Action("undo"))] if session.draft.past else taps

    def _values(
        self,
        session: Session,
        slot: str,
        spec: PortraitSpec,
        values: list[tuple[Scalar, str]],
    ) -> list[Offer]:
        version = session.draft.version
        return [
            Offer(label, Action("set", slot=slot, value=value, version=version))
            for value, label in values
            if value != spec.value(slot)
        ]

    def _question(self, slot: str) -> str:
        words = self._desk.words
        asked = f"{words(f'ask_{slot}')} {words(f'why_{slot}')}"
        return asked if self._desk.prompts.choices(slot) else f"{asked} {words('say_it')}"

    def _locked_text(self, slot: str, spec: PortraitSpec) -> str:
        prompts = self._desk.prompts
        value = value_label(prompts, slot, spec.value(slot) or "")
        return self._desk.words("ask_unlock", field=prompts.slot_label(slot), value=value)

    @staticmethod
    def _back() -> Offer:
        return Offer("btn_card", Action("edit", slot="card"))


def own_light_of(session: Session) -> KeyLight | None:
    """The key light of the photo to be used, where there is one and it was read well."""
    light = session.photo.light if session.mode == "swap" and session.photo else None
    return light if light and light.confidence >= UNSURE else None


def _short(value: str) -> str:
    return value if len(value) <= SHORT else f"{value[: SHORT - 1].rstrip()}…"
