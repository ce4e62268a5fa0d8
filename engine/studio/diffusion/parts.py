"""What a sitter consists of, without a network for it: skin, hair and clothes within the matte.

Seeds come from the landmarks and from geometry, the colours of each part from its seeds, and the
borders from GrabCut (Rother et al. 2004), which looks for edges; all on a small copy.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.studio.checks.chips import FEATURES
from engine.studio.colour import to_linear
from engine.studio.faces import anatomy
from engine.studio.mend import disc

if TYPE_CHECKING:
    import numpy as np

FACE = 80
"""Width of the face on the small copy, in pixels."""
LARGEST = 440
"""Longest side of the small copy."""
ROUNDS = 2
SLIVER = 2
"""Hair no wider than twice this, on the small copy, is none."""
SOLID = 0.6
CHROMA, LEVEL = 7.0, 28.0
"""How far skin strays from the face's median, in a*b* and in L*: scale of a Gaussian."""
TINT = 0.20
"""The same for the ratios of its linear channels, which a shadow does not change."""
LIKE_SKIN, UNLIKE_SKIN = 0.35, 0.05
BLACK = 0.22
"""Share of the face's L* below which a throat is no skin but a dark collar."""
RISE, FREE = 90.0, 0.15
"""How much less likely clothes are the higher they are above the chin, in L*a*b* units per face
width, and the height up to which they are rather likelier."""
NECK = 0.30
"""Half the width of a neck, in face widths, left and right of the chin."""
HANDS = 0.012
"""Skin away from head and neck smaller than this, in squared face widths, is a button."""
FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sitter:
    """A person in a picture: uint8 HxWx3 `rgb`, float32 HxW `alpha`, landmarks (468,2+) pixels."""

    rgb: "np.ndarray"
    alpha: "np.ndarray"
    landmarks: "np.ndarray"

    @property
    def face(self) -> float:
        """Width of the face in pixels: the unit of all distances here."""
        return anatomy(self.landmarks).width


@dataclass(frozen=True, slots=True)
class Parts:
    """Skin (face, neck, hands), hair (or what is worn on the head) and clothes: float32 HxW 0..1.

    Together they are about the matte. `sure_hair` says whether any hair was found at all.
    """

    skin: "np.ndarray"
    hair: "np.ndarray"
    clothes: "np.ndarray"
    sure_hair: bool = True


def parts_of(sitter: Sitter) -> Parts:
    """Divide a sitter into skin, hair and clothes, at the picture's size."""
    import cv2
    import numpy as np

    small = _small(sitter)
    likely = skin_likelihood(small)
    seeds = _Seeds(small, likely)
    skin = _cut(small, seeds.skin, seeds.not_skin, seeds.perhaps_skin)
    skin = _without_buttons(skin, small) | seeds.face
    hair = _cut(small, seeds.hair, seeds.not_hair | skin, seeds.perhaps_hair)
    hair = _attached(hair & ~skin, seeds.hair)
    hair = _shared_out(small, hair, skin, seeds)
    size = (sitter.alpha.shape[1], sitter.alpha.shape[0])

    def whole(part: "np.ndarray") -> "np.ndarray":
        soft = cv2.GaussianBlur(part.astype(np.float32), (0, 0), 1.0)
        return cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR) * sitter.alpha

    solid = small.alpha > SOLID
    low = seeds.down > min(0.1, float(seeds.down.max()) - 0.05)
    clothes = _attached(_wide(solid & ~skin & ~hair), low)
    return Parts(whole(skin), whole(hair), whole(clothes), bool(seeds.hair.any()))


def skin_likelihood(sitter: Sitter) -> "np.ndarray":
    """How much each pixel has the colour of the face's skin: float32 HxW 0..1.

    The neck is mostly darker than the face, so a shadow counts less than another hue does.
    """
    import cv2
    import numpy as np

    lab = cv2.cvtColor(sitter.rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    seen = lab[_plain_skin(sitter)]
    middle = np.median(seen, 0) if len(seen) else np.array([65.0, 12.0, 16.0])
    apart = lab - middle.astype(np.float32)
    level = apart[..., 0] / np.where(apart[..., 0] < 0, LEVEL, 0.7 * LEVEL)
    # In the dark all colours draw together, so hue is asked for more strictly there.
    strict = CHROMA * np.clip(lab[..., 0] / max(float(middle[0]), 1), 0.45, 1)
    hue = np.hypot(apart[..., 1], apart[..., 2]) / strict
    return np.exp(-0.5 * (hue**2 + level**2)).astype(np.float32)


def skin_tint(sitter: Sitter) -> "np.ndarray":
    """How much each pixel has the tint of the face's skin, in whatever shadow: float32 HxW 0..1."""
    import numpy as np

    light = to_linear(sitter.rgb) + np.float32(0.001)
    tint = np.stack([np.log(light[..., 0] / light[..., 1]), np.log(light[..., 1] / light[..., 2])])
    seen = tint[:, _plain_skin(sitter)]
    middle = np.median(seen, 1) if seen.size else np.array([0.5, 0.35])
    apart = (tint - middle[:, None, None].astype(np.float32)) / TINT
    return np.exp(-0.5 * (apart**2).sum(0)).astype(np.float32)


def hull(points: "np.ndarray", shape: tuple[int, ...]) -> "np.ndarray":
    """The convex hull of points (n,2+) in pixels: bool HxW."""
    import cv2
    import numpy as np

    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(points[:, :2]).astype(np.int32)), 1)
    return mask > 0


def face_oval(landmarks: "np.ndarray", shape: tuple[int, ...]) -> "np.ndarray":
    """The face from chin to hairline, temple to temple: bool HxW."""
    return hull(landmarks[list(FACE_OVAL)], shape)


class _Seeds:
    """What geometry and colour are sure of, all bool HxW of the small copy."""

    def __init__(self, sitter: Sitter, likely: "np.ndarray") -> None:
        import cv2
        import numpy as np

        shape, face = sitter.alpha.shape, sitter.face
        body = anatomy(sitter.landmarks)
        down, across = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
        down, across = (down - body.chin) / face, (across - sitter.landmarks[152, 0]) / face
        solid, outside = sitter.alpha > 0.95, sitter.alpha < 0.05
        self.face = face_oval(sitter.landmarks, shape)
        around = cv2.dilate(self.face.astype(np.uint8), disc(round(0.05 * face))) > 0
        head = (np.hypot(across, 0.9 * (down + 0.65)) < 1.15) & (down < 0.1)
        top = float(sitter.landmarks[10, 1] - body.chin) / face
        crown = solid & (down < top + 0.30) & ~around & head
        self.hair = crown & (likely < UNLIKE_SKIN)
        self.skin = _plain_skin(sitter)
        self.down, self.head = down, head | (np.abs(across) < 1.1) & (down < 0)
        neck = (np.abs(across) < NECK) & (down > -0.05) & (down < 0.45)
        throat = neck & solid & (skin_tint(sitter) > 0.12) & ~_black(sitter)
        bare = throat[neck & (np.abs(across) < 0.2) & (down > 0.1) & (down < 0.3)]
        # Under a chin lies its shadow, of no colour: skin, where there is skin below it.
        shadow = neck & (down < 0.16) & (bare.mean() > 0.35 if bare.size else True)
        self.skin |= (throat & (down < 0.22)) | (shadow & solid)
        self.perhaps_skin = (likely > LIKE_SKIN) | throat
        self.not_skin = outside | (likely < 0.002) & ~around & ~throat & ~self.skin | self.hair
        shoulders = (np.abs(across) > 0.85) & (down > 0.25)
        self.not_hair = outside | around & (likely > UNLIKE_SKIN) | (down > 1.6) | shoulders
        beside = (np.abs(across) < 1.1) & (down < 0.6) & ~self.face
        self.perhaps_hair = beside & (sitter.alpha > 0.3) & ~((down > 0) & (np.abs(across) < NECK))


def _black(sitter: Sitter) -> "np.ndarray":
    """Where it is darker than a shadow on this skin: bool HxW."""
    import cv2
    import numpy as np

    light = cv2.cvtColor(sitter.rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[..., 0]
    seen = light[_plain_skin(sitter)]
    return np.asarray(light < BLACK * float(np.median(seen) if seen.size else 0))


def _plain_skin(sitter: Sitter) -> "np.ndarray":
    """The face without eyes, brows, mouth and nostrils, drawn in: bool HxW."""
    import cv2
    import numpy as np

    mask = face_oval(sitter.landmarks, sitter.alpha.shape).astype(np.uint8)
    mask = cv2.erode(mask, disc(max(1, round(0.08 * sitter.face))))
    for feature in FEATURES:
        eyes = hull(sitter.landmarks[list(feature)], mask.shape).astype(np.uint8)
        mask[cv2.dilate(eyes, disc(max(1, round(0.03 * sitter.face)))) > 0] = 0
    return np.asarray(mask > 0)


def _cut(
    sitter: Sitter, sure: "np.ndarray", never: "np.ndarray", perhaps: "np.ndarray"
) -> "np.ndarray":
    """GrabCut from seeds, bool HxW; nothing where there are too few of them."""
    import cv2
    import numpy as np

    labels = np.where(perhaps, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    labels[sure] = cv2.GC_FGD
    labels[never & ~sure] = cv2.GC_BGD
    if sure.sum() < 20 or never.sum() < 20:
        return sure.copy()
    models = np.zeros((1, 65)), np.zeros((1, 65))
    bgr = np.ascontiguousarray(sitter.rgb[..., ::-1])
    cv2.setRNGSeed(1)
    cv2.grabCut(bgr, labels, None, *models, ROUNDS, cv2.GC_INIT_WITH_MASK)  # pyright: ignore[reportCallIssue, reportArgumentType]  no rectangle is meant: the mask says all
    return (labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)


def _without_buttons(skin: "np.ndarray", sitter: Sitter) -> "np.ndarray":
    """Leave out specks of skin's colour that are too small for a hand."""
    import cv2

    count, labels, stats, _ = cv2.connectedComponentsWithStats(skin.astype("uint8"))
    least = HANDS * sitter.face**2
    for label in range(1, count):
        if stats[label, cv2.CC_STAT_AREA] < least:
            skin = skin & (labels != label)
    return skin


def _wide(part: "np.ndarray") -> "np.ndarray":
    """Without slivers: between a cheek and the matte's edge they are ears and jaws."""
    import cv2

    return cv2.morphologyEx(part.astype("uint8"), cv2.MORPH_OPEN, disc(SLIVER)) > 0


def _attached(part: "np.ndarray", sure: "np.ndarray") -> "np.ndarray":
    """Only what hangs together with what is `sure` of it."""
    import cv2
    import numpy as np

    _, labels = cv2.connectedComponents(part.astype(np.uint8))
    kept = np.unique(labels[sure & part])
    return part & np.isin(labels, kept[kept > 0])


def _shared_out(
    sitter: Sitter, hair: "np.ndarray", skin: "np.ndarray", seeds: _Seeds
) -> "np.ndarray":
    """The hair, with what is left beside the face given to it or to the clothes: bool HxW.

    A pixel goes where its colour is nearer; the higher it is, the less it is of the clothes.
    """
    import cv2
    import numpy as np

    solid = sitter.alpha > SOLID
    left = solid & ~skin & ~hair & seeds.head & (seeds.down < 0)
    clothes = solid & ~skin & ~hair & (seeds.down > 0.03)
    if not left.any() or not hair.any():
        return hair
    if not clothes.any():
        return hair | left
    lab = cv2.cvtColor(sitter.rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    lab = cv2.GaussianBlur(lab, (0, 0), 2)
    to_hair, to_clothes = (_apart(lab, lab[part]) for part in (hair, clothes))
    nearer = to_hair < to_clothes - RISE * (seeds.down + FREE)
    hanging = hair & ((seeds.down < 0.05) | (to_hair < to_clothes))
    return _attached(_wide(hanging | left & nearer), seeds.hair)


def _apart(lab: "np.ndarray", colours: "np.ndarray") -> "np.ndarray":
    """Distance of each pixel to the nearest of a few colours that stand for many: float32 HxW."""
    import cv2
    import numpy as np

    sample = np.ascontiguousarray(colours[:: max(1, len(colours) // 800)])
    count = min(4, len(sample))
    cv2.setRNGSeed(1)
    how = (cv2.TERM_CRITERIA_MAX_ITER, 10, 1.0)
    centres = cv2.kmeans(sample, count, None, how, 1, cv2.KMEANS_PP_CENTERS)[2]  # pyright: ignore[reportCallIssue, reportArgumentType]  no labels are given
    return np.min([np.linalg.norm(lab - centre, axis=2) for centre in centres], axis=0)


def _small(sitter: Sitter) -> Sitter:
    """The sitter on a copy in which the face is `FACE` pixels wide, if it is larger."""
    import cv2

    scale = min(1.0, FACE / sitter.face, LARGEST / max(sitter.alpha.shape))
    size = tuple(max(1, round(side * scale)) for side in sitter.alpha.shape[::-1])
    rgb = cv2.resize(sitter.rgb, size, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(sitter.alpha, size, interpolation=cv2.INTER_AREA)
    return Sitter(rgb, alpha, sitter.landmarks * scale)
