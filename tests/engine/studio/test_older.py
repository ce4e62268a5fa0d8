"""After a face that read too young, somebody a little older is asked for."""

import pytest

from engine.shots import Operation, Shot
from engine.studio.older import older
from engine.studio.portrait import age_notes


@pytest.mark.parametrize(
    ("prompt", "second", "third"),
    [
        ("(woman in her 20s:1.1)", "(woman in her late 20s:1.1)", "(woman in her early 30s:1.1)"),
        ("a woman aged 22.", "a woman aged 28.", "a woman aged 32."),
        ("a man aged 25-29", "a man aged 28", "a man aged 32"),
        ("a 21-year-old dancer", "a 28-year-old dancer", "a 32-year-old dancer"),
        ("a young man of 40", "a man of 40", "a man of 40"),
    ],
)  # fmt: skip
def test_an_age_in_the_twenties_grows_with_every_try(prompt: str, second: str, third: str) -> None:
    """Whoever is older already keeps their age, and is asked for as a grown adult."""
    assert older(prompt, 1) == f"A clearly grown adult, {second}"
    assert older(prompt, 2) == f"A clearly grown adult, {third}"


def test_json_stays_json() -> None:
    told = '{"subject":{"description":"woman in her 20s"}}'
    assert older(told, 1) == told.replace("20s", "late 20s")


@pytest.mark.parametrize(
    ("operation", "age", "told"),
    [
        ("generate", "early 20s", True),
        ("generate", "22", True),
        ("generate", "20s", False),
        ("generate", "30s", False),
        ("generate", "", False),
        ("swap", "early 20s", False),
    ],
)
def test_who_asks_for_somebody_younger_than_is_drawn_is_told(
    operation: Operation, age: str, told: bool
) -> None:
    """The sampler draws nobody under its floor; a photo's sitter is as old as they are."""
    assert bool(age_notes(Shot(operation, 1, {"age": age}))) == told
