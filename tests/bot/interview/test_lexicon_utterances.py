"""What sitters really write, and exactly what may be understood of it."""

import json
from pathlib import Path

import pytest

import prompts
from bot.core.ports import Reading
from bot.core.session import Session
from bot.core.spec import Draft, Field, PortraitSpec
from bot.interview.lexicon_interviewer import LexiconInterviewer

FILE = Path(__file__).parents[2] / "data" / "utterances.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
PROMPTS = prompts.load()
LEXICON = LexiconInterviewer(PROMPTS)


def session(row: dict) -> Session:
    fields = {slot: Field(value) for slot, value in row.get("spec", {}).items()}
    draft = Draft(PortraitSpec(fields))
    return Session("web:1", "web:1", draft=draft, pending=row.get("pending", ""))


def plain(reading: Reading) -> dict:
    return {
        "intent": reading.intent,
        "set": {change.slot: change.value for change in reading.patch.set},
        "clear": list(reading.patch.clear),
        "topic": reading.topic,
        "refused": reading.refused,
        "wants_photo": reading.wants_photo,
    }


def test_there_are_enough_utterances() -> None:
    assert len(ROWS) >= 80


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"][:60])
async def test_an_utterance_means_this_and_nothing_more(row: dict) -> None:
    reading = await LEXICON.read(session(row), row["text"])
    wanted = {"clear": [], "topic": "", "refused": "", "wants_photo": False}
    given = {key: value for key, value in row.items() if key not in ("text", "pending", "spec")}
    assert plain(reading) == {**wanted, **given}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"][:60])
async def test_every_value_quotes_the_sitter_and_is_canonical(row: dict) -> None:
    reading = await LEXICON.read(session(row), row["text"])
    normalise = PROMPTS.normalise
    for change in reading.patch.set:
        assert change.quote and change.quote in row["text"]
        assert normalise(change.slot, change.value) == change.value
