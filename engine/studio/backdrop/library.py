"""Shelves of old books behind the sitter, far enough to melt into colour."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.studio.backdrop import fields, wall
from engine.studio.backdrop.lens import Lens
from engine.studio.colour import hex_to_linear

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.light import Light

BEHIND = 3000.0
SHELF, BOARD = 0.31, 0.024
"""Metres from board to board, and a board's thickness."""
SPINES = (
    "#5a2f26", "#3c2a22", "#6b4a30", "#2f3b38", "#27303f", "#74603f", "#4a1f22", "#8a7a5c",
    "#39402c", "#a08c68", "#523a2e", "#20242b",
)  # fmt: skip


def paint(
    backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int, lens: Lens
) -> np.ndarray:
    """Books before a case of `colour` wood, in a light of `accent`; linear float32 HxWx3."""
    rng = fields.random(seed, 6)
    wood = hex_to_linear(backdrop.colour)
    lamp = hex_to_linear(backdrop.accent or "#ffd9a8")
    material = _shelves(seed) + wood * _boards()[..., None]
    material *= lamp / lamp.max()
    far = Lens(lens.focal, lens.aperture, lens.subject, lens.subject + BEHIND)
    hung = wall.Wall(material.astype(np.float32), rng, 0.22, 0.46)
    return wall.hang(hung, width, height, light, far)


@lru_cache(maxsize=2)
def _shelves(seed: int) -> np.ndarray:
    """The books of all shelves, linear SIDE x SIDE x 3; black between them."""
    rng = fields.random(seed)
    side = wall.SIDE
    scene = np.full((side, side, 3), 0.004, np.float32)
    colours = np.stack([hex_to_linear(name) for name in SPINES])
    step = round(SHELF / wall.METRES * side)
    for top in range(-step // 3, side, step):
        _row(scene, top, step, colours, rng)
    return scene


def _row(
    scene: np.ndarray, top: int, step: int, colours: np.ndarray, rng: np.random.Generator
) -> None:
    side = scene.shape[0]
    floor = top + step - round(BOARD / wall.METRES * side)
    left = -int(rng.integers(0, 30))
    while left < side:
        width = max(8, round(rng.gamma(6, 0.0055) / wall.METRES * side))
        tall = round(rng.uniform(0.66, 0.93) * (floor - top))
        if rng.random() > 0.05:
            _spine(scene, (left, floor - tall, left + width, floor), colours, rng)
        left += width + int(rng.integers(0, 3))


def _spine(
    scene: np.ndarray, box: tuple[int, int, int, int], colours: np.ndarray, rng: np.random.Generator
) -> None:
    """One book's back: round, so its middle is lighter; perhaps a label and gilt bands."""
    left, top, right, low = (max(0, v) for v in box)
    if left >= min(right, scene.shape[1]) or top >= low:
        return
    colour = colours[rng.integers(len(colours))] * rng.uniform(0.7, 1.35)
    across = np.linspace(-1, 1, right - left, dtype=np.float32)
    shade = 1.1 - 0.55 * across**2
    book = scene[top:low, left:right]
    book[:] = (colour * shade[:, None])[: book.shape[1]]
    for place in rng.choice((0.14, 0.22, 0.30, 0.78, 0.86), rng.integers(0, 4), replace=False):
        band = round(place * (low - top))
        book[band : band + max(2, (low - top) // 60)] += np.array((0.16, 0.11, 0.04), np.float32)


def _boards() -> np.ndarray:
    """Where the wood of the boards is, with its upper edge catching light: SIDE squared."""
    side = wall.SIDE
    step, thick = round(SHELF / wall.METRES * side), round(BOARD / wall.METRES * side)
    rows = np.zeros(side, np.float32)
    for top in range(-step // 3, side, step):
        rows[max(0, top + step - thick) : max(0, top + step)] = 1.0
        rows[max(0, top + step - thick) : max(0, top + step - thick + 4)] = 1.8
    return np.repeat(rows[:, None], side, 1)
