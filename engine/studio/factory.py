"""Builds the studio a worker works in, from settings that can cross a process."""

from collections.abc import Mapping
from pathlib import Path

from engine.base import Studio


def embedded(settings: Mapping[str, str]) -> Studio:
    """The studio that needs no GPU.

    `settings`: `data_dir` (its `blobs` folder keeps the pixels), `models_dir` (the weights), and
    `matte`, which is "u2net" (default) or "u2netp", the light one. Raises KeyError for a missing
    folder and ValueError for another matte.
    """
    from engine.blobs import DiskBlobs
    from engine.studio.embedded import EmbeddedStudio
    from engine.weights import Weights

    matte = settings.get("matte", "u2net")
    if matte not in ("u2net", "u2netp"):
        raise ValueError(f"unknown matte: {matte!r}")
    blobs = DiskBlobs(blobs_dir(settings))
    return EmbeddedStudio(blobs, Weights(Path(settings["models_dir"])).path, matte)


def blobs_dir(settings: Mapping[str, str]) -> Path:
    """Where the pixels lie."""
    return Path(settings["data_dir"]) / "blobs"
