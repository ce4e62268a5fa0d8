"""How wide the reader's ears are: many words for one value, and much talk that means none."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

import prompts
from bot.core.ports import Reading
from bot.core.session import Session
from bot.core.spec import Draft, Field, PortraitSpec, Scalar
from bot.interview.lexicon_interviewer import LexiconInterviewer

DATA = Path(__file__).parents[2] / "data"
LEXICON = LexiconInterviewer(prompts.load())


def read_all(texts: Iterable[str], **spec: Scalar) -> list[tuple[str, Reading]]:
    """All texts in one loop, each said to a fresh session."""
    fields = {slot: Field(value) for slot, value in spec.items()}
    session = Session("s", "p", draft=Draft(PortraitSpec(fields)))

    async def each() -> list[tuple[str, Reading]]:
        return [(text, await LEXICON.read(session, text)) for text in texts]

    return asyncio.run(each())


def lines(name: str) -> list[str]:
    return (DATA / name).read_text(encoding="utf-8").splitlines()


def test_what_a_value_is_called_is_understood() -> None:
    """Synonyms, slang, brand names and garments of many places, each said alone."""
    missed = []
    for row in map(json.loads, lines("said.jsonl")):
        for said, reading in read_all(row["said"]):
            found = {c.slot: str(c.value) for c in reading.patch.set}.get(row["slot"])
            if found is None or row["value"] not in ("", found):
                missed.append((row["slot"], row["value"], said, found))
    assert missed == []


def test_talk_of_other_things_changes_nothing() -> None:
    """Stories, other people's things and everyday words that happen to mean a value."""
    told = read_all(lines("talk.txt"))
    assert len(told) > 150
    assert [(said, r.patch) for said, r in told if r.patch or r.refused] == []


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("I have 3 kids", False), ("the kids laughed at my haircut", False),
        ("explain high key like I'm five", False),
        ("the record took us six years, a portrait of me please", False), ("make me 4", False),
        ("a portrait of my 3 kids", True), ("I have 3 kids, take a picture of them", True),
        ("make her 12", True), ("my son is 8 years old, portrait please", True),
    ],
)  # fmt: skip
def test_children_spoken_of_are_told_from_children_portrayed(said: str, refused: bool) -> None:
    assert bool(read_all([said])[0][1].refused) == refused


@pytest.mark.parametrize(
    ("said", "spec", "meant"),
    [
        ("sorry, 43 not 34", {"age": "34"}, {"age": "43"}),
        ("four, not two", {"count": 2}, {"count": 4}),
        ("the grey one was better, not the navy", {"backdrop": "seamless-navy"}, "seamless-grey"),
        ("scrap the white, maybe charcoal", {"backdrop": "seamless-white"}, "seamless-charcoal"),
        ("background a shade lighter", {"backdrop": "seamless-grey"}, "seamless-light-grey"),
        ("swap the white shirt for a denim one", {}, {"wardrobe": "denim shirt"}),
        ("mother and daughter", {}, {"subject": "mother and daughter"}),
        ("my wife and I", {}, {"subject": "my wife and I"}),
    ],
)  # fmt: skip
def test_a_change_is_read_beside_what_there_is(
    said: str, spec: dict[str, Scalar], meant: dict[str, Scalar] | str
) -> None:
    ((_, reading),) = read_all([said], **spec)
    wanted = {"backdrop": meant} if isinstance(meant, str) else meant
    assert {c.slot: c.value for c in reading.patch.set} == wanted
