"""Is it still that face: its colour, its structure, its eyes, its skin."""

from typing import TYPE_CHECKING

import numpy as np

from engine.jobs import Check
from engine.studio.checks.bounds import most, within
from engine.studio.checks.chips import chip_landmarks, face_chip, face_mask, lab, skin_spots
from engine.studio.faces import EYES

if TYPE_CHECKING:
    from engine.studio.checks.proof import Proof

FACE = 160.0
"""Width in pixels at which two faces are compared; less where one of them has less."""

COLOUR_FACE, COLOUR_BLUR = 96.0, 4.0
LEAST_CHROMA = 5.0


def colour_shift(
    before: np.ndarray, after: np.ndarray, mask: np.ndarray, weights: tuple[bool, bool]
) -> tuple[float, float]:
    """Face colour in and out, low-passed: median and 95th percentile of CIEDE2000.

    `before`, `after` uint8 sRGB chips of one size, `mask` bool. `weights` (lightness, colour) say
    which parts are compared: black and white film keeps L* only; light that was asked
    for keeps a* and b* only. Bounds <= 3 and <= 7: our measured pictures, good 2.1 and 3.5-6.2.
    """
    from skimage.color import deltaE_ciede2000

    first, second = _soft_lab(before), _soft_lab(after)
    light, colour = weights
    first = np.where([light, colour, colour], first, second)
    apart = deltaE_ciede2000(first[mask], second[mask])
    return float(np.median(apart)), float(np.percentile(apart, 95))


def skin_drift(before: np.ndarray, after: np.ndarray, skin: np.ndarray) -> tuple[float, float]:
    """Mean drift of the skin's L* and of its hue in degrees, out minus in.

    Chips as in `colour_shift`, before any grade that was asked for. Lightening of dark skin shows
    here as a positive first value. Skin of almost no colour (a grey photo) has no hue: 0. Bounds
    |L*| <= 4, |hue| <= 6 degrees.
    """
    first, second = lab(before)[skin].mean(0), lab(after)[skin].mean(0)
    light = float(second[0] - first[0])
    if min(np.hypot(*first[1:]), np.hypot(*second[1:])) < LEAST_CHROMA:
        return light, 0.0
    turn = np.degrees(np.arctan2(second[2], second[1]) - np.arctan2(first[2], first[1]))
    return light, float((turn + 180) % 360 - 180)


def structure(before: np.ndarray, after: np.ndarray, mask: np.ndarray) -> float:
    """Correlation (-1..1) of two aligned faces' band-passed L*: features, neither tone nor grain.

    The band keeps what is about 2 to 12 % of the chip's width. Bound >= .85: our measured pictures,
    good .87-.96, blurred .80-.83.
    """
    first, second = _band(before)[mask], _band(after)[mask]
    spread = float(first.std() * second.std())
    if spread < 1e-9:
        return 0.0
    return float(((first - first.mean()) * (second - second.mean())).mean() / spread)


def eye_sharpness(chip: np.ndarray, eyes: np.ndarray) -> float:
    """Detail around the eyes at a given face size: spread of the Laplacian over that of the tone.

    `eyes` bool: the band of the chip that holds them. A ratio out/in >= .75 is asked: our measured
    pictures, good .83-1.09, blurred <= .41.
    """
    import cv2

    grey = cv2.cvtColor(chip, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return float(cv2.Laplacian(grey, cv2.CV_32F)[eyes].std() / max(float(grey[eyes].std()), 1.0))


def texture(chip: np.ndarray, skin: np.ndarray) -> float:
    """Skin texture: spread of what is finer than a pore's shadow, in L*.

    A ratio out/in of .6-1.5 is asked at equal face size and before grain, which would hide plastic
    skin: our measured pictures, good .84-1.19, smoothed <= .16.
    """
    import cv2

    light = lab(chip)[..., 0]
    fine = light - cv2.GaussianBlur(light, (0, 0), 0.012 * chip.shape[1])
    values = fine[skin]
    # Robust spread: a strand of hair across the forehead is no skin.
    return float(1.4826 * np.median(np.abs(values - np.median(values))))


def clipping(picture: np.ndarray, landmarks: np.ndarray) -> float:
    """Share (0..1) of the face that is burnt out or blocked up in all channels. Bound < .01."""
    import cv2

    points = np.rint(landmarks[:, :2]).astype(np.int32)
    limit = np.array([picture.shape[1], picture.shape[0]])
    low, high = points.min(0).clip(0, limit - 1), points.max(0).clip(1, limit)
    part = picture[low[1] : high[1], low[0] : high[0]]
    mask = np.zeros(part.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(points - low.astype(np.int32)), 1)
    face = part[mask > 0][::3]
    if not len(face):
        return 0.0
    return float(((face.min(1) >= 254) | (face.max(1) <= 1)).mean())


def common_size(proof: "Proof", largest: float, small: bool = False) -> float:
    """The face width in pixels at which source and result are compared."""
    shown = proof.small_landmarks if small else proof.landmarks
    widths = [float(np.ptp(points[:, 0])) for points in (proof.source_landmarks, shown)]
    return max(24.0, min(largest, *widths))


def eye_ratio(proof: "Proof") -> float:
    """Eye sharpness out over in."""
    face = common_size(proof, FACE)
    before = face_chip(proof.source, proof.source_landmarks, face)
    after = face_chip(proof.picture, proof.landmarks, face)
    eyes = _eye_band(proof.source_landmarks, face)
    return eye_sharpness(after, eyes) / max(eye_sharpness(before, eyes), 1e-3)


def texture_ratio(proof: "Proof") -> float | None:
    """Skin texture out over in, before grain; None where that picture was not kept."""
    if proof.ungrained is None:
        return None
    face = common_size(proof, FACE, small=True)
    skin = skin_spots(proof.source_landmarks, face)
    before = texture(face_chip(proof.source, proof.source_landmarks, face), skin)
    after = texture(face_chip(proof.ungrained, proof.small_landmarks, face), skin)
    return after / max(before, 1e-3)


def likeness(proof: "Proof") -> float | None:
    """Distance of the two faces' embeddings; None without the network. Bound <= .6 (dlib)."""
    if proof.identity is None:
        return None
    return proof.identity.distance(
        proof.source, proof.source_landmarks, proof.picture, proof.landmarks
    )


def structure_of(proof: "Proof") -> float:
    """Face structure of the finished picture against the photo."""
    face = common_size(proof, FACE)
    before = face_chip(proof.source, proof.source_landmarks, face)
    after = face_chip(proof.picture, proof.landmarks, face)
    return structure(before, after, face_mask(proof.source_landmarks, face))


def _eye_band(landmarks: np.ndarray, face: float) -> np.ndarray:
    points = chip_landmarks(landmarks, face)[list(EYES)]
    low, high = points.min(0), points.max(0)
    air = 0.12 * face
    mask = np.zeros(face_mask(landmarks, face).shape, bool)
    rows = slice(max(0, int(low[1] - air)), int(high[1] + air))
    mask[rows, max(0, int(low[0] - air)) : int(high[0] + air)] = True
    return mask


def _soft_lab(chip: np.ndarray) -> np.ndarray:
    import cv2

    return lab(cv2.GaussianBlur(chip, (0, 0), COLOUR_BLUR))


def _band(chip: np.ndarray) -> np.ndarray:
    import cv2

    light = lab(chip)[..., 0]
    wide = chip.shape[1]
    fine = cv2.GaussianBlur(light, (0, 0), max(0.5, 0.005 * wide))
    return fine - cv2.GaussianBlur(light, (0, 0), 0.03 * wide)


def colour_checks(proof: "Proof") -> tuple[Check, ...]:
    """Face colour of the finished picture, and drift of the skin before the grade.

    A tint that was asked for is measured before the grade; lightness is left out where softer or
    harder light was asked for, and colour where the film is black and white.
    """
    from engine.studio.colour import to_srgb

    joined = (to_srgb(proof.joined) * 255 + 0.5).astype(np.uint8)
    face = common_size(proof, COLOUR_FACE, small=True)
    before = face_chip(proof.source, proof.source_landmarks, face)
    plain = face_chip(joined, proof.small_landmarks, face)
    asked = proof.asked_tint and not proof.mono
    shown = plain if asked else face_chip(proof.picture, proof.landmarks, face)
    checks: list[Check] = []
    if not (proof.mono and proof.asked_light):
        mask = face_mask(proof.source_landmarks, face)
        weights = (not proof.asked_light, not proof.mono)
        middle, high = colour_shift(before, shown, mask, weights)
        checks += [most("face_colour", middle, 3.0), most("face_colour_p95", high, 7.0)]
    light, hue = skin_drift(before, plain, skin_spots(proof.source_landmarks, face))
    if not proof.asked_light:
        checks.append(within("skin_lightness", light, -4, 4))
    return (*checks, within("skin_hue", hue, -6, 6))
