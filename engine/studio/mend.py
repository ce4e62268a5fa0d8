"""Mending a matte: one person, whole, without holes, with the shirt the network lost."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.faces import Anatomy

SURE = 0.985
NEIGHBOUR = 3


def mend(rgb: "np.ndarray", alpha: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
    """Keep the person with the face, fill holes, and win back a lost shirt; float32 HxW."""
    kept = only_the_sitter(drop_neighbours(rgb, alpha, anatomy), anatomy)
    if not reaches_lower_edge(kept, anatomy):
        kept = _regrow_torso(rgb, kept, anatomy)
    return _fill_holes(kept, anatomy)


def mend_group(rgb: "np.ndarray", alpha: "np.ndarray", people: "list[Anatomy]") -> "np.ndarray":
    """Keep everybody with one of these faces, whole, and nothing apart from them; float32 HxW."""
    import numpy as np

    kept = np.maximum.reduce([only_the_sitter(alpha, one) for one in people])
    for one in people:
        if not reaches_lower_edge(kept, one):
            kept = _regrow_torso(rgb, kept, one)
        kept = _fill_holes(kept, one)
    return kept


def reaches_lower_edge(alpha: "np.ndarray", anatomy: "Anatomy") -> bool:
    """Whether the body goes on down on both sides of the neck, half a face width out.

    A photo that ends less than a third of a face below the chin shows no body and passes.
    """
    height, width = alpha.shape
    if height - anatomy.chin < 0.35 * anatomy.width:
        return True
    row = min(height - 1, round(anatomy.chin + 1.0 * anatomy.width))
    band = alpha[row - max(1, round(0.04 * height)) : row + 1]
    centre, half = anatomy.eyes[0], 0.45 * anatomy.width
    left = band[:, max(0, round(centre - half)) : max(1, round(centre))]
    right = band[:, min(width - 1, round(centre)) : min(width, round(centre + half))]
    return bool(min(left.mean(), right.mean()) > 0.85)


def drop_neighbours(rgb: "np.ndarray", alpha: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
    """Part the sitter from things at the photo's sides that the network also took: float32 HxW.

    The sure parts of both are seeds, and the border between them runs where the photo has its
    strongest edge (watershed, Meyer 1992).
    """
    import cv2
    import numpy as np

    scale = min(1.0, 512 / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    low = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    seeds = _neighbour_seeds(low, anatomy, scale)
    if not (seeds == NEIGHBOUR).any():
        return alpha
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    parted = cv2.watershed(np.ascontiguousarray(small), seeds) == NEIGHBOUR
    other = cv2.dilate(parted.astype(np.uint8), disc(1)).astype(np.float32)
    whole = (alpha.shape[1], alpha.shape[0])
    return alpha * (1 - cv2.resize(other, whole, interpolation=cv2.INTER_LINEAR))


def _neighbour_seeds(alpha: "np.ndarray", anatomy: "Anatomy", scale: float) -> "np.ndarray":
    """Markers, int32 HxW: 1 the wall, 2 the sitter, 3 sure parts at the sides without the face."""
    import cv2
    import numpy as np

    count, labels, stats, _ = cv2.connectedComponentsWithStats((alpha > SURE).astype(np.uint8))
    x, y = (min(round(v * scale), limit - 1) for v, limit in zip(
        (anatomy.eyes[0], (anatomy.eyes[1] + anatomy.chin) / 2), alpha.shape[::-1], strict=True
    ))  # fmt: skip
    seeds = np.where(alpha < 0.02, 1, 0).astype(np.int32)
    sitter = (labels == labels[y, x]).astype(np.uint8)
    seeds[cv2.erode(sitter, np.ones((3, 3), np.uint8)) > 0] = 2
    for label in set(range(1, count)) - {int(labels[y, x])}:
        left, _, width, _, area = (int(v) for v in stats[label])
        gap = max(left - x, x - left - width)
        at_side = left == 0 or left + width == alpha.shape[1]
        # Nearer than that it is the sitter's own hair or arm.
        if area > 30 and at_side and gap > 1.5 * anatomy.width * scale:
            seeds[labels == label] = NEIGHBOUR
    return seeds


def only_the_sitter(alpha: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
    """Drop everything that is not connected to the face."""
    import cv2
    import numpy as np

    _, labels = cv2.connectedComponents((alpha > 0.3).astype(np.uint8))
    x, y = round(anatomy.eyes[0]), round((anatomy.eyes[1] + anatomy.chin) / 2)
    half = max(1, round(0.3 * anatomy.width))
    seen = labels[max(0, y - half) : y + half, max(0, x - half) : x + half]
    seen = seen[seen > 0]
    if not seen.size:
        return alpha
    sitter = (labels == np.bincount(seen).argmax()).astype(np.uint8)
    near = cv2.dilate(sitter, disc(max(2, round(0.05 * anatomy.width))))
    return alpha * cv2.GaussianBlur(near.astype(np.float32), (0, 0), 1.0)


def _fill_holes(alpha: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
    """Fill holes that are small, or that lie in head, neck and chest; an arm's loop stays open."""
    import cv2
    import numpy as np

    count, labels, stats, centres = cv2.connectedComponentsWithStats((alpha < 0.5).astype(np.uint8))
    filled = alpha.copy()
    for label in range(1, count):
        if _is_hole(stats[label], centres[label], alpha.shape, anatomy):
            hole = cv2.dilate((labels == label).astype(np.uint8), disc(3))
            filled = np.where(hole > 0, np.float32(1), filled)
    return filled


def _is_hole(
    stat: "np.ndarray", centre: "np.ndarray", shape: tuple[int, ...], anatomy: "Anatomy"
) -> bool:
    left, top, width, height, area = (int(v) for v in stat)
    if left == 0 or top == 0 or left + width == shape[1]:
        return False
    inside = abs(centre[0] - anatomy.eyes[0]) < 0.6 * anatomy.width
    if top + height == shape[0]:
        return inside and width < 0.5 * anatomy.width
    return inside or area < 0.02 * anatomy.width**2


def _regrow_torso(rgb: "np.ndarray", alpha: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
    """Find the shirt that the network took for wall: GrabCut on a small copy, below the chin."""
    import cv2
    import numpy as np

    scale = min(1.0, 400 / max(alpha.shape))
    size = (round(alpha.shape[1] * scale), round(alpha.shape[0] * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    seeds = _torso_seeds(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), anatomy, scale)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, seeds, (0, 0, 1, 1), *models, 3, cv2.GC_INIT_WITH_MASK)
    grown = ((seeds == cv2.GC_FGD) | (seeds == cv2.GC_PR_FGD)).astype(np.float32)
    grown = cv2.GaussianBlur(cv2.morphologyEx(grown, cv2.MORPH_OPEN, disc(2)), (0, 0), 1.0)
    grown[: max(0, round((anatomy.chin + 0.05 * anatomy.width) * scale))] = 0
    whole = (alpha.shape[1], alpha.shape[0])
    return cv2.max(alpha, cv2.resize(grown, whole, interpolation=cv2.INTER_LINEAR))


def _torso_seeds(alpha: "np.ndarray", anatomy: "Anatomy", scale: float) -> "np.ndarray":
    """GrabCut labels: the matte, and a bust under the chin that is surely or likely the sitter."""
    import cv2
    import numpy as np

    seeds = np.where(alpha > 0.5, cv2.GC_FGD, cv2.GC_BGD).astype(np.uint8)
    face, chin, x = anatomy.width * scale, anatomy.chin * scale, anatomy.eyes[0] * scale
    low = float(alpha.shape[0])
    for reach, label in ((1.9, cv2.GC_PR_BGD), (1.25, cv2.GC_PR_FGD), (0.5, cv2.GC_FGD)):
        bust = _bust(x, chin, face, low, reach)
        inside = cv2.fillPoly(np.zeros_like(seeds), [bust], 1) > 0
        seeds[inside & (alpha <= 0.5)] = label
    return seeds


def _bust(x: float, chin: float, face: float, low: float, reach: float) -> "np.ndarray":
    """A trapezoid from the neck to the lower edge, `reach` face widths to each side."""
    import numpy as np

    shoulder = chin + 0.55 * face
    corners = [
        (x - 0.3 * face, chin), (x + 0.3 * face, chin), (x + 0.8 * reach * face, shoulder),
        (x + reach * face, low), (x - reach * face, low), (x - 0.8 * reach * face, shoulder),
    ]  # fmt: skip
    return np.rint(np.array(corners)).astype(np.int32)


def disc(radius: int) -> "np.ndarray":
    """A round structuring element, uint8, of `radius` pixels."""
    import cv2

    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
