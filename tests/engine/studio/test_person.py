"""The second opinion on the matte: keeps the person, drops the rest, never invents."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.studio.faces import Anatomy, FaceFinder, anatomy
from engine.studio.person import PersonFinder, agree, sure_core, unlikely

FACE = Anatomy(eyes=(100.0, 80.0), eye_distance=30.0, chin=120.0, width=60.0)


@pytest.fixture
def disc() -> np.ndarray:
    """A round person around the face: float32 200x200."""
    canvas = np.zeros((200, 200), np.uint8)
    cv2.circle(canvas, (100, 100), 60, 1, -1)
    return canvas.astype(np.float32)


def test_the_astronaut_is_found_and_the_flag_is_not(
    astronaut: Path, weights: Callable[[str], Path]
) -> None:
    """A real face is surely person; the corners of the room are not."""
    rgb = np.asarray(Image.open(astronaut).convert("RGB"))
    finder = FaceFinder(weights)
    body = anatomy(finder.landmarks(rgb, finder.find(rgb)[0]))
    person = PersonFinder().find(rgb, body)
    assert person.shape == rgb.shape[:2]
    assert person[round(body.eyes[1]), round(body.eyes[0])] > 0.95
    assert person[5:40, 5:40].max() < 0.6


def test_a_hole_the_matte_tore_is_mended(disc: np.ndarray) -> None:
    """Dark hair on a dark wall: lost by the matte, kept by the second opinion."""
    torn = disc.copy()
    torn[60:90, 110:140] = 0
    assert agree(torn, disc, [FACE])[75, 125] > 0.9


def test_a_headscarf_the_matte_missed_is_kept_to_its_edge(disc: np.ndarray) -> None:
    """The network took the face alone: the rest comes back with a whole edge, not a thin one."""
    face = np.zeros_like(disc)
    cv2.ellipse(face, (100, 95), (24, 34), 0, 0, 360, 1, -1)
    held = agree(face, disc, [FACE])
    inside = cv2.erode(disc, np.ones((3, 3), np.uint8)) > 0
    assert held[inside].min() > 0.9
    assert held[disc == 0].max() < 0.5


def test_far_half_sure_things_are_dropped_and_certain_ones_kept(disc: np.ndarray) -> None:
    """A smear in the corner goes; a hat the matte is certain of stays."""
    alpha = disc.copy()
    alpha[180:195, 180:195] = 0.6
    alpha[2:15, 2:15] = 1.0
    held = agree(alpha, disc, [FACE])
    assert held[187, 187] < 0.05
    assert held[8, 8] == 1.0


def test_the_core_stays_inside_and_reaches_the_frame(disc: np.ndarray) -> None:
    """The edge stays the matte's to decide; the frame's edge is no edge of a person."""
    core = sure_core(disc, FACE)
    assert (core[disc == 0] < 0.5).all()
    whole = sure_core(np.ones((200, 200), np.float32), FACE)
    assert whole[199, 100] > 0.95


def test_unlikely_is_the_opposite_of_person() -> None:
    """0 where a person is likely, 1 where none is."""
    person = np.array([[0.0, 0.5, 1.0]], np.float32)
    assert unlikely(person).round(2).tolist() == [[1.0, 0.5, 0.0]]
