"""The soft alpha of people: a network's mask, checked, mended where it fails, refined to hair."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.studio.crop import SOLID
from engine.studio.edge import refine
from engine.studio.haze import without_smoke
from engine.studio.leftover import leftover
from engine.studio.mend import mend, mend_group, only_the_sitter
from engine.studio.networks import Cutter, Profile
from engine.studio.person import PersonFinder, agree, sure_core, unlikely

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.faces import Anatomy

FACE_SHARE = 0.37
NEARBY = 0.6
DOUBT = 0.10


class Matter:
    """Cuts people out of uint8 HxWx3 RGB pictures. Loads its networks on first use."""

    def __init__(self, weights: Callable[[str], Path], profile: Profile = "u2net") -> None:
        self._cutter = Cutter(weights, profile)
        self._person = PersonFinder()

    def alpha(
        self, rgb: "np.ndarray", anatomy: "Anatomy", given: "np.ndarray | None" = None
    ) -> "np.ndarray":
        """The matte of the person with this face, float32 HxW 0..1. Raises `WeightsMissing`.

        `given`, float32 HxW, is the photo's own transparency: when it cuts this person out, it is
        kept but for what floats, and no network is asked.
        """
        if given is not None and is_cut_out(given, [anatomy]):
            return without_smoke(only_the_sitter(given, anatomy), anatomy.width)
        person = self._person.find(rgb, anatomy)
        rough = self._look(rgb, [anatomy], person)
        mended = mend(rgb, agree(rough, person, [anatomy]), anatomy)
        return _finish(rgb, mended, [anatomy], person)

    def group_alpha(
        self, rgb: "np.ndarray", anatomies: "list[Anatomy]", given: "np.ndarray | None" = None
    ) -> "np.ndarray":
        """The matte of everybody who has one of these faces, float32 HxW 0..1.

        The network looks once or twice, however many they are. Whoever touches a member and has no
        face in `anatomies` stays too. Raises `WeightsMissing`, and ValueError for nobody.
        """
        if not anatomies:
            raise ValueError("a group of nobody")
        if given is not None and is_cut_out(given, anatomies):
            return given.copy()
        person = _together([self._person.find(rgb, anatomy) for anatomy in anatomies])
        rough = self._look(rgb, anatomies, person)
        mended = mend_group(rgb, agree(rough, person, anatomies), anatomies)
        return _finish(rgb, mended, anatomies, person)

    def raw(self, rgb: "np.ndarray") -> "np.ndarray":
        """The network's own mask, float32 HxW 0..1: what the studio is measured against."""
        return self._cutter.predict(rgb)

    def _look(
        self, rgb: "np.ndarray", people: "list[Anatomy]", person: "np.ndarray"
    ) -> "np.ndarray":
        """The network's mask. Who fills little of the photo is looked at again from near by."""
        import numpy as np

        rough = self._cutter.predict(rgb)
        left, top, right, low = _people_box(rough, people, rgb.shape)
        if (right - left) * (low - top) >= NEARBY * rough.size:
            return self._or_with_air(rgb, rough, people, person)
        part = np.s_[top:low, left:right]
        near = np.zeros_like(rough)
        seen = self._cutter.predict(rgb[part])
        near[part] = self._or_with_air(rgb[part], seen, people, person[part])
        return min(near, rough, key=lambda mask: disagreement(mask, person) - 0.05 * (mask is near))

    def _or_with_air(
        self,
        rgb: "np.ndarray",
        seen: "np.ndarray",
        people: "list[Anatomy]",
        person: "np.ndarray",
    ) -> "np.ndarray":
        """Try a tight portrait again with its rim repeated around it, when the mask is doubtful.

        Where a face fills the frame the network may take the face alone for the subject; with air
        around it, it sees a head. On a busy wall the repeated rim itself becomes a thing, so the
        second look is kept only if it agrees better with the second opinion.
        """
        import cv2

        width = rgb.shape[1]
        air = max(0, round((people[0].width / FACE_SHARE - width) / 2))
        doubt = disagreement(seen, person)
        if not air or doubt < DOUBT:
            return seen
        airy = cv2.copyMakeBorder(rgb, air, 0, air, air, cv2.BORDER_REPLICATE)
        again = self._cutter.predict(airy)[air:, air : air + width]
        return again if disagreement(again, person) < doubt else seen


def is_cut_out(given: "np.ndarray", people: "list[Anatomy]") -> bool:
    """Whether a photo's own transparency cuts people out: something is gone, every face is there.

    `given` is float32 HxW 0..1. A vignette or a rounded corner (under 2 % gone) is no cut-out.
    """
    import numpy as np

    if float((given < 0.5).mean()) < 0.02:
        return False
    for person in people:
        y, x = round((person.eyes[1] + person.chin) / 2), round(person.eyes[0])
        half = max(1, round(0.25 * person.width))
        face = given[max(0, y - half) : y + half, max(0, x - half) : x + half]
        if not face.size or float(np.mean(face)) < 0.9:
            return False
    return True


def disagreement(alpha: "np.ndarray", person: "np.ndarray") -> float:
    """How far a mask is from the second opinion where that is sure, as a share of the person."""
    import cv2
    import numpy as np

    size = (256, 256)
    a, p = (cv2.resize(x, size, interpolation=cv2.INTER_AREA) for x in (alpha, person))
    apart = np.abs(a - p) * np.abs(p - 0.5) * 2
    return float(apart.sum() / max(1.0, float((p > 0.5).sum())))


def _finish(
    rgb: "np.ndarray", mended: "np.ndarray", people: "list[Anatomy]", person: "np.ndarray"
) -> "np.ndarray":
    """Take back strips of old backdrop and draw the edge."""
    import numpy as np

    width = max(one.width for one in people)
    stale = leftover(rgb, mended, width) * unlikely(person)
    core = np.maximum.reduce([sure_core(person, one) for one in people])
    return refine(rgb, mended * (1 - stale), people, core)


def _together(found: "list[np.ndarray]") -> "np.ndarray":
    """One opinion of several: the surest person wherever somebody looked, 0.5 elsewhere."""
    import numpy as np

    looked = np.maximum.reduce([np.where(one == 0.5, np.float32(-1), one) for one in found])
    return np.where(looked < 0, np.float32(0.5), looked)


def _people_box(
    alpha: "np.ndarray", people: "list[Anatomy]", shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """Left, top, right, low of the sitters with 12 % of air, never less than their busts."""
    import numpy as np

    xs, ys = [], []
    for one in people:
        rows, columns = np.nonzero(only_the_sitter(alpha, one) > SOLID)
        x, y, face = one.eyes[0], one.eyes[1], one.width
        xs += [x - 1.6 * face, x + 1.6 * face]
        ys += [y - 1.2 * face, y + 2.5 * face]
        if len(rows):
            xs += [float(columns.min()), float(columns.max())]
            ys += [float(rows.min()), float(rows.max())]
    air = 0.12 * max(max(xs) - min(xs), max(ys) - min(ys))
    left, top = max(0, round(min(xs) - air)), max(0, round(min(ys) - air))
    right = min(shape[1], round(max(xs) + air))
    return left, top, right, min(shape[0], round(max(ys) + air))
