"""History in dictionaries: the twin of `SqliteHistory`, for tests and studios that keep nothing."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime

from msgspec import structs

from bot.core.preferences import Preferences
from bot.core.replies import Entry, Heard, Posted
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
from bot.core.spec import PortraitSpec
from bot.history.records import blobs_of, photos_of


class MemoryHistory:
    """Implements the `History` port; everything is gone with the object."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}
        self._specs: dict[tuple[str, int], PortraitSpec] = {}
        self._turns: dict[str, dict[int, Entry]] = defaultdict(dict)
        self._last_seq = 0
        self._seen: set[tuple[str, str]] = set()
        self._photos: dict[str, set[str]] = defaultdict(set)
        self._choices: dict[str, Offered] = {}
        self._jobs: dict[str, JobRecord] = {}
        self._deliveries: dict[str, tuple[int, DeliveryState]] = {}
        self._attempts: dict[str, int] = defaultdict(int)
        self._renders: dict[str, RenderRecord] = {}
        self._exchanges: dict[str, list[Exchange]] = defaultdict(list)
        self._instructions: dict[str, str] = {}
        self._likes: dict[str, Preferences] = {}
        self._notes: dict[tuple[str, str], str] = {}

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def session(self, session_id: str, person: str) -> Session:
        """The session, created when new."""
        return self._sessions.setdefault(session_id, Session(session_id, person))

    async def save(self, session: Session) -> None:
        """Keep the session's state; a new spec version is kept on its own."""
        self._sessions[session.id] = session
        self._photos[session.id].update(photos_of(session))
        if session.draft.version:
            self._specs[session.id, session.draft.version] = session.draft.spec

    async def spec_version(self, session_id: str, version: int) -> PortraitSpec | None:
        """The spec as it stood at `version`, or None."""
        return self._specs.get((session_id, version))

    async def post(self, session_id: str, entry: Entry) -> int:
        """Append to the transcript and return its place: growing, with gaps between sessions."""
        self._last_seq += 1
        self._turns[session_id][self._last_seq] = entry
        if isinstance(entry, Heard) and entry.photo:
            self._photos[session_id].add(entry.photo)
        return self._last_seq

    async def amend(self, session_id: str, seq: int, entry: Entry) -> None:
        """Replace the entry at `seq`; harmless when it is gone."""
        if seq in self._turns[session_id]:
            self._turns[session_id][seq] = entry

    async def transcript(self, session_id: str, after: int = 0) -> list[Posted]:
        """Entries with a place greater than `after`, in order."""
        return [Posted(seq, e) for seq, e in self._turns[session_id].items() if seq > after]

    async def first_time(self, session_id: str, client_id: str) -> bool:
        """Whether this turn id is new; remembers it. An empty id is always new."""
        key = (session_id, client_id)
        if not client_id or key not in self._seen:
            self._seen.add(key)
            return True
        return False

    async def offer(self, session_id: str, actions: dict[str, Action]) -> None:
        """Remember what these choice ids mean; an id already known keeps its meaning."""
        for choice_id, action in actions.items():
            self._choices.setdefault(choice_id, Offered(session_id, action))

    async def offered(self, choice_id: str) -> Offered | None:
        """What a choice id means, or None when nobody was ever offered it."""
        return self._choices.get(choice_id)

    async def claim(self, choice_id: str) -> bool:
        """Use a choice up; True for exactly one caller."""
        found = self._choices.get(choice_id)
        if found is None or found.used:
            return False
        self._choices[choice_id] = structs.replace(found, used=True)
        return True

    async def add_job(self, record: JobRecord) -> None:
        """Write the job down before it is submitted; the same id again is harmless."""
        self._jobs.setdefault(record.job.id, record)

    async def begin_attempt(self, job_id: str) -> int:
        """Count one more attempt at a job; returns which this is, from 1 (0 when unknown)."""
        if job_id not in self._jobs:
            return 0
        self._attempts[job_id] += 1
        return self._attempts[job_id]

    async def conclude(
        self, job_id: str, status: JobStatus, entry: Entry, progress: Entry | None = None
    ) -> int | None:
        """End an unfinished job and append its last entry; None when it had already ended."""
        record = self._jobs.get(job_id)
        if record is None or record.status != "submitted":
            return None
        self._jobs[job_id] = structs.replace(record, status=status)
        if progress is not None:
            await self.amend(record.session, record.seq, progress)
        seq = await self.post(record.session, entry)
        self._deliveries[job_id] = (seq, "pending")
        return seq

    async def deliveries(self, session_id: str | None = None) -> list[Delivery]:
        """Last entries of jobs not noted as sent, oldest first; of one session, or of all."""
        found = []
        for job, (seq, state) in self._deliveries.items():
            session = self._jobs[job].session
            if state != "sent" and session_id in (None, session):
                posted = Posted(seq, self._turns[session][seq])
                found.append(Delivery(job, session, posted, state))
        return sorted(found, key=lambda d: d.posted.seq)

    async def move_delivery(
        self, job_id: str, to: DeliveryState, *, of: tuple[DeliveryState, ...]
    ) -> bool:
        """Change a delivery's state if it is one of `of`; True for exactly one caller."""
        seq, state = self._deliveries.get(job_id, (0, "sent"))
        if job_id not in self._deliveries or state not in of:
            return False
        self._deliveries[job_id] = (seq, to)
        return True

    async def job(self, job_id: str) -> JobRecord | None:
        """One job, however it stands, or None when it is unknown."""
        return self._jobs.get(job_id)

    async def jobs(self, session_id: str | None = None) -> list[JobRecord]:
        """Unfinished jobs, oldest first; of one session, or of all."""
        open_jobs = (j for j in self._jobs.values() if j.status == "submitted")
        return [j for j in open_jobs if session_id in (None, j.session)]

    async def add_render(self, record: RenderRecord) -> RenderRecord:
        """Keep a finished picture; `number` 0 says its job was forgotten and nothing is kept."""
        if record.id in self._renders:
            return self._renders[record.id]
        if record.job not in self._jobs:
            return structs.replace(record, number=0)
        number = 1 + await self.numbered(record.session)
        created = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        record = structs.replace(record, number=number, created=record.created or created)
        self._renders[record.id] = record
        return self._renders[record.id]

    async def render(self, render_id: str) -> RenderRecord | None:
        """One picture, or None (also when deleted)."""
        found = self._renders.get(render_id)
        return None if found is None or found.deleted else found

    async def renders(self, session_id: str) -> list[RenderRecord]:
        """The session's pictures, oldest first, without deleted ones."""
        mine = (r for r in self._renders.values() if r.session == session_id)
        return [r for r in mine if not r.deleted]

    async def numbered(self, session_id: str) -> int:
        """The last number given to a picture of the session, be it deleted since; 0 before any."""
        return sum(r.session == session_id for r in self._renders.values())

    async def latest(self, limit: int) -> list[RenderRecord]:
        """The newest pictures of all sessions, newest first, without deleted ones."""
        kept = [r for r in self._renders.values() if not r.deleted]
        return sorted(kept, key=lambda r: (r.created, r.number), reverse=True)[:limit]

    async def renders_of(self, person: str) -> list[RenderRecord]:
        """A person's pictures in all their sessions, oldest first, without deleted ones."""
        theirs = self._sessions_of(person)
        found = [r for r in self._renders.values() if r.session in theirs and not r.deleted]
        return sorted(found, key=lambda r: (r.created, r.session, r.number))

    async def delete_render(self, render_id: str) -> list[str]:
        """Forget a picture; returns the blobs that nothing refers to any more."""
        found = await self.render(render_id)
        if found is None:
            return []
        self._renders[render_id] = structs.replace(found, deleted=True)
        return self._orphans(blobs_of(found))

    async def forget_photo(self, session_id: str, blob: str) -> list[str]:
        """Forget an uploaded photo; returns the blobs that nothing refers to any more."""
        self._photos[session_id].discard(blob)
        for seq, entry in self._turns[session_id].items():
            if isinstance(entry, Heard) and entry.photo == blob:
                self._turns[session_id][seq] = structs.replace(entry, photo=None)
        return self._orphans({blob})

    async def orphans(self, blobs: Collection[str]) -> list[str]:
        """Those of the blobs that nobody's photo and no picture refers to."""
        return self._orphans(set(blobs))

    async def owns(self, session_id: str, blob: str) -> bool:
        """Whether a blob (photo or picture) belongs to the person whose session this is."""
        if session_id not in self._sessions:
            return False
        person = self._sessions[session_id].person
        sent = (self._photos.get(each, set()) for each in self._sessions_of(person))
        made = (blobs_of(record) for record in await self.renders_of(person))
        return any(blob in blobs for blobs in (*sent, *made))

    async def record_exchange(self, session_id: str, exchange: Exchange) -> None:
        """Keep how the sitter's words were read."""
        if exchange.prompt and exchange.instructions:
            self._instructions.setdefault(exchange.prompt, exchange.instructions)
        self._exchanges[session_id].append(structs.replace(exchange, instructions=""))

    async def exchanges(self, session_id: str) -> list[Exchange]:
        """How the sitter's words were read, oldest first."""
        told = self._instructions
        return [
            structs.replace(e, instructions=told.get(e.prompt, ""))
            for e in self._exchanges[session_id]
        ]

    async def preferences(self, person: str) -> Preferences:
        """What a person likes; the house's ways until they said so."""
        return self._likes.get(person, Preferences())

    async def prefer(self, person: str, likes: Preferences) -> None:
        """Keep what a person likes."""
        self._likes[person] = likes

    async def note(self, session_id: str, key: str, value: str) -> None:
        """Remember something small about a session's chat."""
        self._notes[session_id, key] = value

    async def noted(self, session_id: str, key: str) -> str:
        """What was noted under a key, or ""."""
        return self._notes.get((session_id, key), "")

    async def notes(self, session_id: str, prefix: str) -> dict[str, str]:
        """Everything noted under keys that begin so, by key."""
        mine = {key: v for (session, key), v in self._notes.items() if session == session_id}
        return {key: value for key, value in sorted(mine.items()) if key.startswith(prefix)}

    async def forget(self, person: str) -> list[str]:
        """Erase everything of a person; returns the blobs that nothing refers to any more."""
        gone = self._sessions_of(person)
        blobs = {b for s in gone for b in self._photos[s]}
        blobs |= {b for r in self._renders.values() if r.session in gone for b in blobs_of(r)}
        for session_id in gone:
            self._erase(session_id)
        self._likes.pop(person, None)
        self._notes = {k: v for k, v in self._notes.items() if k[0] != person}
        return self._orphans(blobs)

    def _sessions_of(self, person: str) -> set[str]:
        return {s.id for s in self._sessions.values() if s.person == person}

    def _erase(self, session_id: str) -> None:
        for table in (self._sessions, self._turns, self._photos, self._exchanges):
            table.pop(session_id, None)
        self._specs = {k: v for k, v in self._specs.items() if k[0] != session_id}
        self._notes = {k: v for k, v in self._notes.items() if k[0] != session_id}
        self._seen = {k for k in self._seen if k[0] != session_id}
        self._choices = {k: v for k, v in self._choices.items() if v.session != session_id}
        self._jobs = {k: v for k, v in self._jobs.items() if v.session != session_id}
        self._renders = {k: v for k, v in self._renders.items() if v.session != session_id}
        self._deliveries = {k: v for k, v in self._deliveries.items() if k in self._jobs}
        used = {e.prompt for kept in self._exchanges.values() for e in kept}
        self._instructions = {k: v for k, v in self._instructions.items() if k in used}

    def _orphans(self, blobs: set[str]) -> list[str]:
        kept = set().union(*self._photos.values())
        for record in self._renders.values():
            kept |= set() if record.deleted else blobs_of(record)
        return sorted(blobs - kept)
