"""A quote counts only when the sitter said it."""

from typing import Any

import pytest
from support.llm import SESSION, SETTINGS, FakeServer, heard

from bot.core.ports import Reading
from bot.core.spec import SLOTS
from bot.interview.evidence import standing
from bot.interview.lexicon_interviewer import LexiconInterviewer
from bot.interview.openai_interviewer import OpenAIInterviewer
from prompts.library import load

PROMPTS = load()
LEXICON = LexiconInterviewer(PROMPTS)


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("navy blazer", "a Navy\n  BLAZER, please", "Navy\n  BLAZER"),
        ('"it\'s me."', "yes, it’s me", "it’s me"),
        ("30s", "woman in her 30s.", "30s"),
        ("f/1.8", "85mm f/1.8", "f/1.8"),
        ("肖像", "我想要一张肖像", "肖像"),
        ("weiches Licht", "Bitte weiches Licht!", "weiches Licht"),
    ],
)
def test_case_space_and_quotation_marks_do_not_matter(quote: str, text: str, found: str) -> None:
    """What comes back is the sitter's own spelling, in any script."""
    assert standing(quote, text) == found


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("man", "a woman"),
        ("wo", "a woman"),
        ("0s", "in her 30s"),
        ("navy suit", "a navy blazer"),
        ("", "anything"),
        (" . ", "anything."),
        (".*", "anything"),
        ("word " * 100, "word " * 200),
    ],
)
def test_half_a_word_or_none_is_no_quote(quote: str, text: str) -> None:
    """Nor a pattern, nor the whole message repeated."""
    assert standing(quote, text) == ""


def test_a_half_word_first_does_not_hide_the_whole_one() -> None:
    """The word is found wherever it stands on its own."""
    assert standing("man", "no woman but a man") == "man"


def test_every_slot_of_the_spec_has_a_vocabulary() -> None:
    """So that no slot a model names can go unchecked."""
    assert set(SLOTS) == set(load().slots)


LIES = (
    ("lighting", "butterfly", "Rembrandt light"),
    ("film", "tri-x-400", "navy blazer"),
    ("backdrop", "seamless-white", "grey background"),
    ("expression", "laugh", "woman in her 30s"),
    ("gender", "man", "woman"),
    ("lens_mm", 135, "85 mm"),
)
"""Each with a quote that the sitter did say."""


@pytest.mark.parametrize("lie", LIES, ids=[lie[0] for lie in LIES])
async def test_a_real_quote_with_a_made_up_meaning_is_not_believed(
    lie: tuple[str, str | int, str],
) -> None:
    """What the lexicon knows to mean something else stays what it is."""
    text = "woman in her 30s, navy blazer, grey background, Rembrandt light, 85 mm"
    reading = await read(text, heard(lie))
    alone = await LEXICON.read(SESSION, text)
    assert reading.patch == alone.patch


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("bitte das Licht so wie bei alten Meistern", ("lighting", "rembrandt", "alten Meistern")),
        ("my features carved like a cliff at dusk", ("lighting", "split", "carved like a cliff")),
        ("Rembrandt light for a violinist", ("subject", "violinist", "a violinist")),
        ("tirez-moi le portrait en buste, svp", ("shot", "medium", "en buste")),
    ],
)
async def test_what_only_a_model_understands_is_believed(
    text: str, truth: tuple[str, str, str]
) -> None:
    """Other languages, paraphrases: that is what it is there for."""
    reading = await read(text, heard(truth))
    assert truth[0] in {change.slot for change in reading.patch.set}


async def read(text: str, answer: dict[str, Any]) -> Reading:
    server = FakeServer(answer)
    interviewer = OpenAIInterviewer(PROMPTS, LEXICON, SETTINGS, server.connect)
    return await interviewer.read(SESSION, text)
