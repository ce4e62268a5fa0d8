"""Pixels on disk: content-addressed, private, whole or not there."""

import resource
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.blobs import DiskBlobs
from engine.errors import EngineUnavailable


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "blobs")


@contextmanager
def full_disk(room: int) -> Iterator[None]:
    """No file may grow beyond `room` bytes, as the kernel enforces it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_is_put_can_be_got(blobs: DiskBlobs) -> None:
    assert blobs.get(blobs.put(b"pixels", "png")) == b"pixels"


def test_the_same_content_is_one_blob(blobs: DiskBlobs, tmp_path: Path) -> None:
    assert blobs.put(b"pixels", "png") == blobs.put(b"pixels", "png")
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


def test_other_content_is_another_blob(blobs: DiskBlobs) -> None:
    assert blobs.put(b"one", "jpg") != blobs.put(b"two", "jpg")


def test_only_the_owner_can_read_a_picture(blobs: DiskBlobs) -> None:
    path = blobs.path(blobs.put(b"pixels", "png"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_deleting_is_final_and_twice_is_fine(blobs: DiskBlobs) -> None:
    blob = blobs.put(b"pixels", "png")
    blobs.delete(blob)
    blobs.delete(blob)
    with pytest.raises(FileNotFoundError):
        blobs.get(blob)


@pytest.mark.parametrize(
    "blob",
    ["", "../../etc/passwd", "a" * 64, "A" * 64 + ".png", "a" * 64 + ".png/x", "a" * 64 + ".png\n"],
)
def test_nothing_but_a_blob_id_becomes_a_path(blobs: DiskBlobs, blob: str) -> None:
    with pytest.raises(ValueError, match="not a blob id"):
        blobs.path(blob)


def test_a_full_disk_is_told_by_its_name_and_leaves_no_part(
    blobs: DiskBlobs, tmp_path: Path
) -> None:
    with full_disk(100), pytest.raises(EngineUnavailable) as caught:
        blobs.put(b"x" * 1000, "png")
    assert caught.value.code == "disk_full"
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_folder_that_cannot_be_made_is_told_by_the_same_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EngineUnavailable):
        DiskBlobs(tmp_path / "file").put(b"pixels", "png")


def test_writers_of_the_same_content_do_not_disturb_each_other(blobs: DiskBlobs) -> None:
    data = b"x" * 200_000
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: blobs.put(data, "png"), range(32)))
    assert len(ids) == 1
    assert blobs.get(ids.pop()) == data
