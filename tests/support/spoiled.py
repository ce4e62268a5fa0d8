"""Photos made worse in ways a camera would: lids drawn down, taken from a screen, covered faces."""

import cv2
import numpy as np

from engine.studio.colour import to_linear, to_srgb

LIDS = (
    ((33, 246, 161, 160, 159, 158, 157, 173, 133), (33, 7, 163, 144, 145, 153, 154, 155, 133), 105),
    (
        (362, 398, 384, 385, 386, 387, 388, 466, 263),
        (362, 382, 381, 380, 374, 373, 390, 249, 263),
        334,
    ),
)
"""Mesh points along the upper and the lower lid, and one of the brow above."""


def eyes_shut(rgb: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The face with its upper lids drawn down to the lower: skin stretched, lashes kept."""
    out = rgb.copy()
    for upper, lower, brow in LIDS:
        columns = np.arange(int(points[upper[0], 0]), int(points[upper[-1], 0]) + 1)
        wide = float(np.linalg.norm(points[upper[0], :2] - points[upper[-1], :2]))
        lash, highest = 0.06 * wide, float(points[brow, 1]) + 0.15 * wide
        high, low = (_along(points, lid, columns) for lid in (upper, lower))
        for x, open_at, shut_at in zip(columns, high, low, strict=True):
            top = min(highest, open_at - lash - 1)
            y = np.arange(int(top), int(shut_at) + 1)
            stretch = (open_at - lash - top) / max(1e-3, shut_at - lash - top)
            source = np.where(y > shut_at - lash, open_at + y - shut_at, top + (y - top) * stretch)
            column = rgb[:, x].astype(np.float32)
            for channel in range(3):
                rows = np.interp(source, np.arange(len(column)), column[:, channel])
                out[y, x, channel] = rows.astype(np.uint8)
    return out


def _along(points: np.ndarray, lid: tuple[int, ...], columns: np.ndarray) -> np.ndarray:
    order = np.argsort(points[list(lid), 0])
    return np.interp(columns, points[list(lid), 0][order], points[list(lid), 1][order])


def on_a_screen(rgb: np.ndarray, pitch: float, degrees: float) -> np.ndarray:
    """The picture on a screen of red, green and blue stripes, photographed by a phone.

    A screen's pixel is `pitch` camera pixels wide and the camera is `degrees` askew. Three samples
    a pixel, the blur of a lens, noise, and JPEG.
    """
    height, width = rgb.shape[:2]
    samples = 3
    y, x = np.mgrid[0 : height * samples, 0 : width * samples].astype(np.float32) / samples
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    u = (cos * (x - width / 2) + sin * (y - height / 2)) / pitch
    v = (cos * (y - height / 2) - sin * (x - width / 2)) / pitch
    right, down = (np.floor(u) + 0.5) * pitch, (np.floor(v) + 0.5) * pitch
    from_x = (cos * right - sin * down + width / 2).astype(np.float32)
    from_y = (sin * right + cos * down + height / 2).astype(np.float32)
    shown = cv2.remap(to_linear(rgb), from_x, from_y, cv2.INTER_LINEAR)
    stripe, rows = np.floor(3 * (u - np.floor(u))), v - np.floor(v) < 0.88
    lit = shown * 3.2 * (stripe[..., None] == np.arange(3)) * rows[..., None]
    seen = cv2.GaussianBlur(lit, (0, 0), 0.5 * samples)[1::samples, 1::samples]
    noise = np.random.default_rng(7).normal(0, 0.004, seen.shape)
    levels = (np.clip(to_srgb(seen + noise), 0, 1) * 255 + 0.5).astype(np.uint8)
    packed = cv2.imencode(".jpg", levels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])[1]
    return np.ascontiguousarray(cv2.imdecode(packed, cv2.IMREAD_COLOR)[..., ::-1])  # pyright: ignore[reportOptionalSubscript] - it was just encoded
