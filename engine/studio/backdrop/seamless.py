"""Seamless paper: one colour, a pool of light, falloff towards the corners."""

from typing import TYPE_CHECKING

import numpy as np

from engine.studio.backdrop import fields
from engine.studio.colour import LUMINANCE, hex_to_linear

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.light import Light

MOTTLE = 0.006


def paint(backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int) -> np.ndarray:
    """Paper in `backdrop.colour`, float32 HxWx3 linear; the colour is the pool's peak."""
    import cv2

    rng = fields.random(seed)
    colour = hex_to_linear(backdrop.colour)
    paper = fields.pool(light, edge_of(float(colour @ np.array(LUMINANCE, np.float32))))
    paper *= 1 + MOTTLE * fields.noise(rng, fields.SLOW_SIDE, 5, 5, 0.6)
    lit = fields.fit(paper, width, height)
    return fields.dither(cv2.merge([lit * channel for channel in colour]), rng)


def edge_of(luminance: float) -> float:
    """Share of light far from the pool: white paper is lit flat, dark paper falls off deeply."""
    return min(0.93, 0.16 + 0.80 * luminance**0.6)
