"""Hand-painted canvas: cloudy sponge work under broad dabs at two angles, in two tones."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.studio.backdrop import fields
from engine.studio.backdrop.lens import lens_blur
from engine.studio.colour import hex_to_linear, to_linear, to_srgb

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.backdrop.lens import Lens
    from engine.studio.light import Light

WORK_SIDE = 1280
ANGLES = (34.0, -38.0)
RAMP = 4096
LIGHTER = 0.14
HUE = 0.011
NEAR = 0.4


def paint(
    backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int, lens: "Lens"
) -> np.ndarray:
    """Canvas from `colour` (ground) to `accent` (the lighter tone), linear float32 HxWx3.

    Without an accent a lighter shade of the colour serves.
    """
    import cv2

    rng = fields.random(seed, 1)
    ground = to_srgb(hex_to_linear(backdrop.colour))
    top = to_srgb(hex_to_linear(backdrop.accent)) if backdrop.accent else ground + LIGHTER
    disc = lens.disc_share() * WORK_SIDE * min(width, height) / max(width, height)
    # Canvas hangs closer than a wall, and its brushwork is meant to be seen.
    tone = fields.fit(lens_blur(tone_map(seed), NEAR * disc), width, height)
    step = (np.clip(tone, 0, 1) * (RAMP - 1) + np.float32(0.5)).astype(np.uint16)
    ramp = _ramp(ground, np.minimum(top, 1))
    pool = fields.pool(light, 0.24, 0.48)
    hue = HUE * fields.noise(rng, fields.SLOW_SIDE, 4, 4)
    planes = []
    for channel, turn in enumerate((1, 0, -1)):
        lit = fields.fit(pool * (1 + turn * hue), width, height)
        planes.append(cv2.multiply(ramp[:, channel][step], lit))
    return fields.dither(cv2.merge(planes), rng)


@lru_cache(maxsize=2)
def tone_map(seed: int) -> np.ndarray:
    """Where the accent lies, 0..1, WORK_SIDE squared: clouds, then dabs over them, then sponge.

    The last two are remembered (7 MB each), for a series shares its canvas. Never write into one.
    """
    import cv2

    rng = fields.random(seed)
    side = WORK_SIDE
    clouds = 0.6 * fields.noise(rng, side // 4, 3.5, 5, 0.6)
    tone = cv2.resize(clouds, (side, side), interpolation=cv2.INTER_CUBIC)
    for length, count, strength in ((0.20, 420, 0.34), (0.12, 1000, 0.30), (0.075, 1500, 0.20)):
        _dab(tone, rng, length, count, strength)
    tone += 0.14 * fields.noise(rng, side, 48, 4, 0.75)
    tone = (1 / (1 + np.exp(-1.45 * tone))).astype(np.float32)
    tone.setflags(write=False)
    return tone


def _dab(
    tone: np.ndarray, rng: np.random.Generator, length: float, count: int, strength: float
) -> None:
    """Lay soft brush dabs over the tone, each pulling what it covers towards its own tone."""
    side = tone.shape[0]
    brushes = [_brush(rng, round(length * side), ANGLES[i % 2]) for i in range(12)]
    for _ in range(count):
        brush = brushes[rng.integers(len(brushes))]
        size = brush.shape[0]
        left, top = rng.integers(-size // 2, side - size // 2, 2)
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + size, side), min(top + size, side)
        patch = tone[y0:y1, x0:x1]
        cover = brush[y0 - top : y1 - top, x0 - left : x1 - left] * strength
        target = float(patch[::8, ::8].mean()) + rng.uniform(-1.4, 1.4)
        patch += cover * (target - patch)


def _brush(rng: np.random.Generator, size: int, angle: float) -> np.ndarray:
    """One dab's coverage, 0..1: a broad, ragged, bristled patch at `angle` degrees."""
    import cv2

    x, y = fields.grid(size)
    body = np.clip(1.6 - np.hypot(x / 0.36, y / 0.17) ** 2 * 1.2, 0, 1)
    streaks = cv2.resize(
        rng.standard_normal((max(4, size // 4), 5), dtype=np.float32),
        (size, size),
        interpolation=cv2.INTER_CUBIC,
    )
    ragged = body * np.clip(0.75 + 0.30 * streaks + 0.25 * fields.noise(rng, size, 6, 3), 0, 1.2)
    turn = cv2.getRotationMatrix2D((size / 2, size / 2), angle + rng.normal(0, 10), 1)
    turned = cv2.warpAffine(ragged.astype(np.float32), turn, (size, size))
    return cv2.GaussianBlur(turned, (0, 0), max(0.8, size * 0.012))


def _ramp(ground: np.ndarray, top: np.ndarray) -> np.ndarray:
    mix = np.linspace(0, 1, RAMP, dtype=np.float32)[:, None]
    return to_linear(ground * (1 - mix) + top * mix).astype(np.float32)
