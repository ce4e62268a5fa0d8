"""What leaves for the laboratory: JPEG with sRGB, true dpi and its source type; PDF for sheets."""

from dataclasses import dataclass

from engine.studio.encode import SourceType, to_jpeg
from engine.studio.printing.layout import PrintFile
from engine.studio.printing.sheet import lay_out, to_pdf


@dataclass(frozen=True, slots=True)
class SheetFiles:
    """The same sheet as JPEG and as PDF, and how many copies it holds."""

    jpeg: bytes
    pdf: bytes
    copies: int


def as_jpeg(made: PrintFile, source: SourceType) -> bytes:
    """One print with its bleed.

    An identity photo is a cut of the original: IPTC's "humanEdits", edits without generating.
    """
    return to_jpeg(made.rgb, source, made.dpi)


def as_sheet(made: PrintFile, source: SourceType, page: str | None = None) -> SheetFiles:
    """As many copies as fit; see `sheet.lay_out` for `page` and what is raised."""
    sheet = lay_out(made, page)
    jpeg = to_jpeg(sheet.rgb, source, sheet.dpi)
    return SheetFiles(jpeg, to_pdf(jpeg, sheet.page), len(sheet.boxes))
