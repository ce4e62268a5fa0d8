"""What can go wrong around the database file, and what the person loses: nothing."""

import asyncio
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.replies import Say
from bot.core.session import Action, Session
from bot.errors import HistoryUnavailable
from bot.history.batches import Run
from bot.history.database import Database, Migration, shipped
from bot.history.sqlite import SqliteHistory

WRITER = """
import asyncio, sys
from pathlib import Path
from bot.core.replies import Say
from bot.history.sqlite import SqliteHistory

async def write():
    history = SqliteHistory(Path(sys.argv[1]))
    await history.open()
    await history.session("web:1", "ann")
    while True:
        print(await history.post("web:1", Say("x" * 2000)), flush=True)

asyncio.run(write())
"""


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def test_only_the_owner_reads_the_history(tmp_path: Path) -> None:
    """The folder it makes is 0700, the database and its side files 0600."""
    history = SqliteHistory(tmp_path / "data" / "n.db")
    await history.open()
    await history.post("web:1", Say("hello"))
    files = list((tmp_path / "data").iterdir())
    assert {f.name for f in files} >= {"n.db", "n.db-wal"}
    assert {rights(f) for f in files} == {0o600}
    assert rights(tmp_path / "data") == 0o700
    await history.close()


async def test_kill_9_in_the_middle_of_writing_loses_nothing_answered(tmp_path: Path) -> None:
    """Every place that was handed out is found again, and the file is sound."""
    path = tmp_path / "n.db"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:  # noqa: ASYNC220 - the test has nothing else to do
        assert writer.stdout
        answered = [int(writer.stdout.readline()) for _ in range(40)][-1]
        writer.send_signal(signal.SIGKILL)
    history = SqliteHistory(path)
    await history.open()
    seqs = [p.seq for p in await history.transcript("web:1")]
    assert seqs[:answered] == list(range(1, answered + 1))
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
    await history.close()


async def test_a_database_locked_by_another_process_says_so(tmp_path: Path) -> None:
    """After the time-out: history_locked; and it works again once the lock is gone."""
    history = SqliteHistory(tmp_path / "n.db", lock_timeout_s=0.01)
    await history.open()
    other = sqlite3.connect(tmp_path / "n.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for write in (history.post("web:1", Say("no")), history.save(Session("web:1", "ann"))):
        with pytest.raises(HistoryUnavailable) as raised:
            await write
        assert raised.value.code == "history_locked"
    assert await history.transcript("web:1") == []
    other.execute("ROLLBACK")
    await history.post("web:1", Say("yes"))
    assert len(await history.transcript("web:1")) == 1
    await history.close()


def contents(folder: Path) -> list[bytes]:
    return [f.read_bytes() for f in folder.iterdir()]


async def fill(database: Database) -> None:
    """Leave the database no room to grow, as a full disk does."""
    pages = (await database.run("PRAGMA page_count"))[0][0]
    await database.run(f"PRAGMA max_page_count = {pages}")


async def test_a_full_disk_says_so_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    """disk_full; the transaction is undone as a whole, reading goes on, room makes it work."""
    history = SqliteHistory(tmp_path / "n.db")
    await history.open()
    await history.session("web:1", "ann")
    await fill(history._db)
    big = {"c1": Action("set", value="x" * 20_000)}
    with pytest.raises(HistoryUnavailable) as raised:
        await history.offer("web:1", big)
    assert raised.value.code == "disk_full"
    with pytest.raises(HistoryUnavailable, match="full"):
        async with history._db.transaction() as execute:
            await execute("INSERT INTO people (id) VALUES ('half')")
            await execute("INSERT INTO people (id) VALUES (?)", "x" * 20_000)
    assert await history._db.run("SELECT id FROM people") == [("ann",)]
    await history._db.run("PRAGMA max_page_count = 100000")
    await history.offer("web:1", big)
    assert await history.claim("c1")
    await history.close()


@pytest.mark.parametrize(
    "damage", [b"this is not a database" * 500, b"SQLite format 3\0" + b"?" * 9000]
)
async def test_a_broken_file_is_one_line(tmp_path: Path, damage: bytes) -> None:
    """history_broken with a line that says what is wrong; the file is left as it is."""
    path = tmp_path / "n.db"
    path.write_bytes(damage)
    with pytest.raises(HistoryUnavailable) as raised:
        await SqliteHistory(path).open()
    assert raised.value.code == "history_broken"
    assert str(raised.value)
    assert "\n" not in str(raised.value)
    assert path.read_bytes() == damage


async def test_a_place_that_cannot_be_written_is_broken_not_a_crash(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryUnavailable):
        await SqliteHistory(tmp_path / "file" / "n.db").open()


async def test_damaged_state_is_broken_not_a_crash(tmp_path: Path) -> None:
    """A row that is not what it should be raises the history's own error."""
    history = SqliteHistory(tmp_path / "n.db")
    await history.open()
    await history.session("web:1", "ann")
    await history._db.run("UPDATE sessions SET state = '{'")
    with pytest.raises(HistoryUnavailable):
        await history.session("web:1", "ann")
    await history.close()


async def test_a_closed_history_raises_its_own_error(tmp_path: Path) -> None:
    """A straggler after shutdown gets the error everybody handles."""
    history = SqliteHistory(tmp_path / "n.db")
    await history.open()
    await history.close()
    await history.close()
    with pytest.raises(HistoryUnavailable):
        await history.post("web:1", Say("late"))


async def test_a_cancelled_transaction_is_undone_and_blocks_nobody(tmp_path: Path) -> None:
    """Whoever is cancelled half-way leaves neither half a write nor a lock."""
    database = Database(tmp_path / "n.db")
    await database.open()
    inside = asyncio.Event()

    async def half() -> None:
        async with database.transaction() as execute:
            await execute("INSERT INTO people (id) VALUES ('half')")
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(half())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await database.run("INSERT INTO people (id) VALUES ('whole')")
    assert await database.run("SELECT id FROM people") == [("whole",)]
    await database.close()


async def test_what_is_asked_together_stands_and_falls_alone(tmp_path: Path) -> None:
    """One that cannot be carried out takes neither its neighbours nor half of itself along."""
    database = Database(tmp_path / "n.db")
    await database.open()

    def broken(run: Run) -> None:
        run("INSERT INTO people (id) VALUES ('half')")
        run("INSERT INTO nowhere VALUES (1)")

    asked = [database.run("INSERT INTO people (id) VALUES (?)", str(n)) for n in range(100)]
    told = await asyncio.gather(database.together(broken), *asked, return_exceptions=True)
    assert [type(t) for t in told[:2]] == [HistoryUnavailable, list]
    found = [row[0] for row in await database.run("SELECT id FROM people")]
    assert sorted(found, key=int) == [str(n) for n in range(100)]
    await database.close()


async def test_a_full_disk_fails_only_who_needs_the_room(tmp_path: Path) -> None:
    """SQLite undoes the whole transaction then: the others are carried out again."""
    database = Database(tmp_path / "n.db")
    await database.open()
    await fill(database)
    big = database.run("INSERT INTO people (id) VALUES (?)", "x" * 50_000)
    small = [database.run("INSERT INTO people (id) VALUES (?)", str(n)) for n in range(3)]
    told = await asyncio.gather(small[0], big, *small[1:], return_exceptions=True)
    assert [getattr(t, "code", "ok") for t in told] == ["ok", "disk_full", "ok", "ok"]
    assert await database.run("SELECT count(*) FROM people") == [(3,)]
    await database.close()


async def test_many_who_meet_a_lock_wait_for_it_once(tmp_path: Path) -> None:
    """Fifty askers do not wait fifty times; who only reads is answered."""
    database = Database(tmp_path / "n.db", lock_timeout_s=0.1)
    await database.open()
    other = sqlite3.connect(tmp_path / "n.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    writes = [database.run("INSERT INTO people (id) VALUES (?)", str(n)) for n in range(50)]
    async with asyncio.timeout(2):
        told = await asyncio.gather(*writes, database.run("SELECT 1"), return_exceptions=True)
    assert {getattr(t, "code", "") for t in told[:-1]} == {"history_locked"}
    assert told[-1] == [(1,)]
    other.execute("ROLLBACK")
    await database.close()


async def test_a_connection_that_breaks_leaves_nobody_waiting(tmp_path: Path) -> None:
    """Everybody who asked hears of it, one or many."""
    database = Database(tmp_path / "n.db")
    await database.open()
    assert database._connection
    database._connection.close()
    for count in (1, 3):
        asked = [database.run("SELECT 1") for _ in range(count)]
        async with asyncio.timeout(5):
            told = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(t) for t in told] == [HistoryUnavailable] * count


async def test_forgotten_words_are_not_in_the_file_any_more(tmp_path: Path) -> None:
    """Not in free pages and not in the write-ahead log either."""
    history = SqliteHistory(tmp_path / "n.db")
    await history.open()
    await history.session("web:1", "ann")
    for _ in range(50):
        await history.post("web:1", Say("my secret wedding dress" * 20))
    await history.forget("ann")
    assert not any(b"secret" in content for content in contents(tmp_path))
    await history.close()


async def migrated(path: Path, *migrations: Migration) -> Database:
    database = Database(path, migrations)
    await database.open()
    return database


ONE = Migration(
    "0001_one", "CREATE TABLE one (a); -- a remark; with a semicolon\nCREATE TABLE two (b);"
)
TWO = Migration("0002_two", "ALTER TABLE one ADD COLUMN c;")


async def test_a_new_migration_is_applied_once_and_keeps_the_rows(tmp_path: Path) -> None:
    """An older database is brought up to date in place."""
    database = await migrated(tmp_path / "n.db", ONE)
    await database.run("INSERT INTO one VALUES (1)")
    await database.close()
    for _ in range(2):
        database = await migrated(tmp_path / "n.db", ONE, TWO)
        assert await database.run("SELECT a, c FROM one") == [(1, None)]
        await database.close()


async def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    """Half a migration is none: the old program still opens the file."""
    bad = Migration("0002_bad", "CREATE TABLE three (c);\nCREATE TABLE one (again);")
    await (await migrated(tmp_path / "n.db", ONE)).close()
    with pytest.raises(HistoryUnavailable, match="already exists"):
        await migrated(tmp_path / "n.db", ONE, bad)
    database = await migrated(tmp_path / "n.db", ONE)
    assert await database.run("SELECT name FROM sqlite_schema WHERE name = 'three'") == []
    await database.close()


async def test_a_changed_migration_is_refused(tmp_path: Path) -> None:
    """History is append-only for its own schema too."""
    await (await migrated(tmp_path / "n.db", ONE)).close()
    with pytest.raises(HistoryUnavailable, match="0001_one was changed"):
        await migrated(tmp_path / "n.db", Migration("0001_one", "CREATE TABLE other (a);"))


async def test_a_database_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    """history_newer, with a line that says what to do."""
    await (await migrated(tmp_path / "n.db", ONE, TWO)).close()
    with pytest.raises(HistoryUnavailable, match="update the program") as raised:
        await migrated(tmp_path / "n.db", ONE)
    assert raised.value.code == "history_newer"


def test_shipped_migrations_are_named_in_order() -> None:
    """0001, 0002, … without holes."""
    numbers = [int(m.name.split("_")[0]) for m in shipped()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers
