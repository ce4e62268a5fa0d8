"""What there is to measure of a finished picture."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from engine.studio.faces import Anatomy, anatomy

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.identity import Identity

SMALL = 1024


@dataclass(frozen=True)
class Proof:
    """A finished picture and all that led to it; nothing here is copied at full size.

    At output size: `picture` the finished uint8 HxWx3 sRGB, `alpha` uint8 HxW, `landmarks` float32
    (468,3) in its pixels. Of the photo: `source` uint8 HxWx3, `source_alpha` float32 HxW 0..1,
    `source_landmarks`. Small copies of one common size with a long side of at most 1024 (`small`):
    `joined` linear light float32 hxwx3 before grade and grain, `backdrop` the plate alone likewise,
    `ungrained` uint8 hxwx3 graded but without grain, and `grain`, float32 hxw: what grain added, in
    8-bit levels, sampled and not averaged. The latter three may be None: what needs them is not
    measured then.

    `asked_tint` and `asked_light` say that the sitter asked for another warmth, or for softer or
    harder light: what they asked for is no fault. `mono` is black and white film. `own_room` says
    that the backdrop is the photo's own. `single` is False for a group. `cut_above` says that the
    photo itself cuts the head, and `eye_low` is the lowest eye line this photo allows.
    """

    picture: "np.ndarray"
    landmarks: "np.ndarray"
    alpha: "np.ndarray"
    source: "np.ndarray"
    source_landmarks: "np.ndarray"
    source_alpha: "np.ndarray"
    joined: "np.ndarray"
    backdrop: "np.ndarray | None" = None
    ungrained: "np.ndarray | None" = None
    grain: "np.ndarray | None" = None
    aspect: str = "3:4"
    long_side: int = 0
    eye_low: float = 0.40
    asked_tint: bool = False
    asked_light: bool = False
    mono: bool = False
    own_room: bool = False
    single: bool = True
    cut_above: bool = False
    noise: float = 0.0
    identity: "Identity | None" = None

    @cached_property
    def anatomy(self) -> Anatomy:
        """The face at output size."""
        return anatomy(self.landmarks)

    @cached_property
    def shrink(self) -> float:
        """Pixels of the small copies per pixel of the picture."""
        return self.joined.shape[1] / self.picture.shape[1]

    @cached_property
    def small_landmarks(self) -> "np.ndarray":
        """Landmarks in pixels of the small copies."""
        return self.landmarks * self.shrink

    @cached_property
    def small_alpha(self) -> "np.ndarray":
        """The matte at the size of the small copies, float32 hxw 0..1."""
        import cv2
        import numpy as np

        size = (self.joined.shape[1], self.joined.shape[0])
        return cv2.resize(self.alpha, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def small(picture: "np.ndarray") -> "np.ndarray":
    """A copy with a long side of at most 1024 pixels, averaged; same type and channels."""
    import cv2

    scale = SMALL / max(picture.shape[:2])
    if scale >= 1:
        return picture.copy()
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def picked(picture: "np.ndarray") -> "np.ndarray":
    """Pixels picked, not averaged, in the layout of `small`: averaging would wash grain out."""
    import numpy as np

    height, width = picture.shape[:2]
    scale = min(1.0, SMALL / max(height, width))
    rows = (np.arange(round(height * scale)) / scale).astype(int).clip(0, height - 1)
    columns = (np.arange(round(width * scale)) / scale).astype(int).clip(0, width - 1)
    return picture[rows[:, None], columns[None]]
