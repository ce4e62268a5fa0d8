"""The checks can fail: each is shown a good and a spoilt picture."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.studio.checks import Proof, check, halo
from engine.studio.colour import to_linear
from engine.studio.faces import Anatomy

FACE = Anatomy(eyes=(225.0, 103.0), eye_distance=43.0, chin=178.0, width=96.0)


@pytest.fixture
def portrait(astronaut: Path) -> np.ndarray:
    """The astronaut as uint8 RGB."""
    bgr = cv2.imread(str(astronaut))
    assert bgr is not None
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def proof(picture: np.ndarray, **changes: object) -> Proof:
    height, width = picture.shape[:2]
    alpha = np.zeros((height, width), np.float32)
    cv2.circle(alpha, (225, 120), 90, 1, -1)
    facts = {
        "picture": picture, "anatomy": FACE, "alpha": alpha, "skin": alpha,
        "joined": to_linear(picture), "source": picture, "source_anatomy": FACE,
        "aspect": "1:1", "long_side": 512, "eye_low": 0.4,
    } | changes  # fmt: skip
    return Proof(**facts)  # type: ignore[arg-type]


def failed(given: Proof) -> set[str]:
    return {c.name for c in check(given) if not c.passed}


def test_a_faithful_copy_fails_only_where_its_framing_is_off(portrait: np.ndarray) -> None:
    assert failed(proof(portrait)) <= {"eye_line", "centre", "halo", "face_clipping"}
    assert "eye_line" in failed(proof(portrait))


def test_a_blurred_face_fails_on_the_eyes(portrait: np.ndarray) -> None:
    soft = cv2.GaussianBlur(portrait, (0, 0), 2)
    assert "eye_sharpness" in failed(proof(soft, source=portrait))


def test_a_tinted_face_fails_on_colour(portrait: np.ndarray) -> None:
    blue = np.clip(portrait.astype(int) + np.array((0, 0, 25)), 0, 255).astype(np.uint8)
    assert "face_colour" in failed(proof(blue, source=portrait))


def test_a_burnt_face_fails_on_clipping(portrait: np.ndarray) -> None:
    burnt = np.clip(portrait.astype(int) * 3, 0, 255).astype(np.uint8)
    assert "face_clipping" in failed(proof(burnt, source=portrait))


def test_a_bright_rim_is_a_halo_and_a_plain_edge_is_none() -> None:
    alpha = np.zeros((400, 400), np.float32)
    cv2.circle(alpha, (200, 200), 120, 1, -1)
    joined = np.where(alpha[..., None] > 0, np.float32(0.1), np.float32(0.05)).repeat(3, 2)
    rim = joined.copy()
    cv2.circle(rim, (200, 200), 120, (0.5, 0.5, 0.5), 5)
    assert halo(joined, alpha, 130) < 0.5
    assert halo(rim, alpha, 130) > 1.5
