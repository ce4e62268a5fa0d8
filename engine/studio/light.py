"""Where the light on a face comes from, and how to soften it."""

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from engine.base import KeyLight
from engine.studio.colour import luminance, to_linear
from engine.studio.warmth import estimate_warmth

MESH = Path(__file__).with_name("face_mesh.npy")
FLAT = 0.10
ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Light:
    """The key light as seen in the picture.

    `side` is -1 (key from image left) .. 1 (from image right), 0 when flat; `height` is -1 (below)
    .. 1 (above); `hardness` 0 (overcast) .. 1 (bare bulb); `confidence` 0..1. `warmth` is -1 (blue
    shade) .. 1 (candle), and `behind` says that the light comes from behind the sitter.
    """

    side: float = 0.0
    height: float = 0.4
    hardness: float = 0.4
    confidence: float = 0.0
    warmth: float = 0.0
    behind: bool = False

    def as_key_light(self) -> KeyLight:
        """The same figures, rounded, as they travel with a photo."""
        return KeyLight(
            side=round(self.side, 3),
            height=round(self.height, 3),
            hardness=round(self.hardness, 3),
            warmth=round(self.warmth, 3),
            confidence=round(self.confidence, 3),
            behind=self.behind,
        )


@dataclass(frozen=True, slots=True)
class Shading:
    """How bright skin is by where it faces, over its mean: `base + (right, up, front)·normal`.

    `explained` is the share (0..1) of the face's own differences that this accounts for.
    """

    base: float
    right: float
    up: float
    front: float
    explained: float = 1.0

    def at(self, normals: np.ndarray) -> np.ndarray:
        """Luminance over the face's mean, for unit normals (n,3: right, up, to the camera)."""
        return self.base + normals @ np.array((self.right, self.up, self.front))

    def as_light(self) -> Light:
        """The key that shades so, of no known warmth."""
        return _as_light(self.right, self.up, self.front, self.explained)


def estimate_light(rgb: np.ndarray, landmarks: np.ndarray) -> Light:
    """Read the key light off a face: uint8 HxWx3 RGB and 468 landmarks xyz in pixels, float32.

    A side share below 0.10 of the mean is flat light; a face lit from behind has no readable key
    and comes back flat with little confidence.
    """
    shading = fit_shading(rgb, landmarks)
    if shading is None:
        return Light()
    return replace(shading.as_light(), warmth=estimate_warmth(rgb, landmarks))


def fit_shading(rgb: np.ndarray, landmarks: np.ndarray) -> Shading | None:
    """The shading of a face, arguments as in `estimate_light`; None where too little of it shows.

    Fits linear luminance over the skin triangles as `c + s·normal` (first order of the spherical
    harmonics of Basri and Jacobs) with Huber weights, so that stubble, glare and shadows cast by
    hair count little.
    """
    normals, areas, shades = _samples(rgb, landmarks)
    if len(shades) < 40:
        return None
    fit, explained = _robust_fit(normals, areas, shades)
    mean = max(float(np.average(shades, weights=areas)), 1e-4)
    base, right, up, front = (float(share) / mean for share in fit)
    return Shading(base, right, up, front, explained)


def skin_triangles(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Skin triangles of a face with landmarks (468,3) in pixels: corners, normals, areas.

    Corners (n,3,3) in pixels; unit normals (n,3: right, up, to the camera); areas (n,) as seen in
    the picture, twice.
    """
    corners = points[_triangles()]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    cross *= np.where(cross[:, 2:] > 0, -1, 1)
    normals = cross * (1, -1, -1)
    normals = normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9)
    return corners, normals, np.abs(cross[:, 2])


def soften(
    linear: np.ndarray,
    face_centre: tuple[float, float],
    face_width: float,
    amount: float,
    light: Light,
) -> np.ndarray:
    """Fill the shadows of a face as a bigger key would: float32 HxWx3 linear light in and out.

    Only luminance wider than a cheek changes, and edges stay where they are. `amount` 0..1 lifts
    the shadow side towards the lit one; -1..0 deepens it. The effect fades out about one and a
    half face widths from `face_centre` (x, y in pixels).
    """
    import cv2

    height, width = linear.shape[:2]
    scale = min(1.0, 160 / max(face_width, 1))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.log(luminance(cv2.resize(linear, size, interpolation=cv2.INTER_AREA)) + 2e-3)
    gain = _fill_gain(
        small, (face_centre[0] * scale, face_centre[1] * scale), face_width * scale, light
    )
    gain = np.exp(np.clip(amount, -1, 1) * cv2.resize(gain, (width, height))).astype(np.float32)
    return linear * gain[..., None]


def _fill_gain(
    tone: np.ndarray, centre: tuple[float, float], face: float, light: Light
) -> np.ndarray:
    """Log gain of a full fill, for log luminance `tone`."""
    import cv2

    base = _guided(tone, max(2, round(0.10 * face)), 0.05)
    y, x = np.mgrid[0 : tone.shape[0], 0 : tone.shape[1]].astype(np.float32)
    right, down = (x - centre[0]) / face, (y - centre[1]) / face
    near = np.hypot(right, down / 1.3)
    inside = base[near < 0.42]
    if not inside.size:
        return np.zeros_like(tone)
    short = np.clip(np.percentile(inside, 70) - base, 0, None)
    fill = short * np.exp(-((short / 1.8) ** 2)) * 0.9
    shadow_side = 1 / (1 + np.exp(6 * light.side * right))
    reach = np.clip(1.6 - near, 0, 0.8) / 0.8
    gain = fill * reach * (0.4 + 1.2 * shadow_side) * 0.625
    return cv2.GaussianBlur(gain.astype(np.float32), (0, 0), max(0.8, 0.02 * face))


def _guided(image: np.ndarray, radius: int, eps: float) -> np.ndarray:
    """Edge-aware low-pass: the self-guided filter of He, Sun and Tang."""
    import cv2

    window = (2 * radius + 1, 2 * radius + 1)
    mean = cv2.blur(image, window)
    variance = cv2.blur(image * image, window) - mean * mean
    slope = variance / (variance + eps)
    return cv2.blur(slope, window) * image + cv2.blur(mean * (1 - slope), window)


def _samples(rgb: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Skin triangles: normals (n,3: right, up, to the camera), areas, linear luminance."""
    import cv2

    corners, normals, areas = skin_triangles(points)
    height, width = rgb.shape[:2]
    spot = np.rint(corners.mean(1)[:, :2]).astype(int)
    inside = (spot >= 0).all(1) & (spot < (width, height)).all(1) & (normals[:, 2] > 0.25)
    if not inside.any():
        return normals[:0], np.zeros(0), np.zeros(0)
    left, top = spot[inside].min(0)
    right, bottom = spot[inside].max(0) + 1
    wide = max(1.0, 0.012 * float(np.ptp(points[:, 0])))
    skin = to_linear(cv2.GaussianBlur(rgb[top:bottom, left:right], (0, 0), wide))
    shades = luminance(skin)[spot[inside, 1] - top, spot[inside, 0] - left]
    return normals[inside], areas[inside], shades


def _robust_fit(
    normals: np.ndarray, areas: np.ndarray, shades: np.ndarray
) -> tuple[np.ndarray, float]:
    """Coefficients (1, right, up, front) by reweighted least squares, and the share explained."""
    design = np.column_stack([np.ones(len(shades)), normals])
    ridge = np.diag([0, 1, 1, 1]) * 1e-3 * len(shades)
    area = areas / areas.mean()
    weight = area
    fit = np.zeros(4)
    for _ in range(ROUNDS):
        weighted = design * weight[:, None]
        fit = np.linalg.solve(design.T @ weighted + ridge, weighted.T @ shades)
        rest = np.abs(shades - design @ fit)
        knee = 1.345 * 1.4826 * float(np.median(rest)) + 1e-6
        weight = area * np.minimum(1, knee / np.maximum(rest, 1e-9))
    spread = np.sum(weight * (shades - np.average(shades, weights=weight)) ** 2)
    explained = 1 - np.sum(weight * (shades - design @ fit) ** 2) / max(float(spread), 1e-12)
    return fit, float(explained)


def _as_light(right: float, up: float, front: float, explained: float) -> Light:
    confidence = float(np.clip(explained, 0, 1))
    if front <= 0 and abs(right) < FLAT:
        return Light(confidence=confidence * 0.3, behind=front < -FLAT)
    side = 0.0 if abs(right) < FLAT else float(np.clip(right / 0.6, -1, 1))
    return Light(
        side=side,
        height=float(np.clip(up / 0.5, -1, 1)),
        hardness=float(np.clip(np.hypot(right, up) / 0.9, 0, 1)),
        confidence=confidence,
    )


@cache
def _triangles() -> np.ndarray:
    """Skin triangles of the 468-point face mesh, int (n,3).

    Delaunay triangles of the mean layout of 44 frontal generated faces, without those that touch
    lips, eyes, brows or nostrils.
    """
    return np.load(MESH).astype(int)
