"""What is done to a loaded model to make it fast; nothing yet."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.studio.diffusion.pipelines import Pipeline


def prepare(pipeline: "Pipeline", options: Mapping[str, str]) -> None:
    """Called once, after loading. `options` are the worker's settings."""
    del pipeline, options
