"""What a sentence does: read by an interviewer, merged, and answered."""

from typing import Literal

from msgspec import structs, to_builtins

from bot.core.counsel import open_slot
from bot.core.darkroom import Darkroom
from bot.core.desk import Desk, Offer
from bot.core.director import Director
from bot.core.enlarging import times_in
from bot.core.events import WordsRead
from bot.core.gallery import picture
from bot.core.memory import Memory
from bot.core.own_backdrop import OwnBackdrop
from bot.core.policy import Urgency
from bot.core.ports import Channel, Intent, Interviewer, Reading
from bot.core.prints import ID_SIZES, size_in, wants_sheet
from bot.core.recall import says
from bot.core.replies import Gallery
from bot.core.series import SeriesMaker
from bot.core.session import Action, Exchange, Session
from bot.core.settings import Settings
from bot.core.shooting import Shooting
from bot.core.sitters import PERSON_SLOTS, described, for_one, new_sitter, of_somebody_else
from bot.core.smalltalk import SmallTalk, under_way
from bot.core.spec import Draft, SpecPatch, held, merge, undo
from bot.core.typed import agrees, asked_to_be_sure
from bot.core.voice import Voice
from bot.core.whims import surprise
from bot.core.wishing import Wishing, photo_larger, unless_other

PICTURE_INTENTS = ("again", "other_backdrop", "upscale")
AFTERWARDS = ("cutout", "print", "truth", "id_photo", "own_backdrop")
TALK = ("ask", "smalltalk", "help", "privacy")
HISTORY_SHOWN = 8
FALLBACK = "notice_llm_fallback"
SELFIES = ("selfie", "selfies", "myself", "my face")
BESIDE = ("prompt", "usage", "spoken", "instructions")
"""Of a reading: kept beside it in the record, or not at all."""


class Words:
    """Turns a reading into what happens."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of one conversation, each given once
        self,
        desk: Desk,
        interviewer: Interviewer,
        director: Director,
        darkroom: Darkroom,
        own: OwnBackdrop,
        shooting: Shooting,
        memory: Memory,
    ) -> None:
        self._desk, self._interviewer, self._director = desk, interviewer, director
        self._darkroom, self._shooting, self._discard = darkroom, shooting, shooting.discard
        self.own, self.deliveries, self.memory = own, shooting.deliveries, memory
        self._wishing = Wishing(desk, director, darkroom)
        self.settings, self.series = Settings(desk, director), SeriesMaker(desk, director)
        # Only a reader with a machine of its own has this; the others read here.
        self._talk = SmallTalk(desk, director, bool(getattr(interviewer, "elsewhere", False)))

    async def hear(self, session: Session, text: str, channel: Channel) -> Session:
        """Read a sentence and act on it."""
        after = await self._hear(session, text, channel)
        return after if after.lost != session.lost else structs.replace(after, lost=0)

    async def _hear(self, session: Session, text: str, channel: Channel) -> Session:
        before = await self.memory.hear(session, text, channel)
        session, text = before.session, before.text.strip(" ,")
        done = before.done
        if before.confirm and not (done or text):
            return await self._director.advance(session, channel, "confirm")
        if not done:
            session, done = await self._wishing.hear(session, text, channel)
        if done:
            return session
        voice = Voice(self._desk, session.id, channel)
        seen = await self._as_read(session, text)
        reading = self._talk.counsel.taken(session, text) if not session.plan else None
        if reading is None:
            reading = await self._interviewer.read(seen, text, voice.speak)
        session = structs.replace(session, offered="")
        await self._desk.history.record_exchange(session.id, _exchange(seen, text, reading))
        self._shooting.observer.saw(WordsRead(reading.notice == FALLBACK, reading.usage))
        reading = structs.replace(reading, spoken=await voice.begun())
        session = await self._notice(session, reading.notice, channel)
        if reading.refused:
            await self._desk.say(session.id, channel, reading.refused)
            return session
        if before.always:
            return await self._always(session, reading, channel)
        if (planned := await self.series.hear(session, reading, text, channel)) is not None:
            return planned
        return await self._meant(session, reading, text, channel)

    async def _always(self, session: Session, reading: Reading, channel: Channel) -> Session:
        """Keep a standing wish; a brief under way takes it up, a finished picture stays."""
        session = await self.memory.keep(session, reading.patch, channel)
        if session.current or not session.draft.spec.fields:
            return session
        draft = merge(session.draft, reading.patch)
        return await self._director.advance(structs.replace(session, draft=draft), channel)

    async def _meant(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session:
        """Act on a reading that is about a picture or the brief."""
        if self._at_an_end(session, reading, text):
            await self._desk.say(session.id, channel, "edit_no_step")
            return session
        if not self._ages(session, reading, text):
            reading = of_somebody_else(session, reading)
            session = self._in_mode(session, reading, text)
        if reading.intent == "shoot" and session.current and agrees(self._desk.prompts, text):
            # A yes after a finished picture agrees to nothing that was asked.
            reading = structs.replace(reading, intent="brief")
        if (answered := await self._talk.answer(session, reading, text, channel)) is not None:
            return answered
        if (touched := await self._wishing.repaint(session, reading, text, channel)) is not None:
            return touched
        if reading.intent in ("brief", "correct", "shoot", "surprise", "skip"):
            return await self._brief(session, reading, channel)
        if reading.patch:
            draft = merge(session.draft, for_one(reading))
            session = structs.replace(session, draft=draft)
        return await self._intent(session, reading, channel, text)

    def _ages(self, session: Session, reading: Reading, text: str) -> bool:
        """Whether "older" is said of the picture: that changes its sitter, and brings no other."""
        edits = self._desk.prompts.lexicon.edits
        aged = {s.slot for s in reading.patch.set} & PERSON_SLOTS <= {"age", "subject"}
        return bool(session.current) and aged and says(text, (*edits["older"], *edits["younger"]))

    def _in_mode(self, session: Session, reading: Reading, text: str) -> Session:
        """Their photo, or somebody invented: "behind me" is no photo once one was described."""
        session = unless_other(session, text, reading.wants_photo)
        told = session.photo is None and described(session)
        photo = self._desk.prompts.smalltalk.wishes_one(text) or says(text, SELFIES)
        if reading.wants_photo and (photo or not told):
            return structs.replace(session, mode="swap")
        if new_sitter(reading.patch):
            return structs.replace(session, mode="generate", current="")
        return session

    def _at_an_end(self, session: Session, reading: Reading, text: str) -> bool:
        """Whether an edit such as "closer" came to nothing, because there is no further step."""
        idle = reading.intent in ("brief", "correct") and not reading.patch and not reading.reply
        edits = self._desk.prompts.lexicon.edits.values()
        return bool(session.current) and idle and any(says(text, phrases) for phrases in edits)

    async def _as_read(self, session: Session, text: str) -> Session:
        if session.plan:
            return self.series.reading_as(session, text)
        return await self._darkroom.as_shown(session) if session.current else session

    async def obey(self, session: Session, intent: Intent, text: str, channel: Channel) -> Session:
        """Do what a command says, without anybody reading it; `text` is its argument."""
        reading = Reading(intent, reader="command")
        if (planned := await self.series.hear(session, reading, text, channel)) is not None:
            return planned
        return await self._intent(session, reading, channel, text)

    async def command(self, session: Session, name: str, channel: Channel) -> Session:
        """Carry out a named command (undo, restart, …), as words or taps give it."""
        match name:
            case "undo":
                return await self._undo(session, channel)
            case "restart":
                session = structs.replace(
                    session, draft=_afresh(session.draft), asked=(), pending="", current="",
                    mode="generate", told=(), then="", sitter=None, plan=None,
                )  # fmt: skip
                again = Offer("btn_undo", Action("undo"))
                await self._desk.say(session.id, channel, "restarted", again)
                return await self._director.advance(session, channel)
            case "history":
                await self._history(session, channel)
            case "forget":
                sure = Offer("btn_forget", Action("forget"), "danger")
                await self._desk.say(session.id, channel, "forget_ask", sure)
                return asked_to_be_sure(session)
            case "cancel":
                await self.cancel(session.id, "", channel)
        return session

    async def cancel(self, session_id: str, job: str, channel: Channel) -> None:
        """Call jobs off; the job's own last entry says that it worked."""
        if not await self._shooting.cancel(session_id, channel, job):
            taps = (Offer("btn_undo", Action("undo")), Offer("btn_restart", Action("restart")))
            await self._desk.say(session_id, channel, "nothing_to_cancel", *taps)

    async def forget(self, session: Session, channel: Channel) -> Session:
        """Erase everything of this person, pictures included."""
        await self._shooting.cancel(session.id, channel)
        await self._discard(await self._desk.history.forget(session.person))
        fresh = await self._desk.history.session(session.id, session.person)
        await self._desk.say(session.id, channel, "forgot")
        return fresh

    async def _brief(self, session: Session, reading: Reading, channel: Channel) -> Session:
        draft = merge(session.draft, reading.patch)
        heard = structs.replace(session, draft=draft)
        if kept := held(session.draft, reading.patch):
            await self._director.card.say_held(session, kept, channel)
            if draft.version == session.draft.version and reading.intent in ("brief", "correct"):
                return session
        if reading.intent == "surprise":
            heard = surprise(heard, self._desk.prompts, self._director.new_seed())
        if reading.intent in ("shoot", "surprise"):
            return await self._director.advance(heard, channel, "now")
        if not reading.patch and not reading.wants_photo and reading.intent != "skip":
            if reading.unsure:
                return await self._talk.counsel.did_you_mean(session, reading.unsure, channel)
            return await self._talk.lost(session, reading, channel)
        said = await self._talk.counsel.say_back(session, reading, channel)
        if reading.intent == "skip" and open_slot(session):
            said = said or self._desk.words("heard_skip")
        if session.current and reading.patch:
            return await self._darkroom.revise(heard, reading.patch, channel)
        return await self._director.advance(heard, channel, _urgency(heard, reading), said)

    async def _intent(
        self, session: Session, reading: Reading, channel: Channel, text: str
    ) -> Session:
        if reading.intent in ("series", "settings"):
            return await self._around(session, reading, text, channel)
        if reading.intent in AFTERWARDS:
            return await self._afterwards(session, reading.intent, text, channel)
        if reading.intent in PICTURE_INTENTS:
            return await self._on_picture(session, reading, channel, text)
        if reading.intent in TALK:
            return await self._answered(session, reading, channel)
        if reading.intent == "cancel" and text and await self._idle(session):
            return await self._talk.fine(session, reading, text, channel)
        return await self.command(session, reading.intent, channel)

    async def _idle(self, session: Session) -> bool:
        return not (under_way(session) or await self._desk.history.jobs(session.id))

    async def _answered(self, session: Session, reading: Reading, channel: Channel) -> Session:
        if reading.intent == "ask":
            return await self._talk.counsel.explain(session, reading, channel)
        if reading.intent == "smalltalk":
            return await self._talk.chat(session, reading, channel)
        if reading.intent == "privacy":
            return await self._talk.privacy(session, reading, channel)
        text = reading.reply or self._desk.words(reading.intent)
        await self._talk.counsel.utter(session, reading, text, channel)
        return session

    async def _around(
        self, session: Session, reading: Reading, text: str, channel: Channel
    ) -> Session:
        if reading.intent == "settings":
            return await self.settings.show(session, channel)
        return await self.series.asked(session, reading, text, channel)

    async def _on_picture(
        self, session: Session, reading: Reading, channel: Channel, text: str
    ) -> Session:
        if not session.current and session.photo and reading.intent == "upscale":
            return await self._director.advance(photo_larger(session, text), channel)
        if not session.current:
            await self._desk.say(session.id, channel, "no_picture_yet")
            return await self._director.advance(session, channel)
        kind = {"again": "again", "upscale": "upscale"}.get(reading.intent, "other_backdrop")
        value = next((s.value for s in reading.patch.set if s.slot == "backdrop"), "")
        value = times_in(text) if kind == "upscale" else value
        action = Action(kind, value=value, render=session.current)  # type: ignore[arg-type]  # kinds are a subset
        return await self._darkroom.work(session, action, channel)

    async def _afterwards(
        self, session: Session, intent: Intent, text: str, channel: Channel
    ) -> Session:
        match intent:
            case "own_backdrop":
                return await self.own.asked(session, channel)
            case "id_photo":
                return await self._darkroom.ask_id(session, channel)
            case "cutout" if not session.current:
                session = structs.replace(session, mode="swap", then="cutout")
                return await self._director.advance(session, channel)
            case "cutout" | "print" | "truth":
                return await self._of_picture(session, intent, text, channel)
        return session

    async def _of_picture(
        self,
        session: Session,
        intent: Literal["cutout", "print", "truth"],
        text: str,
        channel: Channel,
    ) -> Session:
        if not session.current:
            await self._desk.say(session.id, channel, "no_picture_yet")
            return await self._director.advance(session, channel)
        size = size_in(text) if intent == "print" else ""
        slot = "sheet" if wants_sheet(text) or size in ID_SIZES else ""
        action = Action(intent, slot=slot, value=size, render=session.current)
        return await self._darkroom.work(session, action, channel)

    async def _undo(self, session: Session, channel: Channel) -> Session:
        if not session.draft.past:
            await self._desk.say(session.id, channel, "nothing_to_undo")
            return session
        back = structs.replace(session, draft=undo(session.draft))
        if earlier := await self._darkroom.as_it_was(back):
            return await self.memory.show(back, [earlier], "undone_picture", channel)
        await self._desk.say(session.id, channel, "undone")
        return await self._director.advance(back, channel, "confirm")

    async def _history(self, session: Session, channel: Channel) -> None:
        renders = (await self._desk.history.renders(session.id))[-HISTORY_SHOWN:]
        if not renders:
            await self._desk.say(session.id, channel, "no_picture_yet")
            return
        shown = tuple(picture(self._desk, r) for r in renders)
        taps = [Offer(str(n), Action("pick", render=r.id)) for n, r in enumerate(renders, 1)]
        choices = await self._desk.offer(session.id, taps)
        text = self._desk.words("history", count=len(shown))
        entry = Gallery(text, shown, choices, "photo")
        await self._desk.post(session.id, entry, channel)

    async def _notice(self, session: Session, notice: str, channel: Channel) -> Session:
        if not notice or notice in session.told:
            return session
        await self._desk.say(session.id, channel, notice)
        return structs.replace(session, told=(*session.told, notice))


def _exchange(seen: Session, text: str, reading: Reading) -> Exchange:
    heard = {k: v for k, v in to_builtins(reading).items() if k not in BESIDE}
    exchange = Exchange(reading.reader, text, heard, reading.prompt, reading.usage)
    if not reading.prompt:
        return exchange
    spec, pending = seen.draft.spec.values(), seen.pending
    told = reading.instructions
    return structs.replace(exchange, instructions=told, spec=spec, pending=pending)


def _urgency(session: Session, reading: Reading) -> Urgency:
    ready = session.mode == "swap" and session.draft.spec.said("backdrop")
    return "now" if ready and reading.wants_photo else "ask"


def _afresh(draft: Draft) -> Draft:
    cleared = SpecPatch(clear=tuple(draft.spec.fields))
    return merge(draft, cleared)
