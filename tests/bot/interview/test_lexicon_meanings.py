"""Paraphrases: surely meant is taken, likely meant is asked, talk is neither."""

import asyncio
import logging

import pytest

import prompts
from bot.core.ports import Reading
from bot.core.session import MAYBE, Session
from bot.interview.lexicon.meanings import Embed, Guess, Meanings
from bot.interview.lexicon_interviewer import LexiconInterviewer

PROMPTS = prompts.load()
LEXICON = LexiconInterviewer(PROMPTS)


def read(text: str, pending: str = "") -> Reading:
    return asyncio.run(LEXICON.read(Session("s", "p", pending=pending), text))


@pytest.mark.parametrize(
    ("said", "slot", "value"),
    [
        ("light only on one half of my face please", "lighting", "split"),
        ("mostly darkness with just a bit of light on the face", "lighting", "low-key"),
        ("only the side of my face visible please", "pose", "profile"),
        ("la mitad de mi cara a oscuras", "lighting", "split"),
    ],
)
def test_a_clear_paraphrase_is_taken(said: str, slot: str, value: str) -> None:
    (change,) = read(said).patch.set
    assert (change.slot, change.value) == (slot, value)
    assert change.quote in said


@pytest.mark.parametrize(
    ("said", "slot", "value"),
    [
        ("look mean, like a boxer", "expression", "serious"),
        ("I should look as if I own the company", "look", "executive"),
        ("half my head in nothing but night", "lighting", "split"),
    ],
)
def test_a_likely_paraphrase_is_offered_and_not_set(said: str, slot: str, value: str) -> None:
    reading = read(said)
    assert not reading.patch
    assert (slot, value) in [(guess.slot, guess.value) for guess in reading.unsure]
    assert {guess.quote for guess in reading.unsure} == {said}


@pytest.mark.parametrize(
    "said",
    [
        "my dog ate my red shirt this morning lol", "whats the cheapest flight to rome",
        "half of my salary goes to rent", "we painted the walls last summer",
        "can you recommend a barber", "I only slept three hours", "is anyone there?",
        "my knees hurt", "I don't want half my face dark", "do it like last time",
        "that's not what I meant", "the forest burned down", "send me the money",
        "Was kostet das?", "j'ai faim", "mi perro está enfermo",
    ],
)  # fmt: skip
def test_talk_is_neither_set_nor_asked(said: str) -> None:
    reading = read(said)
    assert not reading.patch.set
    assert not reading.unsure


@pytest.mark.parametrize(("said", "stands"), [("yes", True), ("no", False), ("sí", True)])
def test_a_yes_takes_what_was_offered(said: str, stands: bool) -> None:
    reading = read(said, f"{MAYBE}lighting:split")
    assert [(c.slot, c.value) for c in reading.patch.set] == [("lighting", "split")] * stands
    assert reading.intent == ("brief" if stands else "skip")


def test_without_the_library_the_rest_is_read(caplog: pytest.LogCaptureFixture) -> None:
    """A broken installation costs paraphrases, and says so once."""

    def broken() -> Embed:
        raise ImportError("no wordllama")

    meanings = Meanings(PROMPTS.paraphrases, broken)
    with caplog.at_level(logging.WARNING):
        meanings.load()
        meanings.load()
    assert meanings.loaded
    assert meanings.guess("half my face dark") == Guess()
    assert [record.message for record in caplog.records] == ["paraphrases are not understood"]
