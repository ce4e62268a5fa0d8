"""Where the sitter meets the backdrop: bright rims, the old room's colour, stray islands."""

from typing import TYPE_CHECKING

from engine.studio.colour import to_linear, to_srgb
from engine.studio.haze import half_transparent

if TYPE_CHECKING:
    import numpy as np

RING = 0.03
VISIBLE = 6.0
TELLING = 0.08
SOLID, CLEAR = 0.98, 0.02


def halo(joined: "np.ndarray", alpha: "np.ndarray", face_width: float) -> tuple[float, float]:
    """Bright rim: mean overshoot in L*, and the share (0..1) of the ring over 6.

    `joined` is linear float32 hxwx3, `alpha` float32 hxw, `face_width` in its pixels. In a ring
    of 3 % of the face width each side of the edge, the edge is compared with the lighter of the
    subject just inside and the backdrop just outside. Bounds < 1.5 and < .10: our measured
    pictures, good .3-.9, a fat matte 4.0-5.4.
    """
    import cv2
    import numpy as np

    solid = (alpha > 0.5).astype(np.uint8)
    step = max(1, round(RING * face_width))
    light = cv2.cvtColor(to_srgb(joined), cv2.COLOR_RGB2LAB)[..., 0]
    deep, far = cv2.erode(solid, _disc(step)), cv2.erode(1 - solid, _disc(step))
    edge = (deep + far) == 0
    if not edge.any():
        return 0.0, 0.0
    higher = np.maximum(_nearby(light, deep, step), _nearby(light, far, step))
    # Neighbourhood means, so that a strand of hair that shines is not taken for a rim.
    rim = _nearby(light, edge.astype(np.uint8), step)
    over = np.clip(rim[edge] - higher[edge], 0, None)
    return float(over.mean()), float((over > VISIBLE).mean())


def spill(
    joined: "np.ndarray",
    backdrop: "np.ndarray",
    alpha: "np.ndarray",
    photo: "np.ndarray",
    photo_alpha: "np.ndarray",
    face_width: float,
) -> float | None:
    """Share (0..1) of the old background's colour that is left in the edge band.

    All hxw of one size and aligned: `joined`, `backdrop`, `photo` linear float32, the mattes
    float32 0..1. The subject's own colour F solves joined = a F + (1-a) backdrop; by least
    squares over the band it is projected onto the line from clean subject inside to old background
    outside. Only where old and new backdrop differ can anything be seen; None where that is
    nowhere. Bound <= .25: our measured pictures, decontaminated .11, not so .62.
    """
    import cv2
    import numpy as np

    reach = max(2, round(2 * RING * face_width))
    # A pixel at the very rim of solid already holds some of the backdrop.
    core = cv2.erode((alpha > SOLID).astype(np.uint8), _disc(max(1, reach // 4)))
    old = cv2.erode((photo_alpha < CLEAR).astype(np.uint8), _disc(1))
    inside, has_inside = _mean_colour(joined, core, reach)
    outside, has_outside = _mean_colour(photo, old, reach)
    axis = outside - inside
    length = np.einsum("ijk,ijk->ij", axis, axis)
    differs = np.einsum("ijk,ijk->ij", outside - backdrop, outside - backdrop)
    band = (alpha > 0.3) & (alpha < 0.95) & has_inside & has_outside
    band &= (length > TELLING**2) & (differs > TELLING**2)
    if band.sum() < 50:
        return None
    share = alpha[band][:, None]
    own = np.clip((joined[band] - (1 - share) * backdrop[band]) / share, 0, 1)
    along = np.einsum("ik,ik->i", own - inside[band], axis[band])
    weight = share[:, 0]
    return float(np.clip((weight * along).sum() / (weight * length[band]).sum(), 0, 1))


def stray_alpha(alpha: "np.ndarray", face_width: float) -> float:
    """Share (0..1) of pixels that lie in islands of the matte away from the subject.

    `alpha` float32 hxw. Bodies of a tenth of the largest are people; strands within 6 % of the face
    width belong to them. Bound < .0005: our measured pictures.
    """
    import cv2
    import numpy as np

    seen = (alpha > 0.1).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    if count < 2:
        return 0.0
    areas = stats[1:, cv2.CC_STAT_AREA]
    bodies = np.flatnonzero(areas >= 0.1 * areas.max()) + 1
    main = np.isin(labels, bodies).astype(np.uint8)
    near = cv2.dilate(main, _disc(max(1, round(2 * RING * face_width))))
    return float(((seen > 0) & (near == 0)).mean())


def smudge(alpha: "np.ndarray", face_width: float) -> float:
    """Area of half-transparent patches wider than 6 % of the face, in squared face widths.

    `alpha` float32 hxw. Loose curls give up to .04, glass and veils more; a plate taken half along
    gave .15. Bound <= .10: our measured pictures.
    """
    patches = half_transparent(alpha, RING * face_width)
    return float(patches.sum() / max(face_width, 1.0) ** 2)


def aligned_photo(
    photo: "np.ndarray", landmarks: "np.ndarray", target: "np.ndarray", size: tuple[int, int]
) -> "np.ndarray":
    """The photo (uint8 or float32) moved and scaled so that its landmarks fall on `target`.

    `size` is (width, height) of the result, float32; uint8 sRGB is decoded to linear light.
    """
    import cv2
    import numpy as np

    scale = float(np.ptp(target[:, 0]) / max(np.ptp(landmarks[:, 0]), 1e-6))
    shift = target[:, :2].mean(0) - scale * landmarks[:, :2].mean(0)
    step = np.ones(2)
    if scale < 1:
        inner = tuple(max(1, round(side * scale)) for side in (photo.shape[1], photo.shape[0]))
        step = np.array([photo.shape[1] / inner[0], photo.shape[0] / inner[1]])
        photo = cv2.resize(photo, inner, interpolation=cv2.INTER_AREA)
    shift = shift + scale * (0.5 * step - 0.5)
    move = np.array([[scale * step[0], 0, shift[0]], [0, scale * step[1], shift[1]]])
    moved = cv2.warpAffine(
        photo, move, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return to_linear(moved) if moved.dtype == np.uint8 else moved


def _mean_colour(
    picture: "np.ndarray", where: "np.ndarray", reach: int
) -> "tuple[np.ndarray, np.ndarray]":
    """Mean colour of the pixels `where` around each pixel, and where there are any."""
    import cv2
    import numpy as np

    weight = cv2.GaussianBlur(where.astype(np.float32), (0, 0), reach)
    total = cv2.GaussianBlur(picture * where[..., None], (0, 0), reach)
    return total / np.maximum(weight, 1e-4)[..., None], weight > 0.02


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
