"""Where the picture's edges go: eyes on the upper third, the head free, nothing whole is cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import StudioFailed
from engine.studio.faces import Anatomy

if TYPE_CHECKING:
    import numpy as np

EYE_LINE, EYE_LOW = 0.345, 0.40
HEADROOM = 0.05
EYES_PER_HEIGHT = {"close-up": 8.6, "medium": 13.0}
SHOTS = ("close-up", "medium")
NATIVE, OWN, LARGEST = 1366, 4096, 5464
"""Long sides in pixels: at scale 1; the most a photo's own pixels are kept for; of any picture."""
SOLID = 0.5


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle in photo pixels; it may reach beyond the photo's top and free sides."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the subject reaches: highest row of it, and the photo edges it touches."""

    top: float
    left: bool
    right: bool
    above: bool


def extent(alpha: "np.ndarray") -> Extent:
    """Read the subject's extent from its matte, float32 HxW."""
    import numpy as np

    solid = alpha > SOLID
    rows = np.flatnonzero(solid.any(1))
    rim = max(1, round(0.004 * max(alpha.shape)))
    least = 0.01 * alpha.shape[0]
    return Extent(
        top=float(rows[0]) if len(rows) else 0.0,
        left=bool(solid[:, :rim].any(1).sum() > least),
        right=bool(solid[:, -rim:].any(1).sum() > least),
        above=bool(solid[:rim].any(0).sum() > 0.01 * alpha.shape[1]),
    )


def ratio_of(aspect: str) -> tuple[int, int]:
    """Read "W:H" as two positive integers. Raises `StudioFailed`."""
    try:
        wide, tall = (int(part) for part in aspect.split(":"))
    except ValueError as error:
        raise StudioFailed(f"not an aspect: {aspect!r}") from error
    if wide < 1 or tall < 1:
        raise StudioFailed(f"not an aspect: {aspect!r}")
    return wide, tall


def frame(anatomy: Anatomy, reach: Extent, size: tuple[int, int], aspect: str, shot: str) -> Frame:
    """Frame the sitter in a photo of `size` (width, height).

    The eyes lie .345 down the frame, the head has 5 % of air, the face is centred. The frame never
    goes below the photo's lower edge nor past an edge that cuts the subject. Where a tight photo
    leaves no such frame, all of its height stays and the eye line comes as low as it must.
    """
    wide, tall = ratio_of(aspect)
    narrow = wide / tall
    eyes_per_height = EYES_PER_HEIGHT.get(shot, EYES_PER_HEIGHT["medium"])
    wanted = min(
        eyes_per_height * anatomy.eye_distance,
        (size[1] - anatomy.eyes[1]) / (1 - EYE_LINE),
        _centred_width(anatomy, reach, size) / narrow,
    )
    height = max(wanted, min(_least_height(anatomy, reach), _most_height(reach, size, narrow)))
    top = _top(anatomy, reach, size, height)
    return Frame(_left(anatomy, reach, size, height * narrow), top, height * narrow, height)


def output_size(frame: Frame, aspect: str, scale: int) -> tuple[int, int]:
    """Pixels (width, height) of the finished picture, in exactly the asked aspect.

    The long side is at least 1366 times `scale` (3:4: 1026x1368, 2049x2732, 4098x5464), more where
    the photo itself has more (up to 2048 at scale 1, 4096 above), never over 5464.
    """
    wide, tall = ratio_of(aspect)
    long = max(wide, tall)
    own = max(frame.width, frame.height)
    target = min(max(NATIVE * scale, min(own, 2048 if scale == 1 else OWN)), LARGEST)
    unit = min(-(-round(target) // long), LARGEST // long)
    return wide * unit, tall * unit


def group_frame(
    faces: Sequence[Anatomy], reach: Extent, size: tuple[int, int], aspect: str
) -> Frame:
    """Frame several sitters in a photo of `size`: all faces with their hair, centred, air above.

    The group is framed like one sitter whose face reaches from the outermost cheek to the other,
    so nothing is shown below the photo's lower edge nor past an edge that cuts somebody.
    """
    left = min(f.eyes[0] - f.width for f in faces)
    right = max(f.eyes[0] + f.width for f in faces)
    top, low = min(f.eyes[1] for f in faces), max(f.chin for f in faces)
    wide, tall = ratio_of(aspect)
    spread = max((right - left) * tall / wide, 3.0 * (low - top))
    middle = Anatomy(((left + right) / 2, top), spread / 13.0, low, right - left)
    got = frame(middle, reach, size, aspect, "medium")
    return got if got.width >= right - left else _widened(got, right - left, size, wide / tall)


def _widened(got: Frame, width: float, size: tuple[int, int], narrow: float) -> Frame:
    """The frame opened to `width` around its centre, over a free upper edge where it must."""
    height = width / narrow
    low = min(size[1], got.y + got.height)
    return Frame(got.x + (got.width - width) / 2, low - height, width, height)


def _least_height(anatomy: Anatomy, reach: Extent) -> float:
    """The tightest frame that keeps the hair whole and the eyes at .40 or higher."""
    return (anatomy.eyes[1] - reach.top) / (EYE_LOW - HEADROOM)


def _most_height(reach: Extent, size: tuple[int, int], narrow: float) -> float:
    """The tallest frame the photo allows, with air above the hair unless the photo cuts it."""
    tallest = float(size[1]) if reach.above else (size[1] - reach.top) / (1 - HEADROOM)
    return min(tallest, size[0] / narrow) if reach.left and reach.right else tallest


def _centred_width(anatomy: Anatomy, reach: Extent, size: tuple[int, int]) -> float:
    """Width of the widest centred frame that does not pass a cut shoulder."""
    x = anatomy.eyes[0]
    room_left = x if reach.left else float("inf")
    room_right = size[0] - x if reach.right else float("inf")
    return 2 * min(room_left, room_right)


def _top(anatomy: Anatomy, reach: Extent, size: tuple[int, int], height: float) -> float:
    top = min(anatomy.eyes[1] - EYE_LINE * height, reach.top - HEADROOM * height, size[1] - height)
    return max(top, 0.0) if reach.above else top


def _left(anatomy: Anatomy, reach: Extent, size: tuple[int, int], width: float) -> float:
    left = anatomy.eyes[0] - width / 2
    if reach.right:
        left = min(left, size[0] - width)
    return max(left, 0.0) if reach.left else left
