"""Small things worth remembering: what a person likes, and which message shows which picture."""

from bot.core.preferences import Preferences
from bot.history import records
from bot.history.database import Database
from bot.history.records import as_json


class Notes:
    """The part of `SqliteHistory` about people and messages. Raises `HistoryUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def preferences(self, person: str) -> Preferences:
        """What a person likes; the house's ways until they said so."""
        found = await self._db.run("SELECT likes FROM people WHERE id = ?", person)
        return records.likes_from(found[0][0]) if found and found[0][0] else Preferences()

    async def prefer(self, person: str, likes: Preferences) -> None:
        """Keep what a person likes."""
        insert = (
            "INSERT INTO people (id, likes) VALUES (?, ?)"
            " ON CONFLICT DO UPDATE SET likes = excluded.likes"
        )
        await self._db.run(insert, person, as_json(likes))

    async def note_shown(self, session_id: str, message: str, render: str) -> None:
        """Remember which picture a platform's message shows."""
        insert = (
            "INSERT INTO shown (session, message, render) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET render = excluded.render"
        )
        await self._db.run(insert, session_id, message, render)

    async def shown(self, session_id: str, message: str) -> str:
        """The picture a message shows, or ""."""
        query = "SELECT render FROM shown WHERE session = ? AND message = ?"
        found = await self._db.run(query, session_id, message)
        return found[0][0] if found else ""
