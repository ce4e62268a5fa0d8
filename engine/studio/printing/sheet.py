"""Several copies on a page, with crop marks, as pixels and as PDF."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import StudioFailed
from engine.studio.printing.layout import PrintFile
from engine.studio.printing.sizes import INCH, PAGES, default_page

if TYPE_CHECKING:
    import numpy as np

MARGIN, GAP = 3.0, 2.0
MARK, MARK_WIDTH = 1.6, 0.15
INK = 60


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: uint8 HxWx3 sRGB of `dpi`, its size in millimetres, and each copy's trim box.

    `boxes` are (left, top, width, height) in pixels.
    """

    rgb: "np.ndarray"
    dpi: int
    page: tuple[float, float]
    boxes: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """Copies across and down a page, with the page turned and the bleed used that fit the most."""

    columns: int
    rows: int
    page: tuple[float, float]
    bleed: float


def plan(size: tuple[float, float], bleed: float, page: tuple[float, float]) -> Grid:
    """The grid with the most copies of a trimmed `size` on `page`, all in millimetres.

    Bleed is given up only where not one copy would fit with it. Raises `StudioFailed`
    (cannot_print_sheet) when none fits.
    """
    for air in (bleed, 0.0):
        grids = [_grid(size, air, turned) for turned in (page, (page[1], page[0]))]
        best = max(grids, key=lambda grid: grid.columns * grid.rows)
        if best.columns * best.rows:
            return best
    raise StudioFailed("the page is too small for this size", code="cannot_print_sheet")


def lay_out(print_file: PrintFile, page: str | None = None) -> Sheet:
    """As many copies as fit on a page of `PAGES`, with marks where to cut, at the print's dpi.

    Without a page, identity sizes go on 4x6 in and photographs on A4.
    """
    import numpy as np

    size, dpi = print_file.size, print_file.dpi
    name = page or default_page(size)
    if name not in PAGES:
        raise StudioFailed(f"no page {name!r}")
    grid = plan((size.width, size.height), size.bleed, PAGES[name])
    wide, tall = (round(side / INCH * dpi) for side in grid.page)
    rgb = np.full((tall, wide, 3), 255, np.uint8)
    boxes = _boxes(print_file, grid, (wide, tall))
    for box in boxes:
        _mark(rgb, box, dpi, grid.bleed)
    for box in boxes:
        _place(rgb, print_file, box, grid.bleed)
    return Sheet(rgb, dpi, grid.page, boxes)


def to_pdf(jpeg: bytes, page: tuple[float, float]) -> bytes:
    """A PDF page of `page` millimetres that holds the JPEG as it is, profile and all."""
    import img2pdf

    points = tuple(img2pdf.mm_to_pt(side) for side in page)
    made = img2pdf.convert(jpeg, layout_fun=img2pdf.get_layout_fun(points), nodate=True)
    if made is None:
        raise StudioFailed("the PDF could not be written")
    return made


def _grid(size: tuple[float, float], bleed: float, page: tuple[float, float]) -> Grid:
    columns, rows = (
        int((p - 2 * MARGIN + GAP) / (s + 2 * bleed + GAP) + 1e-9)
        for s, p in zip(size, page, strict=True)
    )
    return Grid(columns, rows, page, bleed)


def _boxes(
    print_file: PrintFile, grid: Grid, canvas: tuple[int, int]
) -> tuple[tuple[int, int, int, int], ...]:
    """The trim boxes of a grid that stands in the middle of the canvas."""
    dots = print_file.dpi / INCH
    wide, tall = print_file.trim[2:]
    across, down = (round(side + (2 * grid.bleed + GAP) * dots) for side in (wide, tall))
    left = (canvas[0] - (grid.columns - 1) * across - wide) // 2
    top = (canvas[1] - (grid.rows - 1) * down - tall) // 2
    return tuple(
        (left + column * across, top + row * down, wide, tall)
        for row in range(grid.rows)
        for column in range(grid.columns)
    )


def _place(
    rgb: "np.ndarray", print_file: PrintFile, box: tuple[int, int, int, int], bleed: float
) -> None:
    x, y, wide, tall = box
    left, top, *_ = print_file.trim
    keep = round(bleed / INCH * print_file.dpi)
    part = print_file.rgb[
        top - keep : top + tall + keep,
        left - keep : left + wide + keep,
    ]
    rgb[y - keep : y + tall + keep, x - keep : x + wide + keep] = part


def _mark(rgb: "np.ndarray", box: tuple[int, int, int, int], dpi: int, bleed: float) -> None:
    """Lines that run on from the trim's edges, outside the bleed and never inside a trim."""
    x, y, wide, tall = box
    reach = round((bleed + MARK) / INCH * dpi)
    thick = max(1, round(MARK_WIDTH / INCH * dpi))
    for column in (x - thick, x + wide):
        rgb[max(0, y - reach) : y, column : column + thick] = INK
        rgb[y + tall : y + tall + reach, column : column + thick] = INK
    for row in (y - thick, y + tall):
        rgb[row : row + thick, max(0, x - reach) : x] = INK
        rgb[row : row + thick, x + wide : x + wide + reach] = INK
