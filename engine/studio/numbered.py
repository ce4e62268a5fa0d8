"""The photo with its people numbered, for "which of them are you?"."""

import io
from typing import TYPE_CHECKING

from engine.base import Box

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

LONGEST = 1280
QUALITY = 88
INK, PAPER = (38, 36, 34), (250, 247, 242)
FINE = 3


def number_people(rgb: "np.ndarray", people: tuple[Box, ...]) -> bytes:
    """JPEG without metadata, at most 1280 pixels wide or high, a numbered badge for each person.

    uint8 HxWx3 sRGB; `people` in pixels of it, numbered from 1 in their order. A badge stands on
    the brow's corner, where it hides neither eyes nor mouth, and always inside the picture.
    """
    import cv2
    from PIL import Image

    scale = min(1.0, LONGEST / max(rgb.shape[:2]))
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    picture = Image.fromarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA))
    for number, box in enumerate(people, 1):
        _badge(picture, number, box, scale)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _badge(picture: "Image.Image", number: int, box: Box, scale: float) -> None:
    """A dark disc with a pale rim and numeral, drawn large and reduced for smooth edges."""
    from PIL import Image, ImageDraw, ImageFont

    short = min(picture.size)
    side = round(min(max(0.42 * box.width * scale, 0.055 * short, 26), 0.14 * short))
    large = side * FINE
    badge = Image.new("RGBA", (large, large), (0, 0, 0, 0))
    pen = ImageDraw.Draw(badge)
    pen.ellipse((0, 0, large - 1, large - 1), fill=(*PAPER, 255))
    rim = round(0.07 * large)
    pen.ellipse((rim, rim, large - 1 - rim, large - 1 - rim), fill=(*INK, 255))
    font = ImageFont.load_default(0.58 * large if number < 10 else 0.46 * large)
    middle = (large / 2, large / 2)
    pen.text(middle, str(number), font=font, fill=(*PAPER, 255), anchor="mm", stroke_width=FINE)
    badge = badge.resize((side, side), Image.Resampling.LANCZOS)
    x = round(box.x * scale - 0.45 * side)
    y = round(box.y * scale - 0.65 * side)
    place = (min(max(0, x), picture.width - side), min(max(0, y), picture.height - side))
    picture.paste(badge, place, badge)
