"""Models arrive whole, checked and resumable from their makers."""

import bz2
import io
import random
import socket
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from support.releases import BYTES, OTHER, Release, a_file, a_model, a_store, an_orphan, hasty

from engine.errors import FetchFailed
from engine.weights import Tick
from engine.weights.origin import OriginFailed

NOISE = random.Random(1).randbytes(200_000)


def zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net.bin", data)
    return packed.getvalue()


def test_a_model_comes_from_its_origin(release: Release, tmp_path: Path) -> None:
    """The release is asked first, and progress is told in bytes."""
    release.files["/net"] = BYTES
    store = a_store(tmp_path, a_model(a_file(origin=release.open() + "/net")))
    ticks: list[Tick] = []
    store.fetch(["net"], ticks.append)
    assert store.path("net").read_bytes() == BYTES
    assert Tick("net", "origin", len(BYTES), len(BYTES)) in ticks
    assert ticks[-1].phase == "done"


@pytest.mark.parametrize("honours_ranges", [True, False])
def test_a_download_is_resumed(release: Release, tmp_path: Path, honours_ranges: bool) -> None:
    """What arrived yesterday is not fetched again, unless the server cannot go on in the middle."""
    release.files["/net"], release.honours_ranges = BYTES, honours_ranges
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "net.bin.part").write_bytes(BYTES[:1000])
    store = a_store(tmp_path, a_model(a_file(origin=release.open() + "/net")))
    store.fetch(["net"])
    assert release.ranges == ["bytes=1000-"]
    assert store.path("net").read_bytes() == BYTES


def test_a_broken_connection_goes_on_where_it_broke(release: Release, tmp_path: Path) -> None:
    """A flaky network costs a retry, not the download."""
    release.files["/net"], release.break_off_after = BYTES, 300_000
    store = a_store(tmp_path, a_model(a_file(origin=release.open() + "/net")))
    store.fetch(["net"], origins=hasty())
    assert release.ranges == [None, "bytes=300000-"]
    assert store.path("net").read_bytes() == BYTES


def test_a_stale_half_is_thrown_away(release: Release, tmp_path: Path) -> None:
    """When the half on disk is of another release, the download begins again."""
    release.files["/net"] = BYTES
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "net.bin.part").write_bytes(OTHER[:1000])
    store = a_store(tmp_path, a_model(a_file(origin=release.open() + "/net")))
    store.fetch(["net"])
    assert release.ranges == ["bytes=1000-", None]
    assert store.path("net").read_bytes() == BYTES


def test_a_release_may_be_an_archive(release: Release, tmp_path: Path) -> None:
    """One member is taken out and the archive does not stay."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("models/net.bin", BYTES)
    release.files["/all.zip"] = packed.getvalue()
    file = msgspec.structs.replace(
        a_file(origin=release.open() + "/all.zip"), origin_member="models/net.bin"
    )
    store = a_store(tmp_path, a_model(file))
    store.fetch(["net"])
    assert store.path("net").read_bytes() == BYTES
    assert [path.name for path in (tmp_path / "net").iterdir()] == ["net.bin"]


def test_a_release_may_be_one_compressed_file(release: Release, tmp_path: Path) -> None:
    """A bare bzip2 has one content and no names."""
    release.files["/net.bin.bz2"] = bz2.compress(BYTES)
    file = msgspec.structs.replace(
        a_file(origin=release.open() + "/net.bin.bz2"), origin_member="net.bin"
    )
    store = a_store(tmp_path, a_model(file))
    store.fetch(["net"])
    assert store.path("net").read_bytes() == BYTES


def test_an_unreachable_host_is_not_tried_again(release: Release, tmp_path: Path) -> None:
    """Ten files behind a dead host cost one wait: even when it comes back, this run is over it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    origins, url = hasty(), f"http://127.0.0.1:{port}/net"
    with pytest.raises(OriginFailed, match="cannot be reached"):
        origins.download(url, tmp_path / "part", lambda _: None)
    release.files["/net"] = BYTES
    release.open(port)
    with pytest.raises(OriginFailed, match="cannot be reached"):
        origins.download(url, tmp_path / "part", lambda _: None)
    assert release.ranges == []


def test_a_model_that_is_here_costs_no_network(release: Release, tmp_path: Path) -> None:
    """The right sha256 on disk is the end of it, also in a folder that cannot be written."""
    release.files["/net"] = BYTES
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "net.bin").write_bytes(BYTES)
    ticks: list[Tick] = []
    store = a_store(tmp_path, a_model(a_file(origin=release.open() + "/net")))
    store.fetch(["net"], ticks.append)
    assert release.ranges == []
    assert [tick.phase for tick in ticks] == ["present"]
    assert [path.name for path in tmp_path.iterdir()] == ["net"]


def test_a_file_of_the_right_size_but_wrong_content_is_replaced(
    release: Release, tmp_path: Path
) -> None:
    """Fetching looks at content, not at sizes."""
    release.files["/net"] = BYTES
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "net.bin").write_bytes(BYTES[::-1])
    store = a_store(tmp_path, a_model(a_file(origin=release.open() + "/net")))
    store.fetch(["net"])
    assert store.path("net").read_bytes() == BYTES


def test_two_studios_fetching_at_once_download_once(release: Release, tmp_path: Path) -> None:
    """Studios that share a folder wait for each other."""
    release.files["/net"] = BYTES
    model = a_model(a_file(origin=release.open() + "/net"))
    fetches = [a_store(tmp_path, model).fetch for _ in range(2)]
    studios = [threading.Thread(target=fetch, args=(["net"],)) for fetch in fetches]
    for studio in studios:
        studio.start()
    for studio in studios:
        studio.join()
    assert release.ranges == [None]
    assert a_store(tmp_path, model).path("net").read_bytes() == BYTES


@pytest.mark.parametrize("pack", [bz2.compress, zipped], ids=["bzip2", "zip"])
def test_a_damaged_archive_is_not_taken_for_a_broken_folder(
    release: Release, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    """It is thrown away, and the sentence says that the release did not hold the file."""
    packed = bytearray(pack(NOISE))
    packed[len(packed) // 2 : len(packed) // 2 + 64] = bytes(64)
    release.files["/net"] = bytes(packed)
    file = msgspec.structs.replace(a_file(origin=release.open() + "/net"), origin_member="net.bin")
    model = msgspec.structs.replace(an_orphan("https://example.org"), files=(file,))
    with pytest.raises(FetchFailed, match=r"does not hold net\.bin") as caught:
        a_store(tmp_path, model).fetch(["net"])
    assert caught.value.code == "fetch_failed"
    assert [path.name for path in (tmp_path / "net").iterdir() if "archive" in path.name] == []
