"""Finished pictures become files in the blob store."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from engine.blobs import DiskBlobs
from engine.errors import JobCancelled
from engine.studio.encode import SourceType, source_type_after, to_jpeg, to_png

if TYPE_CHECKING:
    import numpy as np

Sign = Callable[[bytes, Literal["png", "jpeg"], SourceType], bytes]
"""Signs a finished file; see `engine.studio.provenance`."""


class Files:
    """Encodes, signs where a certificate is configured, and stores; returns blob ids."""

    def __init__(self, blobs: DiskBlobs, sign: Sign | None = None) -> None:
        self._blobs, self._sign = blobs, sign

    def png(self, picture: "np.ndarray", kind: SourceType) -> str:
        """A lossless picture, uint8 HxWx3 or HxWx4."""
        return self._blobs.put(self._signed(to_png(picture, kind), "png", kind), "png")

    def jpeg(self, picture: "np.ndarray", kind: SourceType, dpi: float = 300) -> str:
        """A picture for looking at, uint8 HxWx3."""
        return self._blobs.put(self._signed(to_jpeg(picture, kind, dpi), "jpeg", kind), "jpg")

    def shown(self, picture: "np.ndarray", kind: SourceType, tell: Callable[[str], None]) -> None:
        """Tell of a first look, uint8 HxWx3, by its blob; where that is called off, it is gone.

        Whoever is told of one deletes it, and nobody else knows of it. Raises what `tell` raises.
        """
        blob = self.jpeg(picture, kind)
        try:
            tell(blob)
        except JobCancelled:
            self._blobs.delete(blob)
            raise

    def kind_after(self, *blobs: str) -> SourceType:
        """What a picture says of itself that was cut or laid out from these files."""
        return source_type_after(*map(self._blobs.get, blobs))

    def plain(self, data: bytes, suffix: str) -> str:
        """Bytes as they are."""
        return self._blobs.put(data, suffix)

    def _signed(self, data: bytes, kind: Literal["png", "jpeg"], source: SourceType) -> bytes:
        return self._sign(data, kind, source) if self._sign else data
