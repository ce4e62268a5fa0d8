"""Names, order and classes of everything the atlas knows about a face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.studio.generate.critic import Reading
from engine.studio.generate.measure import Look
from engine.studio.generate.request import Expression, Hair, Skin

TRAITS = (
    "age",
    "man",
    "smile",
    "gap",
    "yaw",
    "light",
    "tone",
    "blush",
    "hair_l",
    "hair_a",
    "hair_b",
    "backdrop",
    "mottle",
    "bridge",
)
"""Order of a trait vector: years, log-odds, smile units, eye distances, degrees, then L*a*b*."""

Traits = NDArray[np.float32]
"""One trait vector, shape (14,), or a table of them, shape (N, 14)."""

HAIRS: tuple[Hair, ...] = ("black", "brown", "blond", "red", "grey")
EXPRESSIONS: tuple[Expression, ...] = ("smile", "soft-smile", "neutral", "serious")
SKINS: tuple[Skin, ...] = ("light", "medium", "dark")


def index(trait: str) -> int:
    """Column of a trait by name; raises ValueError for an unknown one."""
    return TRAITS.index(trait)


def smile_of(look: Look) -> float:
    """One number for the mouth: about -1.5 stern, 0 relaxed, 1.5 and more for a grin."""
    open_part = min(look.gap, 0.25) / 0.08
    return 0.35 * (look.width - 0.92) / 0.09 + 0.35 * open_part + 0.3 * (look.lift - 0.05) / 0.045


def traits_of(reading: Reading) -> Traits:
    """The trait vector (T,) of one reading."""
    look = reading.look
    odds = np.log((reading.man + 0.02) / (1.02 - reading.man))
    values = (reading.age, odds, smile_of(look), look.gap, look.yaw)
    skin = (look.light, look.tone, look.skin[1])
    scene = (*look.hair, look.backdrop[0], look.mottle, look.bridge)
    return np.array([*values, *skin, *scene], np.float32)


def expression_of(look: Look) -> Expression:
    """Class of the mouth; the bounds were set on contact sheets."""
    mouth = smile_of(look)
    if look.teeth > 0.03 or look.gap > 0.09:
        return "smile" if mouth > 0.45 else "neutral"
    if mouth > 0.2:
        return "soft-smile"
    return "neutral" if mouth > -0.35 else "serious"


def skin_of(look: Look) -> Skin:
    """Class of the skin by its typology angle."""
    if look.tone > 41.0:
        return "light"
    return "medium" if look.tone > 12.0 else "dark"


def hair_of(reading: Reading) -> Hair | None:
    """Class of the hair's colour, None for a bald head; the bounds were set on contact sheets.

    Grey and ash blond look alike to the meter, so pale colourless hair is grey from 42 years on.
    """
    look = reading.look
    light, red, yellow = look.hair
    chroma = float(np.hypot(red, yellow))
    if look.bare > 0.6 and reading.man > 0.5:
        return None
    if red > 13.0 and chroma > 26.5 and light > 25.0:
        return "red"
    if light > 46.0:
        limit = 18.0 if reading.man > 0.5 and reading.age >= 50.0 else 10.0
        pale = yellow < limit and reading.age >= 42.0
        return "grey" if pale else "blond"
    if (light < 18.0 and chroma < 7.0) or (light < 24.0 and chroma < 4.0):
        return "black"
    return "grey" if light > 41.0 and chroma < 4.0 and reading.age >= 42.0 else "brown"
