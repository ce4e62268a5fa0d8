"""What every picture of the server's is held to: a face, an adult's, and the right one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.studio.faces import Anatomy, Face, FaceFinder, anatomy
from engine.studio.identity import Identity
from engine.studio.placing import square_around

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.generate.critic import Critic

JUDGED = 3.0
"""Side of the square the critic sees, in face sizes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The faces of a picture, largest first, and the largest one's landmarks and measures."""

    faces: tuple[Face, ...]
    landmarks: "np.ndarray"
    anatomy: Anatomy


class Gates:
    """Loads each network on first use."""

    def __init__(self, weights: Callable[[str], Path]) -> None:
        self._weights = weights
        self._finder, self._identity = FaceFinder(weights), Identity(weights)
        self._critic: Critic | None = None

    def faces(self, rgb: "np.ndarray") -> tuple[Face, ...]:
        """The faces in a uint8 HxWx3 picture, largest first."""
        return self._finder.find(rgb)

    def look(self, rgb: "np.ndarray") -> Seen | None:
        """What is seen in a picture; None without a face."""
        found = self._finder.find(rgb)
        if not found:
            return None
        landmarks = self._finder.landmarks(rgb, found[0])
        return Seen(found, landmarks, anatomy(landmarks))

    def heads(self, rgb: "np.ndarray") -> "np.ndarray":
        """Where faces and the hair around them are, bool HxW."""
        import numpy as np

        mask = np.zeros(rgb.shape[:2], bool)
        for face in self._finder.find(rgb):
            box = face.box
            rows = slice(max(0, box.y - box.height // 2), box.y + box.height + box.height // 4)
            mask[rows, max(0, box.x - box.width // 2) : box.x + box.width + box.width // 2] = True
        return mask

    def adult(self, rgb: "np.ndarray", seen: Seen) -> bool:
        """Whether everybody in an invented picture is above the age floor of this studio."""
        return all(self._grown(rgb, face) for face in seen.faces)

    def distance(self, photo: "np.ndarray", sitter: int, picture: "np.ndarray") -> float | None:
        """How far apart photo and picture are as faces; None where that cannot be measured.

        `photo` shows the sitter, alone or as number `sitter` of a group.
        """
        found, seen = self._finder.find(photo), self.look(picture)
        if not found or seen is None:
            return None
        face = found[sitter if 0 <= sitter < len(found) else 0]
        landmarks = self._finder.landmarks(photo, face)
        return self._identity.distance(photo, landmarks, picture, seen.landmarks)

    def _grown(self, rgb: "np.ndarray", face: Face) -> bool:
        from engine.studio.generate.critic import Critic
        from engine.studio.generate.request import ADULT_FLOOR, MINOR_LIMIT

        self._critic = self._critic or Critic(self._weights)
        reading = self._critic.read(square_around(rgb, face.box, JUDGED))
        # A face the critic does not see is turned away or tiny, and cannot be judged: not shown.
        return bool(reading and reading.age >= ADULT_FLOOR and reading.minor <= MINOR_LIMIT)
