"""Asks for a somewhat older sitter, where the one that was drawn did not read as an adult. Pure.

The floor stays where it is, far above 18, since whoever reads ages errs by several years: so of
those who are drawn as 21, many fall below it. Asked for a few years more, most do not.
"""

import re

NOTE = "note_drawn_older"
DECADES, YEARS = ("late 20s", "early 30s"), ("28", "32")
"""What an age in the twenties becomes at the second and the third try."""
ADULT = "A clearly grown adult"
_DECADE = re.compile(r"\b(?:(?:early|mid|late)[ -])?(?:20s|twenties)\b", re.IGNORECASE)
_YEARS = re.compile(
    r"(?<=aged )(?:1[89]|2\d)(?:-\d\d)?\b|\b(?:1[89]|2\d)(?=[- ]years?[- ]old\b)", re.IGNORECASE
)
_YOUNG = re.compile(r"\b(?:very )?(?:young|youthful|girlish|boyish|teenage) ", re.IGNORECASE)


def older(prompt: str, attempt: int) -> str:
    """The prompt with its sitter a little older, the more the later the `attempt` (from 1).

    >>> older("portrait, woman in her early 20s", 1)
    'A clearly grown adult, portrait, woman in her late 20s'
    """
    step = min(max(attempt, 1), len(DECADES)) - 1
    told = _YEARS.sub(YEARS[step], _DECADE.sub(DECADES[step], _YOUNG.sub("", prompt)))
    if told.startswith("{"):  # JSON, which has no place for a remark
        return told
    told = told.removeprefix(f"{ADULT}, ")
    return f"{ADULT}, {told}"
