"""What leaves for the laboratory: JPEG with sRGB, true dpi and its source type; PDF for sheets."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from engine.studio.encode import SourceType, to_jpeg
from engine.studio.printing.layout import PrintFile
from engine.studio.printing.sheet import lay_out, to_pdf

if TYPE_CHECKING:
    import numpy as np

PrintSource = SourceType | Literal["humanEdits"]
"""An identity photo is a cut of the original: IPTC's "humanEdits", edits without generating."""
DENSITY = slice(13, 18)


@dataclass(frozen=True, slots=True)
class SheetFiles:
    """The same sheet as JPEG and as PDF, and how many copies it holds."""

    jpeg: bytes
    pdf: bytes
    copies: int


def print_jpeg(rgb: "np.ndarray", source: PrintSource, dpi: int) -> bytes:
    """`encode.to_jpeg` of uint8 HxWx3 with this many dots per inch."""
    data = to_jpeg(rgb, cast("SourceType", source))
    return data[: DENSITY.start] + b"\x01" + 2 * dpi.to_bytes(2, "big") + data[DENSITY.stop :]


def as_jpeg(made: PrintFile, source: PrintSource) -> bytes:
    """One print with its bleed."""
    return print_jpeg(made.rgb, source, made.dpi)


def as_sheet(made: PrintFile, source: PrintSource, page: str | None = None) -> SheetFiles:
    """As many copies as fit; see `sheet.lay_out` for `page` and what is raised."""
    sheet = lay_out(made, page)
    jpeg = print_jpeg(sheet.rgb, source, sheet.dpi)
    return SheetFiles(jpeg, to_pdf(jpeg, sheet.page), len(sheet.boxes))
