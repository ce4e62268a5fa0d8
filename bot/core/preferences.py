"""What a person likes, wherever they talk to the studio."""

from typing import Literal

from msgspec import Struct

from engine.shots import Scalar

TASTES = ("aspect", "film")


class Preferences(Struct, frozen=True):
    """A person's standing wishes.

    `delivery` is how finished pictures come: to look at and as the lossless file, or only to look
    at (the file is a tap away). `aspect` and `film` are the values assumed while nobody says
    otherwise, "" for the house's own. `first_looks` says whether pictures in the making are shown.
    """

    delivery: Literal["both", "photo"] = "both"
    aspect: str = ""
    film: str = ""
    first_looks: bool = True

    def tastes(self) -> dict[str, Scalar]:
        """Slot to value, for the slots this person has a wish for."""
        return {slot: value for slot in TASTES if (value := getattr(self, slot))}
