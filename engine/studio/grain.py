"""Grain, laid on last: one emulsion over sitter and backdrop alike."""

import numpy as np

from engine.studio.film import film_named

STRIP = 256
WIDTH = 0.0003
"""A grain's width as a share of the long side: it grows with the print, as film's does."""
LAPLACE = ((1, -2, 1), (-2, 4, -2), (1, -2, 1))


def add_grain(rgb: np.ndarray, film: str, seed: int, extra: np.ndarray | None = None) -> np.ndarray:
    """Add the film's grain to float32 HxWx3 sRGB 0..1; a new array.

    Grain is strongest in the mid tones, about a third of that in deep shadow and bright white. It
    also hides the steps of 8-bit files. `extra` (float32 HxW, 8-bit levels) is noise to add where
    the picture has none of its own. Deterministic by (film, seed, size, extra). Raises
    `StudioFailed` for an unknown film.
    """
    grain = Grain(film, seed, rgb.shape[:2])
    out = np.empty(rgb.shape, np.float32)
    for top in range(0, rgb.shape[0], STRIP):
        part = slice(top, top + STRIP)
        out[part] = grain.over(rgb[part], part, None if extra is None else extra[part])
    return out


class Grain:
    """One sheet of film: its noise is drawn once and laid over the picture strip by strip."""

    def __init__(self, film: str, seed: int, shape: tuple[int, ...]) -> None:
        stock = film_named(film)
        self._strength, self._tint = stock.grain / 255, stock.tint
        rng = np.random.default_rng(seed & 0xFFFF_FFFF_FFFF_FFFF)
        self._noise = _field(rng, *shape[:2])
        self._dye = _field(rng, *shape[:2]) if stock.tint else None

    def over(self, rgb: np.ndarray, rows: slice, extra: np.ndarray | None = None) -> np.ndarray:
        """The strip `rows` of the picture, float32 0..1, with its grain; clipped."""
        tone = rgb[..., 1]
        amount = self._strength * (0.35 + 2.6 * tone * (1 - tone))
        if extra is not None:
            amount = np.hypot(amount, extra / 255)
        silver = amount * self._noise[rows]
        if self._dye is None:
            return np.clip(rgb + silver[..., None], 0, 1)
        dye = (self._tint * amount) * self._dye[rows]
        planes = (silver + dye, silver - 0.4 * dye, silver - 0.8 * dye)
        return np.clip(rgb + np.stack(planes, 2), 0, 1)


def noise_level(rgb: np.ndarray, where: np.ndarray) -> float:
    """Noise of uint8 HxWx3 where the bool HxW mask holds: standard deviation in 8-bit levels.

    Immerkaer 1996 ("Fast noise variance estimation"), with a median instead of the mean so that
    edges count little. 0 where there is next to nothing to measure.
    """
    import cv2

    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    rest = np.abs(cv2.filter2D(grey, -1, np.array(LAPLACE, np.float32)))[where]
    return float(1.4826 * np.median(rest) / 6) if rest.size > 400 else 0.0


def _field(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Correlated noise of unit variance, float32 HxW."""
    import cv2

    noise = rng.standard_normal((height, width), dtype=np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), max(0.35, WIDTH * max(height, width)))
    noise /= max(float(noise[::3, ::3].std()), 1e-6)
    return noise
