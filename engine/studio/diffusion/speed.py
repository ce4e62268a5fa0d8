"""What makes a loaded pipeline fast on the card it lies on; nothing yet."""

import contextlib
from collections.abc import Callable, Iterator

from engine.studio.diffusion.libraries import Foreign
from engine.studio.diffusion.planning import Options


def prepare(pipeline: Foreign, options: Options, *, name: str = "") -> None:
    """Called once, after loading. `name` tells models apart."""
    del pipeline, options, name


@contextlib.contextmanager
def job(pipeline: Foreign) -> Iterator[Callable[[], str]]:
    """Around one batch. What it gives says how it ran, for the picture's versions."""
    del pipeline
    yield lambda: "eager"


def release(pipeline: Foreign) -> None:
    """Undoes what holds on to the weights."""
    del pipeline
