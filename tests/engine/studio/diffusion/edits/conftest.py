<<<<<<< HEAD
"""Tiny models with random weights, loaded once for all tests of this folder."""
=======
"""Real sitters, found and cut out once for this folder."""
>>>>>>> 3c250f0 (Make masks of regions named in words, from landmarks, matte and colour)

from collections.abc import Callable
from pathlib import Path

<<<<<<< HEAD
import pytest
from support.tiny import tiny
from support.tiny_studio import tiny_profile

from engine.profiles import Profile
from engine.studio.diffusion.pipelines import Pipeline, load

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
=======
import cv2
import numpy as np
import pytest

from engine.studio.diffusion.parts import Sitter
from engine.studio.faces import FaceFinder

Weights = Callable[[str], Path]


def read(path: Path) -> np.ndarray:
    bgr = cv2.imread(str(path))
    assert bgr is not None
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


@pytest.fixture(scope="session")
def finder(weights: Weights) -> FaceFinder:
    return FaceFinder(weights)


@pytest.fixture(scope="session")
def sitters(finder: FaceFinder, data_dir: Path) -> dict[str, Sitter]:
    """Two public domain photographs: "collins" in an orange suit, "hopper" with cap and glasses."""
    found = {}
    for name, file in (("collins", "astronaut.png"), ("hopper", "grace_hopper.jpg")):
        rgb = read(data_dir / file)
        matte = read(data_dir / f"{Path(file).stem}_matte.png")[..., 0].astype(np.float32) / 255
        found[name] = Sitter(rgb, matte, finder.landmarks(rgb, finder.find(rgb)[0]))
    return found
>>>>>>> 3c250f0 (Make masks of regions named in words, from landmarks, matte and colour)
