"""Measured promises about a finished picture; each bound says what a good one keeps."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jobs import Check
from engine.studio.colour import to_srgb
from engine.studio.crop import ratio_of

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.faces import Anatomy

EYE_SIDE = 96
SPOT = 64
HALO_SIDE = 1024


@dataclass(frozen=True, slots=True)
class Proof:
    """What there is to measure, all at output size unless said otherwise.

    `picture` is the finished uint8 HxWx3; `anatomy` the face in it; `alpha`, `skin` float32 HxW;
    `joined` is float32 HxWx3 linear light before the grade; `source` is the uint8 photo with its
    own `source_anatomy`; `eye_low` is the lowest eye line this photo allows. `tinted` says that
    the sitter asked for another colour of light or for black and white.
    """

    picture: "np.ndarray"
    anatomy: "Anatomy"
    alpha: "np.ndarray"
    skin: "np.ndarray"
    joined: "np.ndarray"
    source: "np.ndarray"
    source_anatomy: "Anatomy"
    aspect: str
    long_side: int
    eye_low: float = 0.40
    tinted: bool = False


def check(proof: Proof) -> tuple[Check, ...]:
    """Measure eye line, centring, aspect, size, halo, eye sharpness, face colour and clipping."""
    height, width = proof.picture.shape[:2]
    eyes = proof.anatomy.eyes
    wide, tall = ratio_of(proof.aspect)
    return (
        _within("eye_line", eyes[1] / height, 0.30, proof.eye_low),
        _within("centre", eyes[0] / width - 0.5, -0.03, 0.03),
        _within("aspect", abs(width * tall - height * wide), 0, 0),
        _least("long_side", max(height, width), proof.long_side),
        _most("halo", halo(proof.joined, proof.alpha, proof.anatomy.width), 1.5),
        _least("eye_sharpness", _eye_ratio(proof), 0.75),
        _most("face_colour", _colour_shift(proof), 3.0),
        _most("face_clipping", _clipping(proof.picture, proof.skin), 0.01),
    )


def halo(joined: "np.ndarray", alpha: "np.ndarray", face_width: float) -> float:
    """Mean bright rim in L*: how far the edge lies above both sides of it.

    `joined` is linear HxWx3 float32. Rings of 3 % of the face width: the edge is compared with the
    lighter of the subject just inside and the backdrop just outside, on a copy of 1024 pixels.
    """
    import cv2
    import numpy as np

    scale = min(1.0, HALO_SIDE / max(alpha.shape))
    size = (round(alpha.shape[1] * scale), round(alpha.shape[0] * scale))
    small = to_srgb(cv2.resize(joined, size, interpolation=cv2.INTER_AREA))
    solid = (cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) > 0.5).astype(np.uint8)
    step = max(1, round(0.03 * face_width * scale))
    light = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)[..., 0]
    deep, far = cv2.erode(solid, _disc(step)), cv2.erode(1 - solid, _disc(step))
    edge = (deep + far) == 0
    if not edge.any():
        return 0.0
    higher = np.maximum(_nearby(light, deep, step), _nearby(light, far, step))
    # Neighbourhood means, so that a strand of hair that shines is not taken for a rim.
    rim = _nearby(light, edge.astype(np.uint8), step)
    return float(np.clip(rim[edge] - higher[edge], 0, None).mean())


def eye_detail(rgb: "np.ndarray", anatomy: "Anatomy") -> float:
    """Detail around the eyes at one fixed face size: Laplacian energy over contrast."""
    import cv2
    import numpy as np

    half = 0.85 * anatomy.eye_distance
    eyes = _spot(rgb, anatomy.eyes, half, EYE_SIDE)
    grey = cv2.cvtColor(eyes, cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey = grey[EYE_SIDE // 4 : 3 * EYE_SIDE // 4]
    return float(cv2.Laplacian(grey, cv2.CV_32F).std() / max(float(grey.std()), 1.0))


def _spot(rgb: "np.ndarray", centre: tuple[float, float], half: float, side: int) -> "np.ndarray":
    """A square around `centre`, `half` pixels to each side, brought to `side` pixels."""
    import cv2

    reach = max(2, round(2 * half))
    patch = cv2.getRectSubPix(rgb, (reach, reach), centre)
    method = cv2.INTER_AREA if reach > side else cv2.INTER_CUBIC
    return cv2.resize(patch, (side, side), interpolation=method)


def _eye_ratio(proof: Proof) -> float:
    before = eye_detail(proof.source, proof.source_anatomy)
    return eye_detail(proof.picture, proof.anatomy) / max(before, 1e-6)


def _colour_shift(proof: Proof) -> float:
    """Median colour difference of the face, in and out, low-passed: CIEDE2000.

    A tint that was asked for is no fault: then the picture is taken as it was before the grade.
    """
    import numpy as np
    from skimage.color import deltaE_ciede2000

    out = (to_srgb(proof.joined) * 255).astype(np.uint8) if proof.tinted else proof.picture
    before = _face_lab(proof.source, proof.source_anatomy)
    return float(np.median(deltaE_ciede2000(before, _face_lab(out, proof.anatomy))))


def _face_lab(rgb: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
    """The middle of the face as a small low-passed Lab picture."""
    import cv2
    import numpy as np

    centre = (anatomy.eyes[0], (anatomy.eyes[1] + anatomy.chin) / 2)
    face = _spot(rgb, centre, 0.38 * anatomy.width, SPOT)
    soft = cv2.GaussianBlur(face, (0, 0), 3.0)
    return cv2.cvtColor(soft.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)


def _clipping(picture: "np.ndarray", skin: "np.ndarray") -> float:
    """Share of face pixels that are burnt out or blocked up in all channels."""
    face = picture[skin > 0.9]
    if not len(face):
        return 0.0
    return float(((face.min(1) >= 254) | (face.max(1) <= 1)).mean())


def _nearby(light: "np.ndarray", where: "np.ndarray", reach: int) -> "np.ndarray":
    """Mean lightness of the pixels `where` around each pixel; 100 where there are none."""
    import cv2
    import numpy as np

    window = (4 * reach + 1, 4 * reach + 1)
    weight = cv2.blur(where.astype(np.float32), window)
    total = cv2.blur(light * where, window)
    return np.where(weight > 1e-3, total / np.maximum(weight, 1e-3), np.float32(100))


def _disc(radius: int) -> "np.ndarray":
    import cv2

    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))


def _within(name: str, value: float, low: float, high: float) -> Check:
    bound = f"{low:.2f}..{high:.2f}" if (low, high) != (0, 0) else "0"
    return Check(name, round(float(value), 4), bound, low - 1e-9 <= value <= high + 1e-9)


def _least(name: str, value: float, low: float) -> Check:
    return Check(name, round(float(value), 4), f">= {low:g}", value >= low)


def _most(name: str, value: float, high: float) -> Check:
    return Check(name, round(float(value), 4), f"<= {high:g}", value <= high)
