"""What a person may say about before; days go by the history's times and the person's calendar."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs
from support.set_studio import SetStudio
from support.sittings import PERSON, WORDS, Sitting, photo, sitting

from bot.core.conversation import Conversation
from bot.core.replies import Ask, Gallery
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine

BRIEF = "LinkedIn headshot, woman in her 40s, brown hair, soft smile"


@pytest.fixture
async def guest(tmp_path: Path) -> AsyncIterator[Sitting]:
    engine = InProcessEngine(SetStudio(DiskBlobs(tmp_path / "blobs")))
    async with sitting(tmp_path, interviewer=LexiconInterviewer(WORDS), engine=engine) as opened:
        yield opened


async def shot(guest: Sitting, *briefs: str) -> None:
    for number, brief in enumerate(briefs, 1):
        await guest.say(brief)
        await guest.say("shoot")
        await guest.pictures(number)


def at(guest: Sitting, number: int, when: datetime) -> None:
    """Let picture `number` (from 1) have been made then."""
    renders = guest.history._renders
    name = list(renders)[number - 1]
    renders[name] = structs.replace(renders[name], created=when.isoformat())


def last_tuesday() -> datetime:
    now = datetime.now(UTC).replace(hour=12)
    return now - timedelta(days=((now.weekday() - 1) % 7) or 7)


async def test_the_second_one_from_tuesday(guest: Sitting) -> None:
    """It comes back with everything that can be done with it, and words are about it."""
    backdrops = ("white backdrop", "navy backdrop", "charcoal backdrop", "cream backdrop")
    await shot(guest, *(f"{BRIEF}, {backdrop}" for backdrop in backdrops))
    for number in (1, 2, 3):
        at(guest, number, last_tuesday() + timedelta(minutes=number))
    await guest.say("the second one from Tuesday")
    assert isinstance(guest.last, Gallery)
    second = (await guest.history.renders(PERSON))[1]
    assert [p.render for p in guest.last.pictures] == [second.id]
    assert "Upscale" in [c.label for c in guest.last.choices]
    await guest.say("warmer")
    await guest.pictures(6)
    new = (await guest.history.renders(PERSON))[-1]
    assert new.shot.backdrop == second.shot.backdrop
    assert new.shot.spec["warmth"] == 1


async def test_several_of_a_day_are_shown_to_choose_from(guest: Sitting) -> None:
    """Without a number nobody guesses which."""
    await shot(guest, f"{BRIEF}, white backdrop", f"{BRIEF}, navy backdrop")
    for number in (1, 2):
        at(guest, number, datetime.now(UTC) - timedelta(days=1))
    await guest.say("the one from yesterday")
    assert isinstance(guest.last, Gallery)
    assert guest.last.text.startswith(WORDS.say("recall_which_day", day="#").split("#")[0])
    assert str((datetime.now().astimezone() - timedelta(days=1)).day) in guest.last.text
    assert [c.label for c in guest.last.choices] == ["1", "2"]


async def test_a_day_without_pictures_says_which_days_there_are(guest: Sitting) -> None:
    """Nothing found is an answer, not silence and not a guess."""
    await shot(guest, f"{BRIEF}, white backdrop")
    at(guest, 1, datetime.now(UTC) - timedelta(days=5))
    await guest.say("the one from yesterday")
    assert "yesterday" in guest.says[-1]
    day = (datetime.now().astimezone() - timedelta(days=5)).day
    assert str(day) in guest.says[-1]


async def test_always_is_kept_per_person_and_shapes_later_briefs(guest: Sitting) -> None:
    """ "Always 4:5, Pro 400H" needs saying once."""
    await guest.say("always 4:5, Pro 400H")
    likes = await guest.history.preferences(PERSON)
    assert (likes.aspect, likes.film) == ("4:5", "pro-400h")
    await guest.say("start over")
    await guest.say(f"{BRIEF}, white backdrop")
    await guest.say("shoot")
    await guest.pictures()
    made = (await guest.history.renders(PERSON))[-1].shot
    assert (made.aspect, made.spec["film"]) == ("4:5", "pro-400h")
    await guest.say("forget my defaults")
    assert (await guest.history.preferences(PERSON)).tastes() == {}


async def test_a_standing_wish_may_be_any_of_the_studios_slots(guest: Sitting) -> None:
    """A backdrop, a light; never who somebody is."""
    await guest.say("always on navy")
    assert (await guest.history.preferences(PERSON)).tastes() == {"backdrop": "seamless-navy"}
    await guest.say("always a woman")
    assert (await guest.history.preferences(PERSON)).tastes() == {"backdrop": "seamless-navy"}
    assert WORDS.say("always_what") in guest.says


async def test_like_last_time_takes_over_how_not_who(guest: Sitting) -> None:
    """A new photo is shot as the last picture was."""
    await shot(guest, f"{BRIEF}, olive canvas, tri-x, 4:5")
    await guest.say("start over")
    await guest.send(photo())
    await guest.tap("Yes, go ahead")
    await guest.say("like last time")
    assert isinstance(guest.last, Ask)
    assert guest.last.brief is not None
    await guest.say("shoot")
    await guest.pictures(2)
    first, second = (r.shot for r in await guest.history.renders(PERSON))
    for slot in ("backdrop", "film", "aspect"):
        assert second.spec[slot] == first.spec[slot]
    assert second.operation == "swap"


async def test_like_last_time_without_one_says_so(guest: Sitting) -> None:
    """The first time has no last time."""
    await guest.say("like last time")
    assert guest.says == [WORDS.say("no_last_time")]


async def test_a_session_is_called_by_name(guest: Sitting) -> None:
    """Named once, opened weeks later, in whatever case."""
    await shot(guest, f"{BRIEF}, navy backdrop", f"{BRIEF}, white backdrop")
    await guest.say("number 1")
    await guest.say("call this one Agency Set")
    assert guest.says[-1] == WORDS.say("named", name="Agency Set")
    await guest.say("start over")
    await guest.say("open agency set")
    assert isinstance(guest.last, Gallery)
    assert guest.last.text == WORDS.say("name_opened", name="Agency Set")
    first = (await guest.history.renders(PERSON))[0]
    assert [p.render for p in guest.last.pictures] == [first.id]
    await guest.say("which names do I have?")
    assert "Agency Set" in guest.says[-1]


async def test_a_named_set_comes_back_whole(guest: Sitting) -> None:
    """All frames with their taps, and the contact sheet."""
    await guest.say(f"{BRIEF}, navy backdrop")
    await guest.say("a set of four")
    await guest.say("shoot")
    await guest.until(lambda es: any(isinstance(e, Gallery) and len(e.pictures) == 5 for e in es))
    await guest.say("call this agency set")
    await guest.say("agency set")
    assert isinstance(guest.last, Gallery)
    assert len(guest.last.pictures) == 5
    assert [c.label for c in guest.last.choices] == ["1", "2", "3", "4"]


async def test_like_a_name_takes_its_light_and_backdrop(guest: Sitting) -> None:
    """ "Like agency set" is a brief, not a picture."""
    await shot(guest, f"{BRIEF}, olive canvas, tri-x")
    await guest.say("call this agency set")
    await guest.say("start over")
    await guest.say("like agency set but in colour on Portra 800")
    await guest.say("shoot")
    await guest.pictures(2)
    made = (await guest.history.renders(PERSON))[-1].shot
    assert (made.backdrop.id, made.spec["film"]) == ("canvas-olive", "portra-800")


async def test_the_third_of_a_set_is_meant_by_its_number(guest: Sitting) -> None:
    """As numbered on the contact sheet."""
    await guest.say(f"{BRIEF}, navy backdrop")
    await guest.say("a set of four")
    await guest.say("shoot")
    await guest.until(lambda es: any(isinstance(e, Gallery) and len(e.pictures) == 5 for e in es))
    third = (await guest.history.renders(PERSON))[2]
    await guest.say("number 3 warmer")
    await guest.until(lambda es: sum(isinstance(e, Gallery) for e in es) == 3)
    made = (await guest.history.renders(PERSON))[-1].shot
    assert made.spec == third.shot.spec | {"warmth": 1}


async def test_deleting_a_frame_deletes_the_sheet_that_shows_it(guest: Sitting) -> None:
    """A deleted face is on no contact sheet and in no archive."""
    await guest.say(f"{BRIEF}, navy backdrop")
    await guest.say("a set of four")
    await guest.say("shoot")
    await guest.until(lambda es: any(isinstance(e, Gallery) and len(e.pictures) == 5 for e in es))
    sheet = (await guest.history.renders(PERSON))[-1]
    assert sheet.shot.operation == "contact-sheet"
    await guest.say("number 2")
    await guest.tap("Delete")
    left = await guest.history.renders(PERSON)
    assert len(left) == 3
    assert {sheet.render.blob, sheet.render.preview} <= set(guest.discarded)


async def test_the_persons_zone_decides_the_day(guest: Sitting, tmp_path: Path) -> None:
    """Told once, a zone turns "yesterday" into the person's yesterday."""
    await shot(guest, f"{BRIEF}, white backdrop")
    asked: list[str] = []

    def now(zone: str) -> datetime:
        asked.append(zone)
        return datetime.now(UTC)

    guest.conversation = Conversation(
        guest.history, LexiconInterviewer(WORDS), guest._engine, WORDS,
        discard=_keep, new_seed=lambda: 1, now=now,
    )  # fmt: skip
    await guest.say("my time zone is Pacific/Auckland")
    assert guest.says[-1] == WORDS.say("zone_kept", zone="Pacific/Auckland")
    await guest.say("the one from today")
    assert asked[-1] == "Pacific/Auckland"
    await guest.say("my time zone is Mars/Olympus")
    assert guest.says[-1] == WORDS.say("zone_unknown", zone="Mars/Olympus")


async def _keep(blobs: object) -> None:
    """Nothing is deleted here."""


@pytest.mark.parametrize(
    ("naming", "opening", "name"),
    [
        ("call this session 'Acme team'", "open Acme team", "Acme team"),
        ("nenn diese Sitzung 'Team Acme'", "öffne Team Acme", "Team Acme"),
        ("llama a esta sesión equipo Acme", "abre equipo Acme", "equipo Acme"),
        ("appelez cette séance équipe Acme", "ouvrez équipe Acme", "équipe Acme"),
    ],
)
async def test_a_sessions_name_stands_for_all_of_its_day(
    guest: Sitting, naming: str, opening: str, name: str
) -> None:
    """What was made before and after it was named; not what was made on another day."""
    await shot(guest, f"{BRIEF}, white backdrop", f"{BRIEF}, navy backdrop")
    at(guest, 1, last_tuesday() - timedelta(days=14))
    await guest.say(naming)
    assert name in guest.says[-1]
    await guest.say("warmer")
    await guest.pictures(3)
    guest.rewire(guest.history)
    await guest.say(opening)
    assert isinstance(guest.last, Gallery)
    made = [record.id for record in await guest.history.renders(PERSON)]
    assert [p.render for p in guest.last.pictures] == made[1:]


@pytest.mark.parametrize(
    "said",
    ["forget that default", "vergiss diese Vorgabe", "olvida ese ajuste", "oubliez ce réglage"],
)
async def test_a_default_is_forgotten_in_plain_words(guest: Sitting, said: str) -> None:
    """After a restart too."""
    await guest.say("always 4:5, Pro 400H")
    guest.rewire(guest.history)
    assert (await guest.history.preferences(PERSON)).tastes()
    await guest.say(said)
    assert not (await guest.history.preferences(PERSON)).tastes()


async def test_another_person_is_not_as_old_as_the_one_before(guest: Sitting) -> None:
    """Whoever is described after a picture was made brings their own hair and years."""
    await shot(guest, "LinkedIn headshot, man in his 50s, grey hair, smiling, grey backdrop")
    await guest.say("now a portrait of a woman with glasses")
    spec = (await guest.history.session(PERSON, PERSON)).draft.spec
    assert not spec.said("age")
    assert not spec.said("hair")
    assert spec.value("backdrop") == "seamless-grey"
