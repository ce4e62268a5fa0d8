"""Rims, spill and stray islands: each is shown a clean edge and a spoilt one."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from engine.studio.checks import Proof, check, halo, spill
from engine.studio.checks.edge import aligned_photo, smudge, stray_alpha

Failures = Callable[[Proof], set[str]]
EDGE = {"halo", "halo_share", "spill", "stray_alpha", "smudge"}


def pasted(proof: Proof, grow: int) -> Proof:
    """The photo pasted with its own edge colours, through a matte that is `grow` pixels too fat."""
    assert proof.backdrop is not None
    size = (proof.joined.shape[1], proof.joined.shape[0])
    photo = aligned_photo(proof.source, proof.source_landmarks, proof.small_landmarks, size)
    matte = aligned_photo(proof.source_alpha, proof.source_landmarks, proof.small_landmarks, size)
    fat = cv2.GaussianBlur(cv2.dilate(matte, np.ones((2 * grow + 1,) * 2)), (0, 0), 1.5)
    alpha = cv2.resize((fat * 255).astype(np.uint8), proof.alpha.shape[::-1])
    joined = photo * fat[..., None] + proof.backdrop * (1 - fat[..., None])
    return replace(proof, joined=joined.astype(np.float32), alpha=alpha)


def test_a_clean_edge_passes(good: Proof) -> None:
    edge = {c.name: c for c in check(good) if c.name in EDGE}
    assert set(edge) == EDGE
    assert not [c for c in edge.values() if not c.passed]


def test_a_fat_matte_shows_a_halo_and_the_old_room(good: Proof, failures: Failures) -> None:
    assert {"halo", "halo_share", "spill"} <= failures(pasted(good, grow=3))


def test_spill_grows_with_what_is_left_of_the_old_background() -> None:
    """On a made edge the share is known: what is mixed in is what is measured."""
    y, x = np.mgrid[0:400, 0:400].astype(np.float32)
    alpha = np.clip((120 - np.hypot(x - 200, y - 200)) / 12 + 0.5, 0, 1)
    shape = (400, 400, 3)
    own = np.array((0.05, 0.03, 0.02), np.float32)
    old = np.array((0.5, 0.7, 0.4), np.float32)
    new = np.broadcast_to(np.array((0.3, 0.1, 0.1), np.float32), shape)
    photo = own * alpha[..., None] + old * (1 - alpha[..., None])
    for share in (0.0, 0.2, 0.6):
        mixed = np.where(alpha[..., None] > 0.98, own, own + share * (old - own))
        joined = mixed * alpha[..., None] + new * (1 - alpha[..., None])
        found = spill(joined.astype(np.float32), new, alpha, photo, alpha, 130)
        assert found is not None
        assert abs(found - share) < 0.08


def test_spill_that_nobody_could_see_is_not_measured(good: Proof) -> None:
    """White on white: the old background's colour is the new one's."""
    white = np.ones((300, 300, 3), np.float32)
    alpha = np.zeros((300, 300), np.float32)
    cv2.circle(alpha, (150, 150), 80, 1, -1)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 3)
    photo = 0.1 * alpha[..., None] + white * (1 - alpha[..., None])
    assert spill(photo, white, alpha, photo, alpha, 90) is None
    assert "spill" not in {c.name for c in check(replace(good, own_room=True))}


def test_a_bright_rim_is_a_halo_and_a_plain_edge_is_none() -> None:
    alpha = np.zeros((400, 400), np.float32)
    cv2.circle(alpha, (200, 200), 120, 1, -1)
    joined = np.where(alpha[..., None] > 0, np.float32(0.1), np.float32(0.05)).repeat(3, 2)
    rim = joined.copy()
    cv2.circle(rim, (200, 200), 120, (0.5, 0.5, 0.5), 5)
    mean, share = halo(joined, alpha, 130)
    assert mean < 0.5
    assert share < 0.1
    mean, share = halo(rim, alpha, 130)
    assert mean > 1.5
    assert share > 0.1


def test_an_island_is_stray_and_a_flying_strand_is_not(good: Proof, failures: Failures) -> None:
    island = good.alpha.copy()
    cv2.circle(island, (60, 60), 16, 255, -1)
    assert "stray_alpha" in failures(replace(good, alpha=island))
    alpha = np.zeros((300, 300), np.float32)
    cv2.circle(alpha, (150, 150), 80, 1, -1)
    cv2.line(alpha, (150, 66), (170, 62), 1, 1)
    assert stray_alpha(alpha, 220) == 0


def test_a_half_transparent_plate_beside_the_head_is_a_smudge_and_loose_hair_is_none(
    good: Proof, failures: Failures
) -> None:
    face, (x, y) = good.anatomy.width, good.anatomy.eyes
    plate = good.alpha.copy()
    place = (round(x + 0.75 * face), round(y))
    cv2.circle(plate, place, round(0.4 * face), 60, -1)
    smudged = np.maximum(good.alpha, plate)
    assert "smudge" in failures(replace(good, alpha=smudged))
    hair = good.alpha.copy()
    for angle in np.linspace(0, np.pi, 80):
        tip = (round(x + 0.95 * face * np.cos(angle)), round(y - 0.95 * face * np.sin(angle)))
        cv2.line(hair, (round(x), round(y)), tip, 150, 2, cv2.LINE_AA)
    assert smudge(np.maximum(good.alpha, hair).astype(np.float32) / 255, face) < 0.10
