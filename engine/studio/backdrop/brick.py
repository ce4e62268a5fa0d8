"""A brick wall in running bond: colours of one palette, worn edges, mortar set back."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.studio.backdrop import fields, wall
from engine.studio.colour import hex_to_linear, to_linear, to_srgb

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.backdrop.lens import Lens
    from engine.studio.light import Light

COURSE, LENGTH, JOINT = 0.075, 0.225, 0.010
"""Metres: a course and a brick with their joint, and the joint (British and metric standard)."""
PALETTE = ((0.0, 0.0, 0.0), (0.055, 0.05, 0.04), (-0.06, -0.055, -0.045), (0.03, 0.055, 0.06))
"""sRGB offsets of the four tones one kiln gives; free random colours turn green."""


def paint(
    backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int, lens: "Lens"
) -> np.ndarray:
    """Bricks in `colour`, mortar in `accent`; linear float32 HxWx3."""
    rng = fields.random(seed, 2)
    body, face, tone = _wall(seed)
    brick = to_srgb(hex_to_linear(backdrop.colour)) + tone
    bricks = to_linear(np.clip(brick, 0.02, 1)).astype(np.float32)
    mortar = hex_to_linear(backdrop.accent or "#8c847a") * (0.85 + 0.15 * face)[..., None]
    material = mortar + (bricks - mortar) * body[..., None]
    material *= wall.relief(body + 0.25 * face, light, 3.0)[..., None]
    hung = wall.Wall(material.astype(np.float32), rng, 0.26, 0.46)
    return wall.hang(hung, width, height, light, lens)


@lru_cache(maxsize=2)
def _wall(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where brick is (0..1), the roughness of its face, and each brick's sRGB offset."""
    rng = fields.random(seed)
    side = wall.SIDE
    metre = wall.METRES / side
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) * metre
    x += 0.0022 * fields.noise(rng, side, 9, 4)
    y += 0.0018 * fields.noise(rng, side, 9, 4)
    course = np.floor(y / COURSE).astype(int)
    along = x / LENGTH + 0.5 * (course % 2) + 0.012 * rng.standard_normal(64)[course % 64]
    number = np.floor(along).astype(int)
    to_joint = np.minimum(
        np.abs(along - number - 0.5).__rsub__(0.5) * LENGTH,
        (0.5 - np.abs(y / COURSE - course - 0.5)) * COURSE,
    )
    worn = 0.0012 * fields.noise(rng, side, 60, 3)
    body = np.clip((to_joint + worn - JOINT / 2) / 0.004, 0, 1).astype(np.float32)
    face = fields.noise(rng, side, 70, 5, 0.7)
    which = (course * 7919 + number * 104729) % 997
    tone = _tones(rng)[which] + (0.018 * face + 0.02 * fields.noise(rng, side, 12, 3))[..., None]
    return body, np.clip(0.5 + 0.25 * face, 0, 1), tone.astype(np.float32)


def _tones(rng: np.random.Generator) -> np.ndarray:
    """997 bricks: a mixture of the palette, and how dark each was fired."""
    shares = rng.dirichlet((1.2, 0.8, 0.8, 0.5), 997)
    fired = rng.normal(0, 0.028, (997, 1))
    return (shares @ np.array(PALETTE) + fired).astype(np.float32)
