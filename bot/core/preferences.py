"""What a person likes, wherever they talk to the studio."""

from typing import Literal

from msgspec import Struct, field, structs

from engine.shots import Scalar

TASTES = ("aspect", "film")
"""Standing wishes that the settings card asks about."""
WISHES = (
    *TASTES, "look", "shot", "backdrop", "lighting", "key_side", "softness", "lens_mm", "aperture",
    "skin", "warmth", "expression", "pose", "wardrobe",
)  # fmt: skip
"""Slots that "always ..." can settle; never who somebody is."""


class Preferences(Struct, frozen=True):
    """A person's standing wishes.

    `delivery` is how finished pictures come: to look at and as the lossless file, or only to look
    at (the file is a tap away). `aspect` and `film` are the values assumed while nobody says
    otherwise, "" for the house's own. `first_looks` says whether pictures in the making are shown.
    `wishes` are further slots, as "always ..." settled them; `zone` names the person's time zone
    (IANA) where they said it, `seen_zone` what their device says; "" for not known.
    `language` is what they write ("de"), `seen_language` what their device speaks. `outside` is
    what they agreed to of pictures made elsewhere (see `bot.core.outside`), "here" after a no, ""
    while nobody asked.
    """

    delivery: Literal["both", "photo"] = "both"
    aspect: str = ""
    film: str = ""
    first_looks: bool = True
    wishes: dict[str, Scalar] = field(default_factory=dict)
    zone: str = ""
    outside: str = ""
    seen_zone: str = ""
    language: str = ""
    seen_language: str = ""

    @property
    def calendar(self) -> str:
        """The zone their days go by; "" for the studio's own."""
        return self.zone or self.seen_zone

    def tastes(self) -> dict[str, Scalar]:
        """Slot to value, for the slots this person has a wish for."""
        return self.wishes | {slot: value for slot in TASTES if (value := getattr(self, slot))}


def wishing(likes: Preferences, values: dict[str, Scalar]) -> Preferences:
    """The preferences with these standing wishes.

    >>> wishing(Preferences(), {"film": "pro-400h", "backdrop": "seamless-navy"}).tastes()
    {'backdrop': 'seamless-navy', 'film': 'pro-400h'}
    """
    plain = {slot: str(value) for slot, value in values.items() if slot in TASTES}
    more = {slot: value for slot, value in values.items() if slot in WISHES and slot not in TASTES}
    return structs.replace(likes, **plain, wishes=likes.wishes | more)


def without_wishes(likes: Preferences) -> Preferences:
    """The preferences with every slot left to the house again."""
    return structs.replace(likes, aspect="", film="", wishes={})
