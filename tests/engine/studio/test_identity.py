"""Likeness: the same person is near, another is far, and without the network nothing breaks."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import WeightsMissing
from engine.studio.faces import FaceFinder
from engine.studio.generate.request import FaceRequest
from engine.studio.generate.sampler import FaceSampler
from engine.studio.identity import Identity, face_chip

Weights = Callable[[str], Path]
Portrait = tuple[np.ndarray, np.ndarray]
SAME = 0.6


def absent(name: str) -> Path:
    raise WeightsMissing("not here", name=name)


@pytest.fixture(scope="module")
def finder(weights: Weights) -> FaceFinder:
    return FaceFinder(weights)


@pytest.fixture(scope="module")
def identity(weights: Weights) -> Identity:
    weights("face-identity")
    return Identity(weights)


@pytest.fixture(scope="module")
def portrait(finder: FaceFinder, astronaut: Path) -> Portrait:
    bgr = cv2.imread(str(astronaut))
    assert bgr is not None
    rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
    return rgb, finder.landmarks(rgb, finder.find(rgb)[0])


def test_the_same_person_in_other_light_and_size_is_near(
    identity: Identity, finder: FaceFinder, portrait: Portrait
) -> None:
    other = cv2.resize(portrait[0], None, fx=1.7, fy=1.7, interpolation=cv2.INTER_CUBIC)
    other = np.clip(other.astype(np.float32) * (0.8, 0.7, 0.6), 0, 255).astype(np.uint8)
    landmarks = finder.landmarks(other, finder.find(other)[0])
    distance = identity.distance(*portrait, other, landmarks)
    assert distance is not None
    assert distance < 0.7 * SAME


@pytest.mark.parametrize("seed", [3, 4])
def test_another_person_is_far(
    identity: Identity, finder: FaceFinder, portrait: Portrait, weights: Weights, seed: int
) -> None:
    wish = FaceRequest(gender="woman", skin="light", age=(35, 50))
    other = FaceSampler(weights).candidates(wish, seed, 1)[0].image
    landmarks = finder.landmarks(other, finder.find(other)[0])
    distance = identity.distance(*portrait, other, landmarks)
    assert distance is not None
    assert distance > SAME


def test_a_chip_is_upright_whatever_the_tilt(finder: FaceFinder, portrait: Portrait) -> None:
    rgb, landmarks = portrait
    turn = cv2.getRotationMatrix2D((225.0, 130.0), 20, 1.0)
    tilted = cv2.warpAffine(rgb, turn, (512, 512), flags=cv2.INTER_CUBIC)
    moved = landmarks[:, :2] @ turn[:, :2].T + turn[:, 2]
    first, second = face_chip(rgb, landmarks), face_chip(tilted, moved.astype(np.float32))
    assert first.shape == (150, 150, 3)
    middle = slice(30, 120)
    apart = first[middle, middle].astype(float) - second[middle, middle]
    assert np.abs(apart).mean() < 4


def test_a_large_face_does_not_alias(portrait: Portrait) -> None:
    rgb, landmarks = portrait
    large = cv2.resize(rgb, None, fx=6, fy=6, interpolation=cv2.INTER_CUBIC)
    moved = np.c_[(landmarks[:, :2] + 0.5) * 6 - 0.5, landmarks[:, 2:]]
    large = large.copy()
    large[::2] //= 2
    half = (rgb.astype(np.float32) * 0.75).astype(np.uint8)
    apart = face_chip(large, moved).astype(float) - face_chip(half, landmarks)
    assert np.abs(apart[20:130, 20:130]).mean() < 3


def test_without_its_weights_there_is_no_likeness_and_one_line_in_the_log(
    portrait: Portrait, caplog: pytest.LogCaptureFixture
) -> None:
    identity = Identity(absent)
    with caplog.at_level(logging.WARNING):
        assert identity.distance(*portrait, *portrait) is None
        assert identity.distance(*portrait, *portrait) is None
    assert caplog.text.count("likeness check is left out") == 1


def test_without_dlib_there_is_no_likeness(
    portrait: Portrait, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "dlib", None)
    assert Identity(weights).distance(*portrait, *portrait) is None


def test_a_damaged_file_is_no_reason_to_fail(portrait: Portrait, tmp_path: Path) -> None:
    broken = tmp_path / "net.dat"
    broken.write_bytes(b"not a network")
    assert Identity(lambda name: broken).distance(*portrait, *portrait) is None
