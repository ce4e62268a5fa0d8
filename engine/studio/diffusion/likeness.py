"""After an edit of a real person: is it still they? If not, their own face goes back.

The guard measures (dlib's embedding, CC0), then blends the original face into the result where the
two heads point the same way, and asks for another seed where they do not or where it did not help.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from engine.studio.checks.bounds import most
from engine.studio.diffusion.faceback import face_back
from engine.studio.faces import FaceFinder, anatomy, pose

if TYPE_CHECKING:
    import numpy as np

    from engine.jobs import Check
    from engine.studio.faces import Face
    from engine.studio.identity import Identity

BOUND = 0.5
"""Most distance of two embeddings. dlib's threshold for "the same person" is .6; an edit of one
photo has no other age, camera and day to excuse it, so it must be nearer."""
TURNED = 14.0
"""Degrees by which two heads may point apart for the one's face to sit on the other."""
LEAST_DETAIL = 0.35
"""Width of the original's face over the result's below which it would look soft there."""

Action = Literal["kept", "blended", "redo", "unchecked"]
NOTES: dict[Action, str] = {
    "kept": "",
    "blended": "note_face_restored",
    "redo": "note_face_unlike",
    "unchecked": "note_likeness_unchecked",
}


@dataclass(frozen=True, slots=True)
class Guarded:
    """The picture to go on with, uint8 HxWx3, and what was done.

    "kept": it is the person. "blended": it was not, and now is. "redo": try another seed; `picture`
    is the best there is, for when no tries are left. "unchecked": the network is not here.
    `distance` is the final one, `note` the replies key for the person, "" for nothing; `check` is
    for the render's checks.
    """

    picture: "np.ndarray"
    action: Action
    distance: float | None = None

    @property
    def note(self) -> str:
        """The replies key of what the person should hear, "" for nothing."""
        return NOTES[self.action]

    @property
    def checks(self) -> "tuple[Check, ...]":
        """The likeness as a check; none where nothing could be measured."""
        return () if self.distance is None else (most("likeness", self.distance, BOUND),)


def guard(
    original: "np.ndarray",
    landmarks: "np.ndarray",
    result: "np.ndarray",
    finder: FaceFinder,
    identity: "Identity",
) -> Guarded:
    """Hold an edited picture to the person in `original`.

    Both uint8 HxWx3 RGB, of any size; `landmarks` (468,3) of the person in pixels of `original`. Of
    several faces in the result the most alike is meant. Raises `WeightsMissing` for the finder's.
    """
    faces = finder.find(result)
    if not faces:
        return Guarded(result, "redo")
    points, apart = _nearest(original, landmarks, result, finder, identity, faces)
    if apart is None:
        return Guarded(result, "unchecked")
    if apart <= BOUND:
        return Guarded(result, "kept", apart)
    if not fits(landmarks, points):
        return Guarded(result, "redo", apart)
    mended = face_back(original, landmarks, result, points)
    again = _distance_of(original, landmarks, mended, finder, identity, points)
    if again is None or again >= apart:
        return Guarded(result, "redo", apart)
    return Guarded(mended, "blended" if again <= BOUND else "redo", again)


def better(first: Guarded, second: Guarded) -> Guarded:
    """Of two tries the one to show: what is the person, else what is more like them."""
    rank = {"kept": 0, "unchecked": 1, "blended": 1, "redo": 2}

    def key(one: Guarded) -> tuple[int, float]:
        return rank[one.action], 9.0 if one.distance is None else one.distance

    return min(first, second, key=key)


def fits(source: "np.ndarray", target: "np.ndarray") -> bool:
    """Whether the face with landmarks `source` (468,3) can sit where `target`'s is."""
    one, other = pose(source), pose(target)
    turned = max(abs(one.yaw - other.yaw), abs(one.pitch - other.pitch))
    detail = anatomy(source).width / max(anatomy(target).width, 1e-6)
    return turned <= TURNED and detail >= LEAST_DETAIL


def _nearest(
    original: "np.ndarray",
    landmarks: "np.ndarray",
    result: "np.ndarray",
    finder: FaceFinder,
    identity: "Identity",
    faces: "tuple[Face, ...]",
) -> "tuple[np.ndarray, float | None]":
    """Landmarks of the face most like the original's, and its distance."""
    found = [finder.landmarks(result, face) for face in faces[:4]]
    apart = [identity.distance(original, landmarks, result, points) for points in found]
    known = [a for a in apart if a is not None]
    if not known:
        return found[0], None
    best = min(known)
    return found[apart.index(best)], best


def _distance_of(
    original: "np.ndarray",
    landmarks: "np.ndarray",
    mended: "np.ndarray",
    finder: FaceFinder,
    identity: "Identity",
    near: "np.ndarray",
) -> float | None:
    """The distance after the blend, by landmarks found anew; None when no face is left there."""
    import numpy as np

    centre = near[:, :2].mean(0)
    for face in finder.find(mended):
        points = finder.landmarks(mended, face)
        if np.linalg.norm(points[:, :2].mean(0) - centre) < 0.3 * anatomy(near).width:
            return identity.distance(original, landmarks, mended, points)
    return None
