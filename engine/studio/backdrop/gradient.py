"""A studio gradient: the colour glows low behind the shoulders and turns into the accent."""

from typing import TYPE_CHECKING

import numpy as np

from engine.studio.backdrop import fields
from engine.studio.colour import hex_to_linear, to_linear, to_srgb

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.backdrop.lens import Lens
    from engine.studio.light import Light

ACCENT_SHARE = 0.35


def paint(
    backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int, lens: "Lens"
) -> np.ndarray:
    """Gradient from `colour` (glow) to `accent` (top, corners), linear float32 HxWx3.

    Mixed in sRGB so that the steps look even; without an accent a deep shade of the colour serves.
    """
    import cv2

    rng = fields.random(seed)
    glow = to_srgb(hex_to_linear(backdrop.colour))
    deep = to_srgb(hex_to_linear(backdrop.accent)) if backdrop.accent else glow * ACCENT_SHARE
    mix = glow_map(light)[..., None]
    slow = to_linear(glow * mix + deep * (1 - mix)).astype(np.float32)
    slow *= (1 + 0.003 * fields.noise(rng, fields.SLOW_SIDE, 5, 3))[..., None]
    planes = [fields.fit(np.ascontiguousarray(slow[..., i]), width, height) for i in range(3)]
    return fields.dither(cv2.merge(planes), rng)


def glow_map(light: "Light") -> np.ndarray:
    """How much of the glow reaches each place, 0..1, SLOW_SIDE squared."""
    x, y = fields.grid(fields.SLOW_SIDE)
    radius = np.sqrt(((x - 0.07 * light.side) / 0.70) ** 2 + ((y - 0.14) / 0.86) ** 2)
    fade = np.clip(radius - 0.25 * light.side * x, 0, 1)
    return (1 - fade**1.7 * (2.7 - 1.7 * fade)).astype(np.float32)
