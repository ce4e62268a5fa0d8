"""How well a picture fits the wish and how good it is: the order of the candidates."""

from __future__ import annotations

import numpy as np

from engine.studio.generate.critic import Reading
from engine.studio.generate.request import ADULT_FLOOR, MINOR_LIMIT, FaceRequest
from engine.studio.generate.traits import (
    EXPRESSIONS,
    SKINS,
    TRAITS,
    Traits,
    expression_of,
    hair_of,
    index,
    skin_of,
)

AIM = 0.5
"""Where in an age band a picture aims when the entry lies outside: its middle."""

MOUTH = {
    "smile": (1.3, 0.15),
    "soft-smile": (0.45, 0.02),
    "neutral": (-0.1, 0.01),
    "serious": (-0.7, 0.0),
}
"""Smile units and lip gap (eye distances) that each expression aims at."""

HAIR_LAB = {
    "black": (12.0, 3.0, 1.0),
    "brown": (28.0, 9.0, 9.0),
    "blond": (55.0, 7.0, 21.0),
    "red": (37.0, 19.0, 20.0),
    "grey": (58.0, 2.0, 2.0),
}
"""L*, a*, b* at the hairline that each hair colour aims at."""

LIT = 60.0
"""L* of the whites of the eyes under which a face is steered towards more light."""

TONE = {"light": (48.0, 90.0), "medium": (18.0, 36.0), "dark": (-90.0, 0.0)}
"""Typology angles in degrees that each skin tone lies between."""

SPECTACLES, BARE = 3.3, 2.6
"""Edge energy on the nose: over the first spectacles sit there, under the second not a ghost."""

BACKDROP = {"light": 78.0, "dark": 22.0}


def rejected(reading: Reading | None, request: FaceRequest) -> str | None:
    """Why a picture may not be shown at all, or None.

    The adult floor stands on every picture, whatever was asked for.
    """
    if reading is None or reading.faces != 1:
        return "faces"
    if reading.age < ADULT_FLOOR or reading.minor > MINOR_LIMIT:
        return "age"
    if request.gender is not None and (reading.man > 0.5) != (request.gender == "man"):
        return "gender"
    if reading.look.sharp < 0.16 or reading.look.eyes > 0.16:
        return "eyes"
    bridge = reading.look.bridge
    if bridge < SPECTACLES if request.glasses else bridge > BARE:
        return "glasses"
    return None


def score(reading: Reading, request: FaceRequest) -> float:
    """Fit and quality in one number, 0..1, higher is better."""
    return float(np.exp(-0.5 * (misfit(reading, request) + flaws(reading))))


def misfit(reading: Reading, request: FaceRequest) -> float:
    """Distance from the wish, 0 for a match, about 1 for each missed field."""
    youngest, oldest = request.years()
    total = max(youngest - reading.age, reading.age - oldest, 0.0) / 6.0
    look = reading.look
    if request.hair is not None:
        hair = hair_of(reading)
        total += 0.0 if hair == request.hair else 0.5 if hair is None else 1.0
    if request.expression is not None:
        gap = abs(EXPRESSIONS.index(expression_of(look)) - EXPRESSIONS.index(request.expression))
        total += 0.7 * gap
    if request.skin is not None:
        total += abs(SKINS.index(skin_of(look)) - SKINS.index(request.skin))
    if request.backdrop is not None:
        total += abs(look.backdrop[0] - BACKDROP[request.backdrop]) / 40.0
    return total


def flaws(reading: Reading) -> float:
    """Photographic defects, 0 for none."""
    look = reading.look
    parts = (
        max(abs(look.yaw) - 6.0, 0.0) / 12.0,
        max(abs(look.roll) - 2.0, 0.0) / 4.0,
        max(0.24 - look.sharp, 0.0) / 0.06,
        look.eyes / 0.12,
        max(52.0 - look.light, 0.0) / 10.0,
        max(look.mottle - 4.0, 0.0) / 10.0,
        look.edge / 0.08,
        reading.minor / MINOR_LIMIT,
        max(32.0 - reading.age, 0.0) / 4.0,
    )
    return 0.5 * sum(parts)


def change_for(request: FaceRequest, now: Traits) -> Traits:
    """The change of traits (T,) that takes predicted traits towards the wish.

    Unasked traits stay, except that the head turns towards the lens and a dim face is lit.
    """
    aims: dict[str, float] = {"yaw": 0.35 * float(now[index("yaw")])}
    if not request.glasses:
        aims["bridge"] = min(1.4, float(now[index("bridge")]))
    aims["light"] = max(LIT, float(now[index("light")]))
    aims["age"] = _into(float(now[index("age")]), *request.years())
    if request.expression is not None:
        aims["smile"], aims["gap"] = MOUTH[request.expression]
    if request.hair is not None:
        aims |= dict(zip(("hair_l", "hair_a", "hair_b"), HAIR_LAB[request.hair], strict=True))
    if request.skin is not None:
        aims["tone"] = float(np.clip(now[index("tone")], *TONE[request.skin]))
    if request.backdrop is not None:
        aims["backdrop"] = BACKDROP[request.backdrop]
    wanted = [aims.get(name, float(now[column])) for column, name in enumerate(TRAITS)]
    return np.array(wanted, np.float32) - now


def _into(value: float, low: float, high: float) -> float:
    """The value itself when it lies well inside the band, else a point towards its middle."""
    margin = (high - low) * 0.2
    inside = min(max(value, low + margin), high - margin)
    return inside if inside == value else inside + AIM * ((low + high) / 2 - inside)
