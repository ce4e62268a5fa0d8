"""Pixels on disk, by the hash of their content."""

import contextlib
import hashlib
import os
import re
from pathlib import Path

from engine.errors import EngineUnavailable

_BLOB_ID = re.compile(r"[0-9a-f]{64}\.(png|jpg|pdf|svg|zip)")


class DiskBlobs:
    """A folder of immutable files named `<sha256>.<suffix>`, written atomically, owner-readable.

    All methods block: call them off the event loop.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, data: bytes, suffix: str) -> str:
        """Store bytes and return their blob id. Raises `EngineUnavailable` (disk_full)."""
        blob = f"{hashlib.sha256(data).hexdigest()}.{suffix}"
        target = self.path(blob)
        if not target.exists():
            self._write(target, data)
        return blob

    def path(self, blob: str) -> Path:
        """Where a blob lies. Raises ValueError for anything that is not a blob id."""
        if not _BLOB_ID.fullmatch(blob):
            raise ValueError(f"not a blob id: {blob!r}")
        return self._root / blob[:2] / blob

    def get(self, blob: str) -> bytes:
        """The bytes of a blob. Raises FileNotFoundError."""
        return self.path(blob).read_bytes()

    def delete(self, blob: str) -> None:
        """Remove a blob; absent ones are fine."""
        self.path(blob).unlink(missing_ok=True)

    def _write(self, target: Path, data: bytes) -> None:
        part = target.with_suffix(f".{os.getpid()}.{os.urandom(4).hex()}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.write_bytes(data)
            part.chmod(0o600)
            part.replace(target)
        except OSError as error:
            with contextlib.suppress(OSError):  # where nothing could be written, nothing remains
                part.unlink(missing_ok=True)
            raise EngineUnavailable(str(error), code="disk_full") from error
