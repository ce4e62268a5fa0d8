"""The contact-sheet operation: a series on one page, packed, and measured for what stands apart."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.blobs import DiskBlobs
from engine.errors import StudioFailed
from engine.jobs import Check
from engine.shots import Shot
from engine.studio.checks import small
from engine.studio.clock import Clock
from engine.studio.contact_sheet import NAME, archive, contact_sheet
from engine.studio.drift import Looker
from engine.studio.files import Files
from engine.studio.photo import read_source

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.drift import Look


@dataclass(frozen=True, slots=True)
class Sheet:
    """A series' page: uint8 HxWx3 `rgb`, its JPEG's and the ZIP's blobs, and each frame's drift."""

    rgb: "np.ndarray"
    preview: str
    archive: str
    drift: tuple[tuple[Check, ...], ...]


def make_sheet(shot: Shot, blobs: DiskBlobs, files: Files, looker: Looker, clock: Clock) -> Sheet:
    """Lay out, pack and measure a shot's frames. Raises `StudioFailed` where there are none.

    A frame without a source is left out; the others keep their numbers.
    """
    there = {number: frame for number, frame in enumerate(shot.frames, 1) if frame.source}
    if not there:
        raise StudioFailed("a contact sheet needs frames")
    seen, looks = _look_at(shot, blobs, looker, clock)
    with clock.step("step_sheet"):
        rgb = contact_sheet(seen, there, str(shot.spec.get("title", "")))
        jpegs = [blobs.get(frame.source) for frame in there.values()]
        preview = files.jpeg(rgb, files.kind_after(*(frame.source for frame in there.values())))
        names = [f"{frame.name or number}.jpg" for number, frame in there.items()]
        packed = archive([*zip(names, jpegs, strict=True), (NAME, blobs.get(preview))])
        return Sheet(
            rgb, preview, files.plain(packed, "zip"), tuple(looker.drift(looks, shot.frames))
        )


def _look_at(
    shot: Shot, blobs: DiskBlobs, looker: Looker, clock: Clock
) -> "tuple[list[np.ndarray], list[Look | None]]":
    seen, looks = list["np.ndarray"](), list["Look | None"]()
    with clock.step("step_drift") as tick:
        for number, frame in enumerate(shot.frames, 1):
            if frame.source:
                seen.append(small(read_source(blobs.path(frame.source))[0]))
            looks.append(looker.read(seen[-1]) if frame.source else None)
            tick(number / len(shot.frames))
    return seen, looks
