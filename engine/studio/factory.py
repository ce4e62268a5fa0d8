"""Builds the studio a worker works in, from settings that can cross a process."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.base import Studio
from engine.blobs import DiskBlobs

if TYPE_CHECKING:
    from engine.studio.embedded import EmbeddedStudio

MATTES = ("u2net", "u2netp", "birefnet-portrait")


def embedded(settings: Mapping[str, str]) -> "EmbeddedStudio":
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


def hosted(settings: Mapping[str, str]) -> Studio:
    """The studio whose portraits a server draws; all else is made as in `embedded`.

    `settings` are those of `embedded`, and `images_base_url`, `images_model`, `images_sizes`,
    `images_quality`, `images_price` and `images_timeout_s`. The key is in the environment
    (`engine.studio.hosted.settings.KEY`), so that it stands in no message between processes.
    Raises ValueError without it.
    """
    from engine.studio.embedded import studio_version
    from engine.studio.files import Files
    from engine.studio.hosted.settings import server_from
    from engine.studio.hosted.studio import HostedStudio
    from engine.studio.provenance import signer_from
    from engine.weights import Weights

    server, blobs = server_from(settings, os.environ), DiskBlobs(blobs_dir(settings))
    sign = signer_from(lambda name: settings.get(name, ""), studio_version())
    weights = Weights(Path(settings["models_dir"])).path
    return HostedStudio(embedded(settings), blobs, weights, server, Files(blobs, sign))


def blobs_dir(settings: Mapping[str, str]) -> Path:
    """Where the pixels lie."""
    return Path(settings["data_dir"]) / "blobs"
