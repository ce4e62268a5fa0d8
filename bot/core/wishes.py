"""Wishes about pictures that need no reader: heard in plain words. Pure."""

import re
from typing import Literal

from msgspec import Struct

from bot.core.enlarging import wants_larger
from engine.shots import Change

Wish = Literal["vary", "room", "made", "portrait", "larger"]

_VARY = re.compile(r"\b(?:vary|variations?|variants?)\b(?! of (?:poses|backdrops|looks))")
_LOT = re.compile(r"\b(?:a lot|lots|strong(?:ly)?|wild(?:ly|er)?|bold(?:ly|er)?|very different)\b")
_ROOM = re.compile(r"\bmore (?:room|space)\b|\b(?:too|less) tight(?:ly cropped)?\b")
_MADE = re.compile(
    r"\bhow (?:was|is|were|did you) (?:\w+ ){0,3}(?:made|make|done)\b"
    r"|\b(?:which|what) (?:seed|model)\b"
)
_PORTRAIT = re.compile(
    r"\b(?:full|whole|complete|proper|real) (?:studio )?(?:portrait|headshot)"
    r" (?:of|from|with) m[ey]\b"
    r"|\b(?:turn|make) (?:me|my (?:selfie|photo|picture)|this|it) into (?:an? )?(?:\w+ ){0,3}"
    r"(?:portrait|headshot)\b"
)


class Heard(Struct, frozen=True):
    """A wish and, of a variation, how far it goes."""

    wish: Wish
    change: Change = ""


def wish_in(text: str) -> Heard | None:
    """What of a model's or an enlarger's work a sentence asks for; None where nothing of it."""
    words = " ".join(text.casefold().split())
    if _VARY.search(words):
        return Heard("vary", "strong" if _LOT.search(words) else "subtle")
    for wish, pattern in (("room", _ROOM), ("made", _MADE), ("portrait", _PORTRAIT)):
        if pattern.search(words):
            return Heard(wish)  # pyright: ignore[reportArgumentType] - one of the three above
    return Heard("larger") if wants_larger(text) else None
