"""A profile's repositories arrive whole, once, and what fails is one clear sentence."""

from pathlib import Path

import pytest

from engine.errors import FetchFailed
from engine.profiles import folder_of, load_profiles, present
from engine.weights.hub import HuggingFace, Part, fetch_profile

SDXL = load_profiles()["sdxl"]
LIGHTNING = load_profiles()["sdxl-lightning"]


class Shelf:
    """A hub that keeps what it was asked for; `fails` are repositories it has not."""

    def __init__(self, *fails: str) -> None:
        self.asked: list[str] = []
        self.fails = fails

    def bring(self, wanted: Part, folder: Path) -> None:
        self.asked.append(wanted.repo)
        if wanted.repo in self.fails:
            raise FetchFailed(f"{wanted.repo} is gone")
        (folder / "model_index.json").write_text("{}")


def test_everything_a_profile_needs_is_brought_once(tmp_path: Path) -> None:
    shelf = Shelf()
    folder = fetch_profile(SDXL, tmp_path, shelf)
    assert folder == folder_of(SDXL, tmp_path)
    assert present(SDXL, tmp_path)
    assert shelf.asked == [SDXL.repo, *(extra.repo for extra in SDXL.extras)]
    fetch_profile(SDXL, tmp_path, shelf)
    assert len(shelf.asked) == 1 + len(SDXL.extras)


def test_profiles_of_one_repository_share_it(tmp_path: Path) -> None:
    shelf = Shelf()
    fetch_profile(SDXL, tmp_path, shelf)
    fetch_profile(LIGHTNING, tmp_path, shelf)
    assert shelf.asked.count(SDXL.repo) == 1
    assert present(LIGHTNING, tmp_path)


def test_what_broke_off_is_asked_for_again(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed):
        fetch_profile(SDXL, tmp_path, Shelf(SDXL.repo))
    assert not present(SDXL, tmp_path)
    fetch_profile(SDXL, tmp_path, Shelf())
    assert present(SDXL, tmp_path)


def test_only_the_preview_decoder_may_be_missing(tmp_path: Path) -> None:
    preview, vae = SDXL.extra("preview"), SDXL.extra("vae")
    assert preview
    assert vae
    heard: list[str] = []
    fetch_profile(SDXL, tmp_path, Shelf(preview.repo), heard.append)
    assert "First looks will be rough" in heard[-1]
    with pytest.raises(FetchFailed):
        fetch_profile(SDXL, tmp_path / "other", Shelf(vae.repo))


def test_a_full_disk_is_said_before_gigabytes_arrive(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match=r"needs 7\.7 GB more"):
        fetch_profile(SDXL, tmp_path, Shelf(), free_at=lambda _: 1_000_000)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FetchFailed, match="cannot be written"):
        fetch_profile(SDXL, tmp_path / "file" / "models", Shelf())


def test_the_real_hub_switched_offline_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real client; against a dead network it would first try for half a minute."""
    pytest.importorskip("huggingface_hub")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(FetchFailed, match=r"could not be fetched \(HF_HUB_OFFLINE is set\)"):
        HuggingFace().bring(SDXL, tmp_path)
