"""Lights and leaves far out of focus: discs as wide as the lens makes them."""

from typing import TYPE_CHECKING

import numpy as np

from engine.studio.backdrop import fields
from engine.studio.backdrop.lens import Lens, lens_blur
from engine.studio.colour import hex_to_linear

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.light import Light

SIDE = 960
FAR = 9000.0
"""Bokeh lies farther behind the sitter than a wall: millimetres."""
HEAD = (0.0, -0.10, 0.20)
"""Centre and radius, in long sides from the middle, where discs would touch the head."""
SUN = np.array((1.0, 0.93, 0.66), np.float32)
NIGHT = np.array(
    (
        (1.0, 0.70, 0.32),
        (1.0, 0.82, 0.55),
        (1.0, 0.95, 0.86),
        (0.95, 0.25, 0.16),
        (0.45, 0.72, 1.0),
    ),
    np.float32,
)


def foliage(
    backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int, lens: Lens
) -> np.ndarray:
    """Leaves from `colour` (shade) to `accent` (sun), with discs of sky between them."""
    rng = fields.random(seed)
    shade, sun = hex_to_linear(backdrop.colour), hex_to_linear(backdrop.accent or "#b9c46a")
    leaves = 1 / (1 + np.exp(-1.5 * fields.noise(rng, SIDE, 3.5, 6, 0.62) + 0.35))
    _, y = fields.grid(SIDE)
    scene = (shade + (sun - shade) * leaves[..., None] ** 1.6) * (1.0 - 0.5 * y)[..., None]
    disc = _disc(lens, width, height)
    scene = lens_blur(scene.astype(np.float32), 1.1 * disc)
    for share, count, gain in ((1.1, 34, 0.07), (0.85, 46, 0.10), (0.6, 40, 0.12)):
        for _ in range(count):
            place = _place(rng, 0.24 * light.side, -0.22, 0.30, 0.22)
            tint = SUN * (0.75 + 0.25 * rng.random(3).astype(np.float32))
            _add_disc(scene, place, share * disc, gain * rng.gamma(1.4, 0.7) * (tint * 0.6 + sun))
    return _cut(scene, width, height, light, rng, 0.45)


def city(
    backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int, lens: Lens
) -> np.ndarray:
    """A street at night: `colour` is the sky, `accent` the glow along the ground."""
    rng = fields.random(seed)
    sky, glow = hex_to_linear(backdrop.colour), hex_to_linear(backdrop.accent or "#5a4030")
    _, y = fields.grid(SIDE)
    low = 1 / (1 + np.exp(-9 * (y - 0.08)))
    houses = 0.5 + 0.22 * fields.noise(rng, SIDE, 5, 4)
    scene = (sky + (glow - sky) * low[..., None]) * houses[..., None]
    disc = _disc(lens, width, height)
    scene = lens_blur(scene.astype(np.float32), disc)
    for share, count, gain in ((1.1, 26, 0.16), (0.9, 44, 0.24), (0.62, 40, 0.30)):
        for _ in range(count):
            place = _place(rng, 0.16 * light.side, 0.02, 0.34, 0.20)
            tint = NIGHT[rng.choice(len(NIGHT), p=(0.36, 0.28, 0.16, 0.10, 0.10))]
            _add_disc(scene, place, share * disc, gain * rng.gamma(1.3, 0.7) * tint)
    return _cut(scene, width, height, light, rng, 0.5)


def _disc(lens: Lens, width: int, height: int) -> float:
    """Diameter of a far point's disc in pixels of the field."""
    far = Lens(lens.focal, lens.aperture, lens.subject, lens.subject + FAR)
    return float(np.clip(far.disc_share() * SIDE * min(width, height) / max(width, height), 9, 130))


def _place(
    rng: np.random.Generator, x: float, y: float, wide: float, tall: float
) -> tuple[float, float]:
    """A place in the field (0..1) near (x, y), seldom where the head will be."""
    spot = (x, y)
    for _ in range(12):
        spot = (rng.normal(x, wide), rng.normal(y, tall))
        if np.hypot(spot[0] - HEAD[0], (spot[1] - HEAD[1]) * 0.8) > HEAD[2] * (
            0.8 + 0.5 * rng.random()
        ):
            break
    return spot[0] + 0.5, spot[1] + 0.5


def _add_disc(
    scene: np.ndarray, place: tuple[float, float], diameter: float, light: np.ndarray
) -> None:
    """Add one point of light, spread over its disc; the rim is a little brighter."""
    radius = max(2.0, diameter / 2)
    cx, cy = place[0] * SIDE, place[1] * SIDE
    x0, y0 = max(0, int(cx - radius - 2)), max(0, int(cy - radius - 2))
    x1, y1 = min(SIDE, int(cx + radius + 3)), min(SIDE, int(cy + radius + 3))
    if x0 >= x1 or y0 >= y1:
        return
    y, x = np.ogrid[y0:y1, x0:x1]
    far = np.hypot(x - cx, y - cy).astype(np.float32) / radius
    soft = 2.2 / radius
    disc = np.clip((1 - far) / soft + 0.5, 0, 1) * (0.82 + 0.30 * np.clip(far, 0, 1) ** 4)
    scene[y0:y1, x0:x1] += disc[..., None] * light.astype(np.float32)


def _cut(
    scene: np.ndarray,
    width: int,
    height: int,
    light: "Light",
    rng: np.random.Generator,
    edge: float,
) -> np.ndarray:
    import cv2

    scene = scene / (1 + 0.45 * scene)  # highlights roll off as film does
    planes = [fields.fit(np.ascontiguousarray(scene[..., i]), width, height) for i in range(3)]
    scene = np.ascontiguousarray(scene)
    lit = fields.fit(fields.pool(light, edge, 0.6), width, height)
    for plane in planes:
        np.multiply(plane, lit, out=plane)
    return fields.dither(cv2.merge(planes).clip(0, None), rng)
