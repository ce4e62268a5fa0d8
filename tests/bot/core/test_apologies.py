"""One place for what goes wrong: a sentence, a short reference, and a log line that has it too."""

import io
import json
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.faults import FailingStudio, LockedHistory
from support.sittings import PERSON, SCRIPT, WORDS, sitting

from bot.core.apologies import apology
from bot.core.desk import explain
from bot.core.replies import Apology
from bot.errors import HistoryUnavailable, NotAdmitted, StudioClosed
from bot.frontends.chat_cards import text_of
from bot.logs import configure
from engine.dispatch.inprocess import InProcessEngine
from engine.errors import PhotoRejected

SAY = partial(explain, WORDS)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, as JSON; the test runner gets its handlers back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure("info", "json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def logged(lines: io.StringIO, error_id: str) -> dict[str, Any]:
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    (line,) = [entry for entry in found if entry.get("error_id") == error_id]
    return line


async def test_a_turn_that_fails_has_one_reference(tmp_path: Path, lines: io.StringIO) -> None:
    """In the sentence and in the log line, beside the session it belongs to."""
    async with sitting(tmp_path, SCRIPT) as guest:
        guest.rewire(LockedHistory())
        await guest.say("headshot")
        sorry = await guest.apology()
        assert sorry.text == WORDS.say("history_locked")
        line = logged(lines, sorry.error_id)
        assert line["session"] == PERSON
        assert "history_locked" in line["message"]
        assert guest.conversation.tally.of("failures") == {"history_locked": 1}


async def test_a_job_that_fails_has_one_reference(tmp_path: Path, lines: io.StringIO) -> None:
    """Beside the session and the job."""
    engine = InProcessEngine(FailingStudio("disk_full"))
    async with sitting(tmp_path, SCRIPT, engine=engine) as guest:
        await guest.say("headshot")
        await guest.say("go")
        sorry = await guest.apology()
        line = logged(lines, sorry.error_id)
        assert line["session"] == PERSON
        assert line["job"]


@pytest.mark.parametrize(
    "error",
    [PhotoRejected("x", code="photo_too_heavy"), StudioClosed("draining"), NotAdmitted("web:1")],
)
def test_what_is_no_fault_has_no_reference(error: Exception) -> None:
    """Nobody reports to anybody that their photo was too heavy."""
    sorry = apology(SAY, error)
    assert sorry.error_id == ""
    assert text_of(sorry, WORDS.say) == sorry.text


def test_a_chat_shows_the_reference_once() -> None:
    """Also where the sentence has it already."""
    sorry = apology(SAY, HistoryUnavailable("locked", code="history_locked"))
    assert text_of(sorry, WORDS.say).endswith(f"(Reference {sorry.error_id})")
    internal = apology(SAY, ZeroDivisionError("a secret"))
    assert text_of(internal, WORDS.say).count(internal.error_id) == 1
    assert "secret" not in internal.text
    assert isinstance(internal, Apology)
