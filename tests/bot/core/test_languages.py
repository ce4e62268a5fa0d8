"""The studio answers in the language it is written to: sets, memory, edits, and around them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.set_studio import SetStudio
from support.sittings import PERSON, WORDS, Sitting, sitting

from bot.core.replies import Ask, Gallery
from bot.core.turns import Turn
from bot.interview.lexicon_interviewer import LexiconInterviewer
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from prompts.speaking import in_language

LANGUAGES = ("de", "es", "fr")
SPOKEN = ("table_", "set_", "measure_", "recall", "named", "names_", "zone_", "always_", "weekday_",
          "month_", "plan_", "light_")  # fmt: skip
NOT_SPOKEN = ("table_row",)


@pytest.fixture
async def guest(tmp_path: Path) -> AsyncIterator[Sitting]:
    engine = InProcessEngine(SetStudio(DiskBlobs(tmp_path / "blobs")))
    async with sitting(tmp_path, interviewer=LexiconInterviewer(WORDS), engine=engine) as opened:
        yield opened


@pytest.mark.parametrize("language", LANGUAGES)
def test_sets_and_memory_are_said_whole(language: str) -> None:
    """No English sentence in the middle of a German one."""
    known = WORDS.locales.known[language]
    keys = (k for k in tuple(WORDS.phrases.known) if k.startswith(SPOKEN))
    wanted = [k for k in keys if not k.startswith(NOT_SPOKEN)]
    assert len(wanted) > 80
    assert not [key for key in wanted if key not in known]


def test_the_languages_say_the_same_things() -> None:
    """What one of them says, the others say too."""
    keys = [set(WORDS.locales.known[language]) for language in LANGUAGES]
    assert set.union(*keys) == set.intersection(*keys)


@pytest.mark.parametrize(
    ("brief", "series", "edit", "language"),
    [
        ("Porträt einer Frau, grauer Hintergrund", "eine Serie von vier Bildern", "wärmer", "de"),
        ("retrato de una mujer, fondo gris", "una serie de cuatro", "más cálido", "es"),
        ("portrait d'une femme, fond gris", "une série de quatre", "plus chaud", "fr"),
    ],
)
async def test_a_set_is_planned_and_handed_over_in_the_persons_language(
    guest: Sitting, brief: str, series: str, edit: str, language: str
) -> None:
    """The table, its rows, the album, the sheet's title, and the edit of one frame."""
    await guest.say(brief)
    await guest.say(series)
    with in_language(language):
        title, shoot = WORDS.say("table_title", count=4), WORDS.say("btn_shoot")
        album, changed = WORDS.say("gallery_set", count=4), WORDS.say("edit_developed", what="")
        close = WORDS.label("shot", "close-up")
    table = guest.last
    assert isinstance(table, Ask)
    assert table.text.startswith(title)
    assert close in table.text
    await guest.tap(shoot)
    await guest.until(lambda es: any(isinstance(e, Gallery) and len(e.pictures) == 5 for e in es))
    shown = next(e for e in guest.channel.entries if isinstance(e, Gallery))
    assert shown.text.startswith(album)
    assert close in "".join(p.caption for p in shown.pictures)
    await guest.say(edit)
    assert guest.says[-1].startswith(changed.split(":")[0].strip())


async def test_the_device_speaks_until_the_person_writes(guest: Sitting) -> None:
    """A German phone is greeted in German; whoever then writes English is answered in English."""

    async def help_in(text: str, language: str) -> str:
        turn = Turn(PERSON, PERSON, text=text, intent="help", language=language)
        await guest.conversation.handle(turn, guest.channel)
        return guest.says[-1]

    with in_language("de"):
        german = WORDS.say("help")
    assert await help_in("", "de-AT") == german
    assert await help_in("", "pt-BR") == WORDS.say("help")
    assert await help_in("what is this, please", "de-AT") == WORDS.say("help")
    assert await help_in("", "de-AT") == WORDS.say("help"), "what they write is kept"
    assert await help_in("auf deutsch bitte", "en-US") == german


async def test_a_browsers_language_is_checked_and_kept(guest: Sitting) -> None:
    """What is no language of the studio's changes nothing."""
    await guest.conversation.note_device(PERSON, language="fr-CA")
    await guest.conversation.note_device(PERSON, language="x" * 30)
    assert (await guest.history.preferences(PERSON)).seen_language == "fr-CA"
    await guest.conversation.welcome(PERSON, PERSON, guest.channel)
    assert guest.says[-1] == WORDS.locales.say("fr", "welcome")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("mach es wärmer", "de"),
        ("un retrato corporativo para LinkedIn", "es"),
        ("portrait de femme, lumière douce", "fr"),
        ("put me on a dark canvas backdrop", "en"),
        ("warmer", ""),
        ("85 mm f/2", ""),
        ("", ""),
    ],
)
def test_a_language_shows_in_its_small_words(text: str, language: str) -> None:
    assert WORDS.tongues.of(text) == language


def test_another_task_keeps_its_language() -> None:
    """What is spoken within ends there."""
    with in_language("de_DE"):
        assert WORDS.say("undone") == "Zurückgenommen."
    assert WORDS.say("undone") == WORDS.phrases.say("undone")
