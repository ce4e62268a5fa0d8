"""Models by name: where they lie, and how they get there. Plain data: no torch, no pixels."""

from engine.weights.fetching import Progress, Tick
from engine.weights.manifest import (
    Carrier,
    Manifest,
    Model,
    ModelFile,
    Shipped,
    load_manifest,
    read_manifest,
)
from engine.weights.store import Weights

__all__ = [
    "Carrier",
    "Manifest",
    "Model",
    "ModelFile",
    "Progress",
    "Shipped",
    "Tick",
    "Weights",
    "load_manifest",
    "read_manifest",
]
