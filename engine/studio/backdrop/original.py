"""The sitter's own background, out of focus, with the sitter taken out of it."""

import math

import numpy as np

from engine.studio.backdrop.lens import Lens, lens_blur
from engine.studio.colour import to_linear

DISC_PIXELS = 18
WORK = (560, 1000)
MARGIN = 0.018


def blurred_original(
    photo: np.ndarray,
    alpha: np.ndarray,
    width: int,
    height: int,
    crop: tuple[float, float, float, float],
    lens: Lens,
) -> np.ndarray:
    """Blur the scene behind the person as a lens would: float32 height x width x 3, linear 0..1.

    `photo` is uint8 HxWx3 RGB, `alpha` its matte, float32 HxW 0..1; `crop` is (x, y, width, height)
    in photo pixels and may reach outside, where the scene is reflected. `lens` says how
    far out of focus it lies.
    """
    import cv2

    disc = lens.disc_share()
    work = min(max(WORK[0], round(DISC_PIXELS / disc)), WORK[1])
    size = (work, max(1, round(work * height / width)))
    scene, person = _cut(photo, alpha, size, crop)
    reach = 2 * math.ceil(MARGIN * work) + 1
    keep = 1 - cv2.dilate(person, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    trust = np.where(keep > 0.98, np.float32(1), np.float32(0.2))
    filled = fill(scene, (keep > 0.98).astype(np.float32))
    blurred = lens_blur(filled * trust[..., None], disc * work)
    blurred /= lens_blur(trust, disc * work)[..., None]
    way = cv2.INTER_AREA if width < work else cv2.INTER_CUBIC
    sized = cv2.resize(blurred, (width, height), interpolation=way)
    return np.clip(sized, 0, 1, out=sized)


def fill(scene: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Fill what is not `known` (float32 HxW, 0 or 1) from around it, by pull and push.

    Each level halves the picture by averaging known pixels; holes take the coarser level's value.
    """
    import cv2

    height, width = known.shape
    if min(height, width) <= 2 or known.min() > 0:
        mean = (scene * known[..., None]).sum((0, 1)) / max(float(known.sum()), 1e-6)
        return np.where(known[..., None] > 0, scene, mean.astype(np.float32))
    half = ((width + 1) // 2, (height + 1) // 2)
    weight = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(scene * known[..., None], half, interpolation=cv2.INTER_AREA)
    colour /= np.maximum(weight, 1e-6)[..., None]
    coarse = fill(colour, (weight > 0.01).astype(np.float32))
    coarse = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return scene * known[..., None] + coarse * (1 - known[..., None])


def _cut(
    photo: np.ndarray,
    alpha: np.ndarray,
    size: tuple[int, int],
    crop: tuple[float, float, float, float],
) -> tuple[np.ndarray, np.ndarray]:
    """Bring the crop of photo and matte to `size`; the photo becomes linear."""
    import cv2

    x, y, wide, tall = crop
    scale_x, scale_y = size[0] / wide, size[1] / tall
    inner = (
        max(1, round(photo.shape[1] * min(1, scale_x))),
        max(1, round(photo.shape[0] * min(1, scale_y))),
    )
    scene = to_linear(cv2.resize(photo, inner, interpolation=cv2.INTER_AREA))
    person = cv2.resize(alpha, inner, interpolation=cv2.INTER_AREA)
    step_x = wide / size[0] * inner[0] / photo.shape[1]
    step_y = tall / size[1] * inner[1] / photo.shape[0]
    left, top = x * inner[0] / photo.shape[1], y * inner[1] / photo.shape[0]
    matrix = np.array(
        [[step_x, 0, left + step_x / 2 - 0.5], [0, step_y, top + step_y / 2 - 0.5]], np.float64
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    border = cv2.BORDER_REFLECT_101
    return (
        cv2.warpAffine(scene, matrix, size, flags=flags, borderMode=border),
        cv2.warpAffine(person, matrix, size, flags=flags, borderMode=border),
    )
