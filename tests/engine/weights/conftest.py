"""An official origin, and the real package client with nothing, or one wheel, to find."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.releases import Release, Shelve


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
