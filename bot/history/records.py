"""How history writes its structs: as JSON text, the same for every table."""

from typing import Any

import msgspec
from msgspec import Struct, structs

from bot.core.preferences import Preferences
from bot.core.replies import Entry
from bot.core.session import (
    Action,
    Exchange,
    JobRecord,
    JobStatus,
    RenderRecord,
    Session,
    leaves_of,
)
from bot.core.spec import PortraitSpec
from bot.history.database import translated

_session = msgspec.json.Decoder(Session)
_spec = msgspec.json.Decoder(PortraitSpec)
_entry: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)
_action = msgspec.json.Decoder(Action)
_job = msgspec.json.Decoder(JobRecord)
_render = msgspec.json.Decoder(RenderRecord)
_likes = msgspec.json.Decoder(Preferences)
_exchange = msgspec.json.Decoder(Exchange)


def as_json(value: Struct | dict[str, Any] | list[str]) -> str:
    """JSON text of a struct, or of a dict or list of them."""
    return msgspec.json.encode(value).decode()


def session_from(text: str) -> Session:
    """A session's state. This and its siblings raise `HistoryUnavailable` for damaged text."""
    with translated():
        return _session.decode(text)


def spec_from(text: str) -> PortraitSpec:
    """A version of the spec."""
    with translated():
        return _spec.decode(text)


def entry_from(text: str) -> Entry:
    """An entry of the transcript."""
    with translated():
        return _entry.decode(text)


def action_from(text: str) -> Action:
    """What a tap means."""
    with translated():
        return _action.decode(text)


def job_from(text: str, status: JobStatus) -> JobRecord:
    """A job; its status lives in a column of its own."""
    with translated():
        return structs.replace(_job.decode(text), status=status)


def render_from(text: str, number: int, created: str) -> RenderRecord:
    """A picture; its number and its time live in columns of their own."""
    with translated():
        return structs.replace(_render.decode(text), number=number, created=created)


def likes_from(text: str) -> Preferences:
    """What a person likes."""
    with translated():
        return _likes.decode(text)


def exchange_from(text: str) -> Exchange:
    """A reading of the sitter's words."""
    with translated():
        return _exchange.decode(text)


def photos_of(session: Session) -> set[str]:
    """Blobs of the photos a session's state refers to."""
    mine = {*session.consented, session.backdrop_photo, *session.drawn}
    for photo in filter(None, (session.photo, session.before, *session.album)):
        mine |= set(leaves_of(photo))
    return mine - {""}


def blobs_of(record: RenderRecord) -> set[str]:
    """Blobs a picture is made of."""
    return {record.render.blob, record.render.preview, record.render.truth} - {""}
