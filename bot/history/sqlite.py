"""The history in one SQLite file."""

from collections.abc import Collection
from pathlib import Path

from msgspec import structs

from bot.core.replies import Entry, Heard, Posted
from bot.core.session import (
    Action,
    Delivery,
    DeliveryState,
    JobRecord,
    JobStatus,
    Offered,
    RenderRecord,
    Session,
)
from bot.core.spec import PortraitSpec
from bot.history import parts, records
from bot.history.batches import Row, Run
from bot.history.database import LOCK_TIMEOUT_S, Database
from bot.history.exchanges import Exchanges, forget_instructions
from bot.history.records import as_json

# By session, in the order they are erased: pictures go with the jobs they came from.
_OF_A_SESSION = (
    "turns", "seen", "photos", "choices", "exchanges", "notes", "deliveries", "jobs",
)  # fmt: skip
_MINE = "(SELECT id FROM sessions WHERE person = ?)"
_NOW = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"


class SqliteHistory(Exchanges):
    """Implements the `History` port over one database file, private to its owner.

    Every method raises `HistoryUnavailable` when the database cannot answer; what was written
    before stays as it was.
    """

    def __init__(self, path: Path, lock_timeout_s: float = LOCK_TIMEOUT_S) -> None:
        """`lock_timeout_s` is how long to wait for another process that is writing."""
        super().__init__(Database(path, lock_timeout_s=lock_timeout_s))

    async def open(self) -> None:
        """Create or open the file and bring it up to date."""
        await self._db.open()

    async def close(self) -> None:
        """Finish what was queued and let go of the file."""
        await self._db.close()

    async def session(self, session_id: str, person: str) -> Session:
        """The session, created when new."""
        query = "SELECT state FROM sessions WHERE id = ?"

        def made(run: Run) -> list[Row]:
            parts.add_session(run, Session(session_id, person))
            return run(query, session_id)

        found = await self._db.run(query, session_id) or await self._db.together(made)
        return records.session_from(found[0][0])

    async def save(self, session: Session) -> None:
        """Keep the session's state; a new spec version becomes a row of its own."""

        def kept(run: Run) -> None:
            parts.add_session(run, session)
            update = f"UPDATE sessions SET state = ?, updated = {_NOW} WHERE id = ?"
            run(update, as_json(session), session.id)
            for blob in records.photos_of(session):
                run("INSERT OR IGNORE INTO photos VALUES (?, ?)", session.id, blob)
            if session.draft.version:
                parts.add_spec(run, session)

        await self._db.together(kept)

    async def spec_version(self, session_id: str, version: int) -> PortraitSpec | None:
        """The spec as it stood at `version`, or None."""
        query = "SELECT spec FROM spec_versions WHERE session = ? AND version = ?"
        found = await self._db.run(query, session_id, version)
        return records.spec_from(found[0][0]) if found else None

    async def post(self, session_id: str, entry: Entry) -> int:
        """Append to the transcript and return its place: growing, with gaps between sessions."""

        def posted(run: Run) -> int:
            if isinstance(entry, Heard) and entry.photo:
                run("INSERT OR IGNORE INTO photos VALUES (?, ?)", session_id, entry.photo)
            return parts.post(run, session_id, entry)

        return await self._db.together(posted)

    async def amend(self, session_id: str, seq: int, entry: Entry) -> None:
        """Replace the entry at `seq`; harmless when it is gone."""
        await self._db.together(lambda run: parts.amend(run, session_id, seq, entry))

    async def transcript(self, session_id: str, after: int = 0) -> list[Posted]:
        """Entries with a place greater than `after`, in order."""
        query = "SELECT seq, entry FROM turns WHERE session = ? AND seq > ? ORDER BY seq"
        found = await self._db.run(query, session_id, after)
        return [Posted(seq, records.entry_from(entry)) for seq, entry in found]

    async def first_time(self, session_id: str, client_id: str) -> bool:
        """Whether this turn id is new; remembers it. An empty id is always new."""
        insert = "INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING 1"
        return not client_id or bool(await self._db.run(insert, session_id, client_id))

    async def offer(self, session_id: str, actions: dict[str, Action]) -> None:
        """Remember what these choice ids mean; an id already known keeps its meaning."""
        insert = (
            "INSERT INTO choices (id, session, action)"
            " SELECT key, ?, value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING"
        )
        await self._db.run(insert, session_id, as_json(actions))

    async def offered(self, choice_id: str) -> Offered | None:
        """What a choice id means, or None when nobody was ever offered it."""
        query = "SELECT session, action, used FROM choices WHERE id = ?"
        for session, action, used in await self._db.run(query, choice_id):
            return Offered(session, records.action_from(action), bool(used))
        return None

    async def claim(self, choice_id: str) -> bool:
        """Use a choice up; True for exactly one caller."""
        update = "UPDATE choices SET used = 1 WHERE id = ? AND NOT used RETURNING 1"
        return bool(await self._db.run(update, choice_id))

    async def add_job(self, record: JobRecord) -> None:
        """Write the job down before it is submitted; the same id again is harmless."""
        insert = (
            "INSERT INTO jobs (id, session, person, record, status) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING"
        )
        row = (record.job.id, record.session, record.person, as_json(record), record.status)
        await self._db.run(insert, *row)

    async def begin_attempt(self, job_id: str) -> int:
        """Count one more attempt at a job; returns which this is, from 1 (0 when unknown)."""
        update = "UPDATE jobs SET attempt = attempt + 1 WHERE id = ? RETURNING attempt"
        found = await self._db.run(update, job_id)
        return found[0][0] if found else 0

    async def conclude(
        self, job_id: str, status: JobStatus, entry: Entry, progress: Entry | None = None
    ) -> int | None:
        """End an unfinished job and append its last entry; None when it had already ended."""
        update = (
            f"UPDATE jobs SET status = ?, ended = {_NOW}"
            " WHERE id = ? AND status = 'submitted' RETURNING session, record ->> 'seq'"
        )

        def concluded(run: Run) -> int | None:
            found = run(update, status, job_id)
            if not found:
                return None
            session, shown = found[0]
            if progress is not None:
                parts.amend(run, session, shown, progress)
            seq = parts.post(run, session, entry)
            insert = "INSERT INTO deliveries (job, session, seq) VALUES (?, ?, ?)"
            run(insert, job_id, session, seq)
            return seq

        return await self._db.together(concluded)

    async def deliveries(self, session_id: str | None = None) -> list[Delivery]:
        """Last entries of jobs not noted as sent, oldest first; of one session, or of all."""
        query = (
            "SELECT job, d.session, d.seq, entry, state FROM deliveries d JOIN turns USING (seq)"
            " WHERE state != 'sent' AND (?1 IS NULL OR d.session = ?1) ORDER BY seq"
        )
        found = await self._db.run(query, session_id)
        return [
            Delivery(job, session, Posted(seq, records.entry_from(entry)), state)
            for job, session, seq, entry, state in found
        ]

    async def move_delivery(
        self, job_id: str, to: DeliveryState, *, of: tuple[DeliveryState, ...]
    ) -> bool:
        """Change a delivery's state if it is one of `of`; True for exactly one caller."""
        update = (
            f"UPDATE deliveries SET state = ?, updated = {_NOW} WHERE job = ?"
            " AND state IN (SELECT value FROM json_each(?)) RETURNING 1"
        )
        return bool(await self._db.run(update, to, job_id, as_json(list(of))))

    async def job(self, job_id: str) -> JobRecord | None:
        """One job, however it stands, or None when it is unknown."""
        found = await self._db.run("SELECT record, status FROM jobs WHERE id = ?", job_id)
        return records.job_from(*found[0]) if found else None

    async def jobs(self, session_id: str | None = None) -> list[JobRecord]:
        """Unfinished jobs, oldest first; of one session, or of all."""
        query = (
            "SELECT record, status FROM jobs WHERE status = 'submitted'"
            " AND (?1 IS NULL OR session = ?1) ORDER BY number"
        )
        found = await self._db.run(query, session_id)
        return [records.job_from(record, status) for record, status in found]

    async def add_render(self, record: RenderRecord) -> RenderRecord:
        """Keep a finished picture; `number` 0 says its job was forgotten and nothing is kept."""
        insert = (
            "INSERT INTO renders (session, number, id, job, blob, preview, truth, seed, prompt,"
            " model, versions, shot, record, created) SELECT ?1, 1 + (SELECT"
            " coalesce(max(number), 0) FROM renders WHERE session = ?1), ?, ?, ?, ?, ?, ?, ?, ?, ?,"
            f" ?, ?, coalesce(nullif(?, ''), {_NOW})"
            " WHERE EXISTS (SELECT 1 FROM jobs WHERE id = ?3) ON CONFLICT DO NOTHING"
        )

        def numbered(run: Run) -> list[Row]:
            run(insert, *parts.row(record))
            return run("SELECT number, created FROM renders WHERE id = ?", record.id)

        found = await self._db.together(numbered)
        number, created = found[0] if found else (0, "")
        return structs.replace(record, number=number, created=created)

    async def render(self, render_id: str) -> RenderRecord | None:
        """One picture, or None (also when deleted)."""
        query = "SELECT record, number, created FROM renders WHERE id = ? AND NOT deleted"
        found = await self._db.run(query, render_id)
        return records.render_from(*found[0]) if found else None

    async def renders(self, session_id: str) -> list[RenderRecord]:
        """The session's pictures, oldest first, without deleted ones."""
        query = "SELECT record, number, created FROM renders WHERE session = ? AND NOT deleted"
        found = await self._db.run(f"{query} ORDER BY number", session_id)
        return [records.render_from(*row) for row in found]

    async def numbered(self, session_id: str) -> int:
        """The last number given to a picture of the session, be it deleted since; 0 before any."""
        query = "SELECT coalesce(max(number), 0) FROM renders WHERE session = ?"
        return (await self._db.run(query, session_id))[0][0]

    async def latest(self, limit: int) -> list[RenderRecord]:
        """The newest pictures of all sessions, newest first, without deleted ones."""
        query = "SELECT record, number, created FROM renders WHERE NOT deleted"
        found = await self._db.run(f"{query} ORDER BY created DESC, number DESC LIMIT ?", limit)
        return [records.render_from(*row) for row in found]

    async def renders_of(self, person: str) -> list[RenderRecord]:
        """A person's pictures in all their sessions, oldest first, without deleted ones."""
        query = (
            f"SELECT record, number, created FROM renders WHERE session IN {_MINE}"
            " AND NOT deleted ORDER BY created, session, number"
        )
        return [records.render_from(*row) for row in await self._db.run(query, person)]

    async def delete_render(self, render_id: str) -> list[str]:
        """Forget a picture; returns the blobs that nothing refers to any more."""
        update = (
            "UPDATE renders SET deleted = 1, record = '', shot = '', prompt = ''"
            " WHERE id = ? AND NOT deleted RETURNING blob, preview, truth"
        )

        def deleted(run: Run) -> list[str]:
            return parts.orphans(
                run, {blob for row in run(update, render_id) for blob in row if blob}
            )

        return await self._db.together(deleted)

    async def forget_photo(self, session_id: str, blob: str) -> list[str]:
        """Forget an uploaded photo; returns the blobs that nothing refers to any more."""

        def forgotten(run: Run) -> list[str]:
            run("DELETE FROM photos WHERE session = ? AND blob = ?", session_id, blob)
            run(
                "UPDATE turns SET entry = json_set(entry, '$.photo', NULL) WHERE session = ?"
                " AND entry ->> 'type' = 'heard' AND entry ->> 'photo' = ?",
                session_id,
                blob,
            )
            return parts.orphans(run, {blob})

        return await self._db.together(forgotten)

    async def orphans(self, blobs: Collection[str]) -> list[str]:
        """Those of the blobs that nobody's photo and no picture refers to."""
        return await self._db.together(lambda run: parts.orphans(run, set(blobs)))

    async def owns(self, session_id: str, blob: str) -> bool:
        """Whether a blob (photo or picture) belongs to the person whose session this is."""
        theirs = (
            "session IN (SELECT id FROM sessions WHERE person ="
            " (SELECT person FROM sessions WHERE id = ?1))"
        )
        query = (
            f"SELECT 1 FROM photos WHERE {theirs} AND blob = ?2 UNION ALL"
            f" SELECT 1 FROM renders WHERE {theirs} AND ?2 != ''"
            " AND ?2 IN (blob, preview, truth) AND NOT deleted"
        )
        return bool(await self._db.run(query, session_id, blob))

    async def forget(self, person: str) -> list[str]:
        """Erase everything of a person; returns the blobs that nothing refers to any more."""
        query = (
            f"SELECT blob FROM photos WHERE session IN {_MINE} UNION"
            f" SELECT blob FROM renders WHERE session IN {_MINE} UNION"
            f" SELECT preview FROM renders WHERE session IN {_MINE} UNION"
            f" SELECT truth FROM renders WHERE session IN {_MINE} AND truth != ''"
        )

        def forgotten(run: Run) -> list[str]:
            blobs = {row[0] for row in run(query, person, person, person, person)}
            for table in _OF_A_SESSION:
                run(f"DELETE FROM {table} WHERE session IN {_MINE}", person)
            run("DELETE FROM notes WHERE session = ?", person)
            run("DELETE FROM people WHERE id = ?", person)
            forget_instructions(run)
            return parts.orphans(run, blobs)

        orphans = await self._db.together(forgotten)
        # Erased rows would otherwise live on in the write-ahead log until it is next reused.
        await self._db.run("PRAGMA wal_checkpoint(TRUNCATE)")
        return orphans
