"""The edge of a matte: it follows the photo, hair by hair where the network saw hair."""

from typing import TYPE_CHECKING

from engine.studio.closed_form import closed_form
from engine.studio.guided import guided_filter
from engine.studio.haze import settled, without_smoke
from engine.studio.mend import disc

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.faces import Anatomy

FEATHER = 0.035
EPS = 4e-4
HAZE, FULL = 0.10, 0.94
WORK_SIDE = 720
GUIDE_SIDE = 640
INNER, OUTER = 0.02, 0.03
TRUST = 3e-3
NET_SIDE, SOFT_REACH = 320, 0.06
SHARP, SOFT = 1.6, 3.0


def refine(
    rgb: "np.ndarray", alpha: "np.ndarray", people: "list[Anatomy]", core: "np.ndarray"
) -> "np.ndarray":
    """Let the edge follow the photo: float32 HxW. Only a band around the edge can change.

    `core` (0..1) is surely the sitter: nothing is taken away there. The guided filter draws the
    whole edge at full size; from the chin up, closed-form matting on a copy of at most 720 pixels
    corrects it: the gradient error in `benchmarks/matte.py` falls by 8 % and spill by 12 %. At 1024
    pixels it would cost twice the time for nothing. Sharp edges are held: that costs 3 % of hair.
    """
    import cv2
    import numpy as np

    face = max(person.width for person in people)
    fine = np.maximum(follow(rgb, alpha, face), core)
    scale = min(1.0, WORK_SIDE / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    small, rough, low = (
        cv2.resize(layer, size, interpolation=cv2.INTER_AREA) for layer in (rgb, alpha, fine)
    )
    drawn = closed_form(small, low, _hairline(low, people, scale), TRUST)
    change = _held_where_sharp(drawn, rough, face * scale) - low
    whole = (alpha.shape[1], alpha.shape[0])
    fine += cv2.resize(change, whole, interpolation=cv2.INTER_LINEAR)
    drawn = settled(np.clip(fine, 0, 1, out=fine), face)
    return without_smoke(np.maximum(drawn, core), face)


def _held_where_sharp(drawn: "np.ndarray", rough: "np.ndarray", face: float) -> "np.ndarray":
    """Where the network saw a sharp edge (a hat, a cheek), stay within two of its pixels of it.

    Its softness is how many half-transparent pixels there are to a pixel of outline, in pixels of
    the 320 that a U-2-Net sees: about 1.1 at a shoulder, 2 and more in hair.
    """
    import cv2
    import numpy as np

    pixel = max(rough.shape) / NET_SIDE
    around = (2 * round(SOFT_REACH * face) + 1,) * 2
    soft = ((rough > 0.05) & (rough < 0.95)).astype(np.float32)
    outline = cv2.morphologyEx(
        (rough > 0.5).astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)
    ).astype(np.float32)
    softness = cv2.blur(soft, around) / (cv2.blur(outline, around) + 1e-3) / pixel
    hairy = np.clip((softness - SHARP) / (SOFT - SHARP), 0, 1)
    reach = disc(max(1, round(2 * pixel)))
    held = np.clip(drawn, cv2.erode(rough, reach), cv2.dilate(rough, reach))
    return held + hairy * (drawn - held)


def follow(rgb: "np.ndarray", alpha: "np.ndarray", face_width: float) -> "np.ndarray":
    """The matte with its edge drawn by the photo's (guided filter), float32 HxW."""
    import cv2
    import numpy as np

    radius = max(2, round(FEATHER * face_width))
    followed = _guided(rgb, alpha, radius)
    followed = np.clip((followed - HAZE) / (FULL - HAZE), 0, 1)
    inside = cv2.erode((alpha > 0.95).astype(np.uint8), disc(radius))
    around = cv2.dilate((alpha > 0.05).astype(np.uint8), disc(radius))
    return np.where(inside > 0, np.float32(1), np.where(around > 0, followed, np.float32(0)))


def _guided(rgb: "np.ndarray", alpha: "np.ndarray", radius: int) -> "np.ndarray":
    """The filter's coefficients are smooth: a wide window needs no full size (He and Sun 2015)."""
    import cv2

    scale = GUIDE_SIDE / max(alpha.shape)
    if radius * scale < 4 or scale >= 1:
        return guided_filter(rgb, alpha, radius, EPS)
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    small, low = (cv2.resize(x, size, interpolation=cv2.INTER_AREA) for x in (rgb, alpha))
    return guided_filter(small, low, round(radius * scale), EPS, fine_guide=rgb)


def _hairline(alpha: "np.ndarray", people: "list[Anatomy]", scale: float) -> "np.ndarray":
    """Where hair may be: bool HxW, a band around the edge from each person's chin up."""
    import cv2
    import numpy as np

    band = np.zeros(alpha.shape, bool)
    for person in people:
        face, x, chin = (v * scale for v in (person.width, person.eyes[0], person.chin))
        left, right = max(0, round(x - 1.3 * face)), round(x + 1.3 * face)
        part = np.s_[: max(0, round(chin)), left:right]
        top = alpha[part]
        if top.size:
            inside = cv2.erode((top > 0.95).astype(np.uint8), disc(max(1, round(INNER * face))))
            around = cv2.dilate((top > 0.05).astype(np.uint8), disc(max(1, round(OUTER * face))))
            band[part] |= (inside == 0) & (around > 0)
    return band
