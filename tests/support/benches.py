"""An embedded studio with the astronaut's photo on its bench, and shots of it."""

import numpy as np
from PIL import Image

from engine.base import Photo
from engine.blobs import DiskBlobs
from engine.shots import Backdrop, Shot
from engine.studio.embedded import EmbeddedStudio

WHITE = Backdrop("seamless-white", "seamless", "#f5f5f4")
NAVY = Backdrop("navy", "seamless", "#1d2b4a")
Bench = tuple[EmbeddedStudio, DiskBlobs, Photo]


def silent(step: str, fraction: float = 0.0, preview: str = "") -> None:
    """A report that nobody reads."""


def swap(photo: Photo, **changes: object) -> Shot:
    facts = {"seed": 5, "backdrop": WHITE, "source": photo.blob, "scale": 1} | changes
    return Shot("swap", **facts)  # type: ignore[arg-type]


def pixels(blobs: DiskBlobs, blob: str) -> np.ndarray:
    return np.asarray(Image.open(blobs.path(blob)).convert("RGB"))
