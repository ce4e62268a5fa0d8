"""The sitter's own picture as a backdrop: filling the frame, out of focus, lit from their side."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.studio.backdrop.fields import SIDED, light_side
from engine.studio.backdrop.lens import Lens, lens_blur
from engine.studio.colour import to_linear

if TYPE_CHECKING:
    from engine.studio.light import Light

Verdict = Literal["kept", "flipped", "disagrees"]
UNEVEN = 0.03
"""Halves that differ by less have no side."""
OPPOSED = 0.20
"""Mirroring cannot help a picture this one-sided under a hard key: its shadows would tell."""
WORK = 1400


@dataclass(frozen=True, slots=True)
class PictureBackdrop:
    """Linear float32 HxWx3, and what was done about its light."""

    linear: np.ndarray
    verdict: Verdict


def fit_picture(
    picture: np.ndarray, width: int, height: int, light: "Light", lens: Lens
) -> PictureBackdrop:
    """Cover a frame with the middle of a picture, uint8 HxWx3 RGB, as a lens would show it.

    Where its brighter half is not the side the face is lit from, it is mirrored ("flipped"); one
    whose light is plainly another ("disagrees") is mirrored too, and another should be proposed.
    """
    import cv2

    scale = min(1.0, WORK / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    scene = to_linear(_covering(picture, size))
    scene = lens_blur(scene, lens.disc_share() * size[0])
    verdict = _judge(light_side(scene), light)
    if verdict != "kept":
        scene = np.ascontiguousarray(scene[:, ::-1])
    way = cv2.INTER_AREA if size[0] > width else cv2.INTER_CUBIC
    sized = cv2.resize(scene, (width, height), interpolation=way)
    return PictureBackdrop(np.clip(sized, 0, 1, out=sized), verdict)


def _judge(side: float, light: "Light") -> Verdict:
    if abs(side) < UNEVEN or abs(light.side) < SIDED or side * light.side > 0:
        return "kept"
    return "disagrees" if abs(side) > OPPOSED and light.hardness > 0.5 else "flipped"


def _covering(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The largest centred part of the picture in the frame's shape, at `size`."""
    import cv2

    tall, wide = picture.shape[:2]
    scale = max(size[0] / wide, size[1] / tall)
    part = (min(wide, round(size[0] / scale)), min(tall, round(size[1] / scale)))
    left, top = (wide - part[0]) // 2, (tall - part[1]) // 2
    cut = picture[top : top + part[1], left : left + part[0]]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(cut, size, interpolation=way)
