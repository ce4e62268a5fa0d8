"""Seconds and peak memory of every backdrop kind, the grade and the grain, at print sizes.

Run `python -m benchmarks.backdrops`. One core is used, as in a studio that shares its machine.
"""

import itertools
import resource
import time
from collections.abc import Callable

import cv2
import numpy as np

from engine.shots import Backdrop
from engine.studio.backdrop import blurred_original, render_backdrop
from engine.studio.grade import add_grain, grade
from engine.studio.light import Light

SIZES = ((2049, 2732), (4098, 5464))
LIGHT = Light(side=-0.6)
SEEDS = itertools.count()  # a new seed each time: a remembered canvas would flatter
PAINTED = (
    Backdrop("white", "seamless", "#fafaf9"),
    Backdrop("canvas", "canvas", "#67686a", "#9b9a97"),
    Backdrop("gradient", "gradient", "#a9abae", "#3a3b3f"),
)


def timed(work: Callable[[], object], rounds: int = 3) -> tuple[float, float]:
    """Best wall and CPU seconds of some rounds, after one to warm up."""
    work()
    best = (float("inf"), float("inf"))
    for _ in range(rounds):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        best = min(best, (time.perf_counter() - wall, time.process_time() - cpu))
    return best


def report(name: str, width: int, height: int, work: Callable[[], object]) -> None:
    wall, cpu = timed(work)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{name:22}{width}x{height}  {wall:6.3f} s wall  {cpu:6.3f} s cpu  peak {peak:.2f} GB")


def main() -> None:
    cv2.setNumThreads(1)
    photo = np.random.default_rng(0).integers(0, 255, (3000, 2250, 3), dtype=np.uint8)
    alpha = np.zeros(photo.shape[:2], np.float32)
    alpha[900:, 500:1700] = 1
    for width, height in SIZES:
        for backdrop in PAINTED:
            report(
                backdrop.id,
                width,
                height,
                lambda b=backdrop, w=width, h=height: render_backdrop(b, w, h, LIGHT, next(SEEDS)),
            )
        report(
            "blur f/2",
            width,
            height,
            lambda w=width, h=height: blurred_original(photo, alpha, w, h, (0, 0, 2250, 3000)),
        )
        picture = np.full((height, width, 3), 0.5, np.float32)
        skin = np.full((height, width), 0.5, np.float32)
        report("grade", width, height, lambda p=picture, s=skin: grade(p, 1, "portra-400", s))
        report("grain", width, height, lambda p=picture: add_grain(p, "portra-400", 1))


if __name__ == "__main__":
    main()
