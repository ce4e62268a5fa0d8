"""Statements carried out together: one commit for everybody, and nobody falls with another."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

T = TypeVar("T")
Row = Any  # as sqlite3 gives it: a tuple of the columns asked for
Run = Callable[..., list[Row]]
Kind = Literal["read", "write", "pragma", "several"]


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """Statements of one asker. `call(run)` runs them and may have to do so again."""

    call: Callable[[Run], T]
    kind: Kind


def kind_of(sql: str) -> Kind:
    """What one statement does.

    >>> kind_of("SELECT 1"), kind_of("PRAGMA page_count"), kind_of("UPDATE a SET b = 1")
    ('read', 'pragma', 'write')
    """
    first = sql.lstrip()[:6].upper()
    return "read" if first == "SELECT" else "pragma" if first == "PRAGMA" else "write"


def carry_out(connection: sqlite3.Connection, works: list[Work[Any]]) -> list[Any]:
    """Each work's result, or the exception it raised. Blocking."""
    if len(works) == 1:
        return [_alone(connection, works[0])]
    try:
        return _as_one(connection, works)
    except sqlite3.Error as error:
        connection.rollback()
        if _is_locked(error):  # asking again for each would wait as long again
            return [_alone(connection, w) if w.kind == "read" else error for w in works]
        return [_alone(connection, work) for work in works]


def _as_one(connection: sqlite3.Connection, works: list[Work[Any]]) -> list[Any]:
    writes = any(work.kind != "read" for work in works)
    connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    outcomes = [_guarded(connection, work) for work in works]
    connection.execute("COMMIT")
    return outcomes


def _guarded(connection: sqlite3.Connection, work: Work[Any]) -> Any:  # noqa: ANN401 - anything
    connection.execute("SAVEPOINT part")
    try:
        outcome: Any = work.call(_runner(connection))
    except Exception as error:
        connection.execute("ROLLBACK TO part")  # fails where a full disk has undone everything
        outcome = error
    connection.execute("RELEASE part")
    return outcome


def _alone(connection: sqlite3.Connection, work: Work[Any]) -> Any:  # noqa: ANN401 - anything
    try:
        if work.kind == "several":
            connection.execute("BEGIN IMMEDIATE")
        outcome = work.call(_runner(connection))
        if work.kind == "several":
            connection.execute("COMMIT")
    except Exception as error:
        connection.rollback()
        return error
    return outcome


def _runner(connection: sqlite3.Connection) -> Run:
    return lambda sql, *parameters: connection.execute(sql, parameters).fetchall()


def _is_locked(error: sqlite3.Error) -> bool:
    return (getattr(error, "sqlite_errorname", None) or "").startswith("SQLITE_BUSY")
