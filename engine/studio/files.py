"""Finished pictures become files in the blob store."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from engine.blobs import DiskBlobs
from engine.studio.encode import SourceType, to_jpeg, to_png

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

    def plain(self, data: bytes, suffix: str) -> str:
        """Bytes as they are."""
        return self._blobs.put(data, suffix)

    def _signed(self, data: bytes, kind: Literal["png", "jpeg"], source: SourceType) -> bytes:
        return self._sign(data, kind, source) if self._sign else data
