"""A real person stays who they are: measured on photographs, and mended where an edit failed."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import WeightsMissing
from engine.studio.diffusion.faceback import face_back, face_mask
from engine.studio.diffusion.likeness import BOUND, Guarded, better, fits, guard
from engine.studio.diffusion.parts import Sitter
from engine.studio.faces import FaceFinder, anatomy
from engine.studio.identity import Identity

Sitters = dict[str, Sitter]


@pytest.fixture(scope="module")
def identity(weights: Callable[[str], Path]) -> Identity:
    weights("face-identity")
    return Identity(weights)


def relit(rgb: np.ndarray) -> np.ndarray:
    """The same person under a warm lamp from the left, half as bright on the right."""
    across = np.linspace(1.0, 0.5, rgb.shape[1], dtype=np.float32)[None, :, None]
    return np.clip(rgb * across * (1.0, 0.9, 0.75), 0, 255).astype(np.uint8)


def test_the_same_face_in_other_light_and_size_is_kept_to_the_bit(
    sitters: Sitters, finder: FaceFinder, identity: Identity
) -> None:
    sitter = sitters["collins"]
    result = relit(cv2.resize(sitter.rgb, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC))
    found = guard(sitter.rgb, sitter.landmarks, result, finder, identity)
    assert (found.action, found.note) == ("kept", "")
    assert found.picture is result
    assert found.distance is not None
    assert found.distance < BOUND
    assert [c.passed for c in found.checks] == [True]


def test_another_persons_face_is_replaced_by_the_sitters_own(
    sitters: Sitters, finder: FaceFinder, identity: Identity
) -> None:
    """A failed edit: somebody else where the sitter should be."""
    sitter, other = sitters["collins"], sitters["hopper"]
    large = cv2.resize(sitter.rgb, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    found = guard(large, sitter.landmarks * 2, other.rgb, finder, identity)
    assert (found.action, found.note) == ("blended", "note_face_restored")
    assert found.distance is not None
    assert found.distance <= BOUND
    face = anatomy(other.landmarks)
    far = np.ones(other.alpha.shape, bool)
    far[int(face.eyes[1] - face.width) : int(face.chin + 0.2 * face.width)] = False
    assert (found.picture[far] == other.rgb[far]).all()


def test_a_picture_without_a_face_asks_for_another_seed(
    sitters: Sitters, finder: FaceFinder, identity: Identity
) -> None:
    sitter = sitters["collins"]
    wall = np.full((256, 256, 3), 120, np.uint8)
    found = guard(sitter.rgb, sitter.landmarks, wall, finder, identity)
    assert (found.action, found.note, found.checks) == ("redo", "note_face_unlike", ())


def test_a_head_turned_away_is_not_patched_but_asked_for_again(
    sitters: Sitters, finder: FaceFinder, identity: Identity
) -> None:
    sitter, other = sitters["collins"], sitters["hopper"]
    turned = sitter.landmarks.copy()
    turned[:, 2] += 0.5 * (turned[:, 0] - turned[:, 0].mean())
    assert not fits(turned, other.landmarks)
    found = guard(sitter.rgb, turned, other.rgb, finder, identity)
    assert found.action == "redo"
    assert found.picture is other.rgb


def test_without_the_network_nothing_is_touched_and_it_is_said(
    sitters: Sitters, finder: FaceFinder
) -> None:
    def absent(name: str) -> Path:
        raise WeightsMissing("not here", name=name)

    sitter, other = sitters["collins"], sitters["hopper"]
    found = guard(sitter.rgb, sitter.landmarks, other.rgb, finder, Identity(absent))
    assert (found.action, found.note) == ("unchecked", "note_likeness_unchecked")
    assert found.picture is other.rgb


def test_of_two_tries_the_better_one_is_shown() -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    kept, mended = Guarded(picture, "kept", 0.4), Guarded(picture, "blended", 0.2)
    far, further = Guarded(picture, "redo", 0.6), Guarded(picture, "redo", 0.9)
    nobody = Guarded(picture, "redo")
    assert better(mended, kept) is kept
    assert better(far, mended) is mended
    assert better(further, far) is far
    assert better(nobody, further) is further


def test_a_face_put_back_takes_the_light_of_its_new_place_and_leaves_no_edge(
    sitters: Sitters,
) -> None:
    """The sitter's own face back into a darker, warmer copy: nothing must show where it was set."""
    sitter = sitters["collins"]
    under = relit(sitter.rgb)
    out = face_back(sitter.rgb, sitter.landmarks, under, sitter.landmarks)
    mask = face_mask(sitter.landmarks, under.shape)
    apart = np.abs(out.astype(float) - under).mean(2)
    assert apart[mask > 0.9].mean() < 6
    assert apart[(mask > 0) & (mask < 0.5)].mean() < 3
    assert (out[mask == 0] == under[mask == 0]).all()
    before = np.abs(sitter.rgb.astype(float) - under).mean(2)
    assert before[mask > 0.9].mean() > 30


def test_features_land_where_the_other_heads_are(sitters: Sitters, finder: FaceFinder) -> None:
    sitter, other = sitters["collins"], sitters["hopper"]
    out = face_back(sitter.rgb, sitter.landmarks, other.rgb, other.landmarks)
    points = finder.landmarks(out, finder.find(out)[0])
    eyes = [33, 133, 362, 263]
    apart = np.linalg.norm(points[eyes, :2] - other.landmarks[eyes, :2], axis=1)
    assert apart.max() < 0.05 * other.face


def test_a_fringe_stays_on_its_own_head(sitters: Sitters) -> None:
    """The original's hair hangs into her forehead; it must not be carried along."""
    sitter, other = sitters["collins"], sitters["hopper"]
    out = face_back(sitter.rgb, sitter.landmarks, other.rgb, other.landmarks)
    brow = round(float(other.landmarks[[105, 334], 1].min() - 0.12 * other.face))
    across = slice(*(round(float(other.landmarks[i, 0])) for i in (105, 334)))
    row = out[brow, across].astype(int)
    assert np.abs(row - other.rgb[brow, across]).mean() < 25
