"""diffusers, as late as possible and untyped: its lazy modules export nothing that can be typed."""

import importlib
from typing import Any


def diffusers() -> Any:  # noqa: ANN401 - see above
    """The library; five CPU-seconds the first time."""
    return importlib.import_module("diffusers")


def module(name: str) -> Any:  # noqa: ANN401 - see above
    """One of its modules, such as "pipelines.flux2.pipeline_flux2_klein"."""
    return importlib.import_module(f"diffusers.{name}")
