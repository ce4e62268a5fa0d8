"""What a face can be asked for, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.errors import NoAdultFound

Gender = Literal["woman", "man"]
Hair = Literal["black", "brown", "blond", "red", "grey"]
Expression = Literal["smile", "soft-smile", "neutral", "serious"]
Skin = Literal["light", "medium", "dark"]
Backdrop = Literal["light", "dark"]

ADULT_FLOOR = 27.0
"""Years the critic must predict at least. Far above 18, for the critic errs by several years."""

AIM_FLOOR = 30.0
"""Years the sampler steers towards at least, so that the floor is seldom needed."""

MINOR_LIMIT = 0.05
"""Highest probability of an age under 20 that any view of an accepted face may get."""


HONOURED = ("gender", "age", "hair", "expression", "skin", "glasses", "backdrop")
"""What the sampler follows; wardrobe, pose, scene and lens are not its to give."""


@dataclass(frozen=True)
class FaceRequest:
    """A wish for one portrait; None means no preference.

    Attributes:
        gender: How the face should read.
        age: Youngest and oldest age in years, inclusive; lifted to the adult floor.
        hair: Main hair colour.
        expression: From an open smile to serious.
        skin: Skin tone; leave None unless the user named one.
        glasses: True asks for spectacles; None and False both ask for none.
        backdrop: Brightness of the picture's own backdrop.
    """

    gender: Gender | None = None
    age: tuple[int, int] | None = None
    hair: Hair | None = None
    expression: Expression | None = None
    skin: Skin | None = None
    glasses: bool | None = None
    backdrop: Backdrop | None = None

    def __post_init__(self) -> None:
        """Refuse an age range that no adult can meet.

        Raises:
            NoAdultFound: The whole range lies under 18.
            ValueError: The range is empty or not a human age.
        """
        if self.age is None:
            return
        youngest, oldest = self.age
        if not 0 <= youngest <= oldest <= 120:
            raise ValueError(f"age must be an ordered pair within 0..120, got {self.age}")
        if oldest < 18:
            raise NoAdultFound(f"only adults are drawn, asked for {youngest}-{oldest}")

    def years(self) -> tuple[float, float]:
        """The age band to aim at, at least 4 years wide and never under the adult floor."""
        if self.age is None:
            return AIM_FLOOR, 75.0
        youngest = min(max(float(self.age[0]), AIM_FLOOR), 74.0)
        return youngest, max(float(self.age[1]), youngest + 4.0)
