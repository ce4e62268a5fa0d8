"""Light and grain: a backdrop that belongs to the sitter, and one that does not."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.studio.checks import Proof, check, picked
from engine.studio.checks.backdrop import grain_spread, light_agreement

Failures = Callable[[Proof], set[str]]


def test_light_and_grain_of_a_good_picture_are_measured_and_pass(good: Proof) -> None:
    checks = {c.name: c for c in check(good)}
    assert {"light", "grain", "grain_match"} <= set(checks)
    assert checks["light"].value > 0
    assert all(checks[name].passed for name in ("light", "grain", "grain_match"))


def test_a_mirrored_backdrop_contradicts_the_face(good: Proof, failures: Failures) -> None:
    assert good.backdrop is not None
    assert failures(replace(good, backdrop=good.backdrop[:, ::-1])) == {"light"}


def test_the_sitters_own_room_is_never_said_to_be_lit_wrongly(good: Proof) -> None:
    assert good.backdrop is not None
    own = replace(good, backdrop=good.backdrop[:, ::-1], own_room=True)
    assert "light" not in {c.name for c in check(own)}


@pytest.mark.parametrize(
    ("face", "backdrop", "passes"),
    [
        (0.3, 0.2, True), (-0.3, -0.2, True), (0.3, -0.2, False), (-0.3, 0.2, False),
        (0.09, -0.2, True), (0.3, -0.02, True),
    ],
)  # fmt: skip
def test_only_a_visible_contradiction_counts(face: float, backdrop: float, passes: bool) -> None:
    assert (light_agreement(face, backdrop) >= 0) is passes


def test_no_grain_and_too_much_grain_fail(good: Proof, failures: Failures) -> None:
    assert good.grain is not None
    assert "grain" in failures(replace(good, grain=good.grain * 0))
    assert "grain" in failures(replace(good, grain=good.grain * 3))


def test_grain_on_the_sitter_alone_fails(good: Proof, failures: Failures) -> None:
    assert good.grain is not None
    subject_only = np.where(good.small_alpha > 0.5, good.grain, 0.2 * good.grain)
    assert "grain_match" in failures(replace(good, grain=subject_only))


def test_a_white_backdrop_leaves_the_grain_to_the_sitter() -> None:
    """Film shows none in white; a picture without any must still be caught."""
    rng = np.random.default_rng(1)
    alpha = np.zeros((100, 100), np.float32)
    alpha[:, :50] = 1
    tone = np.where(alpha > 0, 120, 250).astype(np.uint8)
    noise = rng.standard_normal((100, 100)).astype(np.float32)
    level, match = grain_spread(noise, tone, alpha)
    assert level is not None
    assert abs(level - 1) < 0.1
    assert match is None


def test_grain_is_sampled_and_not_averaged_away() -> None:
    rng = np.random.default_rng(2)
    noise = rng.standard_normal((2400, 1800, 1))
    picture = np.clip(127.5 + noise + 0.5, 0, 255).astype(np.uint8).repeat(3, 2)
    grain = picked(picture)[..., 1].astype(np.float32) - 127.5
    assert grain.shape == (1024, 768)
    assert abs(float(grain.std()) - 1.04) < 0.05
