"""The studio answers in the language it is written to: sets, memory, edits, and around them."""

import re
from collections.abc import AsyncIterator, Iterator
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
OPERATORS = ("operator_", "replay_")
"""Read by those who run a studio, in a terminal or after an order of theirs."""
THE_SAME = ("table_row", "btn_size_4", "btn_size_5", "btn_size_8", "btn_size_1", "btn_size_a")
"""Numbers and signs."""
PROPER = re.compile(r"[\d:/.f ]+(mm)?|Portra \d+|Pro 400H|Tri-X 400")
"""What is called the same everywhere."""


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_a_sitter_reads_is_said(language: str) -> None:
    """Every sentence, and what every field and value is called, and what it is."""
    known, labels = WORDS.locales.known[language], dict(label_keys())
    sentences = {k for k in tuple(WORDS.phrases.known) if not k.startswith((*OPERATORS, *THE_SAME))}
    assert not (sentences | labels.keys()) - known.keys()
    assert len(labels) > 250
    copied = [k for k, text in labels.items() if k.startswith("explain") and known[k].say == text]
    assert not copied


def label_keys() -> Iterator[tuple[str, str]]:
    for slot in WORDS.slots.values():
        yield f"slot_{slot.name}", slot.label
        yield f"explain_{slot.name}", slot.explain
        for value in slot.values.values():
            yield f"explain_{slot.name}_{value.id}", value.explain
            if not PROPER.fullmatch(value.label):
                yield f"value_{slot.name}_{value.id}", value.label
    for look in WORDS.looks.values():
        yield f"value_wardrobe_{look.fields['wardrobe']}", str(look.fields["wardrobe"])


@pytest.mark.parametrize(
    ("asked", "language", "topic"),
    [
        ("was ist Rembrandt-Licht?", "de", "lighting:rembrandt"),
        ("qué es la luz dividida?", "es", "lighting:split"),
        ("c'est quoi le film noir ?", "fr", "look:film-noir"),
    ],
)
async def test_what_things_are_is_explained_in_the_persons_language(
    guest: Sitting, asked: str, language: str, topic: str
) -> None:
    """With the tap that takes it in that language too."""
    await guest.say(asked)
    with in_language(language):
        explained = WORDS.explain(topic) or ""
    with in_language("en"):
        assert explained != WORDS.explain(topic)
    assert guest.says[-1].startswith(explained)


async def test_free_words_are_shown_as_they_were_written(guest: Sitting) -> None:
    """The picture's words are English; whoever writes German reads their own."""
    await guest.say(
        "Bewerbungsfoto, Frau in den Dreißigern, dunkelblauer Blazer, grauer Hintergrund"
    )
    card = guest.channel.entries[-1]
    told = guest.says[-1] if not getattr(card, "brief", None) else str(card)
    assert "unkelblauer Blazer" in told
    assert "navy blazer" not in told.replace("value='navy blazer'", "")
    assert "Frau in den Dreißigern" in told


@pytest.mark.parametrize(
    ("slot", "value", "amid"),
    [
        ("backdrop", "canvas-dark", "dunkle Leinwand"),
        ("backdrop", "seamless-grey", "Karton grau"),
        ("expression", "smile", "Lächeln"),
        ("key_side", "left", "links im Bild"),
    ],
)
def test_german_nouns_keep_their_capital_and_nothing_else_does(
    slot: str, value: str, amid: str
) -> None:
    """In the middle of a sentence; as a tap each begins with a capital."""
    with in_language("de"):
        label = WORDS.label(slot, value)
        assert label[0].isupper()
        assert WORDS.amid(label) == amid


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


async def test_one_word_of_another_language_changes_nothing(guest: Sitting) -> None:
    """ "Merci" in a German talk is no wish for French; a sentence is."""
    await guest.say("Bewerbungsfoto, eine Frau in den Dreißigern, bitte")
    for word, language in (
        ("yes", "de"),
        ("los", "de"),
        ("moins de lumière s'il vous plaît", "fr"),
    ):
        await guest.say(word)
        assert (await guest.history.preferences(PERSON)).language == language


def test_another_task_keeps_its_language() -> None:
    """What is spoken within ends there."""
    with in_language("de_DE"):
        assert WORDS.say("undone") == "Zurückgenommen."
    assert WORDS.say("undone") == WORDS.phrases.say("undone")
