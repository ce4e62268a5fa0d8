"""The conversation: a turn in, replies out; in order for one session, never blocking another."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from msgspec import structs

from bot.clock import Clock, known_zone, now_in
from bot.core.albums import Albums
from bot.core.apologies import apology
from bot.core.darkroom import Darkroom
from bot.core.deliveries import Deliveries
from bot.core.desk import Desk, Discard
from bot.core.director import Director
from bot.core.door import Door
from bot.core.events import Observer, Tally, TurnTaken, WentWrong, platform_of
from bot.core.guests import Guests
from bot.core.intents import Intent
from bot.core.locks import Locks
from bot.core.memory import Memory
from bot.core.operators import Operators
from bot.core.outside import AskedShooting
from bot.core.own_backdrop import OwnBackdrop
from bot.core.photos import Photos
from bot.core.ports import Channel, History, Interviewer
from bot.core.preferences import Preferences
from bot.core.replies import Heard, Posted
from bot.core.session import Session
from bot.core.shooting import ChannelFor
from bot.core.taps import Taps
from bot.core.turns import MAX_TEXT, Turn
from bot.core.typed import no_longer
from bot.core.words import Words
from bot.errors import NotAdmitted, StudioClosed, code_of
from bot.logs import log_ids
from engine.base import Engine
from engine.errors import PhotoRejected
from prompts import Prompts
from prompts.speaking import speak

log = logging.getLogger(__name__)
ENGLISH = "en"
ABOUT_A_PHOTO: tuple[Intent, ...] = ("cutout", "id_photo", "own_backdrop")
"""Commands that mean the photo sent with them; what else a caption commands, a photo answers."""


class Conversation:
    """The one thing front-ends talk to.

    `discard` deletes blobs nobody refers to; `new_seed` draws seeds (tests make it predictable);
    `now` tells the time in a zone.
    `observer` hears what happens, `guests` says who is let in (everybody, if it is left out).
    """

    def __init__(  # noqa: PLR0913 - the last three by keyword only
        self,
        history: History,
        interviewer: Interviewer,
        engine: Engine,
        prompts: Prompts,
        *,
        discard: Discard,
        new_seed: Callable[[], int],
        now: Clock = now_in,
        observer: Observer | None = None,
        guests: Guests | None = None,
    ) -> None:
        self._history = history
        self.tally = tally = Tally(*filter(None, [observer]))
        self._locks = Locks()
        self._desk = desk = Desk(history, prompts)
        self.deliveries = Deliveries(desk, tally)
        discard = _of_nobody(history, discard)
        self._door, self._guests = Door(), guests or Guests()
        self._operators = Operators(desk, self._door, self._guests, tally)
        self._shooting = AskedShooting(
            engine, desk, self._locks, discard, self.deliveries, door=self._door, observer=tally
        )
        self._director = director = Director(desk, engine, self._shooting, new_seed)
        self._darkroom = darkroom = Darkroom(desk, director, discard)
        own = OwnBackdrop(desk, director, discard)
        self._photos = Photos(desk, engine, director, own, discard)
        self._albums = Albums(desk, engine, self._photos, discard)
        memory = Memory(desk, director, darkroom, now)
        self._words = Words(desk, interviewer, director, darkroom, own, self._shooting, memory)
        self._taps = Taps(desk, director, darkroom, self._photos, self._albums, self._words)

    async def handle(self, turn: Turn, channel: Channel) -> None:
        """Answer one turn. Every foreseeable failure becomes a sentence; nothing is raised."""
        with log_ids(session=turn.session):
            try:
                self._guests.admit(turn)
                await self._let_in(turn, channel)
                self.tally.saw(TurnTaken(platform_of(turn.person)))
            except (NotAdmitted, StudioClosed) as error:
                await self._turn_away(turn, error, channel)
            except Exception as error:
                self.tally.saw(WentWrong(code_of(error)))
                await self._desk.apologise(turn.session, error, channel)

    async def welcome(
        self,
        session_id: str,
        person: str,
        channel: Channel,
        places: tuple[str, ...] = (),
        language: str = "",
    ) -> None:
        """Greet somebody new, once."""
        try:
            self._guests.admit(Turn(session_id, person, places=places))
        except NotAdmitted as error:
            await self._desk.show(0, apology(self._desk.explain, error, "welcome"), channel)
            return
        async with self._locks(session_id):
            if not await self._history.transcript(session_id):
                likes = await self._history.preferences(person)
                speak(likes.language or language or likes.seen_language)
                await self._history.session(session_id, person)
                await self._desk.say(session_id, channel, "welcome")

    async def transcript(self, session_id: str, after: int = 0) -> list[Posted]:
        """What was said since `after`, for replay."""
        return await self._history.transcript(session_id, after)

    async def may_see(self, session_id: str, blob: str) -> bool:
        """Whether a picture belongs to this session: kept, or a first look while it is made."""
        return self._shooting.looks.shows(session_id, blob) or await self._history.owns(
            session_id, blob
        )

    def admits(self, turn: Turn) -> bool:
        """Whether a turn would be let in: before anything is fetched or noted for it."""
        try:
            self._guests.admit(turn)
        except NotAdmitted:
            return False
        return True

    async def owner(self, choice: str) -> str:
        """The session a choice was offered to, or "" when nobody was ever offered it."""
        offered = await self._history.offered(choice)
        return offered.session if offered else ""

    async def note_device(self, person: str, *, zone: str = "", language: str = "") -> None:
        """Remember what a person's device says: its time zone (IANA), and its language ("de-AT").

        What is none changes nothing.
        """
        seen = dict[str, str]()
        if zone and await asyncio.to_thread(known_zone, zone):
            seen["seen_zone"] = zone
        if language in self._desk.prompts.locales or language.partition("-")[0] == ENGLISH:
            seen["seen_language"] = language
        await self._desk.prefer(person, lambda likes: structs.replace(likes, **seen))

    async def note_shown(self, session_id: str, message: str, render: str) -> None:
        """Remember that a platform's message shows a picture, for replies to it."""
        await self._history.note(session_id, f"shows:{message}", render)

    async def shown(self, session_id: str, message: str) -> str:
        """The picture a platform's message shows to this session, or ""."""
        return await self._history.noted(session_id, f"shows:{message}")

    async def note_place(self, session_id: str, place: str) -> None:
        """Remember where in a shared chat a session was last spoken in, as the platform has it."""
        await self._history.note(session_id, "place", place)

    async def place(self, session_id: str) -> str:
        """Where in a shared chat a session was last spoken in, or ""."""
        return await self._history.noted(session_id, "place")

    async def resume(self, channel_for: ChannelFor, session_id: str | None = None) -> int:
        """Go on with what a crash left, of one session or of all: results to deliver, and jobs to
        run again. Returns how many jobs that were.
        """
        await self.deliveries.resume(channel_for, session_id)
        return await self._shooting.resume(channel_for, session_id)

    async def settle(self, grace_s: float) -> None:
        """Before the end: take nothing new, let turns under way end within `grace_s` seconds,
        tell everybody whose job is unfinished that it will be taken up again.
        """
        await self._door.close(grace_s)
        await self._shooting.close()

    async def close(self) -> None:
        """Stop watching jobs; they are found again at the next start."""
        await self._shooting.close()

    async def _turn_away(
        self, turn: Turn, error: NotAdmitted | StudioClosed, channel: Channel
    ) -> None:
        # Who was not let in leaves no trace; who was cut short finds it in the transcript.
        if error.code == "interrupted":
            await self._desk.apologise(turn.session, error, channel)
        else:
            await self._desk.show(0, apology(self._desk.explain, error), channel)

    async def _let_in(self, turn: Turn, channel: Channel) -> None:
        if await self._cancel_at_once(turn, channel):
            return
        commanded = self._operators.wants(turn)
        async with self._door.turn(always=commanded), self._locks(turn.session):
            if commanded:
                if await self._history.first_time(turn.session, turn.client_id):
                    await self._operators.hear(turn, channel)
                return
            await self.deliveries.catch_up(turn.session, channel)
            await self._turn(turn, channel)

    async def _cancel_at_once(self, turn: Turn, channel: Channel) -> bool:
        # A cancel must not wait for a slow reading that holds the session's lock.
        if turn.intent == "cancel" and await self._history.jobs(turn.session):
            if await self._history.first_time(turn.session, turn.client_id):
                await self._history.session(turn.session, turn.person)
                await self._words.cancel(turn.session, "", channel)
            return True
        offered = await self._history.offered(turn.choice) if turn.choice else None
        if offered is None or offered.action.kind != "cancel" or offered.session != turn.session:
            return False
        await self._words.cancel(turn.session, offered.action.job, channel)
        return True

    async def _turn(self, turn: Turn, channel: Channel) -> None:
        if not await self._history.first_time(turn.session, turn.client_id):
            return
        session = await self._history.session(turn.session, turn.person)
        likes = await self._tongue(turn)
        session = structs.replace(session, likes=likes, shared=turn.shared)
        if turn.about:
            session = await self._darkroom.about(session, turn.about)
        session = await self._answer(session, turn, channel)
        await self._history.save(session)

    async def _tongue(self, turn: Turn) -> Preferences:
        """What the person likes, their language among it; what follows is said in that."""
        tongues = self._desk.prompts.tongues

        def heard(likes: Preferences) -> Preferences:
            least = 2 if likes.language else 1
            written = tongues.of(turn.text[:MAX_TEXT], least) if turn.text else ""
            seen = turn.language or likes.seen_language
            return structs.replace(likes, language=written or likes.language, seen_language=seen)

        likes = await self._desk.prefer(turn.person, heard)
        speak(likes.language or likes.seen_language)
        return likes

    async def _answer(self, session: Session, turn: Turn, channel: Channel) -> Session:
        if turn.photo:
            return await self._photo(no_longer(session), turn, channel)
        if turn.choice:
            return await self._taps.tap(no_longer(session), turn.choice, channel)
        if not turn.text.strip() and not turn.intent:
            return session
        await self._desk.post(session.id, Heard(turn.text[:MAX_TEXT] or str(turn.intent)), channel)
        if turn.intent:
            return await self._words.obey(
                no_longer(session), turn.intent, turn.text[:MAX_TEXT], channel
            )
        return await self._text(session, turn.text, channel)

    async def _photo(self, session: Session, turn: Turn, channel: Channel) -> Session:
        if turn.photo is None:
            return session
        try:
            if turn.more:
                uploads = (turn.photo, *turn.more)
                session = await self._albums.receive(session, turn, uploads, channel)
            else:
                session = await self._photos.receive(session, turn, turn.photo, channel)
        except PhotoRejected:
            await self._desk.post(session.id, Heard(turn.text or turn.photo.name), channel)
            raise
        if turn.intent in ABOUT_A_PHOTO:
            return await self._words.obey(session, turn.intent, turn.text, channel)
        if turn.text.strip():
            return await self._text(session, turn.text, channel)
        return await self._photos.greet(session, channel)

    async def _text(self, session: Session, text: str, channel: Channel) -> Session:
        if len(text) > MAX_TEXT:
            await self._desk.say(session.id, channel, "text_too_long", limit=MAX_TEXT)
            return session
        if answer := await self._shooting.typed_answer(session, text):
            return await self._director.answer_outside(session, answer, channel)
        if answer := self._photos.typed_answer(session, text):
            return await self._photos.answer(session, answer, channel)
        if (done := await self._taps.typed(session, text, channel)) is not None:
            return done
        return await self._words.hear(no_longer(session), text.strip(), channel)


def _of_nobody(history: History, discard: Discard) -> Discard:
    """Deletes blobs as `discard` does, but none that somebody's photo or picture still is.

    Blobs are named by their content: two people may have sent, or been given, the same.
    """

    async def discarding(blobs: Sequence[str]) -> None:
        if gone := await history.orphans(blobs):
            await discard(gone)

    return discarding
