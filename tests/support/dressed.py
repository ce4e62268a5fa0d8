"""Faces with what people wear on them, painted by their landmarks: glasses, hats, scarves."""

import cv2
import numpy as np

OVAL = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109),
)


def sunglasses(rgb: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Dark lenses with a faint reflection, a bridge, and temples to the ears."""
    wide = float(np.ptp(points[:, 0]))
    out = rgb.copy()
    left, right = (points[list(pair), :2].mean(0) for pair in ((33, 133), (362, 263)))
    ears = points[[234, 454], :2]
    for lens, ear in ((left, ears[0]), (right, ears[1])):
        cv2.line(out, _at(lens), _at((ear[0], lens[1])), (24, 22, 22), max(2, round(0.03 * wide)))
    cv2.line(out, _at(left), _at(right), (24, 22, 22), max(2, round(0.03 * wide)))
    for lens in (left, right):
        middle = _at(lens + np.array((0, 0.04 * wide)))
        axes = (round(0.19 * wide), round(0.15 * wide))
        cv2.ellipse(out, middle, axes, 0, 0, 360, (17, 16, 18), -1, cv2.LINE_AA)
        sheen = (middle[0] - axes[0] // 3, middle[1] - axes[1] // 3)
        cv2.ellipse(out, sheen, (axes[0] // 3, axes[1] // 4), -30, 0, 360, (44, 46, 52), -1, 16)
    return out


def headscarf(rgb: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Plain cloth round the face, over hair, ears and neck, with folds and its own shade."""
    wide = float(np.ptp(points[:, 0]))
    face = points[list(OVAL), :2]
    centre = face.mean(0)
    hole = ((face - centre) * (0.97, 0.99) + centre).astype(np.int32)
    cloth = np.zeros(rgb.shape[:2], np.uint8)
    crown = _at(centre - np.array((0, 0.12 * wide)))
    cv2.ellipse(cloth, crown, (round(0.72 * wide), round(0.98 * wide)), 0, 0, 360, 255, -1)
    neck = np.array([(-0.6, 0.35), (0.6, 0.35), (1.0, 1.5), (-1.0, 1.5)]) * wide + centre
    cv2.fillConvexPoly(cloth, neck.astype(np.int32), 255)
    cv2.fillPoly(cloth, [hole], 0)
    y, x = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]].astype(np.float32)
    round_ = np.hypot(x - centre[0], y - centre[1]) / wide
    folds = 0.9 + 0.08 * np.sin(14 * round_ + 2 * np.arctan2(y - centre[1], x - centre[0]))
    shade = folds * np.clip(1.15 - 0.35 * round_, 0.5, 1.1)
    weave = np.random.default_rng(3).normal(0, 0.015, shade.shape)
    return _painted(rgb, cloth, np.array((62, 84, 112)) * (shade + weave)[..., None], wide)


def hat(rgb: np.ndarray, points: np.ndarray) -> np.ndarray:
    """A felt hat: a crown over the hair and a brim across the forehead, with its shadow."""
    wide = float(np.ptp(points[:, 0]))
    brow, chin = points[10, :2], points[152, :2]
    brim = _at(brow + np.array((0, 0.03 * wide)))
    shadow = np.zeros(rgb.shape[:2], np.uint8)
    reach = (round(0.5 * wide), round(0.2 * wide))
    cv2.ellipse(shadow, _at(brow + np.array((0, 0.12 * wide))), reach, 0, 0, 360, 255, -1)
    dark = _painted(rgb, shadow, rgb * 0.6, 5 * wide)
    felt = np.zeros(rgb.shape[:2], np.uint8)
    top = np.array([(-0.56, 0.05), (-0.48, -0.65), (-0.2, -0.78), (0.2, -0.78), (0.48, -0.65),
                    (0.56, 0.05)]) * wide + brow  # fmt: skip
    cv2.fillPoly(felt, [top.astype(np.int32)], 255)
    cv2.ellipse(felt, brim, (round(0.95 * wide), round(0.16 * wide)), 0, 0, 360, 255, -1)
    rows = np.arange(rgb.shape[0], dtype=np.float32)[:, None] - brow[1]
    light = 1 + 0.25 * np.clip(-rows / float(chin[1] - brow[1]), -1, 1)
    noise = np.random.default_rng(4).normal(0, 0.03, rgb.shape[:2])
    return _painted(dark, felt, np.array((74, 66, 58)) * (light + noise)[..., None], wide)


def _painted(rgb: np.ndarray, where: np.ndarray, colour: np.ndarray, wide: float) -> np.ndarray:
    share = cv2.GaussianBlur(where, (0, 0), max(0.8, 0.006 * wide))[..., None] / 255
    return np.clip(rgb * (1 - share) + colour * share, 0, 255).astype(np.uint8)


def _at(place: np.ndarray | tuple[float, float]) -> tuple[int, int]:
    return round(float(place[0])), round(float(place[1]))
