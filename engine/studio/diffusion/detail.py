"""Detail for a large print of somebody invented: the enlarged picture is gone over in tiles.

Of a real person nothing is made up here: theirs stays as super-resolution left it.
"""

import logging
from typing import TYPE_CHECKING

from engine.errors import EngineError, JobCancelled
from engine.jobs import Check
from engine.profiles import Profile
from engine.studio.diffusion.finishing import LARGE_PRINT, Enlarger
from engine.studio.diffusion.hires import STRENGTH, HiRes
from engine.studio.diffusion.judge import Judge
from engine.studio.diffusion.memory import Residents
from engine.studio.diffusion.request import Picture, Request
from engine.studio.upscale import Tick

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.diffusion.pipelines import Pipeline

log = logging.getLogger(__name__)

TOGETHER = 4
"""Tiles in one batch: all of them would fill the card."""


def detailed(device: str, profile: Profile, scale: int) -> bool:
    """Whether a picture that a model drew is gone over: on a processor it would take an hour."""
    return device != "cpu" and scale >= LARGE_PRINT and "img2img" in profile.can


def expected(pace: float, steps: int, scale: int) -> float:
    """Seconds for all tiles, their overlaps included, at `pace` seconds a step of the picture."""
    return 1.4 * scale * scale * pace * max(1.0, steps * STRENGTH)


class Detailer:
    """Goes over enlarged pictures with the model that drew them. Serves one thread."""

    def __init__(self, residents: Residents, judge: Judge, enlarger: Enlarger) -> None:
        self._residents, self._judge, self._enlarger = residents, judge, enlarger

    def add(
        self,
        small: "np.ndarray",
        large: "np.ndarray",
        like: Request,
        profile: Profile,
        tick: Tick,
    ) -> "tuple[np.ndarray, tuple[Check, ...]] | None":
        """`large` with detail drawn in, and checks of its faces against `small`; uint8 HxWx3.

        None where it failed, or the judge would not show it. Raises `JobCancelled`.
        """
        try:
            tiled = HiRes.of(large, profile.sizes["1:1"])
            drawn = self._drawn(tiled.requests(like), profile, tick)
        except JobCancelled:
            raise
        except EngineError as error:
            log.warning("left without detail: %s", error.detail)
            return None
        fine, checks = self._enlarger.with_faces_of(small, tiled.joined(drawn))
        if verdict := self._judge(fine):
            log.warning("left without detail: %s", verdict)
            return None
        return fine, checks

    def _drawn(self, requests: list[Request], profile: Profile, tick: Tick) -> "list[np.ndarray]":
        from engine.studio.diffusion.denoise import denoise

        drawn: list[np.ndarray] = []

        def work(pipeline: "Pipeline", some: list[Request]) -> list[Picture | EngineError]:
            return denoise(pipeline, some, lambda _, f: tick((len(drawn) + f) / len(requests)))

        for start in range(0, len(requests), TOGETHER):
            for made in self._residents.run(profile, requests[start : start + TOGETHER], work):
                if isinstance(made, EngineError):
                    raise made
                drawn.append(made.rgb)
        return drawn
