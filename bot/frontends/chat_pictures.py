"""Pictures within a platform's limits: the file itself where it fits, else a smaller JPEG."""

import asyncio
from io import BytesIO
from pathlib import Path

from msgspec import Struct

from bot.core.replies import Picture
from engine.blobs import DiskBlobs

QUALITY = 92
SHRINK = 0.8
MIN_SIDE = 64


class Limits(Struct, frozen=True):
    """What a platform takes: `size` in bytes, `sides` width plus height, `ratio` long to short."""

    size: int
    sides: int | None = None
    ratio: float | None = None


class Sheet(Struct, frozen=True):
    """A picture's bytes, and the name to save them under."""

    data: bytes
    name: str


class Prints:
    """Reads pictures off the loop. None means: deleted, or nothing of it fits the limits."""

    def __init__(self, blobs: DiskBlobs) -> None:
        self._blobs = blobs

    async def preview(self, picture: Picture, limits: Limits) -> Sheet | None:
        """For looking at: the JPEG, scaled down where it is too large."""
        return await asyncio.to_thread(self._preview, picture, limits)

    async def original(self, picture: Picture, limits: Limits) -> Sheet | None:
        """The lossless file, if it fits."""
        return await asyncio.to_thread(self._file, picture.render, picture.full, limits.size)

    def _preview(self, picture: Picture, limits: Limits) -> Sheet | None:
        width, height = picture.width, picture.height
        if limits.ratio and max(width, height) > limits.ratio * min(width, height):
            return None
        if not limits.sides or width + height <= limits.sides:
            sheet = self._file(picture.render, picture.preview, limits.size)
            if sheet:
                return sheet
        path = self._blobs.path(picture.preview)
        data = scaled(path, limits) if path.is_file() else None
        return Sheet(data, f"northlight-{picture.render}.jpg") if data else None

    def _file(self, render: str, blob: str, size: int) -> Sheet | None:
        path = self._blobs.path(blob)
        try:
            if path.stat().st_size > size:
                return None
            return Sheet(path.read_bytes(), f"northlight-{render}{path.suffix}")
        except FileNotFoundError:
            return None


def scaled(path: Path, limits: Limits) -> bytes | None:
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


def _shrunk(image, factor: float):  # noqa: ANN001, ANN202 - PIL is imported where it is used
    from PIL.Image import Resampling

    width, height = (max(1, int(side * factor)) for side in image.size)
    return image.resize((width, height), Resampling.LANCZOS)
