"""The studio never runs out of words: every key the code can say is in the replies."""

import ast
import re
from pathlib import Path

import pytest

import bot.errors
import engine.errors
import prompts
from bot.core.desk import explain
from engine.studio.wish import capabilities

ROOT = Path(__file__).parents[2]
KEY = re.compile(
    r"(alt|ask|btn|cannot|card|check|command|gallery|note|notice|photo|progress|step|warn|why)_[a-z_]+"
)
NOT_SENTENCES = {"photo_rgb", "ask_slot"}
WORDS = prompts.load()


def keys_in_code() -> set[str]:
    found: set[str] = set()
    for package in ("bot", "engine"):
        for path in (ROOT / package).rglob("*.py"):
            nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            texts = {
                n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)
            }
            found |= {text for text in texts if KEY.fullmatch(text)}
    return found - NOT_SENTENCES


def test_every_key_in_the_code_has_its_sentence() -> None:
    """A missing sentence would be silence."""
    keys = keys_in_code()
    assert len(keys) > 40
    assert not {key for key in keys if key not in WORDS.phrases}


@pytest.mark.parametrize("module", [engine.errors, bot.errors])
def test_every_error_has_its_sentence(module: object) -> None:
    """An error without a sentence would be a traceback or "something went wrong"."""
    codes = {getattr(kind, "code", "") for kind in vars(module).values() if isinstance(kind, type)}
    codes -= {""}
    assert len(codes) >= 3
    assert not {code for code in codes if code not in WORDS.phrases}


def test_what_the_studio_cannot_do_is_said_in_words() -> None:
    """The brief card gives a reason for every field that is not honoured."""
    can = capabilities()
    assert not {key for key in (*can.reasons.values(), can.notice) if key not in WORDS.phrases}


def test_an_unknown_error_still_gets_a_sentence_with_its_id() -> None:
    """The sentence carries what the log line carries."""
    assert "abc123" in explain(WORDS, "never_heard_of", error_id="abc123")


def test_facts_fill_the_sentence_and_extra_ones_are_left_out() -> None:
    """A missing weight names itself; details stay in the log."""
    text = explain(WORDS, "weights_missing", name="u2net", error_id="x", detail="/secret/path")
    assert "northlight models fetch u2net" in text
    assert "/secret" not in text
