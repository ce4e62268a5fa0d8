"""Slow fields every backdrop is made of: noise, the pool of light, and dither.

All fields live on a square of side 1 whose unit is the picture's long side, so that the same seed
shows the same backdrop at every size and aspect: `fit` cuts the picture's part out of the square.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.studio.light import Light

SLOW_SIDE = 384
LEVEL = 1 / 255
SIDED, AGREES, LEAN = 0.10, 0.008, 0.045


def random(seed: int, stream: int = 0) -> np.random.Generator:
    """A generator for any whole seed, negative ones too; streams of one seed are independent."""
    return np.random.default_rng((seed & 0xFFFF_FFFF_FFFF_FFFF, stream))


def grid(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of a square field: x (1, side) and y (side, 1), both -0.5..0.5, y downwards."""
    line = (np.arange(side, dtype=np.float32) + 0.5) / side - 0.5
    return line[None, :], line[:, None]


def noise(
    rng: np.random.Generator, side: int, cells: float, octaves: int, gain: float = 0.5
) -> np.ndarray:
    """Smooth noise of unit variance: `octaves` of cubic value noise from `cells` per side up."""
    import cv2

    total = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        count = max(4, round(cells * 2**octave))
        if count >= side:
            break
        lattice = rng.standard_normal((count, count), dtype=np.float32)
        total += gain**octave * cv2.resize(lattice, (side, side), interpolation=cv2.INTER_CUBIC)
    return (total - total.mean()) / (total.std() + 1e-6)


def pool(light: "Light", edge: float, size: float = 0.42) -> np.ndarray:
    """The pool of light on a backdrop: float32 SLOW_SIDE squared, 1 at its peak.

    `edge` (0..1) is the light that reaches far from the pool, `size` the pool's radius in long
    sides. The pool sits behind the head and shoulders, pulled and tilted towards the key.
    The falloff of a point source before a plane is (1 + d²)^-1.5.
    """
    x, y = grid(SLOW_SIDE)
    centre_x, centre_y = 0.10 * light.side, -0.06 - 0.03 * light.height
    distance = ((x - centre_x) ** 2 + (y - centre_y) ** 2 * 0.8) / size**2
    shape = edge + (1 - edge) * (1 + distance) ** -1.5
    tilt = 0.9 * (1 - edge) * light.side
    shape = shape * np.exp(tilt * x) * np.exp(-0.25 * (1 - edge) * light.height * y)
    return (shape / shape.max()).astype(np.float32)


def light_side(picture: np.ndarray) -> float:
    """Which half is brighter, HxWx3 or HxW in linear light: (R - L) / (R + L), -1..1."""
    part = picture[::8, ::8].mean(2) if picture.ndim == 3 else picture[::8, ::8]
    middle = part.shape[1] // 2
    if not middle:
        return 0.0
    left, right = float(part[:, :middle].mean()), float(part[:, -middle:].mean())
    return (right - left) / max(right + left, 1e-6)


def lean(linear: np.ndarray, light: "Light") -> np.ndarray:
    """Let light fall off away from the key until the picture's sides agree with the face's.

    Changes float32 HxWx3 in place, by no more than is needed: a bright corner of a texture must
    not contradict the key. Light without a side changes nothing.
    """
    if abs(light.side) < SIDED:
        return linear
    sign = 1.0 if light.side > 0 else -1.0
    agrees = sign * light_side(linear)
    if agrees < AGREES:
        short = LEAN - agrees
        line = np.linspace(-0.5, 0.5, linear.shape[1], dtype=np.float32)
        # The halves of exp(t x) differ by tanh(t/4).
        falloff = np.exp(4 * np.arctanh(min(short, 0.6)) * sign * line)
        linear *= np.minimum(falloff / falloff.max() * 1.15, 1.15)[None, :, None]
        np.clip(linear, 0, 1, out=linear)
    return linear


def fit(field: np.ndarray, width: int, height: int) -> np.ndarray:
    """Cut the centred width:height part out of a square field and resize it to that size."""
    import cv2

    side, long = field.shape[0], max(width, height)
    step = side / long
    offset_x, offset_y = (side - width * step) / 2, (side - height * step) / 2
    if step > 1:
        field = cv2.resize(field, (long, long), interpolation=cv2.INTER_AREA)
        left, top = (long - width) // 2, (long - height) // 2
        return np.ascontiguousarray(field[top : top + height, left : left + width])
    matrix = np.array([[step, 0, offset_x + step / 2 - 0.5], [0, step, offset_y + step / 2 - 0.5]])
    return cv2.warpAffine(
        field,
        matrix,
        (width, height),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )


def dither(linear: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Add triangular noise of one 8-bit level in place, so that rounding leaves no bands.

    `linear` is float32 HxWx3; the noise is scaled by the slope of the sRGB curve, about
    2 sqrt(linear), and clipped to 0..1. Works in strips to stay lean.
    """
    import cv2

    for top in range(0, linear.shape[0], 256):
        strip = linear[top : top + 256]
        shape = strip.shape[:2]
        wobble = rng.random(shape, dtype=np.float32) - rng.random(shape, dtype=np.float32)
        slope = cv2.sqrt(np.maximum(strip, 0))
        slope *= 2 * LEVEL
        slope += 0.02 * LEVEL
        slope *= wobble[..., None]
        strip += slope
        np.clip(strip, 0, 1, out=strip)
    return linear
