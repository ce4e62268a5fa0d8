"""The conversations written for this project: what the offline reader promises on them."""

import pytest

import prompts
from benchmarks._interviews import Row, invented, play, precision, recall, rows
from bot.interview.lexicon_interviewer import LexiconInterviewer

ROWS = rows()
LEXICON = LexiconInterviewer(prompts.load())
HELD_PRECISION, HELD_RECALL = 0.89, 0.82
"""Short of the goals (0.97 and 0.90): what words nobody tuned on really reach today."""


def of(language: str) -> list[Row]:
    return [row for row in ROWS if row.language == language]


def test_there_are_enough_conversations() -> None:
    """Single messages, dialogues, four languages, and some that nobody tunes on."""
    assert sum(len(row.turns) == 1 for row in ROWS) >= 150
    assert sum(len(row.turns) > 1 for row in ROWS) >= 25
    assert {row.language for row in ROWS} == {"en", "de", "es", "fr"}
    assert sum(row.held for row in ROWS) >= 30


@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
async def test_what_it_was_tuned_on_is_understood(language: str) -> None:
    """Precision 0.97, recall 0.95, next to nothing invented; intents and refusals too."""
    score = await play(LEXICON, [row for row in of(language) if not row.held])
    total = score.all()
    assert precision(total) >= 0.97, score.slips
    assert recall(total) >= 0.95, score.slips
    assert invented(total) <= 0.005, score.slips
    assert score.intents / score.turns >= 0.96, score.slips
    assert all(score.refusals)


async def test_what_nobody_tuned_on_is_understood_too() -> None:
    """What is held, in all languages. Its slips stay unread, so that it stays blind."""
    total = (await play(LEXICON, [row for row in ROWS if row.held])).all()
    assert precision(total) >= HELD_PRECISION
    assert recall(total) >= HELD_RECALL


async def test_attacks_and_small_talk_set_nothing() -> None:
    """Whoever commands the reader or talks of other things changes no brief, nor is asked."""
    chosen = [row for row in ROWS if row.kind in ("attack", "talk") and not row.held]
    score = await play(LEXICON, chosen)
    assert len(chosen) >= 20
    total = score.all()
    assert total["invented"] + total["wrong"] <= 1, score.slips
