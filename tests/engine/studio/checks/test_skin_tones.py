"""Very dark and very light skin pass the same checks, and fail them alike."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.studio.checks import Proof, check
from engine.studio.checks.chips import face_chip, lab, skin_spots
from engine.studio.generate.request import FaceRequest, Skin
from engine.studio.generate.sampler import FaceSampler

SEEDS: dict[Skin, int] = {"dark": 4, "light": 5}


@pytest.fixture(scope="module")
def faces(weights: Callable[[str], Path], swap: Callable[[np.ndarray], Proof]) -> dict[str, Proof]:
    """One sitter of each skin, in front of the same dark canvas."""
    sampler = FaceSampler(weights)
    return {
        skin: swap(sampler.candidates(FaceRequest(skin=skin), seed, 1)[0].image)
        for skin, seed in SEEDS.items()
    }


def skin_light(proof: Proof) -> float:
    chip = face_chip(proof.source, proof.source_landmarks, 96.0)
    return float(lab(chip)[skin_spots(proof.source_landmarks, 96.0)][:, 0].mean())


def test_the_two_sitters_are_far_apart(faces: dict[str, Proof]) -> None:
    assert skin_light(faces["light"]) - skin_light(faces["dark"]) > 20


@pytest.mark.parametrize("skin", SEEDS)
def test_nothing_is_wrong_with_either(faces: dict[str, Proof], skin: Skin) -> None:
    """The sampler's frames are tight, so framing is left to the crop's own tests."""
    framing = {"eye_line", "centre", "headroom"}
    wrong = [c for c in check(faces[skin]) if not c.passed and c.name not in framing]
    assert not wrong


@pytest.mark.parametrize("skin", SEEDS)
@pytest.mark.parametrize("gain", [0.7, 1.45])
def test_a_lighter_or_darker_skin_fails_for_both(
    faces: dict[str, Proof], skin: Skin, gain: float
) -> None:
    joined = np.clip(faces[skin].joined * gain, 0, 1)
    failed = {c.name for c in check(replace(faces[skin], joined=joined)) if not c.passed}
    assert "skin_lightness" in failed
