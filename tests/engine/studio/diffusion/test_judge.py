"""No picture without a face, and no face that may be a child's."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.studio.diffusion.judge import FaceJudge
from engine.studio.faces import FaceFinder
from engine.studio.generate import critic
from engine.studio.photo import read_source


@pytest.fixture
def judge(weights: Callable[[str], Path]) -> FaceJudge:
    for name in ("yunet", "face-landmarks", "age-gender"):
        weights(name)
    return FaceJudge(weights, FaceFinder(weights))


def rgb_of(path: Path) -> np.ndarray:
    return read_source(path)[0]


def test_an_adult_passes_at_any_framing(judge: FaceJudge, astronaut: Path) -> None:
    """A close-up, and the same person far off in a large picture."""
    photo = rgb_of(astronaut)
    assert judge(photo) == ""
    distant = np.full((1152, 864, 3), 128, np.uint8)
    distant[60:316, 300:556] = cv2.resize(photo, (256, 256), interpolation=cv2.INTER_AREA)
    assert judge(distant) == ""


def test_noise_is_no_portrait(judge: FaceJudge) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (192, 144, 3), np.uint8)
    assert judge(noise) == "no face"


def test_a_face_read_as_young_does_not_pass(
    judge: FaceJudge, astronaut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The floor is the sampler's: an expected age, and no view that is likely a minor's."""
    monkeypatch.setattr(critic, "AGE_CLASSES", critic.AGE_CLASSES * 0.4)
    assert judge(rgb_of(astronaut)) == "young"
