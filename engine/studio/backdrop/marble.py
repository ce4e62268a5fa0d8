"""A slab of marble: clouds, and veins that branch and thin out."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.studio.backdrop import fields, wall
from engine.studio.colour import hex_to_linear

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.backdrop.lens import Lens
    from engine.studio.light import Light

VEINS = ((2.2, 1.0, 0.055), (4.0, 0.65, 0.05), (7.5, 0.35, 0.06))
"""Cells per side, strength and width of the three generations of veins."""


def paint(
    backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int, lens: "Lens"
) -> np.ndarray:
    """Stone in `colour`, veins in `accent`; linear float32 HxWx3."""
    rng = fields.random(seed, 3)
    ground = hex_to_linear(backdrop.colour)
    vein = hex_to_linear(backdrop.accent or "#8b8b8e")
    material = wall.mix(ground, vein, _figure(seed)).astype(np.float32)
    hung = wall.Wall(material, rng, 0.42, 0.55)
    return wall.hang(hung, width, height, light, lens)


@lru_cache(maxsize=2)
def _figure(seed: int) -> np.ndarray:
    """How much of the vein's colour each place has, 0..1.

    A vein lies where a warped field crosses zero; a slow mask makes it come and go.
    """
    rng = fields.random(seed)
    side = wall.SIDE
    push = [0.055 * side * fields.noise(rng, side, 2.5, 6, 0.55) for _ in range(2)]
    figure = np.zeros((side, side), np.float32)
    for cells, strength, thick in VEINS:
        crossing = _warped(fields.noise(rng, side, cells, 4), *push)
        comes = np.clip(0.45 + 0.6 * fields.noise(rng, side, 2.5, 3), 0, 1)
        np.maximum(figure, strength * comes * np.exp(-np.abs(crossing) / thick), out=figure)
    clouds = np.clip(0.16 * _warped(fields.noise(rng, side, 2, 6, 0.6), *push) + 0.10, 0, 0.5)
    return np.clip(0.8 * figure + clouds, 0, 1)


def _warped(field: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    import cv2

    y, x = np.mgrid[0 : field.shape[0], 0 : field.shape[1]].astype(np.float32)
    return cv2.remap(
        field, x + across, y + down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
