"""The frame's rules, and what a photo excuses."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.studio.checks import Proof, check

Failures = Callable[[Proof], set[str]]
FRAMING = {"eye_line", "centre", "headroom", "aspect", "long_side"}


def moved(proof: Proof, right: float, down: float) -> Proof:
    """The same picture with the face found elsewhere, by shares of its sides."""
    height, width = proof.picture.shape[:2]
    shift = np.array((right * width, down * height, 0), np.float32)
    return replace(proof, landmarks=proof.landmarks + shift)


def test_the_crop_keeps_its_rules(good: Proof, failures: Failures) -> None:
    assert {c.name for c in check(good)} >= FRAMING
    assert not failures(good)


@pytest.mark.parametrize(
    ("right", "down", "name"),
    [(0.05, 0, "centre"), (0, 0.1, "eye_line"), (0, -0.1, "eye_line")],
)
def test_a_face_in_the_wrong_place_fails(
    good: Proof, failures: Failures, right: float, down: float, name: str
) -> None:
    assert name in failures(moved(good, right, down))


def test_a_tight_photo_excuses_a_low_eye_line(good: Proof, failures: Failures) -> None:
    assert "eye_line" not in failures(replace(moved(good, 0, 0.1), eye_low=0.5))


def test_a_group_has_no_single_eye_line(good: Proof) -> None:
    names = {c.name for c in check(replace(moved(good, 0.2, 0.2), single=False))}
    assert not names & {"eye_line", "centre", "headroom"}
    assert names >= {"aspect", "long_side"}


def test_a_head_at_the_edge_fails_unless_the_photo_cuts_it(good: Proof, failures: Failures) -> None:
    cut = good.alpha.copy()
    cut[: cut.shape[0] // 2] = 255
    assert "headroom" in failures(replace(good, alpha=cut))
    assert "headroom" not in failures(replace(good, alpha=cut, cut_above=True))


def test_one_column_too_few_is_not_the_asked_aspect(good: Proof, failures: Failures) -> None:
    assert "aspect" in failures(replace(good, picture=good.picture[:, 1:]))


def test_a_small_picture_is_not_the_asked_size(good: Proof, failures: Failures) -> None:
    assert "long_side" in failures(replace(good, long_side=good.picture.shape[0] + 1))
