"""One SQLite connection: opened privately, migrated, and translated into the bot's own errors."""

import asyncio
import hashlib
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiosqlite
from msgspec import MsgspecError, Struct

from bot.errors import HistoryUnavailable

Row = Any  # as sqlite3 gives it: a tuple of the columns asked for
Execute = Callable[..., Awaitable[list[Row]]]
LOCK_TIMEOUT_S = 5.0
PRAGMAS = ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON")
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_SHMSIZE")
_LOCKED = ("SQLITE_BUSY", "SQLITE_LOCKED")


class Migration(Struct, frozen=True):
    """One step of the schema. Its name and text never change once released."""

    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


class Database:
    """A single connection that everybody awaits in turn: SQLite has one writer anyway.

    A statement outside `transaction` commits on its own. Every method raises `HistoryUnavailable`.
    """

    def __init__(
        self,
        path: Path,
        migrations: Sequence[Migration] | None = None,
        lock_timeout_s: float = LOCK_TIMEOUT_S,
    ) -> None:
        self._path = path
        self._migrations = migrations
        self._timeout_s = lock_timeout_s
        self._lock = asyncio.Lock()
        self._connection: aiosqlite.Connection | None = None

    async def open(self) -> None:
        """Create the file if need be, connect, and bring the schema up to date."""
        with translated():
            await asyncio.to_thread(_make_private, self._path)
            self._connection = await aiosqlite.connect(
                self._path, timeout=self._timeout_s, isolation_level=None
            )
        try:
            await self._prepare()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Finish what was queued and let go of the file. Harmless when not open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with translated():
                await connection.close()

    async def run(self, sql: str, *parameters: object) -> list[Row]:
        """One statement, on its own or as a part of nobody else's transaction; its rows."""
        async with self._lock:
            return await self._execute(sql, *parameters)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Execute]:
        """Several statements that stand or fall together; yields what runs one of them."""
        async with self._lock:
            try:
                await self._execute("BEGIN IMMEDIATE")
                yield self._execute
                await self._execute("COMMIT")
            except BaseException:
                await self._roll_back()
                raise

    async def _execute(self, sql: str, *parameters: object) -> list[Row]:
        if self._connection is None:
            raise HistoryUnavailable("the history is closed")
        with translated():
            return list(await self._connection.execute_fetchall(sql, parameters))

    async def _roll_back(self) -> None:
        # A full disk rolls back by itself; sqlite3's own rollback() is harmless then.
        if self._connection is not None:
            with translated():
                await self._connection.rollback()

    async def _prepare(self) -> None:
        for pragma in PRAGMAS:
            await self.run(f"PRAGMA {pragma}")
        known = self._migrations
        await self._migrate(await asyncio.to_thread(shipped) if known is None else known)

    async def _migrate(self, known: Sequence[Migration]) -> None:
        async with self.transaction() as execute:
            await execute(
                "CREATE TABLE IF NOT EXISTS migrations"
                " (name TEXT PRIMARY KEY, checksum TEXT NOT NULL) STRICT"
            )
            applied = dict(await execute("SELECT name, checksum FROM migrations"))
            _verify(applied, known)
            for migration in (m for m in known if m.name not in applied):
                for statement in statements(migration.sql):
                    await execute(statement)
                row = (migration.name, migration.checksum)
                await execute("INSERT INTO migrations VALUES (?, ?)", *row)


def shipped() -> tuple[Migration, ...]:
    """The migrations that belong to this program, in order. Reads files."""
    found = [f for f in (files("bot.history") / "migrations").iterdir() if f.name.endswith(".sql")]
    return tuple(
        Migration(f.name.removesuffix(".sql"), f.read_text("utf-8"))
        for f in sorted(found, key=lambda f: f.name)
    )


def statements(sql: str) -> Iterable[str]:
    """Split a script into statements; sqlite3's own `executescript` would end the transaction."""
    statement = ""
    for line in sql.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of sqlite3, the file system and the stored JSON into `HistoryUnavailable`."""
    try:
        yield
    except sqlite3.Error as error:
        raise HistoryUnavailable(str(error), code=_code(error)) from error
    except (OSError, MsgspecError) as error:
        raise HistoryUnavailable(str(error)) from error


def _code(error: sqlite3.Error) -> str:
    name = getattr(error, "sqlite_errorname", None) or ""
    if name in _FULL:
        return "disk_full"
    return "history_locked" if name.startswith(_LOCKED) else "history_broken"


def _verify(applied: dict[str, str], known: Sequence[Migration]) -> None:
    checksums = {m.name: m.checksum for m in known}
    for name, checksum in applied.items():
        if name not in checksums:
            detail = f"the history was written by a newer Northlight ({name}): update the program"
            raise HistoryUnavailable(detail, code="history_newer")
        if checksums[name] != checksum:
            raise HistoryUnavailable(f"migration {name} was changed after it was applied")


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)  # SQLite gives its -wal and -shm files the same rights
