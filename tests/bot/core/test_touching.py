"""Small things of a picture, named in words, are repainted in their place."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.model_studio import ModelStudio
from support.sittings import WORDS, Sitting, sitting

from bot.core.touching import touch_in
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.shots import Scalar


@pytest.mark.parametrize(
    ("said", "region", "words"),
    [
        ("remove the tie", "wardrobe", "no tie"),
        ("change the tie to a red one please", "wardrobe", "red tie"),
        ("add a gold necklace", "wardrobe", "gold necklace"),
        ("give me a red scarf", "wardrobe", "red scarf"),
        ("change the collar", "wardrobe", ""),
        ("paint the wall behind me white", "background", "white wall"),
        ("the wall behind me should be dark green", "background", "dark green wall"),
        ("repaint the background", "background", ""),
        ("fix the hair", "hair", "tidy hair"),
        ("shorter hair please", "hair", "shorter hair"),
        ("put a hat on", "hair", "hat"),
        ("take the hat off", "hair", "no hat"),
        ("lose the earrings", "hair", "no earrings"),
        ("make the eyes brighter", "eyes", "brighter eyes"),
        ("whiten the teeth", "mouth", "white teeth"),
        ("can you close my mouth?", "mouth", "closed mouth"),
        ("no wrinkles", "skin", "clear skin"),
    ],
)
def test_a_place_and_what_shall_be_there_are_heard(said: str, region: str, words: str) -> None:
    touch = touch_in(said)
    assert touch
    assert (touch.region, touch.words) == (region, words)


@pytest.mark.parametrize(
    "said",
    ["what about the eyes?", "I like the hair", "is the background ok?", "warmer", "a tied game"],
)
def test_nothing_else_is_taken_for_one(said: str) -> None:
    assert touch_in(said) is None


Opened = tuple[Sitting, ModelStudio]


@pytest.fixture
async def drawn(tmp_path: Path) -> AsyncIterator[Opened]:
    """Somebody with a picture that a model drew."""
    studio = ModelStudio(DiskBlobs(tmp_path / "blobs"))
    engine = InProcessEngine(studio)
    async with sitting(tmp_path, interviewer=LexiconInterviewer(WORDS), engine=engine) as guest:
        await _shoot(guest)
        yield guest, studio


async def _shoot(guest: Sitting) -> None:
    await guest.say("LinkedIn headshot, woman in her 40s, cream sweater, grey backdrop")
    await guest.say("shoot")
    await guest.pictures()


@pytest.mark.parametrize(
    ("said", "region", "changes"),
    [
        ("remove the tie", "wardrobe", {"wardrobe": "cream sweater without a tie"}),
        ("add a gold necklace", "wardrobe", {"wardrobe": "cream sweater with a gold necklace"}),
        ("paint the wall behind me white", "background", {"backdrop": "seamless-white"}),
        ("whiten the teeth", "mouth", {}),
        ("smooth the skin", "skin", {"skin": "polished"}),
    ],
)
async def test_it_is_repainted_in_its_place(
    drawn: Opened, said: str, region: str, changes: dict[str, Scalar]
) -> None:
    """From the finished picture; clothes stay what they are but for that, and the words say it."""
    guest, studio = drawn
    before, shown = studio.shots[-1], await guest.pictures()
    await guest.say(said)
    await guest.pictures(2)
    shot = studio.shots[-1]
    assert (shot.operation, shot.region) == ("inpaint", region)
    assert shot.source == shown.pictures[0].full
    assert {s: v for s, v in shot.spec.items() if before.spec.get(s) != v} == changes
    if not changes:
        assert all(
            "white teeth" in text.casefold() for text in (shot.prompt, shot.dialects["prose"])
        )


async def test_painting_the_same_again_takes_another_seed(drawn: Opened) -> None:
    guest, studio = drawn
    await guest.say("repaint the background")
    await guest.pictures(2)
    first, again = studio.shots[-2:]
    assert (again.operation, again.region) == ("inpaint", "background")
    assert again.seed != first.seed


async def test_without_a_model_it_is_said_once_what_one_would_add(tmp_path: Path) -> None:
    """And after that, that this studio cannot do it."""
    engine = InProcessEngine(ModelStudio(DiskBlobs(tmp_path / "blobs"), ()))
    async with sitting(tmp_path, interviewer=LexiconInterviewer(WORDS), engine=engine) as guest:
        await guest.say("LinkedIn headshot, woman in her 40s, grey backdrop")
        await guest.say("shoot")
        await guest.pictures()
        await guest.say("put a hat on")
        assert guest.says[-1] == WORDS.say("model_would_add")
        await guest.say("whiten the teeth")
        assert guest.says[-1] == WORDS.say("cannot_honour")
