"""What is done to a loaded model to make it fast; nothing yet."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.studio.diffusion.pipelines import Pipeline


@dataclass(frozen=True)
class Options:
    """What may be done; see `prepare`."""


def prepare(pipeline: "Pipeline", options: Options) -> None:
    """Called once, after loading, on the thread that denoises."""
    del pipeline, options
