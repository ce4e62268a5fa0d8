"""Seamless paper: one colour, a pool of light, falloff towards the corners."""

from typing import TYPE_CHECKING

import numpy as np

from engine.studio.backdrop import fields
from engine.studio.colour import LUMINANCE, hex_to_linear

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.backdrop.lens import Lens
    from engine.studio.light import Light

MOTTLE = 0.006
SWEEP = 0.10


def paint(
    backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int, lens: "Lens"
) -> np.ndarray:
    """Paper in `backdrop.colour`, float32 HxWx3 linear; the colour is the pool's peak.

    Low in the frame the paper sweeps out onto the floor and turns towards the key above.
    """
    import cv2

    rng = fields.random(seed)
    colour = hex_to_linear(backdrop.colour)
    bright = float(colour @ np.array(LUMINANCE, np.float32))
    paper = fields.pool(light, edge_of(bright))
    sweep = SWEEP * (1 - 0.85 * bright)
    paper *= 1 + sweep * np.clip((fields.grid(fields.SLOW_SIDE)[1] - 0.26) / 0.24, 0, 1) ** 2
    paper /= paper.max()
    paper *= 1 + MOTTLE * fields.noise(rng, fields.SLOW_SIDE, 5, 5, 0.6)
    lit = fields.fit(paper, width, height)
    return fields.dither(cv2.merge([lit * channel for channel in colour]), rng)


def edge_of(luminance: float) -> float:
    """Share of light far from the pool: white paper is lit flat, dark paper falls off deeply."""
    return min(0.93, 0.16 + 0.80 * luminance**0.6)
