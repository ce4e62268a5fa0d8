"""Which picture a sentence means, and which day: pure, in the person's own calendar."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from support.sittings import WORDS

from bot.core.recall import LAST, after, day_of, less, on_days, referred

TODAY = date(2024, 5, 14)
"""A Tuesday."""


@pytest.mark.parametrize(
    ("said", "day", "ordinal", "rest"),
    [
        ("the second one from Tuesday", date(2024, 5, 14), 2, ""),
        ("the second one from last Tuesday", date(2024, 5, 7), 2, ""),
        ("show me the third picture from yesterday", date(2024, 5, 13), 3, ""),
        ("the one from yesterday but warmer", date(2024, 5, 13), 0, "warmer"),
        ("the last one from the day before yesterday", date(2024, 5, 12), LAST, ""),
        ("the first one from 3 days ago, on navy", date(2024, 5, 11), 1, "on navy"),
        ("the portrait from 2 May", date(2024, 5, 2), 0, ""),
        ("the portrait from December 24th", date(2023, 12, 24), 0, ""),
        ("number 2 from 2024-05-01", date(2024, 5, 1), 2, ""),
        ("das zweite Bild vom Montag", date(2024, 5, 13), 2, ""),
        ("la segunda de ayer", date(2024, 5, 13), 2, ""),
        ("le deuxième d'hier", date(2024, 5, 13), 2, "d'"),
    ],
)
def test_a_day_and_which_one(said: str, day: date, ordinal: int, rest: str) -> None:
    """Four languages; a weekday is the latest one, today's included."""
    found = referred(said, TODAY, WORDS)
    assert (found.days[0], found.ordinal) == (day, ordinal)
    assert found.rest in (rest, "")


@pytest.mark.parametrize(
    ("said", "ordinal", "rest"),
    [
        ("number 3 please", 3, ""),
        ("the third one", 3, ""),
        ("the last one", LAST, ""),
        ("number 3 warmer", 3, "warmer"),
        ("the second one but on navy", 2, "on navy"),
    ],
)
def test_one_of_the_last(said: str, ordinal: int, rest: str) -> None:
    """Without a day it is one of those just shown."""
    found = referred(said, TODAY, WORDS)
    assert (found.days, found.ordinal, found.rest) == ((), ordinal, rest)


@pytest.mark.parametrize(
    "said",
    [
        "soft light from the left",
        "a second light from the left",
        "actor headshot, man in his 40s",
        "first, I need a headshot",
        "photo of a woman in march",
        "a friday night look",
        "may I have a navy blazer",
        "her second husband's hat",
        "f/2 at 85 mm, 4:5",
        "a black sun hat",
    ],
)
def test_other_words_refer_to_nothing(said: str) -> None:
    """A brief must never open an old picture."""
    assert not referred(said, TODAY, WORDS)


def test_an_impossible_date_is_no_day() -> None:
    """31 February is nobody's day."""
    assert not referred("the picture from 2024-02-31", TODAY, WORDS).days


def test_days_are_the_persons() -> None:
    """An hour after midnight in Auckland it is still yesterday in UTC."""
    auckland = datetime(2024, 5, 14, 9, tzinfo=timezone(timedelta(hours=12)))
    made = "2024-05-12T13:00:00.000Z"
    assert day_of(made, auckland) == date(2024, 5, 13)
    assert day_of(made, datetime(2024, 5, 14, tzinfo=UTC)) == date(2024, 5, 12)
    assert day_of("", auckland) is None


def test_the_first_day_with_pictures_counts() -> None:
    """ "From Tuesday", said on a Tuesday without pictures, is last week's."""
    now = datetime(2024, 5, 14, 12, tzinfo=UTC)
    days = (date(2024, 5, 14), date(2024, 5, 7))
    made = ["2024-05-07T08:00:00.000Z", "2024-05-07T09:00:00.000Z", "2024-05-08T09:00:00.000Z"]
    assert on_days(made, days, now) == (date(2024, 5, 7), [0, 1])
    assert on_days(made, (date(2024, 1, 1),), now) == (None, [])


def test_names_keep_their_letters() -> None:
    """What follows is the name, whatever stands around it."""
    assert after("Please call this one “Agency Set”.", ("call this", "call this one")) == (
        "Agency Set"
    )
    assert after("an agency set", ("call this one",)) == ""
    assert less("Always 4:5, Pro 400H", ("always",)) == "4:5, Pro 400H"
