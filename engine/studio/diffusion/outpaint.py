"""More room around a picture: a canvas in the asked proportions, and where it is still empty."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import StudioFailed
from engine.studio.crop import EYE_LINE, EYES_PER_HEIGHT, ratio_of
from engine.studio.diffusion.pasting import Window, paste
from engine.studio.faces import anatomy

if TYPE_CHECKING:
    import numpy as np

HEIGHTS = EYES_PER_HEIGHT | {"three-quarter": 21.0, "full-body": 31.0}
"""Height of the frame in distances of the eyes, by framing."""
MOST_BELOW = {"close-up": 0.0, "medium": 0.25, "three-quarter": 0.6, "full-body": 0.75}
"""Share of the frame that may be invented below the picture's lower edge: what a framing asks for
and no more. Without a framing nothing is."""
MOST_AREA = 6.0
"""Area of the canvas over that of the picture; beyond it a model draws a stranger's room."""
OVERLAP = 0.04
"""How far into the picture the drawn reaches, as a share of its short side, fading out."""
LEAST_NEW = 0.01


@dataclass(frozen=True, slots=True)
class Canvas:
    """The picture in its frame: uint8 HxWx3 `rgb`, its empty parts filled from the picture's edges.

    `mask` float32 HxW is 1 where nothing is known and fades out inside the picture. The picture's
    upper left corner lies at (`left`, `top`), negative where the frame cuts it.
    """

    rgb: "np.ndarray"
    mask: "np.ndarray"
    left: int
    top: int
    picture: "np.ndarray"

    @property
    def whole(self) -> Window:
        """All of it."""
        tall, wide = self.mask.shape
        return Window(0, 0, wide, tall)

    def placed(self, layer: "np.ndarray", outside: float) -> "np.ndarray":
        """A layer of the picture, float32 HxW, in the canvas's pixels; `outside` where none is."""
        import numpy as np

        tall, wide = self.mask.shape
        out = np.full((tall, wide), outside, np.float32)
        height, width = layer.shape
        rows = slice(max(0, self.top), min(tall, self.top + height))
        columns = slice(max(0, self.left), min(wide, self.left + width))
        out[rows, columns] = layer[
            rows.start - self.top : rows.stop - self.top,
            columns.start - self.left : columns.stop - self.left,
        ]
        return out

    def joined(self, drawn: "np.ndarray") -> "np.ndarray":
        """The canvas with what was drawn, uint8 of any size that shows all of it, in its gaps."""
        return paste(self.rgb, drawn, self.mask, self.whole, self.picture)


def canvas_for(
    rgb: "np.ndarray",
    landmarks: "np.ndarray | None",
    aspect: str,
    shot: str = "",
    always: bool = False,
) -> Canvas:
    """Frame uint8 HxWx3 in `aspect` ("3:4") for a framing ("" to keep what is there).

    `landmarks` (468,2+) are the sitter's, None for a picture without one. Raises `StudioFailed`
    for another aspect, and with the code nothing_to_draw when the picture already fills the frame,
    unless it is wanted `always`.
    """
    wide, tall = ratio_of(aspect)
    left, top, width, height = _frame(rgb.shape, landmarks, wide / tall, shot)
    # Downwards: a pixel less of the picture is nothing, one of empty canvas is an edge to redraw.
    unit = max(1, int(height / tall + 1e-6))
    width, height = wide * unit, tall * unit
    canvas, known = _laid(rgb, left, top, (width, height))
    if not always and float((known == 0).mean()) < LEAST_NEW:
        raise StudioFailed("the picture has that room already", code="nothing_to_draw")
    return Canvas(canvas, _fading(known, min(rgb.shape[:2])), -left, -top, rgb)


def _frame(
    shape: tuple[int, ...], landmarks: "np.ndarray | None", narrow: float, shot: str
) -> tuple[int, int, float, float]:
    """Left, top, width and height of the frame in the picture's pixels."""
    tall, wide = shape[:2]
    if landmarks is None or shot not in HEIGHTS:
        height = max(float(tall), wide / narrow)
        centre = wide / 2 if landmarks is None else anatomy(landmarks).eyes[0]
        left = min(max(centre - height * narrow / 2, wide - height * narrow), 0.0)
        # Room that only the proportions need goes above: a portrait never floats.
        return round(left), round(tall - height), height * narrow, height
    body = anatomy(landmarks)
    height = HEIGHTS[shot] * body.eye_distance
    below = MOST_BELOW[shot]
    height = min(height, (tall - body.eyes[1]) / max(1 - EYE_LINE - below, 1e-3))
    height = min(height, (MOST_AREA * tall * wide / narrow) ** 0.5)
    left = body.eyes[0] - height * narrow / 2
    return round(left), round(body.eyes[1] - EYE_LINE * height), height * narrow, height


def _laid(
    rgb: "np.ndarray", left: int, top: int, size: tuple[int, int]
) -> "tuple[np.ndarray, np.ndarray]":
    """The frame's pixels, and where they are known: uint8 HxWx3, uint8 HxW of 0 and 1."""
    import cv2
    import numpy as np

    width, height = size
    gaps = [max(0, g) for g in (-top, top + height - rgb.shape[0], -left)]
    gaps.append(max(0, left + width - rgb.shape[1]))
    over, under, before, after = gaps
    grown = cv2.copyMakeBorder(rgb, over, under, before, after, cv2.BORDER_REPLICATE)
    known = cv2.copyMakeBorder(
        np.ones(rgb.shape[:2], np.uint8), over, under, before, after, cv2.BORDER_CONSTANT
    )
    rows = slice(top + over, top + over + height)
    columns = slice(left + before, left + before + width)
    return _calmed(grown[rows, columns], known[rows, columns]), known[rows, columns]


def _calmed(rgb: "np.ndarray", known: "np.ndarray") -> "np.ndarray":
    """Stripes of repeated edge pixels made smooth, the more so the further out."""
    import cv2
    import numpy as np

    out = np.ascontiguousarray(rgb)
    away = cv2.distanceTransform(1 - known, cv2.DIST_L2, 5)
    reach = 0.05 * min(known.shape)
    for step in (0.25, 1.0):
        soft = cv2.GaussianBlur(out, (0, 0), max(1.0, step * reach))
        share = np.clip(away / max(1.0, step * reach), 0, 1)[..., None]
        out = (out + share * (soft.astype(np.float32) - out) + 0.5).astype(np.uint8)
    return out


def _fading(known: "np.ndarray", short: int) -> "np.ndarray":
    import cv2
    import numpy as np

    reach = max(2.0, OVERLAP * short)
    # Only the picture's edges that have a gap beside them count, not those of the frame.
    inside = cv2.distanceTransform(known, cv2.DIST_L2, 5)
    return np.clip(1 - inside / reach, 0, 1).astype(np.float32)
