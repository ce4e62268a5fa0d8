"""Whole dialogues with the whole studio but its pictures, as a person would live through them."""

import asyncio
import json
import statistics

import pytest
from support.sittings import WORDS

from benchmarks._dialogue_figures import ANSWERS, Totals
from benchmarks._dialogues import meant, play_whole
from benchmarks._interviews import Said, precision, recall, rows
from bot.interview.lexicon_interviewer import LexiconInterviewer

MOST = 3


@pytest.fixture(scope="module")
def totals() -> Totals:
    return asyncio.run(played())


async def played() -> Totals:
    answers = json.loads(ANSWERS.read_text(encoding="utf-8"))
    reader, found = LexiconInterviewer(WORDS), Totals()
    for row in rows():
        if len(row.turns) > 1 and not row.held:
            found.add(await play_whole(reader, WORDS, row, answers[row.language]))
    return found


def test_no_dialogue_has_more_than_three_questions(totals: Totals) -> None:
    """Until the bot offers to shoot; and every one of them gets there."""
    assert len(totals.questions) >= 25
    assert max(totals.questions) <= MOST
    assert statistics.mean(totals.questions) > 1  # so that counting them works
    assert not totals.faults["never ready"]


@pytest.mark.parametrize("fault", ["needless", "reasked", "empty", "silent", "untapped"])
def test_a_dialogue_has_no_turn_to_complain_about(totals: Totals, fault: str) -> None:
    """What was said is not asked, nothing is asked twice, no wish comes to nothing, no turn is
    met with silence, and both ways out stand under every question.
    """
    assert totals.turns > 120
    assert totals.faults[fault] == 0


def test_the_brief_at_the_end_is_what_the_sitter_wanted(totals: Totals) -> None:
    """After every correction and undo."""
    found = totals.all()
    assert found["right"] > 120
    assert precision(found) >= 0.97
    assert recall(found) >= 0.95
    assert not found["invented"]


def test_what_is_meant_follows_undo_and_start_over() -> None:
    """The account that dialogues are judged by: the last change goes, or all of them."""
    look, red = Said("", "brief", {"look": "author"}), Said("", "brief", {"hair": "red"})
    undo, anew = Said("", "undo", {}), Said("", "restart", {})
    assert meant((look, red, undo)) == {"look": "author"}
    assert meant((look, undo, undo, red)) == {"hair": "red"}
    assert meant((look, red, anew)) == {}
    assert meant((look, Said("", "correct", {}, ("look",)), red)) == {"hair": "red"}
