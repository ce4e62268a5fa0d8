"""The print operation: a finished picture, or an original photo, cut for the laboratory."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from engine.shots import Shot
from engine.studio.encode import SourceType, source_type_of
from engine.studio.faces import FaceFinder, anatomy
from engine.studio.printing.card import print_card
from engine.studio.printing.files import as_jpeg, as_sheet
from engine.studio.printing.layout import must_be_untouched, print_file

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.faces import Anatomy
    from engine.studio.printing.layout import PrintFile


@dataclass(frozen=True, slots=True)
class Printed:
    """A print's `jpeg`, its `pdf` for a sheet, its size in pixels, and what to say of it."""

    jpeg: bytes
    pdf: bytes | None
    width: int
    height: int
    notes: tuple[str, ...]
    facts: dict[str, str | int]


def make_print(shot: Shot, rgb: "np.ndarray", data: bytes, finder: FaceFinder) -> Printed:
    """Cut uint8 HxWx3 `rgb`, whose file is `data`, to the size that the shot's spec names.

    Raises `StudioFailed` for an unknown size, for an identity size of a picture of ours, and where
    the photo leaves too little room.
    """
    size = str(shot.spec.get("size", ""))
    must_be_untouched(size, data)
    made = print_file(rgb, _face(rgb, finder), size)
    said = [*made.sentences(), *print_card(rgb.shape[1], rgb.shape[0]).sentences()]
    notes, facts = tuple(key for key, _ in said), {k: v for _, f in said for k, v in f.items()}
    if shot.spec.get("sheet") == "yes":
        return _sheet(made, _source_type(data), notes, facts)
    height, width = made.rgb.shape[:2]
    return Printed(as_jpeg(made, _source_type(data)), None, width, height, notes, facts)


def _sheet(
    made: "PrintFile", source: SourceType, notes: tuple[str, ...], facts: dict[str, str | int]
) -> Printed:
    from engine.studio.printing.sheet import lay_out

    height, width = lay_out(made).rgb.shape[:2]
    files = as_sheet(made, source)
    return Printed(files.jpeg, files.pdf, width, height, notes, facts)


def _face(rgb: "np.ndarray", finder: FaceFinder) -> "Anatomy | None":
    faces = finder.find(rgb)
    return anatomy(finder.landmarks(rgb, faces[0])) if faces else None


def _source_type(data: bytes) -> SourceType:
    """What the file says of itself; an original says nothing, and cutting it is a human's edit."""
    told = source_type_of(data)
    known: dict[str, SourceType] = {kind: kind for kind in get_args(SourceType)}
    return known.get(told or "", "humanEdits")
