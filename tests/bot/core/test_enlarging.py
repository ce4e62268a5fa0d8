"""How large a picture becomes: what was said, and what the studio has room for."""

from pathlib import Path

import pytest
from msgspec import structs
from support.sittings import PERSON, WORDS, Sitting, photo, sitting
from support.studios import CardStudio

from bot.core.enlarging import MOST, enlarged, of_photo, times_in, wants_larger
from bot.core.session import RenderRecord
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.base import Capabilities, Photo
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.jobs import Render
from engine.shots import SCALES, Operation, Scalar, Shot
from engine.studio.wish import capabilities

ROOMY = structs.replace(capabilities(), scales=SCALES)
SMALL = structs.replace(capabilities(), scales=(1, 2, 3, 4))


def made(
    operation: Operation, scale: int, size: tuple[int, int], *, drawn: bool = False
) -> RenderRecord:
    versions = {"profile": "klein"} if drawn else {}
    render = Render("b.png", "b.jpg", *size, 7, "some", versions)
    return RenderRecord("r", "s", "j", Shot(operation, 7, scale=scale), render)


USUAL = made("swap", 2, (2049, 2732))
DRAWN = made("edit", 2, (1728, 2304), drawn=True)


@pytest.mark.parametrize(
    ("said", "times", "hears"),
    [
        ("upscale it 6x", 6, True),
        ("upscale x4", 4, True),
        ("make it 3 times larger", 3, True),
        ("double the size", 2, True),
        ("vergrößere es 4-fach", 4, True),
        ("mach es doppelt so groß, größer", 2, True),
        ("as large as it goes", MOST, True),
        ("so groß wie möglich", MOST, True),
        ("le plus grand possible", MOST, True),
        ("the maximum resolution please", MOST, True),
        ("upscale it for a poster", MOST, False),
        ("bigger", "", False),
        ("print it 5x7", "", False),
        ("print it 8 x 10", "", False),
        ("the biggest smile", "", False),
        ("vary it 2 times", 2, False),
    ],
)
def test_how_much_is_heard_in_plain_words(said: str, times: Scalar, hears: bool) -> None:
    """A paper's size is none, and a number alone wants nothing larger."""
    assert (times_in(said), wants_larger(said)) == (times, hears)


@pytest.mark.parametrize(
    ("record", "wish", "can", "operation", "scale", "size", "bounded"),
    [
        (USUAL, "", ROOMY, "swap", 4, (4098, 5464), False),
        (USUAL, 3, ROOMY, "swap", 6, (6147, 8196), False),
        (USUAL, 6, ROOMY, "swap", 6, (6147, 8196), True),
        (USUAL, MOST, ROOMY, "swap", 6, (6147, 8196), False),
        (USUAL, MOST, SMALL, "swap", 4, (4098, 5464), False),
        (made("swap", 4, (4098, 5464)), "", ROOMY, "swap", 6, (6147, 8196), False),
        (DRAWN, "", ROOMY, "upscale", 2, (3456, 4608), False),
        (DRAWN, 3, ROOMY, "upscale", 3, (5184, 6912), False),
        (DRAWN, 6, ROOMY, "upscale", 3, (5184, 6912), True),
        (made("edit", 1, (864, 1152), drawn=True), "", ROOMY, "upscale", 4, (3456, 4608), False),
        (made("generate", 1, (864, 1152), drawn=True), 6, ROOMY, "upscale", 6, (5184, 6912), False),
        (made("upscale", 2, (4098, 5464)), "", ROOMY, "upscale", 2, (6147, 8196), False),
    ],
)
def test_a_picture_grows_as_far_as_there_is_room(  # noqa: PLR0917 - one column of the table each
    record: RenderRecord,
    wish: Scalar,
    can: Capabilities,
    operation: Operation,
    scale: int,
    size: tuple[int, int],
    bounded: bool,
) -> None:
    """What was computed is made again, larger; what was drawn is enlarged as it is."""
    large = enlarged(record, wish, can)
    assert large.shot
    assert (large.shot.operation, large.shot.scale) == (operation, scale)
    assert ((large.width, large.height), large.bounded) == (size, bounded)
    assert (large.shot.source == "b.png") == (operation == "upscale")


@pytest.mark.parametrize(
    ("record", "can"),
    [
        (made("swap", 6, (6147, 8196)), ROOMY),
        (made("swap", 4, (4098, 5464)), SMALL),
        (made("upscale", 2, (6147, 8196)), ROOMY),
        (made("edit", 4, (4600, 5400), drawn=True), SMALL),
    ],
)
def test_the_largest_is_not_made_again(record: RenderRecord, can: Capabilities) -> None:
    assert enlarged(record, MOST, can).shot is None


@pytest.mark.parametrize(
    ("size", "wish", "scale"),
    [((900, 1200), "", 6), ((3000, 4000), "", 2), ((900, 1200), 3, 3), ((2000, 2700), MOST, 3)],
)
def test_a_photo_of_ones_own_grows_to_print_size_or_as_wished(
    size: tuple[int, int], wish: Scalar, scale: int
) -> None:
    shot = of_photo(Shot("swap", 0, source="p.png"), Photo("p.png", *size), wish, ROOMY)
    assert (shot.operation, shot.source, shot.scale) == ("upscale", "p.png", scale)


@pytest.mark.parametrize(
    ("caption", "said", "scale"),
    [
        ("upscale this photo 2x", "", 2),
        ("make it 3 times larger", "", 3),
        ("", "upscale my photo", 6),
    ],
)
async def test_a_photo_is_enlarged_once_its_owner_agrees(
    tmp_path: Path, caption: str, said: str, scale: int
) -> None:
    """Straight away, without a backdrop being asked for; it stays a photo that can be worked on."""
    engine = InProcessEngine(Roomy(DiskBlobs(tmp_path / "blobs")))
    async with sitting(tmp_path, interviewer=LexiconInterviewer(WORDS), engine=engine) as guest:
        await guest.send(photo(), caption)
        assert not await guest.history.renders(PERSON)
        await guest.tap("Yes, go ahead")
        if said:
            await guest.say(said)
        await guest.pictures()
        (record,) = await guest.history.renders(PERSON)
        assert (record.shot.operation, record.shot.scale) == ("upscale", scale)


class Roomy(CardStudio):
    def capabilities(self) -> Capabilities:
        return structs.replace(super().capabilities(), scales=SCALES)


async def test_a_chat_goes_from_the_usual_size_to_the_largest(tmp_path: Path) -> None:
    """By number, by tap, and then there is no more, which is said."""
    engine = InProcessEngine(Roomy(DiskBlobs(tmp_path / "blobs")))
    async with sitting(tmp_path, interviewer=LexiconInterviewer(WORDS), engine=engine) as guest:
        await _to_the_largest(guest)


async def _to_the_largest(guest: Sitting) -> None:
    await guest.say("put a woman in her 40s, smiling, on a grey backdrop")
    await guest.say("shoot")
    await guest.pictures()
    await guest.say("upscale it 2x please")
    await guest.pictures(2)
    assert not any("made up" in said for said in guest.says)
    await guest.say("upscale it 6x")
    await guest.pictures(3)
    assert any("made up" in said for said in guest.says)
    await guest.say("as large as it goes")
    assert guest.says[-1].startswith("This picture is as large as I make it")
    scales = [record.shot.scale for record in await guest.history.renders(PERSON)]
    assert scales == [2, 4, 6]
