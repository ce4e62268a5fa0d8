"""What every wall of a material shares: painted once as a square, blurred by the lens, lit, cut."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.studio.backdrop import fields
from engine.studio.backdrop.lens import Lens, lens_blur

if TYPE_CHECKING:
    from engine.studio.light import Light

SIDE = 1280
"""A wall is never in focus, so this is enough for pictures several times as large."""
METRES = 1.24
"""How much of a wall 3.3 m away an 85 mm lens shows along the picture's long side."""


@dataclass(frozen=True, slots=True)
class Wall:
    """What a square of material needs to hang: `material` is linear float32 SIDE x SIDE x 3.

    `edge` and `size` shape the pool of light, see `fields.pool`; `rng` dithers.
    """

    material: np.ndarray
    rng: np.random.Generator
    edge: float = 0.30
    size: float = 0.5


def hang(
    wall: Wall,
    width: int,
    height: int,
    light: "Light",
    lens: Lens,
) -> np.ndarray:
    """Blur, light and cut a wall to a picture: linear float32 HxWx3."""
    import cv2

    disc = lens.disc_share() * SIDE * min(width, height) / max(width, height)
    soft = lens_blur(wall.material, disc)
    lit = fields.fit(fields.pool(light, wall.edge, wall.size), width, height)
    planes = [fields.fit(np.ascontiguousarray(soft[..., i]), width, height) for i in range(3)]
    for plane in planes:
        np.multiply(plane, lit, out=plane)
    return fields.dither(cv2.merge(planes), wall.rng)


def relief(height: np.ndarray, light: "Light", depth: float) -> np.ndarray:
    """How the key picks out a relief: a factor around 1, float32 like `height`.

    Lambert's law for small slopes, light from `light.side` and from above; `depth` scales the
    slopes of the height field.
    """
    import cv2

    across = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3) / 8
    down = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3) / 8
    side = light.side if abs(light.side) > 0.1 else 0.25
    return 1 + np.clip(depth * (down * 0.8 - across * side), -0.4, 0.4)


def mix(low: np.ndarray, high: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Blend two linear colours (3,) by a field HxW 0..1: float32 HxWx3."""
    return low + (high - low) * np.clip(share, 0, 1)[..., None]
