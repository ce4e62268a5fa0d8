"""Real sitters, found and cut out once for this folder."""

from collections.abc import Callable
from pathlib import Path

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
