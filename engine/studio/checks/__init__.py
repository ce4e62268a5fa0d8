"""Measured promises about a finished picture; each bound says what a good one keeps."""

from collections.abc import Callable

from engine.jobs import Check
from engine.studio.checks.backdrop import agreement_of, grain_of
from engine.studio.checks.bounds import excess, least, most, within
from engine.studio.checks.edge import aligned_photo, halo, smudge, spill, stray_alpha
from engine.studio.checks.face import (
    clipping,
    colour_checks,
    eye_ratio,
    likeness,
    structure_of,
    texture_ratio,
)
from engine.studio.checks.framing import framing
from engine.studio.checks.proof import Proof, picked, small
from engine.studio.checks.tags import tags
from engine.studio.checks.verdict import better, sentences

__all__ = [
    "Proof",
    "better",
    "check",
    "excess",
    "halo",
    "picked",
    "sentences",
    "small",
    "spill",
    "tags",
]


def check(proof: Proof) -> tuple[Check, ...]:
    """Measure a finished picture: framing, edges, face, light and grain.

    A measure that has nothing to go by (no grain kept, no likeness network, a backdrop that is the
    photo's own room) is left out rather than passed. `tags` is measured on the encoded file.
    """
    return (*framing(proof), *_edges(proof), *_face(proof), *_backdrop(proof))


def _edges(proof: Proof) -> tuple[Check, ...]:
    width = proof.anatomy.width * proof.shrink
    mean, share = halo(proof.joined, proof.small_alpha, width)
    left = _spill(proof, width)
    return (
        most("halo", mean, 1.5),
        most("halo_share", share, 0.10),
        *_known(left, lambda value: most("spill", value, 0.25)),
        most("stray_alpha", stray_alpha(proof.small_alpha, width), 0.0005),
        most("smudge", smudge(proof.small_alpha, width), 0.10),
    )


def _spill(proof: Proof, width: float) -> float | None:
    if proof.backdrop is None or proof.own_room:
        return None
    size = (proof.joined.shape[1], proof.joined.shape[0])
    place = (proof.source_landmarks, proof.small_landmarks, size)
    photo = aligned_photo(proof.source, *place)
    matte = aligned_photo(proof.source_alpha, *place)
    return spill(proof.joined, proof.backdrop, proof.small_alpha, photo, matte, width)


def _face(proof: Proof) -> tuple[Check, ...]:
    return (
        *colour_checks(proof),
        least("structure", structure_of(proof), 0.85),
        least("eye_sharpness", eye_ratio(proof), 0.75),
        *_known(texture_ratio(proof), lambda value: within("skin_texture", value, 0.6, 1.5)),
        *_known(likeness(proof), lambda value: most("likeness", value, 0.6)),
        most("face_clipping", clipping(proof.picture, proof.landmarks), 0.01),
    )


def _backdrop(proof: Proof) -> tuple[Check, ...]:
    level, match = grain_of(proof)
    return (
        *_known(agreement_of(proof), lambda value: least("light", value, 0)),
        *_known(level, lambda value: within("grain", value, 0.4, 1.5)),
        *_known(match, lambda value: within("grain_match", value, 0.6, 1.6)),
    )


def _known(value: float | None, bounded: Callable[[float], Check]) -> tuple[Check, ...]:
    return () if value is None else (bounded(value),)
