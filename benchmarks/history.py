"""Transcript entries written per second, against opening the database for each write.

Run: python -m benchmarks.history
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.core.replies import Say
from bot.history.records import as_json
from bot.history.sqlite import SqliteHistory

SECONDS = 2.0
ENTRY = Say("The light is on its way to the softer side.")
INSERT = "INSERT INTO turns (session, entry) VALUES (?, ?)"


def connect_per_write(path: Path) -> None:
    """What a handler without a repository does: connect, write, commit, close."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(INSERT, ("web:1", as_json(ENTRY)))
    connection.close()


async def per_second(write: Callable[[], Awaitable[object]], at_once: int) -> float:
    """Writes per second with `at_once` of them waiting at a time."""
    start, done = time.perf_counter(), 0
    while time.perf_counter() - start < SECONDS:
        await asyncio.gather(*(write() for _ in range(at_once)))
        done += at_once
    return done / (time.perf_counter() - start)


async def measure(folder: Path) -> dict[str, float]:
    """Writes per second by way of writing."""
    history = SqliteHistory(folder / "northlight.db")
    await history.open()
    rates = {
        f"history, {n} at once": await per_second(lambda: history.post("web:1", ENTRY), n)
        for n in (1, 50)
    }
    await history.close()
    path = folder / "northlight.db"
    naive = await per_second(lambda: asyncio.to_thread(connect_per_write, path), 1)
    return {"connect per write": naive, **rates}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rates = asyncio.run(measure(Path(folder)))
    naive = rates["connect per write"]
    for name, rate in rates.items():
        print(f"{name:24} {rate:8.0f} writes/s   {rate / naive:5.1f} x")


if __name__ == "__main__":
    main()
