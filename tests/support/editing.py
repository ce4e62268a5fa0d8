"""What tests of edits share: pictures to edit, and what a model would draw of them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from engine.profiles import Profile
from engine.studio.clock import Clock
from engine.studio.diffusion import edits
from engine.studio.diffusion.assignment import Assignment, Finished, Kit
from engine.studio.diffusion.parts import Sitter
from engine.studio.encode import to_png

Sitters = dict[str, Sitter]


Weights = Callable[[str], Path]


def unheard(step: str, fraction: float = 0.0, preview: str = "") -> None:
    """Nobody listens."""


CLOCK = Clock(unheard)


GREEN = (30, 140, 60)


class Known:
    """A matter that has cut these sitters out before."""

    def __init__(self, sitters: Sitters) -> None:
        self._sitters = sitters.values()

    def alpha(self, rgb: np.ndarray, anatomy: object) -> np.ndarray:
        return next(s.alpha for s in self._sitters if s.rgb.shape == rgb.shape)


def with_model(kit: Kit, profile: Profile) -> Kit:
    return Kit(kit.blobs, kit.weights, kit.finder, profile, kit.matte)


def stored(kit: Kit, rgb: np.ndarray, kind: Any = None) -> str:
    if kind:
        return kit.blobs.put(to_png(rgb, kind), "png")
    return kit.blobs.put(cv2.imencode(".png", rgb[..., ::-1])[1].tobytes(), "png")


def ending(assignment: Assignment) -> edits.Ending:
    assert isinstance(assignment.finish, edits.Ending)
    return assignment.finish


def drawn_green(assignment: Assignment) -> np.ndarray:
    """What a model would give back that obeys the mask and draws green."""
    request = assignment.request
    assert request.image is not None
    assert request.mask is not None
    share = request.mask[..., None]
    return (share * GREEN + (1 - share) * request.image).astype(np.uint8)


def finished(assignment: Assignment, drawn: np.ndarray) -> Finished:
    assert assignment.finish is not None
    return assignment.finish(drawn, CLOCK)
