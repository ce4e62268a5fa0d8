"""Small things worth remembering: what a person likes, which message shows which picture."""

from bot.core.preferences import Preferences
from bot.history import records
from bot.history.database import Database
from bot.history.records import as_json


class Notes:
    """The part of `SqliteHistory` about people and their chats. Raises `HistoryUnavailable`."""

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

    async def note(self, session_id: str, key: str, value: str) -> None:
        """Remember something small about a session's chat."""
        insert = (
            "INSERT INTO notes (session, key, value) VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET value = excluded.value"
        )
        await self._db.run(insert, session_id, key, value)

    async def noted(self, session_id: str, key: str) -> str:
        """What was noted under a key, or ""."""
        query = "SELECT value FROM notes WHERE session = ? AND key = ?"
        found = await self._db.run(query, session_id, key)
        return found[0][0] if found else ""

    async def notes(self, session_id: str, prefix: str) -> dict[str, str]:
        """Everything noted under keys that begin so, by key."""
        query = (
            "SELECT key, value FROM notes WHERE session = ?1 AND substr(key, 1, length(?2)) = ?2"
            " ORDER BY key"
        )
        return dict(await self._db.run(query, session_id, prefix))
