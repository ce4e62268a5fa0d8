"""The prompt a picture model reads, word for word."""

import pytest

import prompts
from prompts import compose
from prompts.compose import subject_words

PROMPTS = prompts.load()
REMBRANDT = {
    "subject": "woman in her 30s", "age": "30s", "gender": "woman",
    "wardrobe": "cream silk blouse", "backdrop": "seamless-light-grey", "lighting": "rembrandt",
    "key_side": "left", "softness": "soft", "lens_mm": 85, "aperture": 1.8, "skin": "natural",
    "film": "portra-400",
}  # fmt: skip
BUTTERFLY = {
    "subject": "woman in her late 20s", "age": "late 20s", "gender": "woman",
    "wardrobe": "structured cream blazer", "backdrop": "seamless-pale-grey",
    "lighting": "butterfly", "softness": "soft", "lens_mm": 85, "aperture": 2.0,
    "skin": "natural", "film": "pro-400h",
}  # fmt: skip


def test_the_rembrandt_portrait() -> None:
    assert compose(REMBRANDT, PROMPTS).prompt == (
        "close-up head-and-shoulders portrait, woman in her 30s, wearing a cream silk blouse, "
        "seamless light grey backdrop, soft Rembrandt light from the left, 85 mm lens at f/1.8, "
        "eyes tack sharp with catchlights, "
        "natural skin texture with visible micro-pores and fine lines, Kodak Portra 400"
    )


def test_the_butterfly_portrait() -> None:
    assert compose(BUTTERFLY, PROMPTS).prompt == (
        "close-up head-and-shoulders portrait, woman in her late 20s, "
        "wearing a structured cream blazer, seamless pale grey backdrop, "
        "soft butterfly light, 85 mm lens at f/2.0, eyes tack sharp with catchlights, "
        "natural skin texture with visible micro-pores and fine lines, Fujifilm Pro 400H"
    )


def test_nothing_plastic() -> None:
    """Every picture is kept away from plastic skin and from minors."""
    negative = compose({}, PROMPTS).negative
    assert "plastic skin" in negative
    assert "child" in negative


def test_black_and_white_has_no_colour_cast_to_avoid() -> None:
    assert "colour cast" not in compose({"film": "tri-x-400"}, PROMPTS).negative
    assert "colour cast" in compose({"film": "neutral"}, PROMPTS).negative


@pytest.mark.parametrize("look", PROMPTS.looks)
def test_every_look_composes(look: str) -> None:
    """No clause is empty and no template shows."""
    spec = {**PROMPTS.defaults, **PROMPTS.looks[look].fields, "look": look}
    prompt = compose(spec, PROMPTS).prompt
    assert "{" not in prompt
    assert all(clause.strip() for clause in prompt.split(","))
    assert compose(dict(reversed(spec.items())), PROMPTS).prompt == prompt


def test_every_value_composes() -> None:
    """Each listed value of each slot can stand in a prompt."""
    for slot in PROMPTS.slots.values():
        for value in slot.values:
            compose({**PROMPTS.defaults, slot.name: value}, PROMPTS)


@pytest.mark.parametrize(
    ("worn", "said"),
    [
        ("navy blazer", "wearing a navy blazer"),
        ("oxford shirt", "wearing an oxford shirt"),
        ("blue scrubs", "wearing blue scrubs"),
        ("black", "wearing black"),
        ("white shirt and red tie", "wearing a white shirt and red tie"),
        ("black dress", "wearing a black dress"),
    ],
)
def test_clothes_are_worn_in_english(worn: str, said: str) -> None:
    assert said in compose({"wardrobe": worn}, PROMPTS).prompt


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"subject": "woman in her 30s", "age": "45", "gender": "woman"}, "woman aged 45"),
        ({"subject": "52-year-old man", "age": "52", "gender": "man"}, "man aged 52"),
        ({"subject": "mid-forties CEO", "age": "mid 40s"}, "CEO in their mid 40s"),
        ({"subject": "person", "age": "30s", "gender": "man"}, "man in his 30s"),
        ({"subject": "CEO of 3M"}, "CEO of 3M"),
        ({}, "person"),
    ],
)
def test_the_age_slot_overrules_the_subjects_own_words(spec: dict, words: str) -> None:
    assert subject_words(spec) == words


def test_a_sitters_braces_are_no_template() -> None:
    """Free words are words: no template variable, no wildcard, no weight comes of them."""
    prompt = compose({"wardrobe": "{film} {0} (tie:1.9) <lora:x> __y__ [z|w]"}, PROMPTS).prompt
    assert "wearing a film 0 tie 1.9 lora x y z w" in prompt
