"""What the conversation needs from outside. Each port has two real implementations."""

from collections.abc import Awaitable, Callable, Collection
from typing import Protocol, runtime_checkable

from msgspec import Struct

from bot.core.intents import Intent
from bot.core.preferences import Preferences
from bot.core.replies import Entry, Posted
from bot.core.session import (
    Action,
    Delivery,
    DeliveryState,
    Exchange,
    JobRecord,
    JobStatus,
    Offered,
    RenderRecord,
    Session,
)
from bot.core.spec import PortraitSpec, SetSlot, SpecPatch
from bot.core.usage import Usage


class Reading(Struct, frozen=True):
    """What an interviewer understood.

    `intent` is what the person wants now; `patch` is already normalised, each quote verified;
    `topic` is "slot" or "slot:value" for questions such as "what is Rembrandt light?";
    `reply` is a spoken answer if the reader has one; `reader` names who read it;
    `notice` is a replies key to say once (such as a fallback); `refused` is a replies key when the
    words ask for something the studio does not do (a minor, another person's likeness);
    `unsure` are values that may have been meant: to be offered, never set. `prompt` names the
    instructions a language model had, whose text is `instructions`; `usage` says what it took;
    `spoken` is the place in the transcript where the reply was begun while the words were read, 0
    if it was not.
    """

    intent: Intent = "brief"
    patch: SpecPatch = SpecPatch()
    topic: str = ""
    reply: str = ""
    reader: str = ""
    notice: str = ""
    refused: str = ""
    wants_photo: bool = False
    unsure: tuple[SetSlot, ...] = ()
    prompt: str = ""
    usage: Usage = Usage()
    instructions: str = ""
    spoken: int = 0


Speaking = Callable[[str], Awaitable[None]]
"""Hears the spoken reply as it comes: each time all of it so far, plain text. `Reading.reply` is
the last word: it may be shorter than what was spoken, or empty."""


class Interviewer(Protocol):
    """Reads the person's words. Never raises for a model's failure: it falls back and says so."""

    async def read(self, session: Session, text: str, speaking: Speaking | None = None) -> Reading:
        """Understand `text` in the light of the session (its spec and its pending question).

        `speaking` hears the reply while it is still being made, where the reader has one.
        """
        ...

    async def close(self) -> None:
        """Let go of connections; cheap and idempotent."""
        ...


class Channel(Protocol):
    """Where replies go. Sending the same `seq` again edits what was sent before."""

    async def send(self, posted: Posted) -> None:
        """Deliver, or raise; the transcript keeps the entry either way."""
        ...


@runtime_checkable
class Mailbox(Protocol):
    """A channel that may lose what it is given, and so keeps an account of results.

    It notes in the `Deliveries` what became of each, around the sending.
    """

    async def send(self, posted: Posted) -> None:
        """As every channel."""
        ...

    async def deliver(self, delivery: Delivery) -> None:
        """Send a job's result, or the question whether it came, and keep the account."""
        ...


class History(Protocol):
    """Everything that must survive a restart. Raises `bot.errors.HistoryUnavailable`."""

    async def session(self, session_id: str, person: str) -> Session:
        """The session, created when new."""
        ...

    async def save(self, session: Session) -> None:
        """Keep the session's state; a new spec version becomes a row of its own."""
        ...

    async def spec_version(self, session_id: str, version: int) -> PortraitSpec | None:
        """The spec as it stood at `version`, or None."""
        ...

    async def post(self, session_id: str, entry: Entry) -> int:
        """Append to the transcript and return its place: growing, never used twice, with gaps."""
        ...

    async def amend(self, session_id: str, seq: int, entry: Entry) -> None:
        """Replace the entry at `seq`."""
        ...

    async def transcript(self, session_id: str, after: int = 0) -> list[Posted]:
        """Entries with a place greater than `after`, in order."""
        ...

    async def first_time(self, session_id: str, client_id: str) -> bool:
        """Whether this turn id is new; remembers it. Atomic. An empty id is always new."""
        ...

    async def offer(self, session_id: str, actions: dict[str, Action]) -> None:
        """Remember what these choice ids mean; an id already known keeps its meaning."""
        ...

    async def offered(self, choice_id: str) -> Offered | None:
        """What a choice id means, or None when nobody was ever offered it."""
        ...

    async def claim(self, choice_id: str) -> bool:
        """Use up a choice; True for exactly one caller. Atomic."""
        ...

    async def add_job(self, record: JobRecord) -> None:
        """Write the job down before it is submitted."""
        ...

    async def begin_attempt(self, job_id: str) -> int:
        """Count one more attempt at a job; returns which this is, from 1 (0 when unknown)."""
        ...

    async def conclude(
        self, job_id: str, status: JobStatus, entry: Entry, progress: Entry | None = None
    ) -> int | None:
        """End an unfinished job with its last entry, whose delivery is then pending, in one step.

        `progress` replaces the job's progress entry.
        Returns the entry's place, or None (and does nothing) when the job had already ended, so
        that a result is posted exactly once, whatever crashes in between.
        """
        ...

    async def job(self, job_id: str) -> JobRecord | None:
        """One job, however it stands, or None when it is unknown."""
        ...

    async def deliveries(self, session_id: str | None = None) -> list[Delivery]:
        """Last entries of jobs not noted as sent, oldest first; of one session, or of all."""
        ...

    async def move_delivery(
        self, job_id: str, to: DeliveryState, *, of: tuple[DeliveryState, ...]
    ) -> bool:
        """Change a delivery's state if it is one of `of`; True for exactly one caller. Atomic."""
        ...

    async def jobs(self, session_id: str | None = None) -> list[JobRecord]:
        """Unfinished jobs (status submitted), oldest first; of one session, or of all."""
        ...

    async def add_render(self, record: RenderRecord) -> RenderRecord:
        """Keep a finished picture; returns it with its `number`. The same id again is harmless.

        `number` 0 says that the job was forgotten meanwhile: nothing is kept, drop the blobs.
        """
        ...

    async def render(self, render_id: str) -> RenderRecord | None:
        """One picture, or None (also when deleted)."""
        ...

    async def renders(self, session_id: str) -> list[RenderRecord]:
        """The session's pictures, oldest first, without deleted ones."""
        ...

    async def numbered(self, session_id: str) -> int:
        """The last number given to a picture of the session, be it deleted since; 0 before any."""
        ...

    async def latest(self, limit: int) -> list[RenderRecord]:
        """The newest pictures of all sessions, newest first, without deleted ones."""
        ...

    async def renders_of(self, person: str) -> list[RenderRecord]:
        """A person's pictures in all their sessions, oldest first, without deleted ones."""
        ...

    async def delete_render(self, render_id: str) -> list[str]:
        """Forget a picture; returns the blobs that nothing refers to any more."""
        ...

    async def forget_photo(self, session_id: str, blob: str) -> list[str]:
        """Forget an uploaded photo (its place in the transcript stays, without the picture).

        Returns the blobs that nothing refers to any more.
        """
        ...

    async def orphans(self, blobs: Collection[str]) -> list[str]:
        """Those of the blobs that nobody's photo and no picture refers to: they may be deleted."""
        ...

    async def owns(self, session_id: str, blob: str) -> bool:
        """Whether a blob (photo or picture) belongs to the person whose session this is."""
        ...

    async def preferences(self, person: str) -> Preferences:
        """What a person likes; the house's ways until they said so."""
        ...

    async def prefer(self, person: str, likes: Preferences) -> None:
        """Keep what a person likes."""
        ...

    async def note(self, session_id: str, key: str, value: str) -> None:
        """Remember something small about a session's chat, in place of what was under this key."""
        ...

    async def noted(self, session_id: str, key: str) -> str:
        """What was noted under a key, or ""."""
        ...

    async def notes(self, session_id: str, prefix: str) -> dict[str, str]:
        """Everything noted under keys that begin so, by key."""
        ...

    async def record_exchange(self, session_id: str, exchange: Exchange) -> None:
        """Keep how the sitter's words were read; the instructions' text once for each version."""
        ...

    async def exchanges(self, session_id: str) -> list[Exchange]:
        """How the sitter's words were read, oldest first, each with its instructions' text."""
        ...

    async def forget(self, person: str) -> list[str]:
        """Erase everything of a person; returns the blobs that nothing refers to any more."""
        ...
