"""Pictures within a platform's limits: the file itself where it fits, else a smaller JPEG."""

import asyncio
import re
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from bot.core.replies import Picture
from engine.blobs import DiskBlobs

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage

QUALITY = 92
SHRINK = 0.8
MIN_SIDE = 64
_NOTE, _LOOK = "note", "first-look"
_NAMED = re.compile(r"northlight-([\w-]+)\.(?:png|jpg|pdf)")


class Limits(Struct, frozen=True):
    """What a platform takes: `size` in bytes, `sides` width plus height, `ratio` long to short."""

    size: int
    sides: int | None = None
    ratio: float | None = None


class Sheet(Struct, frozen=True):
    """A picture's bytes, the name to save them under, and words for those who cannot see it.

    `render` is whose bytes these are, "" where a picture only explains something.
    """

    data: bytes
    name: str
    alt: str = ""
    render: str = ""


class Prints:
    """Reads pictures off the loop. None means: deleted, or nothing of it fits the limits."""

    def __init__(self, blobs: DiskBlobs) -> None:
        self._blobs = blobs

    async def preview(self, picture: Picture, limits: Limits) -> Sheet | None:
        """For looking at: the JPEG, scaled down where it is too large."""
        return await asyncio.to_thread(self._preview, picture, limits)

    async def original(self, picture: Picture, limits: Limits) -> Sheet | None:
        """The lossless file, if it fits."""
        return await asyncio.to_thread(self._file, picture, picture.full, limits.size)

    async def look(self, blob: str, limits: Limits) -> Sheet | None:
        """A first look at a picture in the making."""
        return await asyncio.to_thread(self._look, blob, limits)

    async def lighter(self, sheet: Sheet, size: int) -> Sheet | None:
        """A picture as a JPEG of at most `size` bytes; itself if it is no heavier."""
        if len(sheet.data) <= size:
            return sheet
        data = await asyncio.to_thread(scaled, BytesIO(sheet.data), Limits(size))
        return (
            structs.replace(sheet, data=data, name=f"{Path(sheet.name).stem}.jpg") if data else None
        )

    def _look(self, blob: str, limits: Limits) -> Sheet | None:
        path = self._blobs.path(blob)
        data = path.read_bytes() if path.is_file() else b""
        name = f"{_LOOK}{path.suffix}"
        return Sheet(data, name) if data and len(data) <= limits.size else None

    def _preview(self, picture: Picture, limits: Limits) -> Sheet | None:
        width, height = picture.width, picture.height
        if limits.ratio and max(width, height) > limits.ratio * min(width, height):
            return None
        if not limits.sides or width + height <= limits.sides:
            sheet = self._file(picture, picture.preview, limits.size)
            if sheet:
                return sheet
        path = self._blobs.path(picture.preview)
        data = scaled(path, limits) if path.is_file() else None
        name = f"{_name(picture)}.jpg"
        return Sheet(data, name, picture.alt, picture.render) if data else None

    def _file(self, picture: Picture, blob: str, size: int) -> Sheet | None:
        path = self._blobs.path(blob)
        name = f"{_name(picture)}{path.suffix}"
        try:
            if path.stat().st_size > size:
                return None
            return Sheet(path.read_bytes(), name, picture.alt, picture.render)
        except FileNotFoundError:
            return None


async def parcels(
    sheets: AsyncIterator[Sheet], count: int, weight: int
) -> AsyncIterator[list[Sheet]]:
    """Sheets by message: at most `count`, together at most `weight` bytes (one alone may exceed).

    Only one parcel and the sheet after it are in memory at a time.
    """
    parcel: list[Sheet] = []
    async for sheet in sheets:
        total = sum(len(s.data) for s in (*parcel, sheet))
        if parcel and (len(parcel) == count or total > weight):
            yield parcel
            parcel = []
        parcel.append(sheet)
    if parcel:
        yield parcel


def render_of(name: str) -> str:
    """The render in a file's name as `Prints` gives it, or "".

    >>> render_of("northlight-3f2a-0.png"), render_of("northlight-note.jpg"), render_of("a.jpg")
    ('3f2a-0', '', '')
    """
    found = _NAMED.fullmatch(name)
    return found[1] if found and found[1] != _NOTE else ""


def scaled(path: Path | BytesIO, limits: Limits) -> bytes | None:
    """A JPEG of the picture that fits, as large as it may be; None when none would. Blocking."""
    from PIL import Image

    with Image.open(path) as opened:
        image = opened.convert("RGB")
        profile = opened.info.get("icc_profile")
    if limits.sides and sum(image.size) > limits.sides:
        image = _shrunk(image, limits.sides / sum(image.size))
    while min(image.size) >= MIN_SIDE:
        buffer = BytesIO()
        image.save(buffer, "JPEG", quality=QUALITY, icc_profile=profile)
        if buffer.tell() <= limits.size:
            return buffer.getvalue()
        image = _shrunk(image, SHRINK)
    return None


def _name(picture: Picture) -> str:
    return f"northlight-{picture.render or _NOTE}"


def _shrunk(image: "PillowImage", factor: float) -> "PillowImage":
    from PIL.Image import Resampling

    width, height = (max(1, int(side * factor)) for side in image.size)
    return image.resize((width, height), Resampling.LANCZOS)
