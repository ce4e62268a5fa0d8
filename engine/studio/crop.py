"""Where the picture's edges go: eyes on the upper third, the head free, nothing whole is cut."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import StudioFailed
from engine.shots import LONGEST_SIDE, NATIVE_SIDE
from engine.studio.faces import Anatomy

if TYPE_CHECKING:
    import numpy as np

EYE_LINE, EYE_LOW = 0.345, 0.40
HEADROOM = 0.05
EYES_PER_HEIGHT = {"close-up": 8.6, "medium": 13.0}
SHOTS = ("close-up", "medium")
NATIVE, LARGEST = NATIVE_SIDE, 4 * NATIVE_SIDE
"""Long sides: a 3:4 picture at scale 1 has a short side of 1024; only what is asked for at a larger
scale than 4 is larger than LARGEST."""
GROUP_AIR = 0.35
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
    height = min(height, size[1]) if reach.above else height
    top = _top(anatomy, reach, size, height)
    return Frame(_left(anatomy, reach, size, height * narrow), top, height * narrow, height)


def output_size(frame: Frame, aspect: str, scale: int) -> tuple[int, int]:
    """Pixels (width, height) of the finished picture, in exactly the asked aspect.

    The long side is at least 1366 times `scale`, more where the photo itself has more (up to
    2732 at scale 1), and never over 5464, or 8196 at scale 6: 3:4 gives 1026x1368, 2049x2732,
    4098x5464 and 6147x8196.
    """
    wide, tall = ratio_of(aspect)
    long = max(wide, tall)
    own = max(frame.width, frame.height)
    largest = _largest(scale)
    target = max(NATIVE * scale, min(own, 2 * NATIVE if scale == 1 else largest))
    unit = largest // long if target >= largest else -(-round(target) // long)
    return wide * unit, tall * unit


def least_long_side(aspect: str, scale: int) -> int:
    """The long side, in pixels, that `output_size` promises for any frame."""
    long = max(ratio_of(aspect))
    return min(NATIVE * scale, _largest(scale) // long * long)


def _largest(scale: int) -> int:
    return min(LONGEST_SIDE, max(LARGEST, NATIVE * scale))


def group_frame(
    anatomies: tuple[Anatomy, ...], reach: Extent, size: tuple[int, int], aspect: str
) -> Frame:
    """Frame several people in a photo of `size` (width, height), all heads with air around them.

    The mean eye line lies .345 down where the heads' heights allow it. The frame obeys the same
    edges as `frame`; where a group is too wide for them, it is as wide as the photo allows. A wide
    group in an upright frame gets much air above: 1:1 suits it better.
    Raises `StudioFailed` for no people.
    """
    if not anatomies:
        raise StudioFailed("a group has nobody in it")
    wide, tall = ratio_of(aspect)
    narrow = wide / tall
    left = min(a.eyes[0] - a.width * (0.5 + GROUP_AIR) for a in anatomies)
    right = max(a.eyes[0] + a.width * (0.5 + GROUP_AIR) for a in anatomies)
    centre = _crowd(anatomies, (left + right) / 2)
    chins = max(a.chin + GROUP_AIR * a.width for a in anatomies)
    least = max((right - left) / narrow, (chins - reach.top) / (1 - 2 * HEADROOM))
    wanted = max(least, EYES_PER_HEIGHT["medium"] * centre.eye_distance)
    room = max(least, (size[1] - centre.eyes[1]) / (1 - EYE_LINE))
    most = size[1] if reach.above else float("inf")
    across = size[0] / narrow if reach.left and reach.right else float("inf")
    height = min(wanted, room, most, across)
    lowest = chins - (1 - HEADROOM) * height
    top = min(max(_top(centre, reach, size, height), lowest), size[1] - height)
    return Frame(_left(centre, reach, size, height * narrow), top, height * narrow, height)


def _crowd(anatomies: tuple[Anatomy, ...], x: float) -> Anatomy:
    """One anatomy that stands for all: their middle, mean eye line and lowest chin."""
    count = len(anatomies)
    return Anatomy(
        eyes=(x, sum(a.eyes[1] for a in anatomies) / count),
        eye_distance=sum(a.eye_distance for a in anatomies) / count,
        chin=max(a.chin for a in anatomies),
        width=max(a.width for a in anatomies),
    )


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
