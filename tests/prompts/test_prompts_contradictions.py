"""What works against itself is known as data, and each rule has its reason and its way out."""

from pathlib import Path

import pytest

import prompts
from prompts.contradictions import load_contradictions
from prompts.errors import PromptError

WORDS = prompts.load()
RULES = WORDS.contradictions


def found(**spec: prompts.Scalar) -> list[str]:
    """Ids of the rules that hold of these values."""
    return [rule.id for rule in RULES.found(spec, WORDS.scenery)]


@pytest.mark.parametrize(
    ("spec", "rule"),
    [
        ({"wardrobe": "white linen shirt", "backdrop": "seamless-white"}, "white_on_white"),
        ({"wardrobe": "ivory gown", "backdrop": "#ffffff"}, "white_on_white"),
        ({"wardrobe": "black suit with a red tie", "backdrop": "black"}, "black_on_black"),
        ({"wardrobe": "navy blazer", "backdrop": "seamless-navy"}, "tone_on_tone"),
        ({"wardrobe": "sage green dress", "backdrop": "seamless-sage"}, "tone_on_tone"),
        ({"hair": "black", "backdrop": "seamless-black"}, "hair_on_black"),
        ({"lighting": "low-key", "backdrop": "ivory"}, "low_key_on_white"),
        ({"lighting": "high-key", "backdrop": "canvas-dark"}, "high_key_on_black"),
        ({"shot": "full-body", "lens_mm": 85}, "full_body_long_lens"),
        ({"shot": "full-body", "aperture": 1.4}, "full_body_wide_open"),
        ({"shot": "close-up", "lens_mm": 50}, "close_up_wide_lens"),
        ({"shot": "close-up", "aperture": 1.2}, "close_up_wide_open"),
        ({"aspect": "16:9"}, "wide_headshot"),
        ({"look": "linkedin", "shot": "close-up", "aspect": "1:1"}, "square_headshot"),
        ({"shot": "full-body", "aspect": "1:1"}, "square_full_body"),
        ({"film": "tri-x-400", "warmth": 2}, "tri_x_warm"),
        ({"film": "tri-x-400", "backdrop": "crimson"}, "tri_x_colour"),
        ({"glasses": "yes", "lighting": "butterfly"}, "butterfly_glasses"),
        ({"look": "passport-style", "expression": "smile"}, "smiling_passport"),
    ],
)
def test_a_photographer_would_object(spec: dict, rule: str) -> None:
    assert rule in found(**spec)


@pytest.mark.parametrize(
    "spec",
    [
        {"wardrobe": "navy blazer over a white shirt", "backdrop": "seamless-white"},
        {"wardrobe": "white jeans, red sweater", "backdrop": "seamless-white"},
        {"wardrobe": "white shirt", "backdrop": "seamless-grey"},
        {"wardrobe": "black suit", "backdrop": "foliage-green"},
        {"wardrobe": "blackbird brooch", "backdrop": "seamless-black"},
        {"shot": "full-body", "lens_mm": 50, "aperture": 5.6},
        {"film": "tri-x-400", "warmth": 0, "backdrop": "seamless-grey"},
        {"glasses": "yes", "lighting": "loop"},
        {"aspect": "4:5", "look": "linkedin", "shot": "close-up"},
        {},
    ],
)
def test_a_photographer_would_not_object(spec: dict) -> None:
    """Precision: a warning that is wrong is worse than none."""
    assert found(**spec) == []


@pytest.mark.parametrize("look", WORDS.looks)
def test_no_look_contradicts_itself(look: str) -> None:
    """Whoever names a look gets one that works as it stands."""
    assert found(**{**WORDS.defaults, **WORDS.looks[look].fields, "look": look}) == []


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_every_rule_says_why_and_is_one_calm_sentence_or_two(rule: prompts.Rule) -> None:
    """The reason is for the next photographer; the sentence for the sitter."""
    assert len(rule.reason) > 15
    assert 40 < len(rule.say) < 140
    assert rule.say.endswith(".")
    assert WORDS.say(f"warn_{rule.id}") == rule.say


GOOD = """
hair = { black = "#000000" }
below = []
[[rule]]
id = "a"
say = "A sentence."
reason = "because"
when = [{ slot = "aspect", is = ["16:9"] }]
fix = { aspect = "4:5" }
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('is = ["16:9"]', 'is = ["17:9"]'),
        ('slot = "aspect"', 'slot = "aspects"'),
        ('fix = { aspect = "4:5" }', "fix = {}"),
        ('fix = { aspect = "4:5" }', 'fix = { aspect = "5:4" }'),
        ('is = ["16:9"]', "lighter = 3"),
        ('is = ["16:9"]', 'equals = "16:9"'),
        ('reason = "because"', ""),
    ],
)
def test_a_rule_that_cannot_work_stops_the_start(tmp_path: Path, old: str, new: str) -> None:
    """With the file's name and the rule, not silently."""
    path = tmp_path / "contradictions.toml"
    path.write_text(GOOD)
    assert load_contradictions(path, WORDS.normalise).rules[0].id == "a"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(PromptError, match="contradictions"):
        load_contradictions(path, WORDS.normalise)
