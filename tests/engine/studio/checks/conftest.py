"""A finished swap of a real portrait, which each test spoils in one way."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.shots import Backdrop, Shot
from engine.studio.checks import Proof, check
from engine.studio.clock import Clock
from engine.studio.faces import FaceFinder
from engine.studio.finish import Scene, finish
from engine.studio.matte import Matter
from engine.studio.prove import proof_of
from engine.studio.subject import cut_out, develop, read_face
from engine.studio.upscale import Upscaler

Weights = Callable[[str], Path]
Swap = Callable[[np.ndarray], Proof]
Failures = Callable[[Proof], set[str]]


@pytest.fixture(scope="session")
def swap(weights: Weights) -> Swap:
    """Swap the backdrop of a portrait for a dark canvas and gather what there is to measure."""
    finder, matter, upscaler = FaceFinder(weights), Matter(weights, "u2netp"), Upscaler(weights)

    def run(rgb: np.ndarray) -> Proof:
        landmarks, light = read_face(finder, rgb, finder.find(rgb)[0])
        cutout = cut_out(matter, rgb, landmarks, light)
        canvas = Backdrop("navy", "canvas", "#1d2b4a")
        shot = Shot("swap", seed=5, backdrop=canvas, scale=1, spec={"film": "portra-400"})
        subject = develop(cutout, upscaler, "3:4", "medium", 1, lambda fraction: None)
        clock = Clock(lambda step, fraction=0.0, preview="": None)
        return proof_of(shot, cutout, subject, finish(shot, Scene(cutout, subject, light), clock))

    return run


@pytest.fixture(scope="session")
def good(swap: Swap, astronaut: Path) -> Proof:
    """The astronaut in the studio; nothing is wrong with it."""
    bgr = cv2.imread(str(astronaut))
    assert bgr is not None
    return swap(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))


@pytest.fixture(scope="session")
def failures() -> Failures:
    """Names of the checks a picture fails."""
    return lambda proof: {c.name for c in check(proof) if not c.passed}
