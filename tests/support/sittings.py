"""A whole studio in memory: one conversation, a scripted reader, test cards for pictures."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from msgspec import structs

import prompts
from bot.core.conversation import Conversation
from bot.core.ports import Interviewer, Reading
from bot.core.replies import Apology, Ask, Choice, Entry, Gallery, Progress, Say
from bot.core.spec import Scalar, SetSlot, SpecPatch
from bot.core.turns import Turn, Upload
from bot.frontends.collecting import CollectingChannel
from bot.history.memory import MemoryHistory
from engine.base import Engine
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from support.interviewers import ScriptedInterviewer
from support.studios import CardStudio, draw_card

PERSON = "test:ann"
PATIENCE_S = 15
WORDS = prompts.load()


def reading(intent: str = "brief", **slots: Scalar) -> Reading:
    """What an interviewer would say of a sentence that sets these slots."""
    sets = tuple(SetSlot(slot, value) for slot, value in slots.items())
    return Reading(intent, SpecPatch(sets), reader="script")  # pyright: ignore[reportArgumentType] - the test's own words


SCRIPT = {
    "headshot": reading(look="linkedin", gender="woman", age="30s", backdrop="seamless-grey"),
    "three of them": reading(
        look="linkedin", gender="woman", age="30s", backdrop="seamless-grey", count=3
    ),
    "someone": reading(look="linkedin"),
    "no, butterfly": reading("correct", lighting="butterfly"),
    "go": reading("shoot"),
    "stop": reading("cancel"),
    "undo": reading("undo"),
    "start over": reading("restart"),
    "me on canvas": structs.replace(reading(backdrop="canvas-dark"), wants_photo=True),
    "a child": Reading(refused="minors_refused"),
    "white on white": reading(gender="man", wardrobe="white shirt", backdrop="seamless-white"),
    "forget me": reading("forget"),
    "bigger": reading("upscale"),
    "another": reading("again"),
    "what is loop?": structs.replace(reading("ask"), topic="lighting:loop"),
    "cut me out": reading("cutout"),
    "print 5x7": reading("print"),
    "passport photo": reading("id_photo"),
    "what changed": reading("truth"),
    "use this as the backdrop": reading("own_backdrop"),
    "offline": structs.replace(reading(film="neutral"), notice="notice_llm_fallback"),
}
"""Sentences the scripted reader knows."""


class Sitting:
    """One person in the studio: says, taps, sends, and sees what comes back."""

    blobs: DiskBlobs

    def __init__(self, interviewer: Interviewer, engine: Engine) -> None:
        self._interviewer, self._engine = interviewer, engine
        self.channel = CollectingChannel()
        self.discarded: list[str] = []
        self.rewire(MemoryHistory())

    def rewire(self, history: MemoryHistory) -> None:
        """Go on over this history, as a restart would."""
        seeds = count(1)

        async def discard(ids: Sequence[str]) -> None:
            self.discarded.extend(ids)

        self.history = history
        self.conversation = Conversation(
            history,
            self._interviewer,
            self._engine,
            WORDS,
            discard=discard,
            new_seed=lambda: next(seeds),
        )

    async def say(self, text: str, client_id: str = "") -> None:
        """Write a message."""
        turn = Turn(PERSON, PERSON, text=text, client_id=client_id)
        await self.conversation.handle(turn, self.channel)

    async def tap(self, label: str) -> None:
        """Tap the latest choice with this label."""
        await self.tap_id(self.choice(label).id)

    async def tap_id(self, choice: str) -> None:
        """Tap a choice by its id."""
        await self.conversation.handle(Turn(PERSON, PERSON, choice=choice), self.channel)

    async def send(self, data: bytes, text: str = "") -> None:
        """Send a photo, perhaps with words."""
        turn = Turn(PERSON, PERSON, text=text, photo=Upload(data, "me.jpg"))
        await self.conversation.handle(turn, self.channel)

    async def pictures(self, number: int = 1) -> Gallery:
        """Wait for the given number of galleries of finished pictures; returns the last."""
        await self.until(lambda entries: len(_finished(entries)) >= number)
        return _finished(self.channel.entries)[-1]

    async def apology(self) -> Apology:
        """Wait for an apology."""
        await self.until(lambda entries: bool(_of(entries, Apology)))
        return _of(self.channel.entries, Apology)[-1]

    async def until(self, holds: Callable[[list[Entry]], bool]) -> None:
        """Wait until something holds of what was shown; fails when it never does."""
        async with asyncio.timeout(PATIENCE_S):
            await self.channel.until(holds)

    def choice(self, label: str) -> Choice:
        """The latest choice with this label; fails the test when there is none."""
        found = [c for e in self.channel.entries for c in getattr(e, "choices", ())]
        named = [c for c in found if c.label == label]
        assert named, f"no tap {label!r} among {[c.label for c in found]}"
        return named[-1]

    @property
    def is_shooting(self) -> bool:
        """Whether a job is still shown as under way."""
        shown = _of(self.channel.entries, Progress)
        return any(e.state in ("waiting", "working") for e in shown)

    @property
    def last(self) -> Entry:
        """The newest entry that is not progress."""
        return [e for e in self.channel.entries if not isinstance(e, Progress)][-1]

    @property
    def says(self) -> list[str]:
        """Every sentence and question so far."""
        return [e.text for e in self.channel.entries if isinstance(e, Say | Ask | Apology)]


@asynccontextmanager
async def sitting(
    folder: Path,
    readings: dict[str, Reading] | None = None,
    *,
    delay: float = 0.0,
    interviewer: Interviewer | None = None,
    engine: Engine | None = None,
) -> AsyncIterator[Sitting]:
    """A studio open for one person."""
    blobs = DiskBlobs(folder / "blobs")
    engine = engine or InProcessEngine(CardStudio(blobs, delay=delay))
    guest = Sitting(interviewer or ScriptedInterviewer(readings), engine)
    guest.blobs = blobs
    await engine.start()
    try:
        yield guest
    finally:
        await guest.conversation.close()
        await engine.close()


def photo() -> bytes:
    """A picture the card studio accepts as somebody's photo."""
    from engine.shots import Shot

    return draw_card(Shot("swap", 1))


def another_photo() -> bytes:
    """Another one."""
    from engine.shots import Shot

    return draw_card(Shot("swap", 2))


def _finished(entries: list[Entry]) -> list[Gallery]:
    """Without what only explains something, such as a light plan."""
    shown = _of(entries, Gallery)
    return [e for e in shown if not e.pictures or any(p.render for p in e.pictures)]


def _of(entries: list[Entry], kind: type) -> list:
    return [e for e in entries if isinstance(e, kind)]
