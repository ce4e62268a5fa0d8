"""How the sitter's words were read, and what the reader had been told."""

from msgspec import structs

from bot.core.session import Exchange
from bot.history import records
from bot.history.batches import Run
from bot.history.notes import Notes
from bot.history.records import as_json

_PROMPT = "exchange ->> 'prompt'"


class Exchanges(Notes):
    """The part of `SqliteHistory` about readings. Raises `HistoryUnavailable`.

    Instructions are long and seldom change: their text is kept once, whoever was read with them.
    """

    async def record_exchange(self, session_id: str, exchange: Exchange) -> None:
        """Keep how the sitter's words were read."""
        told = "INSERT INTO instructions (version, text) VALUES (?, ?) ON CONFLICT DO NOTHING"
        insert = "INSERT INTO exchanges (session, exchange) VALUES (?, ?)"
        bare = as_json(structs.replace(exchange, instructions=""))

        def recorded(run: Run) -> None:
            if exchange.prompt and exchange.instructions:
                run(told, exchange.prompt, exchange.instructions)
            run(insert, session_id, bare)

        await self._db.together(recorded)

    async def exchanges(self, session_id: str) -> list[Exchange]:
        """How the sitter's words were read, oldest first."""
        query = (
            "SELECT exchange, coalesce(text, '') FROM exchanges"
            f" LEFT JOIN instructions ON version = {_PROMPT} WHERE session = ? ORDER BY number"
        )
        found = await self._db.run(query, session_id)
        return [
            structs.replace(records.exchange_from(exchange), instructions=text)
            for exchange, text in found
        ]


def forget_instructions(run: Run) -> None:
    """Drop what no exchange refers to any more."""
    used = f"SELECT {_PROMPT} FROM exchanges WHERE {_PROMPT} IS NOT NULL"
    run(f"DELETE FROM instructions WHERE version NOT IN ({used})")
