"""A series at one glance: its frames in rows, numbered, with their words; and all as a ZIP."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.shots import Frame
from engine.studio.lettering import Lettering

if TYPE_CHECKING:
    import numpy as np

WIDE, GAP, MARGIN = 460, 28, 56
TITLE, CAPTION, LINES = 44, 25, 2
PAPER, INK, GREY = (250, 249, 246), (38, 36, 33), (120, 116, 110)
NAME = "contact-sheet.jpg"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""ZIP's first day: the same frames give the same bytes."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where frames go: `columns` and `rows`, and the height of a frame's picture and its words."""

    columns: int
    rows: int
    tall: int
    words: int


def grid_of(pictures: "Sequence[np.ndarray]") -> Grid:
    """Rows as even as they come, at most four across, as tall as the tallest picture needs."""
    count = len(pictures)
    rows = -(-count // 4)
    columns = -(-count // rows)
    tall = max(round(WIDE * p.shape[0] / p.shape[1]) for p in pictures)
    return Grid(columns, rows, tall, round(1.35 * CAPTION) * LINES + 14)


def contact_sheet(
    pictures: "Sequence[np.ndarray]", frames: Mapping[int, Frame], title: str = ""
) -> "np.ndarray":
    """Pictures (uint8 HxWx3, one or more) on paper, as uint8 HxWx3, about 2000 pixels wide.

    `frames` are theirs, in the same order, by the number that stands under each.
    """
    import numpy as np
    from PIL import Image, ImageDraw

    grid = grid_of(pictures)
    head = MARGIN + (TITLE + GAP if title else 0)
    width = 2 * MARGIN + grid.columns * (WIDE + GAP) - GAP
    height = head + grid.rows * (grid.tall + grid.words + GAP) - GAP + MARGIN
    sheet = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(sheet)
    letters = Lettering(" ".join([title, *(frame.caption for frame in frames.values())]))
    draw.text((MARGIN, MARGIN - 12), letters.spell(title), INK, letters.font(TITLE))
    numbered = zip(pictures, frames.items(), strict=True)
    for place, (picture, (number, frame)) in enumerate(numbered):
        row, column = divmod(place, grid.columns)
        left = MARGIN + column * (WIDE + GAP)
        top = head + row * (grid.tall + grid.words + GAP)
        tall = round(WIDE * picture.shape[0] / picture.shape[1])
        shown = Image.fromarray(picture).resize((WIDE, tall), Image.Resampling.LANCZOS)
        sheet.paste(shown, (left, top + grid.tall - tall))
        at = (left, top + grid.tall + 12)
        _caption(draw, at, number, letters.spell(frame.caption), letters.font(CAPTION))
    return np.asarray(sheet)


def archive(files: Sequence[tuple[str, bytes]]) -> bytes:
    """A ZIP of named files, stored as they are: JPEGs do not shrink."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as packed:
        for name, data in files:
            packed.writestr(zipfile.ZipInfo(name, EPOCH), data)
    return buffer.getvalue()


def _caption(
    draw: Any,  # noqa: ANN401  Pillow is imported where it is used
    at: tuple[int, int],
    number: int,
    words: str,
    font: Any,  # noqa: ANN401  Pillow has no common font type
) -> None:
    figure = f"{number}"
    draw.text(at, figure, INK, font)
    left = at[0] + round(draw.textlength(figure, font)) + 14
    lines = _wrapped(draw, words, at[0] + WIDE - left, font)
    draw.multiline_text((left, at[1]), "\n".join(lines), GREY, font, spacing=6)


def _wrapped(draw: Any, words: str, room: int, font: Any) -> list[str]:  # noqa: ANN401  as above
    """At most `LINES` lines no wider than `room` pixels; what does not fit ends in an ellipsis.

    A line ends after a comma where that is possible, so that "Tri-X 400" stays whole.
    """
    parts = [f"{part}," for part in words.split(", ")]
    parts[-1] = parts[-1].removesuffix(",")
    fits = all(draw.textlength(part, font) <= room for part in parts)
    lines = [""]
    for word in parts if fits and len(parts) > 1 else words.split():
        longer = f"{lines[-1]} {word}".strip()
        if draw.textlength(longer, font) <= room:
            lines[-1] = longer
        elif len(lines) == LINES:
            lines[-1] = f"{lines[-1].removesuffix(',')}…"
            break
        else:
            lines.append(word)
    return lines
