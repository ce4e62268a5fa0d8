"""Nothing leaves the machine before its person has been told where to, for how much, and agreed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs
from support.set_studio import SetStudio
from support.sets import SAID, album, frames
from support.sittings import PERSON, SCRIPT, WORDS, Sitting, photo, reading, sitting
from support.studios import CardStudio

from bot.core.outside import sent, total
from bot.core.replies import Ask, Gallery, Heard
from engine.base import Capabilities, Outside, Report
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.errors import StudioFailed
from engine.jobs import Render
from engine.shots import Operation, Series, Shot

SLOTS = dict.fromkeys(("backdrop", "age", "lighting", "wardrobe", "film", "warmth", "softness"))
THERE: tuple[Operation, ...] = ("generate", "edit")


class ServerStudio(CardStudio):
    """Test cards, some of them made on a server that is not there; keeps what it was asked."""

    def __init__(self, blobs: DiskBlobs, price: str = "0.04 USD") -> None:
        super().__init__(blobs)
        self.price, self.shots = price, list[Shot]()

    def capabilities(self) -> Capabilities:
        """Clothes only where the server draws."""
        own = super().capabilities()
        honours = own.honours | dict.fromkeys(THERE, SLOTS)
        here = {"generate": own.honours["generate"]}
        outside = Outside("images.example", THERE, self.price, here, "notice_noncommercial_sampler")  # pyright: ignore[reportArgumentType] - a dict of one
        return structs.replace(own, honours=honours, outside=outside)

    def render(self, shot: Shot, report: Report) -> Render:
        """As the hosted studio does: what was not agreed to is refused."""
        if shot.operation == "edit" and shot.profile != "hosted":
            raise StudioFailed("no", code="outside_not_agreed")
        self.shots.append(shot)
        return super().render(shot, report)


@pytest.fixture
def studio(tmp_path: Path) -> ServerStudio:
    return ServerStudio(DiskBlobs(tmp_path / "blobs"))


@pytest.fixture
async def guest(tmp_path: Path, studio: ServerStudio) -> AsyncIterator[Sitting]:
    more = {
        "in a coat": reading(gender="woman", age="30s", wardrobe="coat"),
        "privacy": reading("privacy"),
        "settings": reading("settings"),
        "four": reading("series", count=4),
    }
    async with sitting(tmp_path, SCRIPT | more, engine=InProcessEngine(studio)) as opened:
        yield opened


async def test_the_first_picture_waits_for_a_yes(guest: Sitting, studio: ServerStudio) -> None:
    """Where it goes, what it costs and that a photo goes along are said; then it is sent."""
    await guest.say("headshot")
    await guest.say("go")
    notice = guest.says[-1]
    for told in ("images.example", "0.04 USD", "photo", "not on this machine"):
        assert told in notice
    assert not studio.shots
    assert not await guest.history.jobs(PERSON)
    await guest.tap("Yes, send it")
    await guest.pictures()
    assert [shot.profile for shot in studio.shots] == ["hosted"]


async def test_a_yes_is_asked_for_once(guest: Sitting, studio: ServerStudio) -> None:
    await guest.say("headshot")
    await guest.say("go")
    await guest.say("yes")
    await guest.pictures()
    await guest.tap("Again")
    await guest.pictures(2)
    assert len([said for said in guest.says if "not on this machine" in said]) == 1
    assert [shot.profile for shot in studio.shots] == ["hosted", "hosted"]


async def test_after_a_no_the_embedded_studio_goes_on(guest: Sitting, studio: ServerStudio) -> None:
    """Its card says what it cannot do, and what it makes never left."""
    await guest.say("in a coat")
    await guest.say("go")
    await guest.tap("No, keep it here")
    card = guest.last
    assert isinstance(card, Ask)
    assert card.brief
    (coat,) = [line for line in card.brief.lines if line.slot == "wardrobe"]
    assert not coat.honoured
    assert not any("images.example" in note for note in card.brief.notes)
    await guest.tap("Shoot")
    await guest.pictures()
    assert [shot.profile for shot in studio.shots] == [""]


async def test_the_card_says_where_and_for_how_much_also_for_several(guest: Sitting) -> None:
    await guest.say("three of them")
    await guest.say("no, butterfly")
    await guest.say("undo")
    card = next(e for e in guest.channel.entries if isinstance(e, Ask) and e.brief)
    assert card.brief
    (note,) = card.brief.notes
    assert "images.example" in note
    assert "3 pictures cost 0.12 USD, at 0.04 USD each" in note
    await guest.say("go")
    assert "0.12 USD" in guest.says[-1]


async def test_a_set_says_what_all_of_it_costs(guest: Sitting) -> None:
    await guest.say("headshot")
    await guest.say("four")
    assert "4 pictures cost 0.16 USD, at 0.04 USD each" in guest.says[-1]


async def test_settings_take_a_yes_back(guest: Sitting, studio: ServerStudio) -> None:
    await guest.say("headshot")
    await guest.say("go")
    await guest.tap("Yes, send it")
    await guest.pictures()
    await guest.say("settings")
    assert "Portraits may be drawn at images.example" in guest.says[-1]
    await guest.tap("Keep everything here")
    await guest.tap("Again")
    await guest.pictures(2)
    assert [shot.profile for shot in studio.shots] == ["hosted", ""]


async def test_another_price_needs_another_yes(guest: Sitting, studio: ServerStudio) -> None:
    await guest.say("headshot")
    await guest.say("go")
    await guest.tap("Yes, send it")
    await guest.pictures()
    studio.price = "9 USD"
    await guest.tap("Again")
    assert "9 USD" in guest.says[-1]
    assert len(studio.shots) == 1


async def test_an_old_yes_does_not_agree_to_a_new_price(
    guest: Sitting, studio: ServerStudio
) -> None:
    """The tap stands under another question."""
    await guest.say("headshot")
    await guest.say("go")
    studio.price = "9 USD"
    await guest.tap("Yes, send it")
    assert "9 USD" in guest.says[-1]
    assert not studio.shots
    await guest.tap("Yes, send it")
    await guest.pictures()
    assert len(studio.shots) == 1


async def test_a_picture_of_the_server_is_changed_by_editing_itself(
    guest: Sitting, studio: ServerStudio
) -> None:
    """It knows no seeds: warmer is an edit, larger takes what there is, and neither is redrawn."""
    await guest.say("headshot")
    await guest.say("go")
    await guest.tap("Yes, send it")
    first = await guest.pictures()
    await guest.tap("Warmer")
    await guest.pictures(2)
    warmer = studio.shots[-1]
    assert (warmer.operation, warmer.profile) == ("edit", "hosted")
    assert warmer.source == first.pictures[0].full
    await guest.tap("Upscale")
    await guest.pictures(3)
    assert studio.shots[-1].operation == "upscale"
    assert studio.shots[-1].profile == ""


async def test_a_photos_backdrop_is_changed_here_without_a_question(
    guest: Sitting, studio: ServerStudio
) -> None:
    """Only what would leave is asked about."""
    await guest.send(photo(), "me on canvas")
    await guest.tap("Yes, go ahead")
    await guest.pictures()
    assert [(shot.operation, shot.profile) for shot in studio.shots] == [("swap", "")]
    assert not any("not on this machine" in said for said in guest.says)


async def test_a_yes_to_another_question_is_none_to_this(
    guest: Sitting, studio: ServerStudio
) -> None:
    """Asked about a photo meanwhile, a person who says yes speaks of the photo."""
    await guest.say("headshot")
    await guest.say("go")
    await guest.send(photo(), "me on canvas")
    await guest.say("yes")
    await guest.pictures()
    assert [(shot.operation, shot.profile) for shot in studio.shots] == [("swap", "")]
    assert not (await guest.history.preferences(PERSON)).outside


async def test_privacy_does_not_promise_what_is_not_kept(guest: Sitting) -> None:
    await guest.say("privacy")
    assert "drawn at images.example" in guest.says[-1]


async def test_one_call_sends_only_what_a_server_can_draw(studio: ServerStudio) -> None:
    series = Series((Shot("generate", 1), Shot("swap", 2)))
    marked = sent(series, studio.capabilities())
    assert [shot.profile for shot in marked.shots] == ["hosted", ""]
    assert sent(series, studio.capabilities().here()) == series


async def test_the_question_outlives_a_restart(guest: Sitting, studio: ServerStudio) -> None:
    await guest.say("headshot")
    await guest.say("go")
    guest.rewire(guest.history)
    await guest.tap("Yes, send it")
    assert isinstance(await guest.pictures(), Gallery)
    assert len(studio.shots) == 1


@pytest.mark.parametrize(
    ("price", "count", "said"),
    [
        ("0.04 USD", 1, "0.04 USD"),
        ("0.04 USD", 12, "0.48 USD"),
        ("€0,05", 4, "€0,20"),
        ("about 3 cents", 5, "about 15 cents"),
        ("a token", 3, "3 x a token"),
        ("", 8, ""),
    ],
)
def test_a_set_costs_the_sum_in_the_owners_own_words(price: str, count: int, said: str) -> None:
    assert total(price, count) == said


@pytest.mark.parametrize(
    ("word", "sent"), [("Ja!", ["hosted"]), ("sí", ["hosted"]), ("oui", ["hosted"]), ("nein", [])]
)
async def test_the_answer_may_be_in_any_language_the_studio_reads(
    guest: Sitting, studio: ServerStudio, word: str, sent: list[str]
) -> None:
    """As with consent: a plain yes or no in the person's own words."""
    await guest.say("headshot")
    await guest.say("go")
    await guest.say(word)
    if sent:
        await guest.pictures()
    assert [shot.profile for shot in studio.shots] == sent
    assert (await guest.history.preferences(PERSON)).outside == (
        "images.example 0.04 USD" if sent else "here"
    )


async def test_taking_a_yes_back_stands_in_the_transcript(guest: Sitting) -> None:
    """As every tap does."""
    await guest.say("headshot")
    await guest.say("go")
    await guest.tap("Yes, send it")
    await guest.pictures()
    await guest.say("settings")
    await guest.tap("Keep everything here")
    heard = [e.text for e in guest.channel.entries if isinstance(e, Heard)]
    assert heard[-1] == "Keep everything here"


class Dearer(SetStudio):
    """A server's sets; from the first contact sheet on each picture costs more."""

    price = "0.04 USD"

    def capabilities(self) -> Capabilities:
        """Invented people are drawn there."""
        there = Outside("images.example", ("generate",), self.price, {}, "")
        return structs.replace(super().capabilities(), outside=there)

    def render(self, shot: Shot, report: Report) -> Render:
        """As any set's."""
        if shot.frames:
            self.price = "9 USD"
        return super().render(shot, report)


async def test_frames_are_handed_over_where_shooting_them_again_needs_another_yes(
    tmp_path: Path,
) -> None:
    """What was paid for is not held back by a question; nothing more is sent without a yes."""
    studio = Dearer(DiskBlobs(tmp_path / "blobs"))
    studio.apart = [{2: ("skin",)}]
    async with sitting(tmp_path, SAID, engine=InProcessEngine(studio)) as guest:
        await guest.say("someone")
        await guest.say("a set of eight for my site")
        await guest.tap("3")
        await guest.tap(WORDS.slot("lighting").label)
        await guest.tap(WORDS.label("lighting", "rembrandt"))
        await guest.tap("Shoot")
        await guest.tap("Yes, send it")
        shown = await album(guest)
        assert len([p for p in shown.pictures if p.render]) == 9
        assert not [said for said in guest.says if said == WORDS.say("set_again", frames="3")]
        assert len(frames(studio)) == 8
        assert await guest.history.jobs() == []
        assert any("9 USD" in said for said in guest.says)
