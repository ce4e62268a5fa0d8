"""Data files are read once, strictly, and hang together."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import bot.core.spec
import prompts
from bot.interview.lexicon.intents import Intents
from engine.shots import BackdropKind
from prompts import PromptError, age_range
from prompts.library import HERE
from prompts.scenery import KINDS

PROMPTS = prompts.load()
Break = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files, to be broken."""
    copy = tmp_path / "prompts"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return copy


BREAKAGES = {
    "unknown key": ("vocabulary/film.toml", "label = ", 'colour_of_box = "yellow"\nlabel = '),
    "missing key": ("looks/glamour.toml", "label = ", "# label = "),
    "unknown slot in a look": ("looks/glamour.toml", "expression = ", "mood = "),
    "unknown value in a look": ("looks/glamour.toml", '"butterfly"', '"moth"'),
    "unknown backdrop in a look": ("looks/glamour.toml", '"gradient-grey"', '"waterfall-of-ice"'),
    "unknown backdrop offered": ("vocabulary/backdrop.toml", "canvas-dark", "canvas-dork"),
    "unknown look by default": ("defaults.toml", '"linkedin"', '"myspace"'),
    "slot without default": ("defaults.toml", "count = 1", ""),
    "default for a slot left open": ("defaults.toml", "count = 1", 'count = 1\nhair = "red"'),
    "word of two values": ("vocabulary/film.toml", '"tri-x", ', '"tri-x", "portra", '),
    "backdrop with another's id": ("backdrops/canvas-grey.toml", '"canvas-grey"', '"canvas-dark"'),
    "backdrop of no kind": ("backdrops/canvas-grey.toml", '"canvas"', '"hologram"'),
    "colour that is none": ("colours.toml", '"#fafaf8"', '"whitish"'),
    "undeclared variable": ("replies.en.toml", 'undone = "', 'undone = "{what} '),
    "unused variable": ("replies.en.toml", "under {limit} characters", "shorter"),
    "stray brace": ("replies.en.toml", 'undone = "', 'undone = "{ '),
    "empty sentence": ("replies.en.toml", '"Taken back."', '""'),
    "sentence twice": ("replies.en.toml", "undone = ", "ask_shot = "),
    "missing composer variable": ("compose.toml", "{tone}", ""),
    "small talk named twice": ("smalltalk.toml", 'name = "wait"', 'name = "bye"'),
    "small talk about no slot": ("smalltalk.toml", "hair = [", "mood = ["),
    "missing interviewer variable": ("interviewer.md", "{pending}", ""),
    "unknown interviewer variable": ("interviewer.md", "{pending}", "{pending} {mood}"),
    "unknown topic": ("lexicon.toml", "[topics]", '[topics]\nmood = ["mood"]'),
    "shape of no value": ("shapes.toml", '"lighting:split" =', '"lighting:spilt" ='),
    "shape that does not compile": (
        "shapes.toml",
        'film:tri-x-400" = [',
        'film:tri-x-400" = ["(", ',
    ),
    "shape of an unknown part": (
        "shapes.toml",
        'film:tri-x-400" = [',
        'film:tri-x-400" = ["<foot>", ',
    ),
    "telling that does not compile": ("telling.toml", "when = [", "when = [\n    '(',"),
    "unknown edit": ("lexicon.toml", "[edits]", '[edits]\nblur = ["blur it"]'),
    "sentence English lacks": ("locales/de.toml", "btn_show_me = ", "btn_no_such = "),
    "variable English lacks": (
        "locales/fr.toml",
        '{who}.", vars = ["who"]',
        '{qui}.", vars = ["qui"]',
    ),
    "not TOML": ("colours.toml", "white = ", "white "),
}


@pytest.mark.parametrize(("file", "old", "new"), BREAKAGES.values(), ids=list(BREAKAGES))
def test_a_broken_file_stops_the_start(folder: Path, file: str, old: str, new: str) -> None:
    """The error names the file (or its neighbour that holds the same id) and the key."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, "the test no longer breaks anything"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PromptError) as raised:
        prompts.load(folder)
    assert raised.value.file
    assert raised.value.key
    assert raised.value.code == "prompts_broken"


@pytest.mark.parametrize("file", ["vocabulary/film.toml", "replies.en.toml", "interviewer.md"])
def test_a_missing_file_stops_the_start(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(PromptError, match=Path(file).name):
        prompts.load(folder)


def test_an_untouched_copy_loads(folder: Path) -> None:
    assert prompts.load(folder) == PROMPTS


def test_nothing_is_read_at_import() -> None:
    """Importing the package opens none of its data files."""
    code = (
        "import sys; opened = []\n"
        "sys.addaudithook(lambda e, a: opened.append(str(a[0])) if e == 'open' else None)\n"
        "import prompts\n"
        "assert not [f for f in opened if f.endswith(('.toml', '.md'))], opened"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=HERE.parent)


def test_the_slots_are_the_cores() -> None:
    assert prompts.SLOTS == bot.core.spec.SLOTS == tuple(PROMPTS.slots)


def test_the_kinds_are_the_engines() -> None:
    """All but the sitter's own picture, which no file can describe."""
    assert set(KINDS) == set(BackdropKind.__args__) - {"picture"}


def test_every_slot_can_be_asked_about_and_explained() -> None:
    for slot in PROMPTS.slots.values():
        assert PROMPTS.say(f"ask_{slot.name}").endswith("?")
        assert PROMPTS.say(f"why_{slot.name}")
        assert PROMPTS.explain(slot.name)
        for value in slot.values.values():
            assert PROMPTS.explain(f"{slot.name}:{value.id}")


def test_no_sentence_shouts() -> None:
    """Calm and plain: no exclamation marks, no emoji."""
    for key in PROMPTS.phrases.keys():  # noqa: SIM118 - Phrases is no mapping
        said = PROMPTS.phrases.known[key].say
        assert "!" not in said
        assert all(ord(char) < 0x2190 for char in said), key


def test_a_sentence_wants_exactly_its_variables() -> None:
    assert "2" in PROMPTS.say("queued", position=2)
    for wrong in ({}, {"position": 1, "more": 2}, {"place": 1}):
        with pytest.raises(PromptError):
            PROMPTS.say("queued", **wrong)
    with pytest.raises(PromptError):
        PROMPTS.say("no_such_sentence")


def test_what_people_say_is_never_a_template() -> None:
    said = PROMPTS.say("alt_portrait", subject="{backdrop}", backdrop="{subject}")
    assert said == "Portrait: {backdrop}. Backdrop: {subject}."


def test_a_backdrop_resolves_to_itself() -> None:
    """Ids, hex colours and colour names all come back as what they were."""
    for value in (*PROMPTS.backdrops, "#9caf88", "teal", "Sage Green", "#ABC", "dark canvas"):
        entry = PROMPTS.backdrop(value)
        assert entry is not None
        assert PROMPTS.backdrop(entry.id) == entry
        assert PROMPTS.normalise("backdrop", value) == entry.id


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("charcol", "seamless-charcoal"),
        ("dark canvas backdrop", "canvas-dark"),
        ("seamless light grey", "seamless-light-grey"),
        ("brick", "brick-red"),
        ("waterfall", None),
        ("", None),
        ("the moon", None),
    ],
)
def test_unknown_words_find_the_closest_backdrop_or_none(said: str, found: str | None) -> None:
    entry = PROMPTS.backdrop(said)
    assert (entry.id if entry else None) == found


@pytest.mark.parametrize(
    ("slot", "value", "canonical"),
    [
        ("lens_mm", "85mm", 85), ("lens_mm", 35.0, 35), ("lens_mm", 5000, None),
        ("aperture", "f/2", 2.0), ("aperture", float("nan"), None), ("aperture", True, None),
        ("count", 4, 4), ("count", 13, None), ("count", "0", None), ("warmth", -3, None),
        ("film", "Tri-X", "tri-x-400"), ("film", "kodachrome", None),
        ("lighting", "rembrant", "rembrandt"), ("lighting", "Butterfly light", "butterfly"),
        ("age", "Late 20s", "late 20s"), ("age", "12", None), ("age", "teens", None),
        ("wardrobe", "  navy   blazer ", "navy blazer"), ("wardrobe", "", None),
        ("mood", "happy", None),
    ],
)  # fmt: skip
def test_values_are_made_canonical_or_refused(
    slot: str, value: prompts.Scalar, canonical: prompts.Scalar | None
) -> None:
    assert PROMPTS.normalise(slot, value) == canonical


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("late 20s", (27, 29)), ("30s", (30, 39)), ("early 50s", (50, 53)), ("mid-40s", (44, 46)),
        ("45", (45, 45)), ("30-35", (30, 35)), ("35-30", None), ("old", None), ("", None),
    ],
)  # fmt: skip
def test_ages_become_years(text: str, years: tuple[int, int] | None) -> None:
    assert age_range(text) == years


def test_the_instructions_list_every_slot_and_value() -> None:
    """What a language model may answer is what the vocabulary holds."""
    system = PROMPTS.interviewer.system(PROMPTS, {"film": "tri-x-400"}, "backdrop")
    for slot in PROMPTS.slots.values():
        assert f"- {slot.name}:" in system
    assert '{"film": "tri-x-400"}' in system
    assert len(system) < 8000


def test_the_instructions_take_no_template_from_a_spec() -> None:
    assert "{pending}" in PROMPTS.interviewer.system(PROMPTS, {"subject": "{pending}"})


def test_the_intents_are_the_ports() -> None:
    """A phrase can only mean an intent that the conversation knows."""
    Intents(PROMPTS)
