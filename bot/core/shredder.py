"""A picture's end: its record, its pixels, and everywhere it is shown."""

from msgspec import structs

from bot.core.desk import Desk, Discard
from bot.core.ports import Channel
from bot.core.replies import Gallery, Picture
from bot.core.session import RenderRecord, Session
from bot.core.set_jobs import sheets_with


class Shredder:
    """Deletes pictures."""

    def __init__(self, desk: Desk, discard: Discard) -> None:
        self._desk, self._discard = desk, discard

    async def delete(self, session: Session, record: RenderRecord, channel: Channel) -> Session:
        """Delete a picture, with what shows it; the session is told and forgets it."""
        # A contact sheet and its ZIP show their frames: they go with any of them.
        for gone in (record, *await sheets_with(self._desk.history, record)):
            await self._discard(await self._desk.history.delete_render(gone.id))
            await self._take_down(session.id, gone, channel)
            if gone.session != session.id:
                await self._take_down(gone.session, gone, None)
        await self._desk.say(session.id, channel, "deleted")
        gone = session.current == record.id
        return structs.replace(session, current="") if gone else session

    async def _take_down(
        self, session_id: str, gone: RenderRecord, channel: Channel | None
    ) -> None:
        """Out of the transcript, and where there is a channel off the screen."""
        blobs = {gone.render.blob, gone.render.truth} - {""}
        for posted in await self._desk.history.transcript(session_id):
            entry = posted.entry
            if isinstance(entry, Gallery) and any(
                _shows(p, gone.id, blobs) for p in entry.pictures
            ):
                left = tuple(p for p in entry.pictures if not _shows(p, gone.id, blobs))
                kept = structs.replace(entry, pictures=left, choices=entry.choices if left else ())
                await self._desk.history.amend(session_id, posted.seq, kept)
                if channel:
                    await self._desk.show(posted.seq, kept, channel)


def _shows(picture: Picture, render: str, blobs: set[str]) -> bool:
    return picture.render == render or (not picture.render and picture.full in blobs)
