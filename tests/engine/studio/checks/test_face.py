"""The face's checks can fail: each is shown the finished picture, spoilt in one way."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest

from engine.studio.checks import Proof, check
from engine.studio.checks.chips import face_chip

Failures = Callable[[Proof], set[str]]
FACE = {
    "face_colour", "face_colour_p95", "skin_lightness", "skin_hue", "structure", "eye_sharpness",
    "skin_texture", "face_clipping",
}  # fmt: skip


def brighter(picture: np.ndarray, gain: float) -> np.ndarray:
    return np.clip(picture.astype(np.float32) * gain, 0, 255).astype(np.uint8)


def test_every_measure_of_a_faithful_face_is_there_and_passes(good: Proof) -> None:
    checks = {c.name: c for c in check(good)}
    assert set(checks) >= FACE
    assert not [c for c in checks.values() if c.name in FACE and not c.passed]


def test_a_slightly_soft_face_fails_on_its_eyes_alone(good: Proof, failures: Failures) -> None:
    soft = replace(good, picture=cv2.GaussianBlur(good.picture, (0, 0), 1.5))
    assert failures(soft) == {"eye_sharpness"}


def test_a_blurred_face_loses_its_structure(good: Proof, failures: Failures) -> None:
    blurred = replace(good, picture=cv2.GaussianBlur(good.picture, (0, 0), 6.0))
    assert {"structure", "eye_sharpness"} <= failures(blurred)


def test_another_face_fails_on_structure(good: Proof, failures: Failures) -> None:
    """Features pulled about, as a careless retouch does."""
    height, width = good.picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    reach = good.anatomy.width / 12
    pulled = cv2.remap(
        good.picture, x + reach * np.sin(y / reach / 2), y + reach * np.cos(x / reach / 2),
        cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    assert "structure" in failures(replace(good, picture=pulled))


class Twin:
    """Says what it was told to say about likeness."""

    def __init__(self, distance: float | None) -> None:
        self._distance = distance

    def distance(self, *pictures: np.ndarray) -> float | None:
        """The same answer for any two faces."""
        return self._distance


@pytest.mark.parametrize(("distance", "passes"), [(0.3, True), (0.75, False)])
def test_a_strangers_face_is_caught(good: Proof, distance: float, passes: bool) -> None:
    judged = check(replace(good, identity=Twin(distance)))  # type: ignore[arg-type] - a fake
    assert [c.passed for c in judged if c.name == "likeness"] == [passes]


def test_likeness_that_cannot_be_had_is_left_out(good: Proof) -> None:
    judged = check(replace(good, identity=Twin(None)))  # type: ignore[arg-type] - a fake
    assert "likeness" not in {c.name for c in judged}


def test_smoothed_skin_fails_even_under_grain(good: Proof, failures: Failures) -> None:
    """Texture is measured before grain, which hides plastic skin in the finished picture."""
    assert good.ungrained is not None
    plastic = cv2.bilateralFilter(good.ungrained, 15, 40, 4)
    assert failures(replace(good, ungrained=plastic)) == {"skin_texture"}


def test_sharpened_skin_fails_too(good: Proof, failures: Failures) -> None:
    assert good.ungrained is not None
    soft = cv2.GaussianBlur(good.ungrained, (0, 0), 1.6)
    crisp = cv2.addWeighted(good.ungrained, 3.0, soft, -2.0, 0)
    assert "skin_texture" in failures(replace(good, ungrained=crisp))


def test_lightened_skin_is_caught(good: Proof, failures: Failures) -> None:
    lighter = replace(good, joined=np.clip(good.joined * 1.3, 0, 1))
    assert "skin_lightness" in failures(lighter)


def test_skin_of_another_hue_is_caught(good: Proof, failures: Failures) -> None:
    tinted = good.joined * np.array((1, 1.06, 0.8), np.float32)
    assert "skin_hue" in failures(replace(good, joined=np.clip(tinted, 0, 1)))


def test_a_tint_is_a_fault_unless_it_was_asked_for(good: Proof, failures: Failures) -> None:
    blue = np.clip(good.picture.astype(int) + np.array((0, 0, 25)), 0, 255).astype(np.uint8)
    tinted = replace(good, picture=blue)
    assert "face_colour" in failures(tinted)
    assert not failures(replace(tinted, asked_tint=True))


def test_black_and_white_is_judged_by_lightness_alone(good: Proof, failures: Failures) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(good.picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert "face_colour" in failures(replace(good, picture=grey))
    assert "face_colour" not in failures(replace(good, picture=grey, mono=True))
    assert "face_colour" in failures(replace(good, picture=brighter(grey, 1.25), mono=True))


def test_light_that_was_asked_for_is_no_drift(good: Proof, failures: Failures) -> None:
    softer = replace(
        good, joined=np.clip(good.joined * 1.3, 0, 1), picture=brighter(good.picture, 1.13)
    )
    assert {"skin_lightness", "face_colour"} <= failures(softer)
    asked = failures(replace(softer, asked_light=True))
    assert "skin_lightness" not in asked
    assert "face_colour" not in asked


def test_a_burnt_face_is_clipped(good: Proof, failures: Failures) -> None:
    assert "face_clipping" in failures(replace(good, picture=brighter(good.picture, 3)))


@pytest.mark.parametrize("size", [0.4, 0.73, 2.0])
def test_a_face_keeps_its_place_in_the_chip_at_any_size(good: Proof, size: float) -> None:
    """Else structure would measure our own resampling."""
    source, points = good.source, good.source_landmarks
    sides = (round(source.shape[1] * size), round(source.shape[0] * size))
    method = cv2.INTER_AREA if size < 1 else cv2.INTER_CUBIC
    other = cv2.resize(source, sides, interpolation=method)
    moved = (points[:, :2] + 0.5) * (np.array(sides) / source.shape[1::-1]) - 0.5
    first = cv2.cvtColor(face_chip(source, points, 40.0), cv2.COLOR_RGB2GRAY).astype(np.float32)
    second = face_chip(other, moved.astype(np.float32), 40.0)
    second = cv2.cvtColor(second, cv2.COLOR_RGB2GRAY).astype(np.float32)
    (right, down), _ = cv2.phaseCorrelate(first, second)
    assert abs(right) < 0.25
    assert abs(down) < 0.25
