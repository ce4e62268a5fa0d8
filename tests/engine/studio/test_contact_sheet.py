"""The page of a series: everything on it, in order, at one size; the archive opens anywhere."""

import io
import zipfile

import numpy as np
import pytest

from engine.shots import Frame
from engine.studio.contact_sheet import GAP, MARGIN, PAPER, WIDE, archive, contact_sheet, grid_of


def plain(level: int, height: int = 80) -> np.ndarray:
    return np.full((height, 60, 3), level, np.uint8)


@pytest.mark.parametrize(
    ("count", "grid"), [(2, (2, 1)), (4, (4, 1)), (5, (3, 2)), (8, (4, 2)), (12, (4, 3))]
)
def test_rows_are_as_even_as_they_come(count: int, grid: tuple[int, int]) -> None:
    """Five are three and two, not four and one."""
    found = grid_of([plain(1)] * count)
    assert (found.columns, found.rows) == grid


def test_every_picture_stands_in_its_place() -> None:
    """Read row by row, as the numbers go."""
    levels = [20, 60, 100, 140, 180]
    frames = [Frame("x", f"frame {n}") for n in range(5)]
    sheet = contact_sheet([plain(level) for level in levels], dict(enumerate(frames, 1)), "Five")
    grid = grid_of([plain(1)] * 5)
    head = sheet.shape[0] - (grid.rows * (grid.tall + grid.words + GAP) - GAP + MARGIN)
    for number, level in enumerate(levels):
        row, column = divmod(number, grid.columns)
        x = MARGIN + column * (WIDE + GAP) + WIDE // 2
        y = head + row * (grid.tall + grid.words + GAP) + grid.tall // 2
        assert tuple(sheet[y, x]) == (level,) * 3


def test_long_words_stay_on_the_page() -> None:
    """A caption wraps and ends in an ellipsis; it never runs into the next one."""
    frame = Frame("x", "a very long caption " * 20)
    sheet = contact_sheet([plain(1), plain(2)], {1: frame, 2: Frame("x", "")})
    gap = sheet[:, MARGIN + WIDE + 2 : MARGIN + WIDE + GAP - 2]
    assert (gap == PAPER).all()


def test_the_archive_holds_its_files_unchanged() -> None:
    """The same files give the same bytes, on any day."""
    files = [("01-close-up.jpg", b"first"), ("contact-sheet.jpg", b"sheet")]
    data = archive(files)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        assert [(n, packed.read(n)) for n in packed.namelist()] == files
    assert archive(files) == data


def test_a_frame_that_is_missing_leaves_the_others_their_numbers() -> None:
    """Frame 3 stays frame 3: its number is what the taps say."""
    frame = Frame("x", "")
    assert not np.array_equal(
        contact_sheet([plain(1), plain(2)], {1: frame, 3: frame}),
        contact_sheet([plain(1), plain(2)], {1: frame, 2: frame}),
    )
