"""What is said beside the brief: remarks, questions about the questions, what nobody understands.

Every answer leads on, and leaves the ways out at hand: let the studio choose, or just shoot.
"""

from collections.abc import Awaitable, Callable

from msgspec import structs

from bot.core.counsel import Counsel, open_slot, question_of
from bot.core.desk import Desk, Offer
from bot.core.director import Director
from bot.core.gallery import next_taps
from bot.core.outside import also_private, where_and_cost
from bot.core.ports import Channel, Reading
from bot.core.series_card import table_taps
from bot.core.session import WARNED, Action, Session
from bot.core.set_jobs import SHEET, zip_gallery
from bot.core.typed import asked_to_be_sure

ALSO = ("brief", "smalltalk", "skip", "ask", "help", "correct")
"""Intents of a message that may be a remark, where it changes nothing."""
SPEAKING = ("why", "advise", "help", "privacy", "dislike", "delete")
"""Remarks whose answer takes the place of what a reader began to say."""
ENDING = ("bye", "wait")
"""Remarks after which nothing more need be said."""
Answering = Callable[[Session, Reading, str, Channel], Awaitable[Session | None]]


class SmallTalk:
    """Answers what is no brief, no order and no edit."""

    def __init__(self, desk: Desk, director: Director, elsewhere: bool = False) -> None:
        """`elsewhere`: words are read on another machine."""
        self._desk, self._director, self._elsewhere = desk, director, elsewhere
        self.counsel = counsel = Counsel(desk, director)
        self._ways: dict[str, Answering] = {
            "why": self._why,
            "enough": self._enough,
            "advise": counsel.advise,
            "options": counsel.options,
            "change": counsel.options,
            "no_photo": self._no_photo,
            "help": self._help,
            "privacy": self._privacy,
            "dislike": self._dislike,
            "delete": self._delete,
            "keep": self._keep,
            "zip": self._zip,
            "neither": self._neither,
        }

    async def answer(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        """Answer a remark; None where the message is none, and others have to deal with it."""
        if reading.patch or reading.wants_photo or reading.intent not in ALSO:
            return None
        for kind in self._desk.prompts.smalltalk.kinds_of(text):
            if way := self._ways.get(kind):
                if reading.spoken and kind not in SPEAKING:
                    text = reading.reply or self._desk.words("noted")
                    await self.counsel.utter(session, reading, text, channel)
                answered = await way(session, reading, text, channel)
                if answered is not None:
                    return answered
            elif reading.intent != "help" and not (reading.reply or reading.topic):
                return await self._plain(session, kind, reading, channel)
        return await self._wish(session, reading, text, channel)

    async def chat(self, session: Session, reading: Reading, channel: Channel) -> Session:
        """Small talk of no kind that is known."""
        fresh = not under_way(session)
        if reading.reply or fresh:
            text = reading.reply or self._desk.words("smalltalk")
            await self.counsel.utter(session, reading, text, channel)
            return session
        return await self._remark(session, self._desk.words("talk_stay"), reading, channel)

    async def privacy(self, session: Session, reading: Reading, channel: Channel) -> Session:
        """Where words and pictures stay; words only as far as that is true here."""
        keys = ("privacy", "privacy_words") if self._elsewhere else ("privacy",)
        text = " ".join(self._desk.words(key) for key in keys)
        text += also_private(self._desk, self._director.can(session), "privacy")
        await self.counsel.utter(session, reading, text, channel)
        return session

    async def lost(self, session: Session, reading: Reading, channel: Channel) -> Session:
        """Say that nothing was understood, and what would be; never twice in the same words."""
        times = session.lost
        session = structs.replace(session, lost=times + 1)
        if reading.reply or not (times or under_way(session)):
            return await self._say_lost(session, reading, channel)
        if not under_way(session):  # the first question helps along
            return await self._director.advance(session, channel, heard=self._desk.words("lost"))
        said = self._desk.words("lost_again" if times % 2 else "lost")
        return await self._remark(session, said, reading, channel)

    async def _say_lost(self, session: Session, reading: Reading, channel: Channel) -> Session:
        taps = [Offer("btn_surprise", Action("surprise", version=session.draft.version))]
        choices = await self._desk.offer(session.id, taps)
        text = reading.reply or self._desk.words("not_understood")
        await self.counsel.utter(session, reading, text, channel, choices)
        return session

    async def _plain(
        self, session: Session, kind: str, reading: Reading, channel: Channel
    ) -> Session:
        if kind == "greeting" and not under_way(session):
            return await self.chat(session, reading, channel)
        facts = {"seconds": await self._director.seconds(session)} if kind == "time" else {}
        said = self._desk.words(f"talk_{kind}", **facts)
        outside = self._director.can(session).outside
        if kind == "cost" and outside:
            said = where_and_cost(self._desk, outside, 1)
        if kind in ENDING:
            await self.counsel.utter(session, reading, said, channel)
            return session
        return await self._remark(session, said, reading, channel)

    async def _remark(
        self, session: Session, said: str, reading: Reading, channel: Channel
    ) -> Session:
        """Say something, and where we are."""
        onward, offers = await self._onward(session)
        choices = await self._desk.offer(session.id, offers)
        await self.counsel.utter(session, reading, f"{said} {onward}", channel, choices)
        return session

    async def _onward(self, session: Session) -> tuple[str, list[Offer]]:
        """Where the sitting stands, in a sentence, with the taps that lead on."""
        words, shortcuts = self._desk.words, self._director.shortcuts(session.draft.version)
        if not under_way(session):
            return words("onward_begin"), []
        if await self._desk.history.jobs(session.id):
            return words("onward_busy"), [Offer("btn_cancel", Action("cancel"))]
        if session.mode == "swap" and session.photo is None:
            return words("onward_photo"), [self._director.invent()]
        if session.plan:
            return words("table_change"), table_taps()
        if slot := open_slot(session):
            field = self._desk.prompts.amid(self._desk.prompts.slot_label(question_of(slot)))
            return words("onward_question", field=field), shortcuts
        ready = ("onward_ready", shortcuts)
        key, taps = ("onward_picture", []) if session.current else ready
        return words(key), taps

    async def fine(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session:
        """ "Never mind", where nothing is under way and nothing was begun."""
        wish = structs.replace(reading, intent="brief")
        if (begun := await self._wish(session, wish, text, channel)) is not None:
            return begun
        return await self._remark(session, self._desk.words("nothing_under_way"), reading, channel)

    async def _why(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        if session.pending == "consent":
            return await self.privacy(session, reading, channel)
        slot = open_slot(session)
        if not slot or reading.topic.partition(":")[0] not in ("", slot):
            return None
        said = self._desk.words("why_asked", why=self._desk.words(f"why_{question_of(slot)}"))
        choices = await self.counsel.ways_out(session)
        await self.counsel.utter(session, reading, said, channel, choices)
        return session

    async def _enough(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        if session.plan or (session.current and not session.pending):
            return None
        return await self._director.advance(session, channel, "confirm")

    async def _no_photo(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        waiting = session.mode == "swap" and session.photo is None
        if waiting or not under_way(session):
            return await self._director.begin_invented(session, channel)
        return await self._neither(session, reading, text, channel)

    async def _help(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        if reading.topic or reading.reply:
            return None
        await self.counsel.utter(session, reading, self._desk.words("help"), channel)
        return session

    async def _privacy(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        return await self.privacy(session, reading, channel)

    async def _dislike(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        """Of a picture: what shall be changed? Another one, or another backdrop, is a tap away."""
        record = await self._desk.history.render(session.current)
        if record is None:
            if not session.draft.spec.fields:
                return None
            await self.counsel.utter(session, reading, self._desk.words("edit_what"), channel)
            return session
        kinds = ("btn_again", "btn_other_backdrop")
        taps = [
            offer
            for offer in next_taps(record, self._director.can(session))
            if offer.label in kinds
        ]
        choices = await self._desk.offer(session.id, taps)
        await self.counsel.utter(session, reading, self._desk.words("dislike"), channel, choices)
        return session

    async def _delete(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        """Words may be misread, and what is deleted is gone: so it takes a tap or a plain yes."""
        if not session.current:
            return None
        sure = Offer("btn_delete", Action("delete", render=session.current), "danger")
        choices = await self._desk.offer(session.id, [sure])
        text = self._desk.words("delete_ask")
        await self.counsel.utter(session, reading, text, channel, choices)
        return asked_to_be_sure(session, session.current)

    async def _zip(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        """The session's latest set once more, as one file."""
        made = await self._desk.history.renders(session.id)
        sheets = [record for record in made if record.shot.operation == SHEET]
        if not sheets:
            return None
        await self._desk.post(session.id, zip_gallery(self._desk, sheets[-1]), channel)
        return session

    async def _keep(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        warned = session.pending.startswith(WARNED)
        return await self._director.advance(session, channel) if warned else None

    async def _neither(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        return await self._director.advance(session, channel) if open_slot(session) else None

    async def _wish(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session | None:
        """ "I want a picture" says nothing of it yet: begin with the first question."""
        plain = reading.intent in ("brief", "smalltalk") and not (reading.reply or reading.unsure)
        wants = plain and not text.rstrip().endswith("?") and not under_way(session)
        if wants and self._desk.prompts.smalltalk.wishes_one(text):
            return await self._director.advance(session, channel)
        return None


def under_way(session: Session) -> bool:
    """Whether anything was said or asked yet that a person could go on with."""
    begun = session.draft.spec.fields or session.pending or session.current or session.plan
    return bool(begun) or session.mode == "swap"
