"""Do the pictures of a series belong together: each measured against the one it goes by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jobs import Check
from engine.shots import Frame
from engine.studio.checks.backdrop import FULL_SIDE, light_agreement
from engine.studio.checks.bounds import least, most
from engine.studio.checks.chips import face_chip, lab, skin_spots
from engine.studio.faces import Anatomy, FaceFinder, anatomy
from engine.studio.light import estimate_light
from engine.studio.person import PersonFinder

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.identity import Identity

FACE = 128.0
"""Width in pixels at which skin is compared."""
AIR = 0.14
"""What is left out around the sitter, in face widths: hair, and light that spills."""
PERHAPS = 0.06
NOBODY_LOOKED = 0.5
ENOUGH = 300
BACKDROP, SKIN, PERSON = 4.0, 4.0, 0.6
"""Bounds: CIEDE2000 of two backdrops (measured: the same .5, the most alike of others 7.5), of two
skins (lit and warmed otherwise .1-1.5, another film 12), and dlib's distance of two faces."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a finished picture shows. `picture` uint8 HxWx3, `landmarks` float32 (468,3) in it.

    `backdrop` and `skin` are median CIE L*a*b*, (3,), None where too little of it shows; `side` is
    where the light on the face comes from, -1 (image left) .. 1.
    """

    picture: "np.ndarray"
    landmarks: "np.ndarray"
    backdrop: "np.ndarray | None"
    skin: "np.ndarray"
    side: float


class Looker:
    """Reads finished pictures and compares them. Networks load on first use."""

    def __init__(self, finder: FaceFinder, identity: "Identity | None" = None) -> None:
        self._finder, self._identity = finder, identity
        self._person = PersonFinder()

    def read(self, rgb: "np.ndarray") -> Look | None:
        """What a picture of about 1000 pixels, uint8 HxWx3, shows; None where it has no face."""
        import numpy as np

        faces = self._finder.find(rgb)
        if not faces:
            return None
        points = self._finder.landmarks(rgb, faces[0])
        chip = face_chip(rgb, points, FACE)
        skin = np.median(lab(chip)[skin_spots(points, FACE)], 0)
        behind = self._behind(rgb, anatomy(points))
        ground = np.median(lab(rgb)[behind], 0) if behind.sum() >= ENOUGH else None
        return Look(rgb, points, ground, skin, estimate_light(rgb, points).side)

    def _behind(self, rgb: "np.ndarray", face: Anatomy) -> "np.ndarray":
        """Where the backdrop surely shows: beside the head and above the chin, bool HxW."""
        import cv2
        import numpy as np

        person = self._person.find(rgb, face)
        near = (person > PERHAPS) & (person != NOBODY_LOOKED)
        air = max(1, round(AIR * face.width))
        around = cv2.dilate(near.astype(np.uint8), np.ones((2 * air + 1,) * 2, np.uint8)) > 0
        behind = ~around
        behind[round(face.chin) :] = False
        return behind

    def drift(
        self, looks: "list[Look | None]", frames: tuple[Frame, ...]
    ) -> list[tuple[Check, ...]]:
        """Each frame's checks against its anchor; nothing for anchors themselves."""
        return [
            self._against(look, looks[frame.anchor], frame.same) if frame.anchor != number else ()
            for number, (look, frame) in enumerate(zip(looks, frames, strict=True))
        ]

    def _against(
        self, look: Look | None, anchor: Look | None, same: tuple[str, ...]
    ) -> tuple[Check, ...]:
        if look is None or anchor is None:
            return ()
        measures: dict[str, Callable[[Look, Look], Check | None]] = {
            "backdrop": _backdrop,
            "key_side": _key_side,
            "skin": _skin,
            "likeness": self._likeness,
        }
        found = (measures[name](look, anchor) for name in same if name in measures)
        return tuple(check for check in found if check)

    def _likeness(self, look: Look, anchor: Look) -> Check | None:
        if self._identity is None:
            return None
        apart = self._identity.distance(
            anchor.picture, anchor.landmarks, look.picture, look.landmarks
        )
        return None if apart is None else most("likeness", apart, PERSON)


def _backdrop(look: Look, anchor: Look) -> Check | None:
    if look.backdrop is None or anchor.backdrop is None:
        return None
    return most("backdrop", _apart(look.backdrop, anchor.backdrop), BACKDROP)


def _skin(look: Look, anchor: Look) -> Check:
    return most("skin", _apart(look.skin, anchor.skin), SKIN)


def _key_side(look: Look, anchor: Look) -> Check:
    agreement = light_agreement(FULL_SIDE * look.side, FULL_SIDE * anchor.side)
    return least("key_side", agreement, 0)


def _apart(one: "np.ndarray", other: "np.ndarray") -> float:
    """CIEDE2000 of two colours in L*a*b* (Sharma, Wu, Dalal 2005)."""
    from skimage.color import deltaE_ciede2000

    return float(deltaE_ciede2000(one, other))
