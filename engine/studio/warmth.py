"""How warm the light on a face is, judged with humility: a camera has balanced it already."""

import numpy as np

from engine.studio.colour import luminance, to_linear

SKIN_POINTS = (50, 101, 205, 280, 330, 425, 151, 9, 108, 337)
EYE_RINGS = (
    (33, 160, 158, 133, 153, 144),
    (362, 385, 387, 263, 373, 380),
)
SKIN = (0.2, 1.65)
"""ln(red/blue) of skin in linear light, from the palest to the darkest of 13 sampled faces less one
outlier at each end; inside that range skin says nothing about the light."""
WHITE_OF_EYE = 0.3
"""The same of the white of the eye, warmer than paper; the 13 faces read 0.0 to 1.0, median 0.4."""
SMALL_EYE = 14
CANDLE, SHADE = 1.2, 0.6
"""ln(red/blue) of the light, as far as cameras leave it in, that counts as 1 and as -1."""


def estimate_warmth(rgb: np.ndarray, landmarks: np.ndarray) -> float:
    """-1 (blue shade) .. 1 (candle), 0 for daylight or when nothing can be said.

    uint8 HxWx3 sRGB and landmarks float32 (468,3) in pixels. Three witnesses of ln(red/blue): the
    whites of the eyes, skin as far as it leaves the range of skin in daylight, and the mean of the
    picture (grey world), weighed 0.5, 0.3 and 0.2. A picture without colour says nothing.
    """
    step = max(1, max(rgb.shape) // 300)
    small = np.ascontiguousarray(rgb[::step, ::step])
    if float(np.mean(small.max(2).astype(int) - small.min(2))) < 2:
        return 0.0
    witnesses = [(0.2, _ratio(to_linear(small).reshape(-1, 3).mean(0)))]
    skin = _skin(rgb, landmarks)
    if skin is not None:
        witnesses.append((0.3, skin - float(np.clip(skin, *SKIN))))
    eyes = [white for ring in EYE_RINGS if (white := _white(rgb, landmarks, ring)) is not None]
    if eyes:
        witnesses.append((0.5, min(eyes, key=abs) - WHITE_OF_EYE))
    said = sum(weight * value for weight, value in witnesses) / sum(w for w, _ in witnesses)
    return float(np.clip(said / (CANDLE if said > 0 else SHADE), -1, 1))


def _skin(rgb: np.ndarray, landmarks: np.ndarray) -> float | None:
    spots = np.rint(landmarks[list(SKIN_POINTS), :2]).astype(int)
    half = max(1, round(0.02 * float(np.ptp(landmarks[:, 0]))))
    height, width = rgb.shape[:2]
    found = [
        to_linear(rgb[y - half : y + half + 1, x - half : x + half + 1]).reshape(-1, 3).mean(0)
        for x, y in spots
        if half <= x < width - half and half <= y < height - half
    ]
    return _ratio(np.median(found, axis=0)) if found else None


def _white(rgb: np.ndarray, landmarks: np.ndarray, ring: tuple[int, ...]) -> float | None:
    """ln(red/blue) of the palest quarter of an open eye; None when the eye is small or shut."""
    import cv2

    outline = landmarks[list(ring), :2]
    (left, top), (right, low) = np.floor(outline.min(0)).astype(int), outline.max(0).astype(int) + 1
    inside = left >= 0 and top >= 0 and right < rgb.shape[1] and low < rgb.shape[0]
    if not inside or right - left < SMALL_EYE or low - top < 4:
        return None
    mask = np.zeros((low - top, right - left), np.uint8)
    cv2.fillConvexPoly(mask, np.rint(outline - (left, top)).astype(np.int32), 1)
    pixels = to_linear(np.ascontiguousarray(rgb[top:low, left:right]))
    tone = luminance(pixels)[mask > 0]
    pale = (tone >= np.percentile(tone, 70)) & (tone <= np.percentile(tone, 97))
    return _ratio(pixels[mask > 0][pale].mean(0)) if pale.sum() >= 8 else None


def _ratio(linear: np.ndarray) -> float:
    return float(np.log((linear[0] + 5e-3) / (linear[2] + 5e-3)))
