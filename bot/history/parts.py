"""Statements that several of the history's steps have in common. They run inside a `Work`."""

from bot.core.replies import Entry
from bot.core.session import RenderRecord, Session
from bot.history.batches import Run
from bot.history.records import as_json


def add_session(run: Run, session: Session) -> None:
    """Make a session and its person, unless they are known."""
    run("INSERT INTO people (id) VALUES (?) ON CONFLICT DO NOTHING", session.person)
    run(
        "INSERT INTO sessions (id, person, state) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        session.id,
        session.person,
        as_json(session),
    )


def add_spec(run: Run, session: Session) -> None:
    """Keep a spec's version."""
    run(
        "INSERT INTO spec_versions (session, version, spec) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET spec = excluded.spec WHERE spec != excluded.spec",
        session.id,
        session.draft.version,
        as_json(session.draft.spec),
    )


def post(run: Run, session_id: str, entry: Entry) -> int:
    """Append an entry; returns its place."""
    insert = "INSERT INTO turns (session, entry) VALUES (?, ?) RETURNING seq"
    return run(insert, session_id, as_json(entry))[0][0]


def amend(run: Run, session_id: str, seq: int, entry: Entry) -> None:
    """Replace an entry."""
    update = "UPDATE turns SET entry = ? WHERE seq = ? AND session = ?"
    run(update, as_json(entry), seq, session_id)


def orphans(run: Run, blobs: set[str]) -> list[str]:
    """Those of the blobs that nothing refers to any more."""
    query = (
        "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT blob FROM photos)"
        " AND NOT EXISTS (SELECT 1 FROM renders WHERE value = blob AND NOT deleted)"
        " AND NOT EXISTS (SELECT 1 FROM renders WHERE value = preview AND NOT deleted)"
        " AND NOT EXISTS (SELECT 1 FROM renders WHERE value = truth AND NOT deleted)"
    )
    return [row[0] for row in run(query, as_json(sorted(blobs)))]


def row(record: RenderRecord) -> tuple[object, ...]:
    """A picture's columns, in the order of the insert."""
    shot, render = record.shot, record.render
    return (
        record.session,
        record.id,
        record.job,
        render.blob,
        render.preview,
        render.truth,
        render.seed,
        shot.prompt,
        render.model,
        as_json(render.versions),
        as_json(shot),
        as_json(record),
        record.created,
    )
