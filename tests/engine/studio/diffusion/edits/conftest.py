"""Real sitters, found and cut out once for this folder."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from msgspec import structs
from support.editing import Known

from engine.blobs import DiskBlobs
from engine.profiles import load_profiles
from engine.studio.diffusion import edits
from engine.studio.diffusion.assignment import Kit
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


@pytest.fixture
def cut_out_before(sitters: dict[str, Sitter], monkeypatch: pytest.MonkeyPatch) -> None:
    """The matte has tests of its own, and takes seconds."""
    monkeypatch.setattr(edits, "matter_of", lambda _kit: Known(sitters))


@pytest.fixture
def kit(tmp_path: Path, weights: Weights, finder: FaceFinder) -> Kit:
    sizes = {"3:4": (480, 640), "2:3": (432, 640), "4:5": (512, 640), "1:1": (512, 512)}
    small = structs.replace(load_profiles()["sdxl"], sizes=sizes)
    return Kit(DiskBlobs(tmp_path), weights, finder, small)
