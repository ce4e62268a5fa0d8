"""What things are, what would suit, what there is: each answer with the taps that take it."""

from msgspec import structs

from bot.core.brief import value_label
from bot.core.desk import Desk, Offer
from bot.core.director import ASKED_AS, Director
from bot.core.heard import heard_list, heard_words
from bot.core.policy import contradictions
from bot.core.ports import Channel, Reading
from bot.core.replies import Ask, Choice
from bot.core.session import MAYBE, WARNED, Action, Session
from bot.core.spec import SLOTS, Scalar, SetSlot, SpecPatch
from bot.core.voice import Voice

OFFERED = "offered"
"""The reader's name of what was offered by the studio and taken by the sitter."""
SURE = frozenset({"subject", "gender", "age", "look"})
"""What only the sitter can know: no advice on these."""


class Counsel:
    """Explains, advises and lists; and hears the short answers to what it has put on offer."""

    def __init__(self, desk: Desk, director: Director) -> None:
        self._desk, self._director = desk, director

    def taken(self, session: Session, text: str) -> Reading | None:
        """The reading of a short answer to what the studio itself has just put on offer."""
        if place := self._place(session, text):
            return _taking(*place, text)
        if not self._desk.prompts.smalltalk.takes_it(text):
            return None
        slot, _, value = session.offered.partition(":")
        if slot and (known := self._desk.prompts.normalise(slot, value)) is not None:
            return _taking(slot, known, text)
        fix = self._fix(session)
        return _taking(*fix, text) if fix else None

    async def explain(self, session: Session, reading: Reading, channel: Channel) -> Session:
        """Say what something is, with a tap that takes it."""
        text = self._desk.prompts.explain(reading.topic) or reading.reply
        if not text:
            await self.utter(session, reading, self._desk.words("help"), channel)
            return session
        text = text if text[-1] in ".!?…" else f"{text}."
        session, offers = self._takeable(session, reading.topic)
        if session.draft.spec.fields and not (session.current or session.plan):
            offers = [*offers, *self._director.shortcuts(session.draft.version)]
        choices = await self._desk.offer(session.id, offers)
        await self.utter(session, reading, text[0].upper() + text[1:], channel, choices)
        return session

    async def did_you_mean(
        self, session: Session, guesses: tuple[SetSlot, ...], channel: Channel
    ) -> Session:
        """Offer what may have been meant; a yes takes the first."""
        version, first = session.draft.version, guesses[0]
        label = self._desk.prompts.label
        taps = [
            Offer(label(g.slot, g.value), Action("set", g.slot, g.value, version=version))
            for g in guesses
        ]
        taps.append(Offer("btn_not_that", Action("skip", version=version)))
        choices = await self._desk.offer(session.id, [*taps, *self._director.shortcuts(version)])
        text = self._desk.words("did_you_mean", value=label(first.slot, first.value))
        await self._desk.post(session.id, Ask(text, choices), channel)
        return structs.replace(session, pending=f"{MAYBE}{first.slot}:{first.value}")

    async def advise(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        """Name what this look would take, with a tap that takes it."""
        slot, _, asked = reading.topic.partition(":")
        slot = slot or self._slot_in(text) or open_slot(session)
        if asked or session.current:
            return None
        if slot in SURE:
            said = self._desk.words(
                "advice_yours", why=self._desk.words(f"why_{question_of(slot)}")
            )
            await self.utter(session, reading, said, channel, await self.ways_out(session))
            return session
        if not slot:
            under_way = bool(session.draft.spec.fields)
            return await self._director.advance(session, channel, "confirm") if under_way else None
        value = self._director.completed(session).value(slot)
        if value is None:
            return None
        session, offers = self._takeable(structs.replace(session, pending=slot), f"{slot}:{value}")
        label = value_label(self._desk.prompts, slot, value)
        said = self._desk.words(
            "advice", value=label[0].upper() + label[1:], why=self._desk.words(f"why_{slot}")
        )
        offers = [*offers, *self._director.shortcuts(session.draft.version)]
        choices = await self._desk.offer(session.id, offers)
        await self.utter(session, reading, said, channel, choices)
        return session

    async def options(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        """Everything a field could be, as taps."""
        slot, _, asked = reading.topic.partition(":")
        slot = slot or self._slot_in(text)
        values = self._director.values(slot, session.mode, everything=True) if slot else []
        if asked or not values:
            return None
        field = self._desk.prompts.amid(self._desk.prompts.slot_label(slot))
        offers = [self._take(session, slot, value, label) for value, label in values]
        shortcuts = [] if session.current else self._director.shortcuts(session.draft.version)
        choices = await self._desk.offer(session.id, [*offers, *shortcuts])
        await self._desk.post(
            session.id, Ask(self._desk.words("options", field=field), choices), channel
        )
        return session if session.current else structs.replace(session, pending=slot)

    async def say_back(self, session: Session, reading: Reading, channel: Channel) -> str:
        """Say what was understood, where the reader spoke; else return it, to go before a question.

        `session` is as it was before. What the card shows already is said to be so.
        """
        before, prompts = session.draft.spec, self._desk.prompts
        said = heard_words(prompts, before, reading.patch, len(session.asked))
        if reading.reply or reading.spoken:
            text = reading.reply or said or self._desk.words("noted")
            await self.utter(session, reading, text, channel)
            return ""
        if self._is_that_already(session, reading):
            what = heard_list(prompts, reading.patch)
            await self._desk.say(session.id, channel, "edit_already", what=what)
        return said

    def _is_that_already(self, session: Session, reading: Reading) -> bool:
        """Whether all that was asked for stands on the card that was shown last."""
        shown = session.brief and not (session.pending or session.current or reading.patch.clear)
        spec = self._director.completed(session)
        return bool(shown and reading.patch) and all(
            spec.value(s.slot) == s.value for s in reading.patch.set
        )

    async def utter(
        self,
        session: Session,
        reading: Reading,
        text: str,
        channel: Channel,
        choices: tuple[Choice, ...] = (),
    ) -> None:
        """Say a reply: where it was begun while the words were read, or anew."""
        voice = Voice(self._desk, session.id, channel, reading.spoken)
        await voice.finish(text, choices)

    async def ways_out(self, session: Session) -> tuple[Choice, ...]:
        """The two taps that stand under every question."""
        shortcuts = self._director.shortcuts(session.draft.version)
        return await self._desk.offer(session.id, shortcuts)

    def _place(self, session: Session, text: str) -> tuple[str, Scalar] | None:
        """'The second one': by the order in which the taps were shown."""
        slot = open_slot(session)
        number = self._desk.prompts.memory.place_of(text) if slot else 0
        values = self._director.proposed(session, slot) if number else []
        if not number or number > len(values):
            return None
        return slot, values[number - 1 if number > 0 else number][0]

    def _fix(self, session: Session) -> tuple[str, Scalar] | None:
        """The way out of the contradiction just named."""
        if not session.pending.startswith(WARNED):
            return None
        spec = self._director.completed(session)
        warned = contradictions(spec, self._desk.prompts)
        return next((w.fix for w in warned if w.key == session.pending), None)

    def _slot_in(self, text: str) -> str:
        """The field that a message names, or ""."""
        return self._desk.prompts.smalltalk.field_in(text)

    def _takeable(self, session: Session, topic: str) -> tuple[Session, list[Offer]]:
        """The session that remembers what is on offer, and the tap that takes it."""
        slot, _, raw = topic.partition(":")
        value = self._desk.prompts.normalise(slot, raw) if raw else None
        on_table = session.plan or (session.mode == "swap" and session.photo is None)
        if value is None or on_table or session.draft.spec.value(slot) == value:
            return session, []
        label = value_label(self._desk.prompts, slot, value)
        offers = [self._take(session, slot, value, label)]
        return structs.replace(session, offered=f"{slot}:{value}"), offers

    def _take(self, session: Session, slot: str, value: Scalar, label: str) -> Offer:
        if session.current:
            return Offer(label, Action("revise", slot=slot, value=value, render=session.current))
        return Offer(label, Action("set", slot=slot, value=value, version=session.draft.version))


def _taking(slot: str, value: Scalar, text: str) -> Reading:
    return Reading("brief", SpecPatch((SetSlot(slot, value, text),)), reader=OFFERED)


def open_slot(session: Session) -> str:
    """The slot whose question has not been answered yet, or ""."""
    return session.pending if session.pending in SLOTS else ""


def question_of(slot: str) -> str:
    """The slot under whose name a question was asked."""
    return next((asked for asked, tapped in ASKED_AS.items() if tapped == slot), slot)
