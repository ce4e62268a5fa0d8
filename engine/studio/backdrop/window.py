"""The light of a tall window falling on a plain wall, bars and all."""

from typing import TYPE_CHECKING

import numpy as np

from engine.studio.backdrop import fields, wall
from engine.studio.colour import hex_to_linear

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.backdrop.lens import Lens
    from engine.studio.light import Light

AMBIENT, SUN = 0.40, 0.85
BARS = ((-1 / 6, 1 / 6), (-0.31, 0.0, 0.31))
BAR = (0.020, 0.013)


def paint(
    backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int, lens: "Lens"
) -> np.ndarray:
    """A wall in `colour`; `accent` is the colour of the light; linear float32 HxWx3."""
    import cv2

    rng = fields.random(seed, 5)
    plain = hex_to_linear(backdrop.colour)
    sun = hex_to_linear(backdrop.accent or "#ffeecb")
    sun = sun / sun.max()
    panes = cv2.GaussianBlur(_panes(light, rng), (0, 0), 0.008 * wall.SIDE)
    rough = 1 + 0.02 * fields.noise(rng, wall.SIDE, 8, 5, 0.6)
    lit = AMBIENT * np.ones(3, np.float32) + SUN * panes[..., None] * sun
    material = plain * lit * rough[..., None]
    hung = wall.Wall(material.astype(np.float32), rng, 0.45, 0.6)
    return wall.hang(hung, width, height, light, lens)


def _panes(light: "Light", rng: np.random.Generator) -> np.ndarray:
    """Where the sun comes through, 0..1: slanted away from the side the light comes from."""
    side = 1.0 if light.side >= 0 else -1.0
    x, y = fields.grid(wall.SIDE)
    shift = 0.20 * side + rng.normal(0, 0.02)
    across = (x - shift + 0.30 * side * y) / 0.62
    down = (y + 0.08 - 0.10 * side * x) / 0.80
    inside = (np.abs(across) < 0.5) & (np.abs(down) < 0.5)
    panes = inside.astype(np.float32)
    for line, bars, half in zip((across, down), BARS, BAR, strict=True):
        for bar in bars:
            panes *= np.abs(line - bar) > half
    return panes * (0.75 + 0.25 * np.clip(0.5 - y, 0, 1)).astype(np.float32)
