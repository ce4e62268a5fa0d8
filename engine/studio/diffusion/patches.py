"""How a picture is cut into tiles that a network sees one by one, and that blend into one again."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

TILE, CONTEXT, SEAM = 512, 24, 24
"""Input pixels: a tile's side, what it sees beyond that, and the band in which two tiles blend.
At 512 the larger network needs about 3 GB in half precision."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A part of the picture: what the network sees, what it gives, and where that fades in.

    Pairs of (rows, columns) in input pixels. The first `fade` rows and columns of `given` overlap
    the patches above and to the left.
    """

    seen: tuple[slice, slice]
    given: tuple[slice, slice]
    fade: tuple[int, int]


def patches(height: int, width: int, tile: int = TILE) -> Iterator[Patch]:
    """Cover a picture, row by row: tiles of at most `tile` pixels that overlap by `SEAM`."""
    for rows in _spans(height, tile):
        for columns in _spans(width, tile):
            yield Patch((rows[0], columns[0]), (rows[1], columns[1]), (rows[2], columns[2]))


def _spans(length: int, tile: int) -> list[tuple[slice, slice, int]]:
    """What is seen, what is given, and over how many pixels it fades in, along one side."""
    step = max(1, tile - 2 * CONTEXT - SEAM)
    count = 1 if length <= tile else -(-(length - SEAM) // step)
    cuts = [round(i * (length - SEAM) / count) for i in range(count)] + [length]
    spans = []
    for number, start in enumerate(cuts[:-1]):
        stop = length if number == count - 1 else cuts[number + 1] + SEAM
        seen = slice(max(0, start - CONTEXT), min(length, stop + CONTEXT))
        spans.append((seen, slice(start, stop), SEAM if number else 0))
    # All see as much: a card then has one size to choose kernels for, and to compile.
    most = max(seen.stop - seen.start for seen, *_ in spans)
    starts = [min(seen.start, length - most) for seen, *_ in spans]
    return [(slice(s, s + most), *rest) for s, (_, *rest) in zip(starts, spans, strict=True)]


def rows_of(tiles: Iterator[Patch]) -> list[list[Patch]]:
    """The patches by the rows they stand in."""
    return [list(row) for _, row in groupby(tiles, lambda patch: patch.given[0].start)]
