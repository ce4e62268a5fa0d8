"""Tiny models with random weights, loaded once for all tests of this folder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec import structs
from support.drawing import Families, Make
from support.tiny import tiny
from support.tiny_studio import tiny_profile

from engine.blobs import DiskBlobs
from engine.profiles import Profile
from engine.studio.diffusion.assignment import (
    Prepare,
    assign,
)
from engine.studio.diffusion.house import furnished
from engine.studio.diffusion.judge import Verdict
from engine.studio.diffusion.pipelines import Pipeline, load
from engine.studio.diffusion.studio import DiffusionStudio

PROFILES = {
    "sdxl": "sdxl",
    "sd": "dreamshaper-lcm",
    "flux2-klein": "flux2-klein",
    "z-image": "z-image-turbo",
}


@pytest.fixture(scope="session", autouse=True)
def _libraries() -> None:
    for name in ("diffusers", "transformers"):
        pytest.importorskip(name, reason="the extra gpu is not installed")
    # So little work is done faster by one thread than by several that wait for each other.
    pytest.importorskip("torch", reason="the extra gpu is not installed").set_num_threads(1)


@pytest.fixture(scope="session")
def profile_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Profile]:
    """A family's shipped profile over its tiny model: few steps, small pictures."""
    folder = tmp_path_factory.mktemp("tiny")
    return lambda family: tiny_profile(PROFILES[family], tiny(family, folder))


@pytest.fixture(scope="session")
def pipeline_of(profile_of: Callable[[str], Profile]) -> Callable[[str], Pipeline]:
    """A family's tiny model, loaded by the real loading code, once."""
    kept: dict[str, Pipeline] = {}

    def loaded(family: str) -> Pipeline:
        if family not in kept:
            profile = profile_of(family)
            kept[family] = load(profile, Path(profile.folder), "cpu")
        return kept[family]

    return loaded


@pytest.fixture
def make(profile_of: Families, models_dir: Path, tmp_path: Path) -> Make:
    """A studio over tiny models, the first of them its own."""

    def made(
        *families: str,
        judge: Callable[[object], Verdict] = lambda _: "",
        prepare: Prepare = assign,
        **changes: object,
    ) -> DiffusionStudio:
        profiles = [structs.replace(profile_of(f), **changes) for f in families or ("z-image",)]
        settings = {"models_dir": str(models_dir), "data_dir": str(tmp_path), "device": "cpu"}
        return furnished(settings, {p.name: p for p in profiles}, profiles[0], judge, prepare)

    return made


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "blobs")
