"""Old backdrop that a matte took along with the edge."""

from typing import TYPE_CHECKING

from engine.studio.mend import disc

if TYPE_CHECKING:
    import numpy as np


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
    inner = cv2.erode((low > 0.95).astype(np.uint8), disc(reach))
    rim = inner - cv2.erode(inner, disc(2 * reach))
    outside = (low < 0.03).astype(np.uint8)
    lies = _backdrop_like(small, rim, outside, 2 * reach)
    lies[inner > 0] = 0
    thin = ((low < 0.5) & (inner == 0)).astype(np.uint8)
    _, labels = cv2.connectedComponents(lies | thin)
    reached = np.isin(labels, np.unique(labels[outside > 0])) & (labels > 0) & (lies > 0)
    strip = cv2.morphologyEx(reached.astype(np.uint8), cv2.MORPH_CLOSE, disc(2))
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
