"""Profiles are strict data; the best that is here and fits the card is chosen."""

import json
from pathlib import Path

import msgspec
import pytest

from engine.profiles import (
    COMPLETE,
    Profile,
    choose,
    folder_of,
    load_profiles,
    named,
    present,
    read_profiles,
    recommended,
    repo_folder,
    stamp,
)

SMALL = """
[[profile]]
name = "small"
family = "sd"
licence = "MIT"
commercial = true
min_vram_gb = 4
dtype = "float16"
steps = 4
guidance = 1.0
dialect = "clip"
can = ["generate"]
sizes = { "3:4" = [384, 512], "2:3" = [384, 576], "4:5" = [512, 640], "1:1" = [512, 512] }
strengths = { subtle = 0.4, strong = 0.7 }
"""


def test_every_shipped_profile_is_pinned_and_licensed() -> None:
    """Weights that could change overnight, or whose licence nobody knows, are not offered."""
    profiles = load_profiles()
    assert len(profiles) >= 5
    for profile in profiles.values():
        revisions = [profile.revision, *(extra.revision for extra in profile.extras)]
        assert all(len(r) == 40 and int(r, 16) >= 0 for r in revisions), profile.name
        assert profile.licence
        assert profile.licence_url.startswith("https://")
        assert profile.terms


def test_every_shipped_size_is_its_format_at_the_familys_megapixels() -> None:
    """A model trained at one megapixel draws two heads at two, and mush at a quarter."""
    native = {"flux2-klein": 1.0, "z-image": 1.0, "sdxl": 1.0, "sd": 0.36}
    for profile in load_profiles().values():
        for aspect, (width, height) in profile.sizes.items():
            across, down = map(int, aspect.split(":"))
            assert width * down == height * across, (profile.name, aspect)
            assert 0.7 < width * height / 1e6 / native[profile.family] < 1.1


@pytest.mark.parametrize(
    "change",
    [
        ("steps = 4", "step = 4"),
        ('family = "sd"', 'family = "sd9"'),
        ('can = ["generate"]', 'can = ["fly"]'),
        ("[384, 512]", "[380, 512]"),
        ('"1:1" = [512, 512]', '"9:1" = [512, 512]'),
        ("strong = 0.7", "mild = 0.7"),
    ],
)
def test_a_slip_in_the_file_is_refused(change: tuple[str, str]) -> None:
    """A mistyped key would else be a setting that silently does nothing."""
    assert read_profiles(SMALL)
    with pytest.raises(msgspec.ValidationError):
        read_profiles(SMALL.replace(*change))


def test_two_profiles_of_one_name_are_refused() -> None:
    """Which of them would `fetch` bring?"""
    with pytest.raises(ValueError, match="share a name"):
        read_profiles(SMALL + SMALL)


@pytest.mark.parametrize(
    ("vram", "name"),
    [(0, None), (4, "dreamshaper-lcm"), (8, "sdxl-lightning"), (16, "flux2-klein")],
)
def test_the_best_that_fits_the_card_is_chosen(vram: float, name: str | None) -> None:
    """Nobody without a card waits minutes unasked."""
    chosen = choose(load_profiles().values(), vram, lambda _: True)
    assert (chosen.name if chosen else None) == name


def test_only_what_is_here_is_chosen_and_the_best_is_recommended() -> None:
    """A large card with a small model draws with the small model, and its owner hears of more."""
    profiles = load_profiles().values()
    chosen = choose(profiles, 24, lambda p: p.name == "sdxl")
    assert chosen
    assert chosen.name == "sdxl"
    best = recommended(profiles, 24)
    assert best
    assert best.name == "flux2-klein"
    assert choose(profiles, 24, lambda _: False) is None


def complete(profile: Profile, models: Path, *, revision: str | None = None) -> None:
    for part in (profile, *profile.extras):
        folder = repo_folder(part.repo, models)
        folder.mkdir(parents=True, exist_ok=True)
        text = stamp(msgspec.structs.replace(part, revision=revision or part.revision))
        (folder / COMPLETE).write_text(text)


def test_half_a_fetch_and_an_old_revision_are_not_here(tmp_path: Path) -> None:
    """A folder counts when it was fetched to its end, in the revision that is asked for."""
    profile = load_profiles()["sdxl"]
    folder_of(profile, tmp_path).mkdir(parents=True)
    assert not present(profile, tmp_path)
    complete(profile, tmp_path, revision="0" * 40)
    assert not present(profile, tmp_path)
    complete(profile, tmp_path)
    assert present(profile, tmp_path)


def test_a_missing_preview_decoder_is_no_obstacle(tmp_path: Path) -> None:
    """First looks are rougher without it; the picture is the same."""
    profile = load_profiles()["sdxl"]
    complete(profile, tmp_path)
    preview = profile.extra("preview")
    assert preview
    (repo_folder(preview.repo, tmp_path) / COMPLETE).unlink()
    assert present(profile, tmp_path)


def own_folder(tmp_path: Path, kind: str = "StableDiffusionXLPipeline") -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "model_index.json").write_text(json.dumps({"_class_name": kind}))
    return folder


def test_a_folder_of_ones_own_is_a_profile(tmp_path: Path) -> None:
    """Driven as its family is, with what its northlight.toml says otherwise."""
    folder = own_folder(tmp_path)
    (folder / "northlight.toml").write_text('steps = 7\nlicence = "mine"\n')
    profile = named(str(folder), load_profiles())
    assert (profile.name, profile.family, profile.steps) == ("mine", "sdxl", 7)
    assert profile.licence == "mine"
    assert folder_of(profile, tmp_path / "models") == folder
    assert present(profile, tmp_path / "models")


def test_a_slip_in_ones_own_settings_names_the_file(tmp_path: Path) -> None:
    """So that it can be mended."""
    folder = own_folder(tmp_path)
    (folder / "northlight.toml").write_text("steps = 'many'\n")
    with pytest.raises(ValueError, match=r"northlight\.toml"):
        named(str(folder), load_profiles())


def test_an_unknown_pipeline_and_an_unknown_name_say_what_there_is(tmp_path: Path) -> None:
    """One clear sentence each."""
    with pytest.raises(ValueError, match="StableDiffusionXLPipeline"):
        named(str(own_folder(tmp_path, "KandinskyPipeline")), load_profiles())
    with pytest.raises(ValueError, match="flux2-klein"):
        named("flux3", load_profiles())
