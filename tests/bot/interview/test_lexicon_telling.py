"""What is told of others and of earlier days sets nothing; the wish beside it does."""

import asyncio

import pytest

import prompts
from bot.core.ports import Reading
from bot.core.session import Session
from bot.core.spec import Draft, Field, PortraitSpec, Scalar
from bot.interview.lexicon_interviewer import LexiconInterviewer

LEXICON = LexiconInterviewer(prompts.load())


def read(said: str, **spec: Scalar) -> Reading:
    fields = {slot: Field(value) for slot, value in spec.items()}
    session = Session("s", "p", draft=Draft(PortraitSpec(fields)))
    return asyncio.run(LEXICON.read(session, said))


def values(reading: Reading) -> dict[str, Scalar]:
    return {change.slot: change.value for change in reading.patch.set}


@pytest.mark.parametrize(
    "said",
    [
        "My boss had hers done last spring, green wall, red glasses, the works",
        "My neighbour, a retired colonel in his eighties, keeps leaving buckets at my door",
        "Twenty years ago I sat for a painter, and he put me in a brown cardigan",
        "We shot in Crete two summers back with a chap who used nothing but an 85 at 1.8",
        "last year i paid 135 quid for 4 pictures and not one of them was in focus",
        "The bride wore ivory lace, the groom a burgundy tux",
        "Every single one of my mates told me to try this",
        "I've got a standing appointment on Thursdays",
        "You're a robot, right?",
    ],
)
def test_stories_and_idioms_set_nothing(said: str) -> None:
    assert values(read(said)) == {}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (
            "My publisher, a lovely woman of about 60, needs an author photo of me. I'm 34, a man",
            {"look": "author", "age": "34", "gender": "man"},
        ),
        (
            "My wife booked this, she thinks tweed suits me. A tweed jacket then, and I'm 63",
            {"age": "63", "wardrobe": "tweed jacket"},
        ),
        (
            "The conductor is an elderly gent, but you'll be photographing me: violinist, red hair",
            {"subject": "violinist", "hair": "red"},
        ),
        (
            "My mum turned 80, she'd love a portrait in a lilac cardigan",
            {"subject": "mum", "age": "80", "gender": "woman", "wardrobe": "lilac cardigan"},
        ),
        (
            "My brother-in-law reckons phones will do. He's 52. I want a grey background",
            {"backdrop": "seamless-grey"},
        ),
    ],
)
def test_the_sitter_is_told_from_the_others(said: str, meant: dict[str, Scalar]) -> None:
    found = values(read(said))
    assert {slot: found.get(slot) for slot in meant} == meant
    assert set(found) - set(meant) <= {"subject"}


@pytest.mark.parametrize(
    ("said", "topic", "meant"),
    [
        ("not rembrandt, it's too dramatic. what is loop light?", "lighting:loop", {}),
        (
            "I'm 44 and keep hearing of clamshell. What would that do to me?",
            "lighting",
            {"age": "44"},
        ),
        ("My screen is small, but how far down does a three-quarter shot go?", "shot", {}),
    ],
)
def test_a_question_explains_and_the_rest_is_read(
    said: str, topic: str, meant: dict[str, Scalar]
) -> None:
    reading = read(said)
    assert reading.intent == "ask"
    assert reading.topic.partition(":")[0] == topic.partition(":")[0]
    assert values(reading) == meant


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("My grandson is helping me write this, he's 12. I am 78", False),
        ("I'm 35. My kid is 6 and wants a picture", True),
        ("My son is 12. I'm his mum, I want a portrait of him", True),
        ("I'm 40 and my son is 12, portrait of both of us", True),
    ],
)
def test_a_child_beside_a_grown_sitter_refuses_only_where_it_is_to_be_shown(
    said: str, refused: bool
) -> None:
    assert bool(read(said).refused) == refused


@pytest.mark.parametrize(
    ("said", "slot", "value"),
    [
        ("full boddy", "shot", "full-body"),
        ("gry background", "backdrop", "seamless-grey"),
        ("black and white, arms crosed", "pose", "arms-crossed"),
        ("oliv canvas behnd", "backdrop", "canvas-olive"),
    ],
)
def test_slips_are_mended(said: str, slot: str, value: str) -> None:
    assert values(read(said))[slot] == value


@pytest.mark.parametrize("said", ["a portrait of Yusuf Hatt", "the noses flatters nobody"])
def test_words_that_exist_and_names_are_never_mended(said: str) -> None:
    assert not {"wardrobe", "gender"} & set(values(read(said)))


@pytest.mark.parametrize(
    ("said", "who"),
    [
        ("I'm a marble sculptor, a woman, 61", "marble sculptor"),
        ("I farm sheep outside town", "sheep farmer"),
        ("I paint watercolours", "watercolour painter"),
        ("Kathak dancer, 24", "Kathak dancer"),
        ("Head of people at a fintech, 40", "Head of people"),
        ("Mum, dad and my grown-up sister, a picture for the hallway", None),
    ],
)
def test_trades_are_known_by_how_they_are_introduced(said: str, who: str | None) -> None:
    found = values(read(said))
    assert found.get("subject") == (who or "Mum, dad and my grown-up sister")


@pytest.mark.parametrize(
    ("said", "worn", "left"),
    [
        ("ditch the tie but keep the suit", "charcoal suit and red tie", "charcoal suit"),
        ("please lose the flat cap", "tweed jacket and flat cap", "tweed jacket"),
        ("add a scarf to that", "camel coat", "camel coat, scarf"),
        ("white instead of red", "red smock, paint-splattered", "white smock, paint-splattered"),
    ],
)
def test_clothes_go_off_and_on_one_by_one(said: str, worn: str, left: str) -> None:
    assert values(read(said, wardrobe=worn))["wardrobe"] == left


def test_a_scene_is_swapped_by_its_name() -> None:
    reading = read("Swap the brick for plain black.", backdrop="brick-red")
    assert values(reading) == {"backdrop": "seamless-black"}
