"""Finishing: white balance, film and grain, over sitter and backdrop at once."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.studio.colour import LUMINANCE, to_linear, to_srgb
from engine.studio.film import film_named, print_film
from engine.studio.grain import Grain, Missing

STRIP = 256
STEPS = 16384
MIRED_STEP = 16.0
SKIN_SHARE = 0.45
CONTRAST, SHOULDER = 0.06, 0.006
"""The house curve, where no film is asked for: an S around middle grey, a soft arrival in white."""
DAYLIGHT = 1e6 / 6504
BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))


def grade(
    rgb: np.ndarray, warmth: int, film: str, skin: np.ndarray | None, strength: float = 1.0
) -> np.ndarray:
    """Balance and grade a picture: float32 HxWx3 sRGB 0..1 in and out, the input untouched.

    `warmth` -2..2 moves the light by 16 mired a step (an eighth of a CTO or CTB gel); `skin`,
    float32 HxW 0..1 or None, keeps nearly half of that shift off the face, and a third of the
    film. `film` is a key of `FILMS`; another name raises `StudioFailed`. `strength` 0..1 turns a
    colour film down.
    """
    film_named(film)
    out = np.empty(rgb.shape, np.float32)
    for top in range(0, rgb.shape[0], STRIP):
        part = slice(top, top + STRIP)
        face = None if skin is None else skin[part]
        linear = _decode_table()[_index(rgb[part])]
        out[part] = _graded(linear, warmth, film, face, strength)
    return out


@dataclass(frozen=True, slots=True)
class Tones:
    """What colours a whole picture: steps of warmth, the film, and how much of it (0..1)."""

    warmth: int = 0
    film: str = "neutral"
    strength: float = 1.0


def finish_tones(
    linear: np.ndarray,
    tones: Tones,
    skin: np.ndarray | None,
    seed: int,
    missing: Missing | None = None,
) -> np.ndarray:
    """From linear light to the finished picture: uint8 HxWx3, graded, grained and dithered.

    Strip by strip, so that no second picture of full size exists; see `grade` and `add_grain`.
    """
    grain = Grain(tones.film, seed, linear.shape, missing)
    out = np.empty(linear.shape, np.uint8)
    for top in range(0, linear.shape[0], STRIP):
        part = slice(top, top + STRIP)
        face = None if skin is None else skin[part]
        graded = _graded(linear[part], tones.warmth, tones.film, face, tones.strength)
        grained = grain.over(graded, part)
        out[part] = (grained * 255 + np.float32(0.5)).astype(np.uint8)
    return out


def _graded(
    linear: np.ndarray, warmth: int, film: str, skin: np.ndarray | None, strength: float
) -> np.ndarray:
    """One strip of linear light to graded sRGB, float32."""
    import cv2

    if warmth:
        shifted = cv2.transform(linear, warm_matrix(warmth))
        if skin is not None:
            shifted += (linear - shifted) * (SKIN_SHARE * skin)[..., None]
        linear = shifted
    root = cv2.sqrt(np.clip(linear, 0, 1)).reshape(linear.shape)
    if not film_named(film).strength:
        return _house_curve()[_index(root)]
    return print_film(_encode_table()[_index(root)], film, skin, strength)


@lru_cache(maxsize=8)
def warm_matrix(warmth: int) -> np.ndarray:
    """Linear sRGB matrix that warms (or cools) by `warmth` steps, grey keeps its luminance.

    Bradford adaptation from D65 to the CIE daylight of 6504 K shifted by the steps in mired.
    """
    bradford, to_xyz = np.array(BRADFORD), np.array(TO_XYZ)
    source = bradford @ _daylight(DAYLIGHT)
    target = bradford @ _daylight(DAYLIGHT + MIRED_STEP * warmth)
    adapt = np.linalg.inv(bradford) @ np.diag(target / source) @ bradford
    matrix = np.linalg.inv(to_xyz) @ adapt @ to_xyz
    return (matrix / (np.array(LUMINANCE) @ matrix.sum(1))).astype(np.float32)


def _daylight(mired: float) -> np.ndarray:
    """XYZ of the CIE daylight locus (4000-7000 K and 7000-25000 K polynomials), Y = 1."""
    t = 1e6 / mired
    if t <= 7000:
        x = -4.6070e9 / t**3 + 2.9678e6 / t**2 + 0.09911e3 / t + 0.244063
    else:
        x = -2.0064e9 / t**3 + 1.9018e6 / t**2 + 0.24748e3 / t + 0.237040
    y = -3.0 * x**2 + 2.870 * x - 0.275
    return np.array([x / y, 1, (1 - x - y) / y])


@lru_cache(maxsize=1)
def _house_curve() -> np.ndarray:
    """Square root of linear light (STEPS entries) to sRGB with a gentle S."""
    tone = _encode_table()
    curved = tone - CONTRAST * np.sin(2 * np.pi * tone) / (2 * np.pi)
    return np.clip(curved - SHOULDER * curved**4, 0, 1).astype(np.float32)


@lru_cache(maxsize=1)
def _encode_table() -> np.ndarray:
    """Square root of linear light (STEPS entries) to sRGB: the root spends its steps in shadow."""
    return to_srgb(np.linspace(0, 1, STEPS, dtype=np.float32) ** 2)


@lru_cache(maxsize=1)
def _decode_table() -> np.ndarray:
    return to_linear(np.linspace(0, 1, STEPS, dtype=np.float32)).astype(np.float32)


def _index(value: np.ndarray) -> np.ndarray:
    return (np.clip(value, 0, 1) * (STEPS - 1) + np.float32(0.5)).astype(np.uint16)
