"""Trowelled plaster: overlapping strokes in a raking light, and a wash of colour."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.studio.backdrop import fields, wall
from engine.studio.colour import hex_to_linear

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.backdrop.lens import Lens
    from engine.studio.light import Light

STROKES = 620


def paint(
    backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int, lens: "Lens"
) -> np.ndarray:
    """Plaster in `colour`, washed with `accent` where the trowel left more; linear HxWx3."""
    rng = fields.random(seed, 4)
    ground = hex_to_linear(backdrop.colour)
    wash = hex_to_linear(backdrop.accent) if backdrop.accent else ground * 1.35
    height_map, cloud = _coat(seed)
    material = wall.mix(ground, wash, cloud)
    material *= wall.relief(height_map, light, 5.5)[..., None]
    hung = wall.Wall(material.astype(np.float32), rng, 0.30, 0.52)
    return wall.hang(hung, width, height, light, lens)


@lru_cache(maxsize=2)
def _coat(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Height of the coat, and how much wash lies where (0..1): both float32 SIDE squared."""
    rng = fields.random(seed)
    side = wall.SIDE
    coat = 0.5 * fields.noise(rng, side, 3, 3)
    for _ in range(STROKES):
        _stroke(coat, rng)
    cloud = 0.35 * fields.noise(rng, side, 2.5, 5, 0.6) + 0.22 * (coat - coat.mean())
    grit = 0.05 * fields.noise(rng, side, 90, 3, 0.7)
    return coat + grit, np.clip(0.45 + cloud, 0, 1).astype(np.float32)


def _stroke(coat: np.ndarray, rng: np.random.Generator) -> None:
    """One pull of the trowel: a flat arc whose far edge stands up a little."""
    import cv2

    side = coat.shape[0]
    centre = rng.integers(0, side, 2)
    axes = (int(rng.integers(side // 14, side // 6)), int(rng.integers(side // 40, side // 16)))
    reach = max(axes) + 8
    x0, y0 = (int(max(0, c - reach)) for c in centre)
    x1, y1 = (int(min(side, c + reach)) for c in centre)
    patch = np.zeros((y1 - y0, x1 - x0), np.float32)
    place = (int(centre[0]) - x0, int(centre[1]) - y0)
    cv2.ellipse(patch, place, axes, float(rng.normal(25, 45)), 0, 360, 1.0, -1, cv2.LINE_AA)
    soft = cv2.GaussianBlur(patch, (0, 0), axes[1] * 0.10 + 1)
    lift = rng.normal(0, 0.32)
    coat[y0:y1, x0:x1] += soft * 0.55 * (lift - 0.35 * (coat[y0:y1, x0:x1] - lift))
