"""Grain, laid on last: one emulsion over sitter and backdrop alike."""

from dataclasses import dataclass

import numpy as np

from engine.studio.film import film_named

STRIP = 256
WIDTH = 0.0003
"""A grain's width as a share of the long side: it grows with the print, as film's does."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Noise that one part of a picture lacks: `level` float32 HxW in 8-bit levels.

    `width` is the standard deviation of a grain's own size in pixels: as wide as the noise of the
    enlarged photo beside it.
    """

    level: np.ndarray
    width: float = 0.35


def add_grain(rgb: np.ndarray, film: str, seed: int, missing: Missing | None = None) -> np.ndarray:
    """Add the film's grain to float32 HxWx3 sRGB 0..1; a new array.

    Grain is strongest in the mid tones, about a third of that in deep shadow and bright white. It
    also hides the steps of 8-bit files. `missing` is noise to add where the picture has none of
    its own. Deterministic by (film, seed, size, missing). Raises `StudioFailed` for an unknown
    film.
    """
    grain = Grain(film, seed, rgb.shape[:2], missing)
    out = np.empty(rgb.shape, np.float32)
    for top in range(0, rgb.shape[0], STRIP):
        part = slice(top, top + STRIP)
        out[part] = grain.over(rgb[part], part)
    return out


class Grain:
    """One sheet of film: its noise is drawn once and laid over the picture strip by strip."""

    def __init__(
        self, film: str, seed: int, shape: tuple[int, ...], missing: Missing | None = None
    ) -> None:
        stock = film_named(film)
        self._strength, self._tint = stock.grain / 255, stock.tint
        height, width = shape[:2]
        rng = np.random.default_rng(seed & 0xFFFF_FFFF_FFFF_FFFF)
        size = max(0.35, WIDTH * max(height, width))
        self._noise = _field(rng, height, width, size)
        self._dye = _field(rng, height, width, size) if stock.tint else None
        self._missing = missing
        if missing is not None:
            self._photo = _field(rng, height, width, missing.width)

    def over(self, rgb: np.ndarray, rows: slice) -> np.ndarray:
        """The strip `rows` of the picture, float32 0..1, with its grain; clipped."""
        curve = by_tone(rgb[..., 1])
        amount = self._strength * curve
        silver = amount * self._noise[rows]
        if self._missing is not None:
            silver += self._missing.level[rows] / np.float32(255) * curve * self._photo[rows]
        if self._dye is None:
            return np.clip(rgb + silver[..., None], 0, 1)
        dye = (self._tint * amount) * self._dye[rows]
        planes = (silver + dye, silver - 0.4 * dye, silver - 0.8 * dye)
        return np.clip(rgb + np.stack(planes, 2), 0, 1)


def by_tone(tone: "np.ndarray | float") -> "np.ndarray | float":
    """Grain's share by sRGB tone 0..1: 1 on mid grey, a third in black and white."""
    return 0.35 + 2.6 * tone * (1 - tone)


def _field(rng: np.random.Generator, height: int, width: int, size: float) -> np.ndarray:
    """Correlated noise of unit variance, float32 HxW; `size` is its sigma in pixels."""
    import cv2

    noise = rng.standard_normal((height, width), dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), size)
    noise /= max(float(noise[::3, ::3].std()), 1e-6)
    return noise
