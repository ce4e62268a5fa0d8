"""A folder without room, or none, is named before anything is fetched."""

from pathlib import Path

import pytest
from support.releases import a_file, a_model, a_store

from engine.errors import FetchFailed


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
