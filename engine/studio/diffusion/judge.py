"""Nothing is shown that a judge has not passed: there is a face, and each is an adult's."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from engine.studio.faces import Face, FaceFinder
from engine.studio.generate.request import ADULT_FLOOR, MINOR_LIMIT
from engine.studio.placing import square_around

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.generate.critic import Critic

Verdict = Literal["", "no face", "young"]
Judge = Callable[["np.ndarray"], Verdict]
"""Of a picture, uint8 HxWx3: "" passes it."""

AROUND = 2.2
"""Side of what the critic sees, in widths of the face."""
WITNESS = 0.25
"""Faces under this share of the largest one's width stand in the distance, out of focus."""


class FaceJudge:
    """Finds every face and has its age read. Networks load on first use."""

    def __init__(self, weights: Callable[[str], Path], finder: FaceFinder) -> None:
        self._weights, self._finder = weights, finder
        self._critic: Critic | None = None

    def __call__(self, rgb: "np.ndarray") -> Verdict:
        """The same floor as for sampled faces. Raises `WeightsMissing`."""
        faces = self._finder.find(rgb)
        if not faces:
            return "no face"
        for face in faces:
            near = face.box.width >= WITNESS * faces[0].box.width
            if near and (verdict := self._of(rgb, face, faces[0])):
                return verdict
        return ""

    def _of(self, rgb: "np.ndarray", face: Face, main: Face) -> Verdict:
        from engine.studio.generate.critic import Critic

        self._critic = self._critic or Critic(self._weights)
        reading = self._critic.read(square_around(rgb, face.box, AROUND))
        if reading is None:
            return "no face" if face is main else ""
        return "young" if reading.age < ADULT_FLOOR or reading.minor > MINOR_LIMIT else ""
