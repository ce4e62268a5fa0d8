"""An answer becomes a picture: decoded, cut to its format around the face, or put back in place."""

import io
from typing import TYPE_CHECKING

from engine.errors import StudioFailed
from engine.studio.crop import EYE_LINE, ratio_of
from engine.studio.faces import Anatomy
from engine.studio.hosted.asking import Canvas
from engine.studio.hosted.images_client import LARGEST

if TYPE_CHECKING:
    import numpy as np

SMALLEST = 256
CROWN = 1.15
"""From the eyes to the crown, in distances from eyes to chin."""
FEATHER = 0.008
"""Softness of a repainted part's edge, in shares of the picture's long side."""


def decoded(data: bytes) -> "np.ndarray":
    """A picture file as uint8 HxWx3 sRGB. Raises `StudioFailed` where it is none.

    Its size is judged from the header, before any pixel is decoded.
    """
    import numpy as np
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
        if not SMALLEST**2 <= image.width * image.height <= LARGEST:
            raise StudioFailed(f"{image.width}x{image.height}", code="images_bad_answer")
        return np.ascontiguousarray(np.asarray(image.convert("RGB")))
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise StudioFailed(type(error).__name__, code="images_bad_answer") from error


def crop_to(rgb: "np.ndarray", aspect: str, anatomy: Anatomy) -> "np.ndarray":
    """The largest part of exactly this aspect, its eyes as near to the upper third as it allows.

    The face is centred, and the crown stays in the picture.
    """
    wide, tall = ratio_of(aspect)
    height, width = rgb.shape[:2]
    unit = min(width // wide, height // tall)
    size = (wide * unit, tall * unit)
    x, y = anatomy.eyes
    crown = y - CROWN * (anatomy.chin - y)
    left = _held(x - size[0] / 2, width - size[0])
    top = _held(min(y - EYE_LINE * size[1], max(0.0, crown)), height - size[1])
    return _owned(rgb[top : top + size[1], left : left + size[0]])


def put_back(
    original: "np.ndarray", mask: "np.ndarray", canvas: Canvas, answer: "np.ndarray"
) -> "np.ndarray":
    """The picture, uint8 HxWx3, with the answer where its mask (float32 HxW 0..1) is 1.

    What is outside the mask keeps every pixel, whatever the server did there.
    """
    import cv2
    import numpy as np

    height, width = original.shape[:2]
    tall, wide = canvas.rgb.shape[:2]
    if answer.shape[:2] != (tall, wide):
        answer = cv2.resize(answer, (wide, tall), interpolation=cv2.INTER_AREA)
    left, top, box_width, box_height = canvas.box
    part = answer[top : top + box_height, left : left + box_width]
    fresh = cv2.resize(part, (width, height), interpolation=cv2.INTER_CUBIC)
    share = _feathered(mask, FEATHER * max(width, height))[..., None]
    return (original * (1 - share) + fresh * share + 0.5).astype(np.uint8)


def _feathered(mask: "np.ndarray", soft: float) -> "np.ndarray":
    """The mask, softened inwards only: nothing outside it is touched."""
    import cv2
    import numpy as np

    side = 2 * round(2 * soft) + 1
    inner = cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
    return (cv2.GaussianBlur(inner, (0, 0), soft) * (mask > 0)).astype(np.float32)


def _owned(rgb: "np.ndarray") -> "np.ndarray":
    """A copy that owns its pixels."""
    import numpy as np

    return np.ascontiguousarray(rgb)


def _held(value: float, most: int) -> int:
    return round(min(max(0.0, value), max(0, most)))
