"""Builds the studio a worker works in, from settings that can cross a process."""

from collections.abc import Mapping
from pathlib import Path

from engine.base import Studio
from engine.blobs import DiskBlobs

MATTES = ("u2net", "u2netp", "birefnet-portrait")


def embedded(settings: Mapping[str, str]) -> Studio:
    """The studio that needs no GPU.

    `settings`: `data_dir` (its `blobs` folder keeps the pixels), `models_dir` (the weights), and
    `matte`, which is "u2net" (default), "u2netp", the light one, or "birefnet-portrait", the fine
    one for a GPU. `c2pa_cert` and `c2pa_key` are PEM files to sign pictures with, `c2pa_tsa` a
    timestamp authority. Raises KeyError for a missing folder, ValueError for another matte, and
    `StudioFailed` for a certificate that cannot be used.
    """
    blobs, models = DiskBlobs(blobs_dir(settings)), Path(settings["models_dir"])
    matte = settings.get("matte", "u2net")
    if matte not in MATTES:
        raise ValueError(f"unknown matte: {matte!r}")
    from engine.studio.embedded import EmbeddedStudio, studio_version
    from engine.studio.provenance import signer_from
    from engine.weights import Weights

    sign = signer_from(lambda name: settings.get(name, ""), studio_version())
    return EmbeddedStudio(blobs, Weights(models).path, matte, sign)


def blobs_dir(settings: Mapping[str, str]) -> Path:
    """Where the pixels lie."""
    return Path(settings["data_dir"]) / "blobs"
