"""diffusers, as late as possible and untyped: its lazy modules export nothing that can be typed."""

import importlib
from typing import Any, TypeAlias

Foreign: TypeAlias = Any
"""An object of diffusers: a pipeline, a scheduler, a config."""


def diffusers() -> Foreign:
    """The library; five CPU-seconds the first time."""
    return importlib.import_module("diffusers")


def module(name: str) -> Foreign:
    """One of its modules, such as "pipelines.flux2.pipeline_flux2_klein"."""
    return importlib.import_module(f"diffusers.{name}")
