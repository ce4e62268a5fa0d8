"""The conversations written for this project: what the offline reader promises on them."""

import pytest

import prompts
from benchmarks._interviews import Row, invented, play, precision, recall, rows
from bot.interview.lexicon_interviewer import LexiconInterviewer

ROWS = rows()
LEXICON = LexiconInterviewer(prompts.load())


def of(language: str) -> list[Row]:
    return [row for row in ROWS if row.language == language]


def test_there_are_enough_conversations() -> None:
    """Single messages, dialogues, four languages, and some that nobody tunes on."""
    assert sum(len(row.turns) == 1 for row in ROWS) >= 150
    assert sum(len(row.turns) > 1 for row in ROWS) >= 25
    assert {row.language for row in ROWS} == {"en", "de", "es", "fr"}
    assert sum(row.held for row in ROWS) >= 30


async def test_english_is_understood() -> None:
    """Precision 0.97, recall 0.90, nothing invented."""
    score = await play(LEXICON, of("en"))
    total = score.all()
    assert precision(total) >= 0.97, score.slips
    assert recall(total) >= 0.90, score.slips
    assert invented(total) == 0, score.slips
    assert score.intents / score.turns >= 0.95, score.slips
    assert all(score.refusals)


@pytest.mark.parametrize("language", ["de", "es", "fr"])
async def test_other_languages_are_understood(language: str) -> None:
    """The main values, intents, negation and corrections of three more languages."""
    score = await play(LEXICON, of(language))
    total = score.all()
    assert precision(total) >= 0.95, score.slips
    assert recall(total) >= 0.90, score.slips
    assert invented(total) == 0, score.slips
    assert score.intents / score.turns >= 0.95, score.slips


async def test_what_nobody_tuned_on_is_understood_too() -> None:
    """What is held, in all languages: words the reader was not written for."""
    total = (await play(LEXICON, [row for row in ROWS if row.held])).all()
    assert precision(total) >= 0.95
    assert recall(total) >= 0.85


async def test_attacks_and_small_talk_set_nothing() -> None:
    """Whoever commands the reader or talks of other things changes no brief, nor is asked."""
    chosen = [row for row in ROWS if row.kind in ("attack", "talk")]
    score = await play(LEXICON, chosen)
    assert len(chosen) >= 20
    assert not score.slots, score.slips
