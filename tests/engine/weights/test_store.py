"""Where models lie, and what is said when they do not."""

from pathlib import Path

import pytest
from support.releases import BYTES, a_file, a_model, a_store

from engine.errors import WeightsMissing


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
