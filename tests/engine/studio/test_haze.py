"""Doubtful patches of a matte are decided; edges and hair stay as they were drawn."""

import cv2
import numpy as np
import pytest

from engine.studio.haze import settled, without_islands

FACE = 120


def head(side: int = 400) -> np.ndarray:
    """A soft-edged disc, float32."""
    alpha = np.zeros((side, side), np.float32)
    cv2.circle(alpha, (side // 2, side // 2), side // 4, 1, -1)
    return cv2.GaussianBlur(alpha, (0, 0), 1.5)


@pytest.mark.parametrize(("level", "decided"), [(0.2, 0.0), (0.85, 1.0)])
def test_a_wide_patch_is_decided_by_what_is_likelier(level: float, decided: float) -> None:
    alpha = head()
    alpha[150:250, 295:345] = np.maximum(alpha[150:250, 295:345], level)
    clear = settled(alpha, FACE)
    assert clear[200, 320] == pytest.approx(decided, abs=0.02)


def test_an_ordinary_edge_is_left_alone_to_the_bit() -> None:
    alpha = head()
    assert settled(alpha, FACE) is alpha


def test_curls_are_left_alone_unless_asked() -> None:
    rng = np.random.default_rng(4)
    alpha = head()
    curls = cv2.GaussianBlur(rng.random((80, 60)).astype(np.float32), (0, 0), 1.2)
    curls = 0.5 + 3 * (curls - curls.mean())
    alpha[160:240, 300:360] = curls.clip(0.06, 0.94)
    part = np.s_[180:220, 315:345]
    assert np.abs(settled(alpha, FACE)[part] - alpha[part]).max() < 0.05
    firm = settled(alpha, FACE, hair=False)[part]
    assert ((firm < 0.2) | (firm > 0.8)).mean() > ((alpha[part] < 0.2) | (alpha[part] > 0.8)).mean()


def test_the_size_of_the_photo_does_not_matter() -> None:
    alpha = head()
    alpha[150:250, 295:345] = np.maximum(alpha[150:250, 295:345], 0.2)
    large = cv2.resize(alpha, None, fx=4, fy=4, interpolation=cv2.INTER_LINEAR)
    small = cv2.resize(settled(large, 4 * FACE), (400, 400), interpolation=cv2.INTER_AREA)
    assert np.abs(small - settled(alpha, FACE)).max() < 0.15


def test_a_sliver_in_the_corner_goes_and_a_second_person_and_strands_stay() -> None:
    alpha = np.zeros((600, 600), np.float32)
    cv2.ellipse(alpha, (220, 600), (160, 420), 0, 0, 360, 1, -1)
    cv2.ellipse(alpha, (560, 600), (90, 300), 0, 0, 360, 1, -1)
    alone = alpha.copy()
    alpha[560:, :30] = 1
    alpha[180:186, 250:256] = 1  # a strand's end beside the head
    clean = without_islands(alpha, 150)
    assert clean[590, 10] == 0
    assert clean[[300, 500, 183], [220, 560, 253]] == pytest.approx(1)
    assert without_islands(alone, 150) is alone
