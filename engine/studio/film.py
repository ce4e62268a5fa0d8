"""Film: tables computed from the makers' published data, blended into a picture, skin spared.

`film.npz` holds one 33³ table per stock, uint16 [red][green][blue] -> RGB, all sRGB; it is made by
`tools/build_film.py` (negative printed on its paper, greys kept, their colour mostly taken out).
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.errors import StudioFailed
from engine.studio.colour import LUMINANCE

TABLES = Path(__file__).with_name("film.npz")
MONO_SPARED = 0.5
SPARED = 0.35
"""A face takes this much less of a colour film than the rest."""


@dataclass(frozen=True, slots=True)
class Film:
    """A stock: how much of its table is blended in (0..1), and its grain.

    `grain` is the standard deviation on mid grey in 8-bit levels; `tint` how much of it is
    coloured (0..1). Fine-grained at ISO 400, coarser at 800, coarsest in black and white.
    """

    strength: float = 0.45
    grain: float = 0.85
    tint: float = 0.3
    mono: bool = False


FILMS = {
    "neutral": Film(strength=0.0, grain=0.60, tint=0.0),
    "portra-400": Film(grain=0.85),
    "portra-800": Film(grain=1.10),
    "pro-400h": Film(grain=0.80),
    "tri-x-400": Film(strength=1.0, grain=1.25, tint=0.0, mono=True),
}


def film_named(name: str) -> Film:
    """The stock of that name. Raises `StudioFailed`."""
    if name not in FILMS:
        raise StudioFailed(f"no film named {name!r}")
    return FILMS[name]


def print_film(
    srgb: np.ndarray, name: str, skin: np.ndarray | None, strength: float = 1.0
) -> np.ndarray:
    """Blend a film into float32 HxWx3 sRGB 0..1; a new array.

    `skin` (float32 HxW 0..1 or None) takes 35 % less of a colour film; `strength` 0..1 turns the
    film down. Raises `StudioFailed` for an unknown film.
    """
    film = film_named(name)
    if not film.strength:
        return srgb
    printed = _look_up(srgb, _plane(name))
    if film.mono:
        return printed if skin is None else _with_truer_skin(srgb, printed, skin)
    share = np.float32(film.strength * strength)
    if skin is None:
        return srgb + (printed - srgb) * share
    return srgb + (printed - srgb) * (share * (1 - SPARED * skin))[..., None]


def _with_truer_skin(srgb: np.ndarray, printed: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Black and white with faces half way back to their luminance: the film darkens red skin."""
    import cv2

    linear = cv2.pow(np.clip(srgb, 0, 1), 2.2).reshape(srgb.shape)
    grey = cv2.pow(cv2.transform(linear, np.array([LUMINANCE], np.float32)), 1 / 2.2)
    share = np.float32(MONO_SPARED) * skin
    return printed + (grey.reshape(skin.shape) - printed[..., 0])[..., None] * share[..., None]


def _look_up(srgb: np.ndarray, plane: np.ndarray) -> np.ndarray:
    """Trilinear: bilinear in red and green on the two slices of blue around each pixel."""
    import cv2

    last = _side(plane) - 1
    place = np.clip(srgb, 0, 1) * np.float32(last)
    low = np.minimum(np.floor(place[..., 2]), last - 1)
    share = (place[..., 2] - low)[..., None]
    across, down = place[..., 0] + low * (last + 1), place[..., 1]
    first = cv2.remap(plane, across, down, cv2.INTER_LINEAR)
    second = cv2.remap(plane, across + (last + 1), down, cv2.INTER_LINEAR)
    second -= first
    second *= share
    first += second
    return first


@lru_cache(maxsize=8)
def _plane(name: str) -> np.ndarray:
    """A film's table with its blue slices side by side: float32 (side, side², 3), rows green."""
    with np.load(TABLES) as tables:
        table = tables[name].astype(np.float32) / 65535
    side = table.shape[0]
    return np.ascontiguousarray(table.transpose(1, 2, 0, 3).reshape(side, side * side, 3))


def _side(plane: np.ndarray) -> int:
    return plane.shape[0]
