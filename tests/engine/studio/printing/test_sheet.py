"""A sheet holds what a page can hold, and its files are what a laboratory reads."""

import io
import re

import numpy as np
import pytest
from PIL import Image

from engine.errors import StudioFailed
from engine.studio.encode import source_type_of
from engine.studio.faces import Anatomy
from engine.studio.printing.files import as_jpeg, as_sheet
from engine.studio.printing.layout import PrintFile, print_file
from engine.studio.printing.sheet import lay_out, plan
from engine.studio.printing.sizes import INCH, PAGES, SIZES

FACE = Anatomy(eyes=(400, 400), eye_distance=110, chin=520, width=220)


def made(name: str) -> PrintFile:
    rgb = np.random.default_rng(5).integers(90, 160, (1100, 800, 3), np.uint8)
    return print_file(rgb, FACE, name)


@pytest.mark.parametrize(
    ("name", "page", "copies"),
    [
        ("35x45", "4x6", 8),
        ("2x2", "4x6", 2),
        ("4x6", "a4", 2),
        ("8x10", "a4", 1),
        ("5x7", "letter", 2),
    ],
)
def test_a_page_holds_so_many(name: str, page: str, copies: int) -> None:
    """As many as scissors can part."""
    size = SIZES[name]
    grid = plan((size.width, size.height), size.bleed, PAGES[page])
    assert grid.columns * grid.rows == copies


@pytest.mark.parametrize(("name", "page"), [("35x45", None), ("2x2", "letter"), ("4x6", None)])
def test_copies_are_whole_and_do_not_touch(name: str, page: str | None) -> None:
    """Every trim box holds the print, pixel for pixel, and no mark crosses it."""
    one = made(name)
    sheet = lay_out(one, page)
    left, top, wide, tall = one.trim
    trimmed = one.rgb[top : top + tall, left : left + wide]
    seen = np.zeros(sheet.rgb.shape[:2], int)
    for x, y, width, height in sheet.boxes:
        assert (sheet.rgb[y : y + height, x : x + width] == trimmed).all()
        seen[y : y + height, x : x + width] += 1
    assert seen.max() == 1
    assert sheet.rgb.shape[1] == round(sheet.page[0] / INCH * sheet.dpi)


def test_marks_show_where_to_cut() -> None:
    """Beside each corner there is ink in line with the trim."""
    sheet = lay_out(made("35x45"))
    x, y, _, _ = sheet.boxes[0]
    assert (sheet.rgb[y - 6 : y, x - 1] < 100).all()
    assert (sheet.rgb[y - 1, x - 6 : x] < 100).all()


def test_a_print_larger_than_the_page_is_refused_in_words() -> None:
    with pytest.raises(StudioFailed) as refused:
        lay_out(made("11x14"), "a4")
    assert refused.value.code == "cannot_print_sheet"


def test_the_files_say_size_profile_and_origin() -> None:
    """JPEG and PDF agree with the ruler; the PDF holds the very same JPEG."""
    files = as_sheet(made("35x45"), "humanEdits")
    with Image.open(io.BytesIO(files.jpeg)) as image:
        assert image.info["dpi"] == (made("35x45").dpi,) * 2
        assert image.info["icc_profile"]
    assert files.copies == 8
    assert source_type_of(files.jpeg) == "humanEdits"
    assert files.jpeg in files.pdf
    assert b"/ICCBased" in files.pdf
    box = re.search(rb"/MediaBox \[ ?[\d.]+ [\d.]+ ([\d.]+) ([\d.]+)", files.pdf)
    assert box is not None
    assert sorted(float(side) for side in box.groups()) == pytest.approx([288, 432], abs=0.01)


def test_a_print_below_300_dpi_says_its_true_dpi() -> None:
    one = made("a4")
    with Image.open(io.BytesIO(as_jpeg(one, "algorithmicallyEnhanced"))) as image:
        assert image.info["dpi"] == (one.dpi, one.dpi)
        assert one.dpi < 100
