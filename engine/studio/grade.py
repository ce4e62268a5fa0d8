"""Finishing: white balance, film character and grain.

The film looks are our own approximations from the stocks' published character (contrast, palette,
grain class); looks built from measured film tables come with a later version.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.errors import StudioFailed
from engine.studio.colour import LUMINANCE, to_linear

STRIP = 256
STEPS = 16384
MIRED_STEP = 16.0
SKIN_SHARE = 0.45
DAYLIGHT = 1e6 / 6504
BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))


@dataclass(frozen=True, slots=True)
class Film:
    """A film's character.

    `contrast` is the S-curve's strength around middle grey, `lift` the black level and `shoulder`
    how softly white arrives (all in sRGB 0..1); `saturation` 1 is unchanged; `shadows` and
    `highlights` tint the two ends (sRGB offsets per channel); `grain` is the standard deviation in
    8-bit levels on mid grey; `mono` are the weights of a black and white mix, in linear light.
    """

    contrast: float = 0.0
    lift: float = 0.0
    shoulder: float = 0.0
    saturation: float = 1.0
    shadows: tuple[float, float, float] = (0.0, 0.0, 0.0)
    highlights: tuple[float, float, float] = (0.0, 0.0, 0.0)
    grain: float = 0.6
    mono: tuple[float, float, float] | None = None


FILMS = {
    "neutral": Film(contrast=0.06, shoulder=0.006, grain=0.60),
    "portra-400": Film(
        contrast=0.03,
        lift=0.012,
        shoulder=0.006,
        saturation=0.93,
        shadows=(-0.004, 0.003, 0.008),
        highlights=(0.012, 0.004, -0.014),
        grain=0.85,
    ),
    "portra-800": Film(
        contrast=0.10,
        lift=0.016,
        shoulder=0.006,
        saturation=1.0,
        shadows=(0.000, 0.002, 0.007),
        highlights=(0.018, 0.004, -0.020),
        grain=1.15,
    ),
    "pro-400h": Film(
        contrast=-0.02,
        lift=0.016,
        shoulder=0.006,
        saturation=0.87,
        shadows=(-0.012, 0.006, 0.010),
        highlights=(0.000, 0.005, 0.003),
        grain=0.75,
    ),
    "tri-x-400": Film(
        contrast=0.22, lift=0.014, shoulder=0.006, grain=1.35, mono=(0.32, 0.50, 0.18)
    ),
}


def grade(rgb: np.ndarray, warmth: int, film: str, skin: np.ndarray | None) -> np.ndarray:
    """Balance and grade a picture: float32 HxWx3 sRGB 0..1 in and out, the input untouched.

    `warmth` -2..2 moves the light by 16 mired a step (an eighth of a CTO or CTB gel); `skin`,
    float32 HxW 0..1 or None, keeps nearly half of that shift off the face. `film` is a key of
    `FILMS`; another name raises StudioFailed.
    """
    import cv2

    stock = _film(film)
    palette = _palette(stock)
    balance = palette @ warm_matrix(warmth)
    table = _curves(film)
    decode = _decode_table()
    out = np.empty(rgb.shape, np.float32)
    for top in range(0, rgb.shape[0], STRIP):
        part = slice(top, top + STRIP)
        linear = decode[_index(rgb[part])]
        shifted = cv2.transform(linear, balance)
        if skin is not None and warmth:
            spared = cv2.transform(linear, palette) - shifted
            shifted += spared * (SKIN_SHARE * skin[part])[..., None]
        index = _index(cv2.sqrt(np.clip(shifted, 0, 1)).reshape(shifted.shape))
        for channel in range(3):
            out[part, :, channel] = table[channel][index[..., channel]]
    return out


def add_grain(rgb: np.ndarray, film: str, seed: int) -> np.ndarray:
    """Add the film's grain to float32 HxWx3 sRGB 0..1, the same on all channels.

    Grain is strongest in the mid tones, about a third of that in deep shadow and bright white, and
    as wide as the film's: 0.3 per mille of the long side. It also hides the steps of 8-bit files.
    Deterministic by (film, seed, size). Raises StudioFailed for an unknown film.
    """
    strength = _film(film).grain / 255
    noise = _grain_field(rgb.shape[0], rgb.shape[1], seed)
    out = np.empty(rgb.shape, np.float32)
    for top in range(0, rgb.shape[0], STRIP):
        part = slice(top, top + STRIP)
        tone = rgb[part, :, 1]
        amount = noise[part] * (strength * (0.35 + 2.6 * tone * (1 - tone)))
        np.clip(rgb[part] + amount[..., None], 0, 1, out=out[part])
    return out


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


def _film(name: str) -> Film:
    if name not in FILMS:
        raise StudioFailed(f"no film named {name!r}")
    return FILMS[name]


def _palette(film: Film) -> np.ndarray:
    weights = np.array(film.mono or LUMINANCE, np.float32)
    grey = np.tile(weights, (3, 1))
    saturation = 0.0 if film.mono else film.saturation
    return grey + (np.eye(3, dtype=np.float32) - grey) * saturation


@lru_cache(maxsize=8)
def _curves(name: str) -> tuple[np.ndarray, ...]:
    """Per channel: square root of linear light (STEPS entries) to graded sRGB."""
    from engine.studio.colour import to_srgb

    film = _film(name)
    tone = to_srgb(np.linspace(0, 1, STEPS, dtype=np.float32) ** 2)
    curved = tone - film.contrast * np.sin(2 * np.pi * tone) / (2 * np.pi)
    curved = film.lift * (1 - curved) ** 3 + curved - film.shoulder * curved**4
    low, high = (1 - tone) ** 2 * np.minimum(1, tone * 8), tone**2 * np.minimum(1, (1 - tone) * 8)
    tints = zip(film.shadows, film.highlights, strict=True)
    return tuple(
        np.clip(curved + low * shade + high * glow, 0, 1).astype(np.float32)
        for shade, glow in tints
    )


@lru_cache(maxsize=1)
def _decode_table() -> np.ndarray:
    return to_linear(np.linspace(0, 1, STEPS, dtype=np.float32)).astype(np.float32)


def _index(value: np.ndarray) -> np.ndarray:
    return (np.clip(value, 0, 1) * (STEPS - 1) + np.float32(0.5)).astype(np.uint16)


def _grain_field(height: int, width: int, seed: int) -> np.ndarray:
    """Correlated noise of unit variance, float32 HxW."""
    import cv2

    rng = np.random.default_rng(seed & 0xFFFF_FFFF_FFFF_FFFF)
    noise = rng.standard_normal((height, width), dtype=np.float32)
    wide = max(0.35, 0.0003 * max(height, width))
    noise = cv2.GaussianBlur(noise, (0, 0), wide)
    noise /= max(float(noise.std()), 1e-6)
    return noise
