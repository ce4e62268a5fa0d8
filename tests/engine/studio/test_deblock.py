"""Block edges are seen where JPEG left them, and smoothed without taking the picture along."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from engine.studio.deblock import blockiness, deblocked


def squeezed(path: Path, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.open(path).convert("RGB").save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def test_the_harder_a_photo_is_squeezed_the_more_blocks_are_seen(astronaut: Path) -> None:
    clean = blockiness(np.asarray(Image.open(astronaut).convert("RGB")))
    fair, poor = (blockiness(squeezed(astronaut, q)) for q in (85, 12))
    assert clean < 1.15 and fair < 1.25 and poor > 1.5


def test_a_good_photo_is_left_alone(astronaut: Path) -> None:
    photo = squeezed(astronaut, 92)
    assert deblocked(photo, blockiness(photo)) is photo


def test_smoothing_takes_the_blocks_and_comes_nearer_to_the_original(astronaut: Path) -> None:
    truth = np.asarray(Image.open(astronaut).convert("RGB")).astype(np.float32)
    poor = squeezed(astronaut, 12)
    better = deblocked(poor, blockiness(poor))
    assert blockiness(better) < 0.8 * blockiness(poor)
    assert np.square(better - truth).mean() < np.square(poor - truth).mean()
