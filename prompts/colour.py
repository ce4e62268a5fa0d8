"""Colours as eyes see them: CIE L*a*b* of sRGB, for saying what stands out against what."""

import math
from functools import lru_cache

Lab = tuple[float, float, float]
_WHITE = (0.95047, 1.0, 1.08883)  # D65, 2 degrees
_TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)


@lru_cache(1024)
def lab(colour: str) -> Lab:
    """L* (0..100), a* and b* of an sRGB "#rrggbb" (IEC 61966-2-1, CIE 15)."""
    linear = [_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5)]
    xyz = [sum(m * v for m, v in zip(row, linear, strict=True)) for row in _TO_XYZ]
    x, y, z = (_cube(v / w) for v, w in zip(xyz, _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: Lab, other: Lab) -> float:
    """Distance of two colours (CIE 1976); about 2 can just be seen, 10 is another shade."""
    return math.dist(one, other)


def chroma(colour: Lab) -> float:
    """How colourful: 0 for greys, over 20 for a colour one would name."""
    return math.hypot(colour[1], colour[2])


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _cube(value: float) -> float:
    return value ** (1 / 3) if value > 216 / 24389 else (24389 / 27 * value + 16) / 116
