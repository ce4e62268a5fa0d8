"""Log lines are structured, carry their ids, and never quote the sitter."""

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest

from bot.errors import HistoryUnavailable
from bot.logs import LogFormat, configure, log_ids


@pytest.fixture
def root_as_before() -> Iterator[None]:
    """Give the test runner its handlers back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


pytestmark = pytest.mark.usefixtures("root_as_before")


def logging_to(form: LogFormat, level: str = "info") -> tuple[logging.Logger, io.StringIO]:
    stream = io.StringIO()
    configure(level, form, stream)
    return logging.getLogger("bot.test"), stream


def test_a_json_line_carries_session_job_and_extras() -> None:
    """One object per line, ready for a log store."""
    log, stream = logging_to("json")
    with log_ids(session="web:1"), log_ids(job="j7"):
        log.info("job %s", "begun", extra={"shots": 4})
    line = json.loads(stream.getvalue())
    assert line["message"] == "job begun"
    assert (line["session"], line["job"], line["shots"]) == ("web:1", "j7", 4)
    assert line["level"] == "info"
    assert line["logger"] == "bot.test"


def test_a_text_line_is_key_value_and_stays_one_line() -> None:
    """Values with spaces, quotes or newlines are quoted, so a line can be split again."""
    log, stream = logging_to("text")
    log.info("two\nlines", extra={"code": "disk_full", "said": 'a "b"'})
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert r'message="two\nlines"' in text
    assert "code=disk_full" in text
    assert r'said="a \"b\""' in text


def test_ids_end_with_their_block() -> None:
    """A line after the job no longer names it."""
    log, stream = logging_to("json")
    with log_ids(job="j7"):
        pass
    log.info("idle")
    assert "job" not in json.loads(stream.getvalue())


async def test_tasks_keep_their_own_ids() -> None:
    """Two sessions in one loop never swap ids."""
    log, stream = logging_to("json")

    async def turn(session: str) -> None:
        with log_ids(session=session):
            await asyncio.sleep(0)
            log.info(session)

    await asyncio.gather(turn("a"), turn("b"))
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert {(line["message"], line["session"]) for line in lines} == {("a", "a"), ("b", "b")}


def test_below_the_level_nothing_is_written() -> None:
    """The setting is obeyed."""
    log, stream = logging_to("text", "warning")
    log.info("quiet")
    assert stream.getvalue() == ""


def test_clients_cannot_log_what_they_send() -> None:
    """At debug level the language model's client would write the sitter's words."""
    _, stream = logging_to("text", "debug")
    logging.getLogger("openai._base_client").debug("a woman in her 30s")
    logging.getLogger("httpx2").info("GET https://example.org/bot123:token/getMe")
    assert stream.getvalue() == ""


def test_an_exception_tells_where_but_not_what_the_sitter_said() -> None:
    """The place and kind of an error are logged; words that may be the sitter's are not."""
    log, stream = logging_to("json")
    try:
        raise ValueError("I am shy about my scar")
    except ValueError:
        log.exception("turn failed")
    error = json.loads(stream.getvalue())["error"]
    assert "ValueError" in error
    assert "test_logs.py" in error
    assert "my scar" not in error.replace('raise ValueError("I am shy about my scar")', "")


def test_our_own_errors_keep_their_words() -> None:
    """They are written by us, and the cause comes first."""
    log, stream = logging_to("json")
    try:
        try:
            raise OSError(28, "No space left on device")
        except OSError as full:
            raise HistoryUnavailable("cannot write", code="disk_full") from full
    except HistoryUnavailable:
        log.exception("turn failed")
    error = json.loads(stream.getvalue())["error"]
    assert error.index("No space left") < error.index("HistoryUnavailable: cannot write")
