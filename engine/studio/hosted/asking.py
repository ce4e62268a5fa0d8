"""What the server is asked for: the words, the size, and what of a photo goes along."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.shots import EVERYONE, Shot
from engine.studio.crop import ratio_of
from engine.studio.faces import Face
from engine.studio.hosted.settings import Size

if TYPE_CHECKING:
    import numpy as np

LIKE = {
    "subtle": "Draw this photograph anew with only small changes: another moment of one sitting. "
    "The same person, clothes, light and setting.",
    "strong": "Draw this photograph anew, clearly different: another frame of the brief below, "
    "with another pose, framing and expression.",
}
WHO = ("subject", "gender", "hair", "skin_tone", "glasses")
SAME = (
    "Make a new portrait photograph of the person in this picture. It must be recognisably the "
    "same person: keep face, age, skin tone, features and body as they are. "
)
REPAINT = (
    "Change only the {what} in this photograph and leave all else exactly as it is, "
    "the face above all. "
)
ADULT = " Everybody in the picture is clearly a grown adult."
ABOVE, BESIDE, BELOW = 1.2, 1.3, 4.0
"""What of a group's photo goes along, in face sizes around the sitter's face."""


def words(shot: Shot) -> str:
    """The prompt: as prose, since these models take language and no negative prompt."""
    brief = shot.dialects.get("prose") or shot.prompt
    if shot.operation == "vary":
        return f"{LIKE[shot.change or 'subtle']} {brief}"
    if shot.operation == "edit":
        return SAME + brief
    if shot.operation == "inpaint":
        return REPAINT.format(what=shot.region or "masked part") + brief
    return brief + ADULT


def sitter(shot: Shot) -> str:
    """What tells one invented sitter from another: the seed, and who was asked for."""
    who = {**shot.spec, **shot.drawn_as}
    return "|".join(map(str, (shot.seed, *(who.get(slot, "") for slot in WHO))))


def size_for(aspect: str, sizes: tuple[Size, ...]) -> Size:
    """The server's size of which the least is cut away for this aspect; of equals, the larger."""
    wide, tall = ratio_of(aspect)

    def kept(size: Size) -> tuple[float, int]:
        unit = min(size[0] / wide, size[1] / tall)
        return round(unit * unit * wide * tall / (size[0] * size[1]), 3), size[0] * size[1]

    return max(sizes, key=kept)


def sitter_alone(rgb: "np.ndarray", faces: tuple[Face, ...], sitter: int) -> "np.ndarray":
    """The part of a photo, uint8 HxWx3, that shows the sitter: the others did not ask to be sent.

    A photo of one person, or of a group that is wanted whole, stays as it is.
    """
    if len(faces) < 2 or sitter == EVERYONE:
        return rgb
    box = faces[sitter if 0 <= sitter < len(faces) else 0].box
    face = max(box.width, box.height)
    x = box.x + box.width / 2
    left, right = max(0, round(x - BESIDE * face)), round(x + BESIDE * face)
    top, low = max(0, round(box.y - ABOVE * face)), round(box.y + BELOW * face)
    return rgb[top:low, left:right]


def shrunk(rgb: "np.ndarray", side: int) -> "np.ndarray":
    """The picture with its long side at most `side` pixels: no more is sent than can be drawn."""
    import cv2

    scale = side / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def png(picture: "np.ndarray") -> bytes:
    """uint8 HxWx3 or HxWx4 as a PNG with no metadata at all."""
    import cv2

    order = cv2.COLOR_RGB2BGR if picture.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
    return cv2.imencode(".png", cv2.cvtColor(picture, order))[1].tobytes()


@dataclass(frozen=True, slots=True)
class Canvas:
    """A picture laid into one of the server's sizes, and where in it the picture lies.

    `rgb` is uint8 HxWx3, `clear` bool HxW: what is to be repainted. `box` is left, top, width and
    height of the picture in it; what surrounds it mirrors the picture's edge.
    """

    rgb: "np.ndarray"
    clear: "np.ndarray"
    box: tuple[int, int, int, int]

    def mask(self) -> bytes:
        """The mask as the API wants it: a PNG, transparent where to repaint."""
        import numpy as np

        alpha = np.where(self.clear, 0, 255).astype(np.uint8)
        return png(np.dstack([self.rgb, alpha]))


def lay_out(rgb: "np.ndarray", mask: "np.ndarray", size: Size) -> Canvas:
    """Lay a picture and its mask (float32 HxW 0..1, 1 = repaint) into `size`."""
    import cv2

    height, width = rgb.shape[:2]
    scale = min(size[0] / width, size[1] / height)
    wide, tall = min(size[0], round(width * scale)), min(size[1], round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(rgb, (wide, tall), interpolation=method)
    clear = cv2.resize(mask, (wide, tall), interpolation=cv2.INTER_AREA)
    left, top = (size[0] - wide) // 2, (size[1] - tall) // 2
    edges = (top, size[1] - tall - top, left, size[0] - wide - left)
    framed = cv2.copyMakeBorder(small, *edges, cv2.BORDER_REFLECT)
    clear = cv2.copyMakeBorder(clear, *edges, cv2.BORDER_CONSTANT, value=0)
    return Canvas(framed, clear > 0.5, (left, top, wide, tall))
