"""What is stored is somebody's: first looks that nobody hears of do not stay behind."""

from pathlib import Path

import numpy as np
import pytest

from engine.blobs import DiskBlobs
from engine.errors import JobCancelled
from engine.studio.files import Files

LOOK = np.full((8, 6, 3), 90, np.uint8)


def test_a_first_look_is_told_by_its_blob(tmp_path: Path) -> None:
    told: list[str] = []
    Files(DiskBlobs(tmp_path)).shown(LOOK, "algorithmicallyEnhanced", told.append)
    assert DiskBlobs(tmp_path).get(told[0]).startswith(b"\xff\xd8")


def test_a_first_look_that_was_called_off_leaves_no_file(tmp_path: Path) -> None:
    def called_off(_look: str) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        Files(DiskBlobs(tmp_path)).shown(LOOK, "algorithmicallyEnhanced", called_off)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
