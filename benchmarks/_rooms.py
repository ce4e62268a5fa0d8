"""What stands behind the benchmark's sitters: photographs of scikit-image, and painted rooms."""

from collections.abc import Callable

import cv2
import numpy as np

PHOTOS = (
    "motorcycle_left", "coffee", "chelsea", "brick", "grass", "gravel", "rocket", "ihc",
)  # fmt: skip
TINTS = {"brick": (1.0, 0.72, 0.6), "grass": (0.72, 1.0, 0.5), "gravel": (1.0, 0.95, 0.85)}
WALLS = {"green-wall": (30, 190, 70), "red-wall": (215, 40, 45), "blue-wall": (35, 80, 225)}


def room(name: str, side: int, rng: np.random.Generator) -> np.ndarray:
    """A square background: uint8 (side, side, 3) sRGB. Raises KeyError for an unknown name."""
    if name in PHOTOS:
        return _photograph(name, side, rng)
    if name in WALLS:
        return _wall(WALLS[name], side, rng)
    return PAINTED[name](side, rng)


def _photograph(name: str, side: int, rng: np.random.Generator) -> np.ndarray:
    """A square part of a photograph, a little out of focus."""
    from pathlib import Path

    import skimage

    folder = Path(skimage.__file__).parent / "data"
    path = next(folder.glob(f"{name}.*"))
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert picture is not None, path
    picture = np.ascontiguousarray(picture[..., ::-1])
    if name in TINTS:
        picture = (picture * np.array(TINTS[name])).astype(np.uint8)
    edge = min(picture.shape[:2])
    y, x = (int(rng.integers(0, limit - edge + 1)) for limit in picture.shape[:2])
    grown = cv2.resize(
        picture[y : y + edge, x : x + edge], (side, side), interpolation=cv2.INTER_CUBIC
    )
    return cv2.GaussianBlur(grown, (0, 0), float(rng.uniform(0.8, 3)))


def _wall(colour: tuple[int, int, int], side: int, rng: np.random.Generator) -> np.ndarray:
    """A saturated wall that a lamp lights from one side."""
    fall = np.linspace(1.1, 0.55, side, dtype=np.float32)[None, :: int(rng.choice([-1, 1])), None]
    wall = np.ones((side, side, 3), np.float32) * np.array(colour, np.float32) * fall
    rough = cv2.GaussianBlur(rng.standard_normal((side, side), np.float32), (0, 0), 2) * 12
    return np.clip(wall + rough[..., None], 0, 255).astype(np.uint8)


def _window(side: int, rng: np.random.Generator) -> np.ndarray:
    """A bright window with bars, in a grey wall."""
    picture = np.full((side, side, 3), (120, 112, 104), np.uint8)
    left, right = round(0.08 * side), round(0.92 * side)
    cv2.rectangle(picture, (left, 0), (right, round(0.8 * side)), (250, 251, 253), -1)
    for x in np.linspace(left, right, 5).astype(int):
        cv2.line(picture, (int(x), 0), (int(x), round(0.8 * side)), (70, 66, 60), side // 60)
    cv2.line(picture, (left, side // 3), (right, side // 3), (70, 66, 60), side // 60)
    return cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(1, 4)))


def _shelves(side: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of books in many colours."""
    picture = np.full((side, side, 3), (60, 42, 30), np.uint8)
    row = side // 5
    for top in range(0, side, row):
        x = 0
        while x < side:
            width, drop = int(rng.integers(side // 50, side // 18)), int(rng.integers(0, row // 3))
            colour = tuple(int(v) for v in rng.integers(20, 235, 3))
            cv2.rectangle(picture, (x, top + drop), (x + width - 2, top + row - 10), colour, -1)
            x += width
    return cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(1, 3)))


def _white(side: int, rng: np.random.Generator) -> np.ndarray:
    return np.maximum(_wall((238, 237, 233), side, rng), 150)


PAINTED: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "window": _window,
    "shelves": _shelves,
    "white-wall": _white,
}
ROOMS = (
    "motorcycle_left", "green-wall", "coffee", "shelves", "grass", "window", "chelsea", "red-wall",
    "brick", "white-wall", "rocket", "blue-wall", "gravel", "ihc",
)  # fmt: skip
