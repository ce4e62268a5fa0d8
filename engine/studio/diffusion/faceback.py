"""Sets a person's own face into a picture that lost it: same place, same light, no edge.

The face keeps its own proportions (a similarity over eyes, nose and mouth); only towards its
contour it follows the head it sits on. Its light is that of the skin around it: the ratio of the
two pictures along the seam, carried smoothly inwards, in linear light.
"""

from typing import TYPE_CHECKING

from engine.studio.checks.chips import FEATURES as PARTS_OF_A_FACE
from engine.studio.colour import to_linear, to_srgb
from engine.studio.diffusion.parts import FACE_OVAL, Sitter, hull, skin_likelihood
from engine.studio.mend import disc
from engine.studio.placing import similarity

if TYPE_CHECKING:
    import numpy as np

FEATURES = (33, 133, 362, 263, 168, 6, 197, 4, 98, 327, 2, 61, 291, 0, 17)
"""Where the similarity is fitted: eye corners, bridge, tip and wings of the nose, mouth."""
EYES_AND_BROWS = PARTS_OF_A_FACE[:2]
BROWS, TOP = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300), (103, 67, 109, 10, 338, 297, 332)
FOREHEAD = 0.45
"""How far up from the brows to the hairline the face is set in: above it hangs hair."""
INSET, FEATHER = 0.02, 0.075
"""How far inside the contour the seam ends, and its width, in face widths."""
CONTOUR = 0.55
"""From this share of the way out on, the face begins to follow the other head's contour."""
SPREAD, GRID = 0.16, 4
LEAST_SKIN, HAIR = 0.30, 0.04
"""What is less like skin than this above the brows is hair, and how far around it stays, too."""
RING, REACHES = (0.03, 0.16), (0.10, 0.30)
"""The band along the seam that tells the light, and how far it is carried; face widths."""
STOPS = 2.2
"""Most correction of light, in natural logarithms of linear light."""


def face_back(
    original: "np.ndarray", landmarks: "np.ndarray", result: "np.ndarray", points: "np.ndarray"
) -> "np.ndarray":
    """`result` with the face of `original`, uint8 HxWx3 RGB of the result's size.

    `landmarks` (468,2+) in pixels of `original`, `points` in pixels of `result`.
    """
    import numpy as np

    face = float(np.ptp(points[:, 0]))
    rows, columns = _around(points, result.shape, 0.6 * face)
    local = points[:, :2] - (columns.start, rows.start)
    under = result[rows, columns]
    warped = _placed(original, landmarks[:, :2], local, under.shape)
    mask = face_mask(local, under.shape)
    for picture in (warped, under):
        mask = mask * _bare(picture, local)
    joined = _joined(to_linear(warped), to_linear(under), mask, face)
    out = result.copy()
    out[rows, columns] = (to_srgb(joined) * 255 + 0.5).astype(np.uint8)
    # What the mask does not touch stays as it was, to the bit.
    keep = mask == 0
    out[rows, columns][keep] = under[keep]
    return out


def face_mask(points: "np.ndarray", shape: tuple[int, ...]) -> "np.ndarray":
    """Where the face is set in: float32 HxW, 1 on the features, 0 from the contour on."""
    import cv2
    import numpy as np

    face = float(np.ptp(points[:, 0]))
    outline = _lowered(points)[list(FACE_OVAL), :2]
    solid = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(solid, [np.rint(outline).astype(np.int32)], 1)
    depth = cv2.distanceTransform(solid, cv2.DIST_L2, 5) - INSET * face
    ramp = np.clip(depth / max(1.0, FEATHER * face), 0, 1)
    return (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)


def _bare(rgb: "np.ndarray", points: "np.ndarray") -> "np.ndarray":
    """Where no hair hangs into the face, float32 HxW 0..1: a fringe is nobody's forehead.

    `points` (468,2) are the face's in this picture. Only forehead and temples are looked at: what
    is dark further down are eyes and beards.
    """
    import cv2
    import numpy as np

    face = float(np.ptp(points[:, 0]))
    skin = skin_likelihood(Sitter(rgb, np.ones(rgb.shape[:2], np.float32), points))
    hair = (skin < LEAST_SKIN).astype(np.uint8)
    for eye in EYES_AND_BROWS:
        own = hull(points[list(eye)], rgb.shape).astype(np.uint8)
        hair[cv2.dilate(own, disc(max(1, round(0.025 * face)))) > 0] = 0
    hair = cv2.morphologyEx(hair, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)).astype(np.float32)
    near = cv2.dilate(hair, disc(max(1, round(HAIR * face))))
    return 1 - _above(points, rgb.shape) * cv2.GaussianBlur(near, (0, 0), max(0.8, HAIR * face / 2))


def _above(points: "np.ndarray", shape: tuple[int, ...]) -> "np.ndarray":
    """Forehead and temples: float32 HxW 0..1, 1 above the brows and beside the eyes."""
    import numpy as np

    face = float(np.ptp(points[:, 0]))
    brows, middle = points[list(BROWS)].mean(0), points[list(FEATURES)].mean(0)
    up = (brows - middle) / max(float(np.linalg.norm(brows - middle)), 1e-6)
    down, across = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    right, low = (across - brows[0]) / face, (down - brows[1]) / face
    height, aside = right * up[0] + low * up[1], np.abs(low * up[0] - right * up[1])
    over = np.clip((height + 0.03) / 0.04, 0, 1)
    beside = np.clip((aside - 0.28) / 0.06, 0, 1) * np.clip((height + 0.30) / 0.10, 0, 1)
    return np.maximum(over, beside).astype(np.float32)


def _lowered(points: "np.ndarray") -> "np.ndarray":
    """The landmarks with the hairline brought down towards the brows."""
    import numpy as np

    moved = np.array(points[:, :2], np.float32)
    brows = moved[list(BROWS)].mean(0)
    up = moved[10] - brows
    for index in (*TOP, 54, 284):
        along = float((moved[index] - brows) @ up / max(float(up @ up), 1e-6))
        moved[index] -= up * max(0.0, along - FOREHEAD)
    return moved


def _placed(
    original: "np.ndarray",
    landmarks: "np.ndarray",
    points: "np.ndarray",
    shape: tuple[int, ...],
) -> "np.ndarray":
    """The original's face where `points` are, uint8 of `shape`."""
    import cv2
    import numpy as np

    there = similarity(landmarks[list(FEATURES)], points[list(FEATURES)])
    scale = float(np.hypot(there[0, 0], there[1, 0]))
    if scale < 1:
        # Shrunk by area first, so that pores do not alias.
        size = tuple(max(1, round(side * scale)) for side in original.shape[1::-1])
        step = np.array(size) / original.shape[1::-1]
        original = cv2.resize(original, size, interpolation=cv2.INTER_AREA)
        landmarks = (landmarks + 0.5) * step - 0.5
        there = similarity(landmarks[list(FEATURES)], points[list(FEATURES)])
    moved = landmarks @ there[:, :2].T + there[:, 2]
    shift = _shift(moved, points, shape)
    down, across = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    back = cv2.invertAffineTransform(there)
    at = np.dstack([across, down]) - shift
    source = (at @ back[:, :2].T + back[:, 2]).astype(np.float32)
    return cv2.remap(
        original, source[..., 0], source[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )


def _shift(moved: "np.ndarray", points: "np.ndarray", shape: tuple[int, ...]) -> "np.ndarray":
    """How far each pixel is pulled towards the other head's contour: float32 HxWx2 pixels.

    Nothing at the features, all of it at the contour; between the landmarks a normalised blur.
    """
    import cv2
    import numpy as np

    face = float(np.ptp(points[:, 0]))
    middle = points[list(FEATURES)].mean(0)
    oval = np.linalg.norm(points[list(FACE_OVAL)] - middle, axis=1).mean()
    out = np.linalg.norm(points - middle, axis=1) / max(float(oval), 1e-6)
    share = np.clip((out - CONTOUR) / (0.95 - CONTOUR), 0, 1)[:, None]
    size = (max(2, shape[1] // GRID), max(2, shape[0] // GRID))
    pulls = np.zeros((size[1], size[0], 3), np.float32)
    for (x, y), pull in zip(points / GRID, share * (points - moved), strict=True):
        if 0 <= x < size[0] and 0 <= y < size[1]:
            pulls[int(y), int(x)] += (*pull, 1)
    spread = cv2.GaussianBlur(pulls, (0, 0), max(1.0, SPREAD * face / GRID / 2))
    smooth = spread[..., :2] / (spread[..., 2:] + 1e-5)
    return cv2.resize(smooth, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)


def _joined(
    over: "np.ndarray", under: "np.ndarray", mask: "np.ndarray", face: float
) -> "np.ndarray":
    """The face over the picture in linear light, lit as the skin around it: float32 HxWx3."""
    import numpy as np

    lit = over * np.exp(_light(over, under, mask, face))
    share = mask[..., None]
    return np.clip(share * lit + (1 - share) * under, 0, 1)


def _light(
    over: "np.ndarray", under: "np.ndarray", mask: "np.ndarray", face: float
) -> "np.ndarray":
    """Logarithm of the light the face lacks, float32 HxWx3, known along the seam, smooth inside."""
    import cv2
    import numpy as np

    size = (max(2, over.shape[1] // GRID), max(2, over.shape[0] // GRID))
    small = [cv2.resize(x, size, interpolation=cv2.INTER_AREA) for x in (over, under, mask)]
    soft = [np.log(cv2.GaussianBlur(x, (0, 0), 1.5) + 0.01) for x in small[:2]]
    ratio = np.clip(soft[1] - soft[0], -STOPS, STOPS)
    inside = (small[2] > 0.02).astype(np.uint8)
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 5) * GRID / face
    ring = (depth > RING[0]) & (depth < RING[1])
    if not ring.any():
        return np.zeros_like(over)
    # Hair, a frame of glasses or a shadow of a hat on one of the two says nothing of the light.
    middle = np.median(ratio[ring], 0)
    trust = ring * np.exp(-((ratio - middle) ** 2).sum(2) / 0.5)
    field = np.zeros_like(ratio)
    for reach, floor in ((REACHES[1], 1e-9), (REACHES[0], 0.02)):
        weight = cv2.GaussianBlur(trust.astype(np.float32), (0, 0), reach * face / GRID)
        told = cv2.GaussianBlur(
            (trust[..., None] * (ratio - field)).astype(np.float32), (0, 0), reach * face / GRID
        )
        field = field + told / (weight[..., None] + floor)
    return cv2.resize(
        field.astype(np.float32), (over.shape[1], over.shape[0]), interpolation=cv2.INTER_CUBIC
    )


def _around(points: "np.ndarray", shape: tuple[int, ...], air: float) -> tuple[slice, slice]:
    import numpy as np

    low = np.floor(points[:, :2].min(0) - air).astype(int)
    high = np.ceil(points[:, :2].max(0) + air).astype(int)
    rows = slice(max(0, int(low[1])), min(shape[0], int(high[1])))
    return rows, slice(max(0, int(low[0])), min(shape[1], int(high[0])))
