"""Ages as people say them: '45', '30s', 'late 20s', '30-35'."""

import re

_THIRDS = {"": (0, 9), "early": (0, 3), "mid": (4, 6), "late": (7, 9)}
_DECADE = re.compile(r"(?:(early|mid|late)[ -])?([1-9])0s")
_EXACT = re.compile(r"([1-9][0-9])(?:[-–]([1-9][0-9]))?")

OLDEST = 99
ADULT = 18
"""Nobody younger is portrayed."""


def age_range(text: str) -> tuple[int, int] | None:
    """Youngest and oldest age in years, inclusive; None when the text is no age.

    >>> age_range("late 20s")
    (27, 29)
    """
    words = " ".join(text.lower().split())
    if found := _DECADE.fullmatch(words):
        first, last = _THIRDS[found[1] or ""]
        return int(found[2]) * 10 + first, int(found[2]) * 10 + last
    if found := _EXACT.fullmatch(words):
        youngest, oldest = int(found[1]), int(found[2] or found[1])
        return (youngest, oldest) if youngest <= oldest else None
    return None


def is_adult(text: str) -> bool:
    """Whether an age text is understood and wholly of age."""
    years = age_range(text)
    return years is not None and years[0] >= ADULT


def age_words(age: str, gender: str = "") -> str:
    """The age as it follows a noun: 'in her 30s', 'aged 45'; the empty string for no age."""
    if age_range(age) is None:
        return ""
    if not age.endswith("s"):
        return f"aged {age}"
    owner = {"woman": "her", "man": "his"}.get(gender, "their")
    return f"in {owner} {age}"
