"""The soft alpha of the person: rembg's U2-Net, mended where it fails and refined to hair."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engine.studio.crop import SOLID
from engine.studio.guided import guided_filter

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.faces import Anatomy

Profile = Literal["u2net", "u2netp"]

NET_SIDE = 1024
FACE_SHARE = 0.37
FEATHER = 0.035
EPS = 4e-4
HAZE, FULL = 0.10, 0.94
SURE = 0.985
NEIGHBOUR = 3


class Matter:
    """Cuts people out of uint8 HxWx3 RGB pictures. Loads its network on first use."""

    def __init__(self, weights: Callable[[str], Path], profile: Profile = "u2net") -> None:
        self._weights = weights
        self._profile: Profile = profile
        self._session: Any = None

    def alpha(self, rgb: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
        """The matte of the person with this face, float32 HxW 0..1. Raises `WeightsMissing`.

        The network sees 320² pixels, so a person who fills little of the photo is looked at
        twice: the second time from near by.
        """
        import numpy as np

        rough = self._predict_with_air(rgb, anatomy)
        left, top, right, low = _person_box(rough, anatomy, rgb.shape)
        if (right - left) * (low - top) < 0.6 * rough.size:
            near = np.zeros_like(rough)
            near[top:low, left:right] = self._predict_with_air(rgb[top:low, left:right], anatomy)
            rough = near
        mended = mend(rgb, rough, anatomy)
        return refine(rgb, mended, anatomy.width)

    def _predict_with_air(self, rgb: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
        """Predict a tight portrait with its rim repeated around it.

        Where a face fills the frame the network takes the face alone for the subject and drops
        the hair; with air around it, it sees a head.
        """
        import cv2

        width = rgb.shape[1]
        air = max(0, round((anatomy.width / FACE_SHARE - width) / 2))
        if not air:
            return self._predict(rgb)
        airy = cv2.copyMakeBorder(rgb, air, 0, air, air, cv2.BORDER_REPLICATE)
        return self._predict(airy)[air:, air : air + width]

    def _predict(self, rgb: "np.ndarray") -> "np.ndarray":
        import cv2
        import numpy as np
        from PIL import Image

        scale = min(1.0, NET_SIDE / max(rgb.shape[:2]))
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        mask = self._load().predict(Image.fromarray(small))[0]
        alpha = np.asarray(mask, np.float32) / 255
        whole = (rgb.shape[1], rgb.shape[0])
        return cv2.resize(alpha, whole, interpolation=cv2.INTER_LINEAR)

    def _load(self) -> Any:  # noqa: ANN401  rembg is untyped
        if self._session is None:
            self._session = _open_session(self._weights(self._profile), self._profile)
        return self._session


def mend(rgb: "np.ndarray", alpha: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
    """Keep the person with the face, fill holes, and win back a lost shirt; float32 HxW."""
    kept = _only_the_sitter(drop_neighbours(rgb, alpha, anatomy), anatomy)
    if not reaches_lower_edge(kept, anatomy):
        kept = _regrow_torso(rgb, kept, anatomy)
    return _fill_holes(kept, anatomy)


def refine(rgb: "np.ndarray", alpha: "np.ndarray", face_width: float) -> "np.ndarray":
    """Let the edge follow the photo: float32 HxW. Only a band around the edge can change."""
    import cv2
    import numpy as np

    radius = max(2, round(FEATHER * face_width))
    alpha = alpha * (1 - leftover(rgb, alpha, face_width))
    followed = guided_filter(rgb, alpha, radius, EPS)
    followed = np.clip((followed - HAZE) / (FULL - HAZE), 0, 1)
    core = cv2.erode((alpha > 0.95).astype(np.uint8), _disc(radius))
    around = cv2.dilate((alpha > 0.05).astype(np.uint8), _disc(radius))
    return np.where(core > 0, np.float32(1), np.where(around > 0, followed, np.float32(0)))


def leftover(rgb: "np.ndarray", alpha: "np.ndarray", face_width: float) -> "np.ndarray":
    """Where the matte has taken a strip of old backdrop along with the edge: float32 HxW 0..1.

    A pixel near the edge is backdrop when its colour, between the sitter's and the backdrop's local
    means, lies at the backdrop's end, and it is reached from outside through such pixels. Says
    nothing where the two are alike or the backdrop is busy. Works on a copy of 512 pixels.
    """
    import cv2
    import numpy as np

    scale = min(1.0, 512 / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    low = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    reach = max(3, round(0.07 * face_width * scale))
    inner = cv2.erode((low > 0.95).astype(np.uint8), _disc(reach))
    rim = inner - cv2.erode(inner, _disc(2 * reach))
    outside = (low < 0.03).astype(np.uint8)
    lies = _backdrop_like(small, rim, outside, 2 * reach)
    lies[inner > 0] = 0
    thin = ((low < 0.5) & (inner == 0)).astype(np.uint8)
    _, labels = cv2.connectedComponents(lies | thin)
    reached = np.isin(labels, np.unique(labels[outside > 0])) & (labels > 0) & (lies > 0)
    strip = cv2.morphologyEx(reached.astype(np.uint8), cv2.MORPH_CLOSE, _disc(2))
    soft = cv2.GaussianBlur(strip.astype(np.float32), (0, 0), 1.2)
    whole = (alpha.shape[1], alpha.shape[0])
    return cv2.resize(soft, whole, interpolation=cv2.INTER_LINEAR)


def _backdrop_like(
    picture: "np.ndarray", inner: "np.ndarray", outside: "np.ndarray", reach: int
) -> "np.ndarray":
    """uint8 HxW: 1 where the colour is the backdrop's rather than the sitter's."""
    import cv2
    import numpy as np

    window = (2 * reach + 1, 2 * reach + 1)

    def mean(layer: "np.ndarray", where: "np.ndarray") -> "np.ndarray":
        weight = cv2.blur(where.astype(np.float32), window)
        return cv2.blur(layer * where[..., None], window) / np.maximum(weight, 1e-3)[..., None]

    back, sitter = mean(picture, outside), mean(picture, inner)
    across = sitter - back
    length = np.sqrt((across**2).sum(2))
    place = ((picture - back) * across).sum(2) / np.maximum(length**2, 1e-4)
    busy = np.sqrt(np.maximum(mean(picture**2, outside) - back**2, 0).sum(2))
    # Hair beside bright skin: the mean says nothing about either.
    mixed = np.sqrt(np.maximum(mean(picture**2, inner) - sitter**2, 0).sum(2))
    known = cv2.blur(outside.astype(np.float32), window) > 0.02
    return ((place < 0.22) & (length > 0.12) & (length > 3 * busy + mixed) & known).astype(np.uint8)


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
    other = cv2.dilate(parted.astype(np.uint8), _disc(1)).astype(np.float32)
    whole = (alpha.shape[1], alpha.shape[0])
    return alpha * (1 - cv2.resize(other, whole, interpolation=cv2.INTER_LINEAR))


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


def _open_session(path: Path, profile: Profile) -> Any:  # noqa: ANN401  rembg is untyped
    """A rembg session on our own file, so that it never looks for a download."""
    session_class = _session_class(profile)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # The arena keeps 2.3 GB for a network that needs 0.6.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    local = type("LocalSession", (session_class,), {"download_models": lambda *_, **__: str(path)})
    return local(profile, options, providers=["CPUExecutionProvider"])


def _session_class(profile: Profile) -> Any:  # noqa: ANN401  rembg is untyped
    """Import rembg without compiling pymatting, which we do not use: 80 CPU-seconds saved."""
    before = os.environ.get("NUMBA_DISABLE_JIT")
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    try:
        from rembg.sessions.u2net import U2netSession
        from rembg.sessions.u2netp import U2netpSession
    finally:
        if before is None:
            del os.environ["NUMBA_DISABLE_JIT"]
        else:
            os.environ["NUMBA_DISABLE_JIT"] = before
    return U2netSession if profile == "u2net" else U2netpSession


def _person_box(
    alpha: "np.ndarray", anatomy: "Anatomy", shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """Left, top, right, low of the sitter with 12 % of air, never less than the bust."""
    import numpy as np

    rows, columns = np.nonzero(_only_the_sitter(alpha, anatomy) > SOLID)
    x, y, face = anatomy.eyes[0], anatomy.eyes[1], anatomy.width
    xs = np.append(columns, [x - 1.6 * face, x + 1.6 * face])
    ys = np.append(rows, [y - 1.2 * face, y + 2.5 * face])
    air = 0.12 * max(float(np.ptp(xs)), float(np.ptp(ys)))
    left, top = max(0, round(float(xs.min()) - air)), max(0, round(float(ys.min()) - air))
    right = min(shape[1], round(float(xs.max()) + air))
    return left, top, right, min(shape[0], round(float(ys.max()) + air))


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


def _only_the_sitter(alpha: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
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
    near = cv2.dilate(sitter, _disc(max(2, round(0.05 * anatomy.width))))
    return alpha * cv2.GaussianBlur(near.astype(np.float32), (0, 0), 1.0)


def _fill_holes(alpha: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
    """Fill holes that are small, or that lie in head, neck and chest; an arm's loop stays open."""
    import cv2
    import numpy as np

    count, labels, stats, centres = cv2.connectedComponentsWithStats((alpha < 0.5).astype(np.uint8))
    filled = alpha.copy()
    for label in range(1, count):
        if _is_hole(stats[label], centres[label], alpha.shape, anatomy):
            hole = cv2.dilate((labels == label).astype(np.uint8), _disc(3))
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
    grown = cv2.GaussianBlur(cv2.morphologyEx(grown, cv2.MORPH_OPEN, _disc(2)), (0, 0), 1.0)
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


def _disc(radius: int) -> "np.ndarray":
    import cv2

    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
