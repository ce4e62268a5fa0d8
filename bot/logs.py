"""Structured log lines that carry the session and the job they belong to.

What people write, and what they look like, is never logged: log ids, counts, codes and durations.
An exception's own words are left out too, unless its kind cannot quote the sitter.
"""

import json
import logging
import sqlite3
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal, TextIO

from bot.errors import NorthlightError
from engine.errors import EngineError

_IDS: ContextVar[dict[str, str]] = ContextVar("northlight_log_ids", default={})  # noqa: B039 - replaced, never mutated
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_QUIET = (
    *("httpx", "httpx2", "httpcore", "httpcore2", "openai", "websockets"),
    *("telegram", "discord"),
)

_HARMLESS = (
    *(EngineError, NorthlightError, OSError, sqlite3.Error),
    *(ImportError, NameError, AttributeError, TypeError, NotImplementedError),
)

LogFormat = Literal["text", "json"]


@contextmanager
def log_ids(**ids: str) -> Iterator[None]:
    """Attach ids (`session=`, `job=`) to every line logged inside, here and in tasks begun here."""
    token = _IDS.set(_IDS.get() | ids)
    try:
        yield
    finally:
        _IDS.reset(token)


def configure(level: str, format: LogFormat = "text", stream: TextIO | None = None) -> None:
    """Send every log line of the process to `stream` (standard error) in one format.

    Fields given as `extra={...}` become fields of the line. Chatty libraries are held at warning,
    because at debug level they would log the sitter's words.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Json() if format == "json" else _KeyValue())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Lines(logging.Formatter):
    """Turns a record into ordered fields: time, level, logger, message, ids, extras, error."""

    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        extras = {k: v for k, v in vars(record).items() if k not in _PLAIN}
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= _IDS.get() | extras
        if record.exc_info and record.exc_info[1]:
            line["error"] = _story(record.exc_info[1])
        return line


class _Json(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.fields(record), ensure_ascii=False, default=str)


class _KeyValue(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        return " ".join(f"{key}={_quoted(value)}" for key, value in self.fields(record).items())


def _story(error: BaseException) -> str:
    """Where an exception came from, causes first, in words that cannot be the sitter's."""
    before = error.__cause__ or error.__context__
    words = f": {error}" if isinstance(error, _HARMLESS) and str(error) else ""
    frames = "".join(traceback.format_tb(error.__traceback__))
    lead = f"{_story(before)} -> " if before else ""
    return f"{lead}{type(error).__name__}{words}\n{frames}".strip()


def _quoted(value: object) -> str:
    """A value as it stands, or as a JSON string where spaces or quotes would blur the line."""
    text = str(value)
    plain = text and not any(c.isspace() or c in '"=\\' or not c.isprintable() for c in text)
    return text if plain else json.dumps(text, ensure_ascii=False)
