"""Edits of a picture in words: what is done is said, and what cannot be is never pretended."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from support.set_studio import SetStudio
from support.sittings import PERSON, SCRIPT, WORDS, Sitting, photo, reading, sitting

from bot.core.editing import says_edit, sort_edit
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.base import Box, Capabilities, KeyLight, Photo
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.shots import Scalar, Shot
from engine.studio.wish import capabilities

CAN = capabilities()
FACE = Shot("generate", 7, {"expression": "soft-smile", "age": "40s", "shot": "close-up"})
OWN = Shot("swap", 7, {"backdrop": "seamless-cream", "shot": "medium"}, source="p.png")


class Studio(SetStudio):
    """Promises what the embedded studio promises, and reads light from the right."""

    def capabilities(self) -> Capabilities:
        return CAN

    def receive(self, data: bytes) -> Photo:
        light = KeyLight(side=0.5, confidence=0.9)
        return structs.replace(super().receive(data), light=light, faces=(Box(1, 2, 3, 4),))


@pytest.fixture
async def guest(tmp_path: Path) -> AsyncIterator[Sitting]:
    """Read by the lexicon, so that the words of the issue are what is tested."""
    engine = InProcessEngine(Studio(DiskBlobs(tmp_path / "blobs")))
    async with sitting(tmp_path, interviewer=LexiconInterviewer(WORDS), engine=engine) as opened:
        yield opened


async def invented(guest: Sitting) -> None:
    await guest.say("LinkedIn headshot, woman in her 40s, brown hair, soft smile, cream backdrop")
    await guest.say("shoot")
    await guest.pictures()


async def own(guest: Sitting) -> None:
    await guest.send(photo(), "put me on a cream backdrop")
    await guest.tap("Yes, go ahead")
    await guest.pictures()


async def last(guest: Sitting) -> Shot:
    return (await guest.history.renders(PERSON))[-1].shot


@pytest.mark.parametrize(
    ("said", "slot", "value", "key"),
    [
        ("warmer", "warmth", 1, "edit_developed"),
        ("in square", "aspect", "1:1", "edit_developed"),
        ("navy instead of cream", "backdrop", "seamless-navy", "edit_developed"),
        ("light from the other side", "key_side", "right", "edit_mirrored"),
        ("less smile", "expression", "neutral", "edit_same_face"),
        ("older", "age", "50s", "edit_same_face"),
    ],
)
async def test_an_edit_is_a_variation_with_the_same_seed(
    guest: Sitting, said: str, slot: str, value: object, key: str
) -> None:
    """Spec change, same seed, and the bot says which of its ways it took."""
    await invented(guest)
    first = await last(guest)
    await guest.say(said)
    await guest.pictures(2)
    shot = await last(guest)
    assert shot.spec[slot] == value
    assert shot.seed == first.seed
    head = WORDS.say(key, what="#").split("#")[0]
    assert any(text.startswith(head) for text in guest.says)


async def test_less_smile_stays_that_face(guest: Sitting) -> None:
    """The studio is told how the face was first drawn; back again, it is drawn as at first."""
    await invented(guest)
    await guest.say("less smile")
    await guest.pictures(2)
    assert (await last(guest)).drawn_as["expression"] == "soft-smile"
    await guest.say("more smile")
    await guest.pictures(3)
    assert (await last(guest)).drawn_as == {}


async def test_another_hair_is_another_face_and_that_is_said(guest: Sitting) -> None:
    """What this studio cannot keep, it does not claim to keep."""
    await invented(guest)
    await guest.say("red hair")
    await guest.pictures(2)
    head = WORDS.say("edit_other_face", what="#").split("#")[0]
    assert any(text.startswith(head) for text in guest.says)


async def test_what_cannot_be_drawn_offers_the_nearest(guest: Sitting) -> None:
    """Laughing is not drawn here; a smile is, by one tap, and until then nothing is shot."""
    await invented(guest)
    await guest.say("same but laughing")
    assert guest.says[-1].startswith(WORDS.say("edit_nearest", what="smile"))
    assert len(await guest.history.renders(PERSON)) == 1
    assert not await guest.history.jobs()
    await guest.tap(WORDS.label("expression", "smile"))
    await guest.pictures(2)
    assert (await last(guest)).spec["expression"] == "smile"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("less smile", "cannot_expression"),
        ("same but laughing", "cannot_expression"),
        ("arms crossed", "cannot_pose"),
        ("wearing a navy blazer", "cannot_dress"),
        ("light from the left", "cannot_key_side"),
    ],
)
async def test_what_a_photo_fixes_is_said_and_nothing_is_shot(
    guest: Sitting, said: str, reason: str
) -> None:
    """A smile in a photo stays; the same picture twice would be a pretence."""
    await own(guest)
    await guest.say(said)
    assert WORDS.say(reason) in guest.says[-1]
    assert len(await guest.history.renders(PERSON)) == 1
    assert not await guest.history.jobs()


async def test_what_can_be_done_is_done_and_the_rest_is_said(guest: Sitting) -> None:
    """ "Warmer, and less smile": warmer it is; the smile is the photo's."""
    await own(guest)
    await guest.say("warmer, and arms crossed")
    await guest.pictures(2)
    said = next(t for t in guest.says if WORDS.say("cannot_pose") in t)
    assert said.startswith(WORDS.say("edit_photo", what="slightly warm"))
    shot = await last(guest)
    assert shot.spec["warmth"] == 1
    assert "pose" not in shot.spec


async def test_no_further_step_is_said(guest: Sitting) -> None:
    """Closer than close-up there is nothing."""
    await invented(guest)
    await guest.say("closer")
    assert guest.says[-1] == WORDS.say("edit_no_step")
    assert not await guest.history.jobs()


async def test_relative_words_go_by_the_picture_spoken_of(guest: Sitting) -> None:
    """Warmer twice is two steps, also after a tap."""
    await invented(guest)
    await guest.tap("Warmer")
    await guest.pictures(2)
    await guest.say("warmer")
    await guest.pictures(3)
    assert (await last(guest)).spec["warmth"] == 2


def test_light_may_stay_where_it_is() -> None:
    """Asked for the side it comes from, a photo's light is no fault."""
    right = sort_edit(OWN, {"key_side": "right"}, CAN, KeyLight(side=0.5))
    assert right.done == {"key_side": "right"}
    flat = sort_edit(OWN, {"key_side": "left"}, CAN, KeyLight(side=0.02))
    assert flat.done == {"key_side": "left"}


def test_what_is_there_is_not_done_again() -> None:
    """An edit that changes nothing starts no job."""
    assert sort_edit(FACE, {"expression": "soft-smile"}, CAN).already == {
        "expression": "soft-smile"
    }


async def test_words_of_another_reader_are_sorted_alike(tmp_path: Path) -> None:
    """Whoever read them, the studio's limits hold."""
    script = SCRIPT | {"laugh": reading("correct", expression="laughing")}
    engine = InProcessEngine(Studio(DiskBlobs(tmp_path / "blobs")))
    async with sitting(tmp_path, script, engine=engine) as guest:
        await guest.say("headshot")
        await guest.say("go")
        await guest.pictures()
        await guest.say("laugh")
        assert not await guest.history.jobs()


def test_a_studio_with_one_framing_is_as_close_already() -> None:
    """ "Closer" on a drawn head, whose brief said waist up, would be the same picture again."""
    drawn = structs.replace(FACE, spec=FACE.spec | {"shot": "medium"})
    edit = sort_edit(drawn, {"shot": "close-up"}, CAN)
    assert (edit.done, edit.already) == ({}, {"shot": "close-up"})


async def test_a_frontal_light_is_told_to_whoever_asked_for_another_side(tmp_path: Path) -> None:
    """ "Light from the other side" on a face lit from the front: nothing is passed off as done."""
    studio = Studio(DiskBlobs(tmp_path / "blobs"))
    studio.notes = ("note_light_frontal",)
    said = WORDS.say("note_light_frontal")
    lexicon, engine = LexiconInterviewer(WORDS), InProcessEngine(studio)
    async with sitting(tmp_path, interviewer=lexicon, engine=engine) as guest:
        await invented(guest)
        first = await guest.pictures()
        assert said not in first.pictures[0].caption, "nobody spoke of a side"
        await guest.say("light from the other side")
        assert said in (await guest.pictures(2)).pictures[0].caption


MODEL = structs.replace(CAN, honours=CAN.honours | {"vary": CAN.honours["generate"]})
TURNED = Shot("generate", 7, FACE.spec | {"key_side": "left"})


@pytest.mark.parametrize(
    ("changes", "can", "told"),
    [
        ({"key_side": "right"}, CAN, ["edit_mirrored"]),
        ({"key_side": "right", "warmth": 1}, CAN, ["edit_mirrored", "edit_developed"]),
        ({"key_side": "right", "age": "50s"}, CAN, ["edit_mirrored", "edit_same_face"]),
        ({"key_side": "right", "hair": "red"}, CAN, ["edit_other_face"]),
        ({"key_side": "right"}, MODEL, ["edit_redrawn"]),
        ({"warmth": 1}, MODEL, ["edit_redrawn"]),
    ],
)
def test_each_way_of_an_edit_is_called_what_it_is(
    changes: dict[str, Scalar], can: Capabilities, told: list[str]
) -> None:
    """A sampled face turns in a mirror; a picture model draws again, and develops nothing."""
    said = says_edit(sort_edit(TURNED, changes, can), TURNED, WORDS, can)
    heads = [WORDS.say(key, what="#").split("#")[0] for key in told]
    assert [text.startswith(head) for text, head in zip(said, heads, strict=True)] == [True] * len(
        told
    )


def test_a_side_is_named_with_what_falls_from_it() -> None:
    """ "Right of the picture" alone could be anything."""
    edit = sort_edit(TURNED, {"key_side": "right"}, CAN)
    assert "light from right of the picture" in says_edit(edit, TURNED, WORDS, CAN)[0]
