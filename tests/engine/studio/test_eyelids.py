"""Shut eyes are noticed; laughing, narrow and spectacled ones are not taken for shut."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from support.spoiled import eyes_shut

from engine.studio.coach import advise, measure
from engine.studio.eyelids import openness
from engine.studio.faces import FaceFinder
from engine.studio.generate.atlas import load_atlas
from engine.studio.generate.nets import FaceNets
from engine.studio.generate.traits import TRAITS
from engine.studio.light import estimate_light

DATA = Path(__file__).parents[2] / "data"
SHUT = 0.52


@pytest.fixture(scope="module")
def finder(weights: Callable[[str], Path]) -> FaceFinder:
    return FaceFinder(weights)


@pytest.fixture(scope="module")
def drawn(weights: Callable[[str], Path]) -> list[np.ndarray]:
    """Faces of the atlas from the darkest skin to the lightest."""
    atlas, nets = load_atlas(), FaceNets(weights, threads=1)
    order = np.argsort(atlas.traits[:, TRAITS.index("tone")])
    return [nets.portrait(atlas.latents[i]) for i in order[:: len(order) // 5]]


def points_of(finder: FaceFinder, rgb: np.ndarray) -> np.ndarray:
    return finder.landmarks(rgb, finder.find(rgb)[0])


@pytest.mark.parametrize("name", ["astronaut.png", "grace_hopper.jpg"])
@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_a_smile_or_spectacles_shut_no_eyes(finder: FaceFinder, name: str, scale: float) -> None:
    rgb = np.asarray(Image.open(DATA / name).convert("RGB"))
    rgb = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    assert openness(rgb, points_of(finder, rgb)) > SHUT + 0.05


@pytest.mark.parametrize("spoil", ["none", "blur", "dark"])
def test_open_eyes_of_every_skin_stay_open(
    finder: FaceFinder, drawn: list[np.ndarray], spoil: str
) -> None:
    for face in drawn:
        rgb = cv2.GaussianBlur(face, (0, 0), 2) if spoil == "blur" else face
        rgb = (rgb * 0.5).astype(np.uint8) if spoil == "dark" else rgb
        assert openness(rgb, points_of(finder, rgb)) > SHUT


def test_shut_eyes_score_lower_on_everybody_and_some_are_told(
    finder: FaceFinder, drawn: list[np.ndarray]
) -> None:
    """The bound is held back: nobody with open eyes is told to open them."""
    told = 0
    for rgb in drawn:
        points = points_of(finder, rgb)
        shut = eyes_shut(rgb, points)
        faces = finder.find(shut)
        after = finder.landmarks(shut, faces[0])
        assert openness(shut, after) < openness(rgb, points)
        figures = measure(shut, faces, 1, after, estimate_light(shut, after))
        told += "coach_open_eyes" in advise(figures)
    assert told >= 1
