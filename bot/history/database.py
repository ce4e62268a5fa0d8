"""One SQLite connection: opened privately, migrated, and translated into the bot's own errors."""

import asyncio
import hashlib
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from msgspec import MsgspecError, Struct

from bot.errors import HistoryUnavailable
from bot.history.batches import Row, Run, Work, carry_out, kind_of

T = TypeVar("T")
Execute = Callable[..., Awaitable[list[Row]]]
LOCK_TIMEOUT_S = 5.0
MAX_TOGETHER = 32  # more would have as many askers go on in one breath of the loop
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
    """A single connection, in a thread of its own: SQLite has one writer anyway.

    What is asked while that thread is busy is carried out together afterwards, in one transaction
    (group commit): a commit, and the way to the thread and back, are paid once for all of it. Each
    part still stands or falls by itself. Every method raises `HistoryUnavailable`.
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
        self._waiting: list[tuple[Work, asyncio.Future[Any]]] = []
        self._carrying: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "history")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Create the file if need be, connect, and bring the schema up to date."""
        with translated():
            await asyncio.to_thread(_make_private, self._path)
            self._connection = await self._do(partial(_connect, self._path, self._timeout_s))
        try:
            await self._prepare()
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Finish what was queued and let go of the file. Harmless when not open."""
        if self._connection is None:
            return
        if self._carrying:
            await asyncio.gather(self._carrying, return_exceptions=True)
        connection, self._connection = self._connection, None
        with translated():
            await self._do(connection.close)
        self._thread.shutdown(wait=False)

    async def run(self, sql: str, *parameters: object) -> list[Row]:
        """One statement, on its own or as a part of nobody else's transaction; its rows."""
        return await self._ask(Work(lambda execute: execute(sql, *parameters), kind_of(sql)))

    async def together(self, work: Callable[[Run], T]) -> T:
        """Statements that stand or fall together, in one go. `work` runs in the database's thread,
        and again from the start where it has to: it must do nothing but run statements.
        """
        return await self._ask(Work(work, "several"))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Execute]:
        """The same with time to think between the statements; yields what runs one of them."""
        async with self._lock:
            try:
                await self._execute("BEGIN IMMEDIATE")
                yield self._execute
                await self._execute("COMMIT")
            except BaseException:
                await self._roll_back()
                raise

    async def _ask(self, work: "Work[T]") -> T:
        if self._connection is None:
            raise HistoryUnavailable("the history is closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, answer))
        if self._carrying is None or self._carrying.done():
            self._carrying = asyncio.create_task(self._carry())
        with translated():
            return await answer

    async def _carry(self) -> None:
        while self._waiting:
            async with self._lock:
                asked, self._waiting = _next_batch(self._waiting)
                outcomes = await self._carried_out([work for work, _ in asked])
            for (_, answer), outcome in zip(asked, outcomes, strict=True):
                if answer.done():
                    continue  # whoever asked has gone
                if isinstance(outcome, Exception):
                    answer.set_exception(outcome)
                else:
                    answer.set_result(outcome)

    async def _carried_out(self, works: "list[Work[Any]]") -> list[Any]:
        try:
            return await self._do(partial(carry_out, self._connected(), works))
        except Exception as error:  # nobody may wait for ever
            return [error] * len(works)

    async def _execute(self, sql: str, *parameters: object) -> list[Row]:
        connection = self._connected()
        with translated():
            return await self._do(lambda: connection.execute(sql, parameters).fetchall())

    async def _roll_back(self) -> None:
        # A full disk rolls back by itself; sqlite3's own rollback() is harmless then.
        if self._connection is not None:
            with translated():
                await self._do(self._connection.rollback)

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            raise HistoryUnavailable("the history is closed")
        return self._connection

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

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


def _connect(path: Path, timeout_s: float) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=timeout_s, isolation_level=None, check_same_thread=False)


def _next_batch(waiting: list[Any]) -> tuple[list[Any], list[Any]]:
    """What is carried out together, and the rest; a pragma is alone, most refuse a transaction."""
    alone = [work.kind == "pragma" for work, _ in waiting]
    end = 1 if alone[0] else (alone.index(True) if True in alone else len(waiting))
    end = min(end, MAX_TOGETHER)
    return waiting[:end], waiting[end:]


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
