"""One print: the picture cut to a trimmed size around its face, with bleed, at its true dpi."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import StudioFailed
from engine.studio.crop import EYE_LINE, Frame
from engine.studio.encode import source_type_of
from engine.studio.faces import Anatomy
from engine.studio.printing.sizes import DPI, INCH, Biometric, PrintSize, size_of

if TYPE_CHECKING:
    import numpy as np

LEAST_ID_DPI = 150


@dataclass(frozen=True, slots=True)
class PrintFile:
    """A print with its bleed: uint8 HxWx3 sRGB `rgb` of `dpi` dots per inch.

    `trim` is (left, top, width, height) in pixels of what remains when it is cut. `window` is the
    trimmed part in pixels of the picture it came from. `dpi` is at most 300 and never above what
    the picture has.
    """

    rgb: "np.ndarray"
    dpi: int
    trim: tuple[int, int, int, int]
    size: PrintSize
    window: Frame

    def sentences(self) -> tuple[tuple[str, dict[str, str | int]], ...]:
        """Keys of the replies with what fills their blanks: what this print is not."""
        said: list[tuple[str, dict[str, str | int]]] = []
        if self.size.biometric:
            said.append(("card_print_id", {}))
        if self.dpi < DPI:
            said.append(("card_print_dpi", {"dpi": self.dpi}))
        return tuple(said)


def must_be_untouched(size: str, data: bytes) -> None:
    """Raise `StudioFailed` (cannot_print_id) for an identity photo out of a picture of ours.

    `data` is the source file: what Northlight made says so in its metadata, an original does not.
    Authorities refuse edited photos (ICAO portrait quality report; travel.state.gov).
    """
    if size_of(size).biometric and source_type_of(data):
        raise StudioFailed("identity photos come from the original", code="cannot_print_id")


def print_file(
    rgb: "np.ndarray", anatomy: Anatomy | None, size: str, crown: float | None = None
) -> PrintFile:
    """Cut uint8 HxWx3 to a size of `SIZES`, face placed by the rules, without enlarging it.

    For identity sizes the picture must be the original photo (`must_be_untouched`), `anatomy` its
    face and `crown` the row of the crown if known, else taken as high above the eyes as the chin
    lies below (the eyes halve the head). Raises `StudioFailed`: cannot_print_room where the photo
    leaves too little around the head, cannot_print_small below 150 dpi, studio_failed for an
    unknown size or an identity photo without a face.
    """
    chosen = size_of(size)
    height, width = rgb.shape[:2]
    if chosen.biometric:
        if anatomy is None:
            raise StudioFailed("an identity photo needs a face")
        window = _id_window(chosen, chosen.biometric, anatomy, crown, (width, height))
    else:
        window = _photo_window(chosen, anatomy, (width, height))
    dpi = min(DPI, int(window.height / (chosen.height / INCH) + 1e-6))
    if chosen.biometric and dpi < LEAST_ID_DPI:
        raise StudioFailed(f"an identity photo of {dpi} dpi", code="cannot_print_small")
    return _cut(rgb, window, chosen, max(1, dpi))


def _photo_window(size: PrintSize, anatomy: Anatomy | None, extent: tuple[int, int]) -> Frame:
    """The largest part of the size's aspect, the eyes on their line and the face centred."""
    width, height = extent
    scale = min(width / size.width, height / size.height)
    wide, tall = size.width * scale, size.height * scale
    x, y = anatomy.eyes if anatomy else (width / 2, EYE_LINE * height)
    left = min(max(0.0, x - wide / 2), width - wide)
    top = min(max(0.0, y - EYE_LINE * tall), height - tall)
    return Frame(left, top, wide, tall)


def _id_window(
    size: PrintSize,
    rule: Biometric,
    anatomy: Anatomy,
    crown: float | None,
    extent: tuple[int, int],
) -> Frame:
    """The first allowed head size that the photo has room for, from the usual one upward."""
    top = anatomy.eyes[1] - (anatomy.chin - anatomy.eyes[1]) if crown is None else crown
    pixels = anatomy.chin - top
    steps = [rule.head + (rule.head_most - rule.head) * i / 8 for i in range(9)]
    for head in steps:
        window = _id_window_at(size, rule, anatomy, pixels / head)
        if _inside(window, extent):
            return window
    raise StudioFailed("too little room around the head", code="cannot_print_room")


def _id_window_at(size: PrintSize, rule: Biometric, anatomy: Anatomy, per_mm: float) -> Frame:
    """The window at `per_mm` pixels a millimetre, its chin kept 3 mm off the lower edge."""
    chin = (anatomy.chin - anatomy.eyes[1]) / per_mm
    eyes = min(rule.eyes_most, max(rule.eyes, chin + 3))
    top = anatomy.eyes[1] - (size.height - eyes) * per_mm
    left = anatomy.eyes[0] - size.width / 2 * per_mm
    return Frame(left, top, size.width * per_mm, size.height * per_mm)


def _inside(window: Frame, extent: tuple[int, int]) -> bool:
    across = window.x >= 0 and window.x + window.width <= extent[0]
    return across and window.y >= 0 and window.y + window.height <= extent[1]


def _cut(rgb: "np.ndarray", window: Frame, size: PrintSize, dpi: int) -> PrintFile:
    """Sample the window and its bleed; beyond the picture the bleed mirrors it."""
    import cv2
    import numpy as np

    wide, tall = (round(side / INCH * dpi) for side in (size.width, size.height))
    bleed = round(size.bleed / INCH * dpi)
    step = window.width / wide
    margin = int(bleed * step) + 2
    padded = cv2.copyMakeBorder(rgb, margin, margin, margin, margin, cv2.BORDER_REFLECT_101)
    reach, offset = bleed * step, margin
    left, top = round(window.x - reach) + offset, round(window.y - reach) + offset
    right = round(window.x + window.width + reach) + offset
    low = round(window.y + window.height + reach) + offset
    part = np.ascontiguousarray(padded[top:low, left:right])
    target = (wide + 2 * bleed, tall + 2 * bleed)
    sampled = cv2.resize(part, target, interpolation=cv2.INTER_AREA)
    return PrintFile(sampled, dpi, (bleed, bleed, wide, tall), size, window)
