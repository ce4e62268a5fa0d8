"""Builds the studio a worker works in, from settings that can cross a process."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.base import Studio
from engine.blobs import DiskBlobs
from engine.studio.networks import Profile as Matte

if TYPE_CHECKING:
    from engine.studio.embedded import EmbeddedStudio

MATTES: tuple[Matte, ...] = ("u2net", "u2netp", "birefnet-portrait")


def embedded(settings: Mapping[str, str]) -> "EmbeddedStudio":
    """The studio that needs no GPU.

    `settings`: `data_dir` (its `blobs` folder keeps the pixels), `models_dir` (the weights), and
    `matte`, which is "u2net" (default), "u2netp", the light one, or "birefnet-portrait", the fine
    one for a GPU. `c2pa_cert` and `c2pa_key` are PEM files to sign pictures with, `c2pa_tsa` a
    timestamp authority. Raises KeyError for a missing folder, ValueError for another matte, and
    `StudioFailed` for a certificate that cannot be used.
    """
    blobs, models = DiskBlobs(blobs_dir(settings)), Path(settings["models_dir"])
    matte = matte_of(settings)
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


def diffusion(settings: Mapping[str, str]) -> Studio:
    """The studio that draws with a generative model; it needs the extra `gpu`.

    `settings` as above, and `profile`: the model's name, or a diffusers folder of one's own;
    `device`: "cuda" (default where there is a card), "cuda:1", "mps" or "cpu". Loads nothing: torch
    comes with the first picture. Raises ValueError for a model nobody knows.
    """
    from engine.profiles import load_profiles, named
    from engine.studio.diffusion.house import furnished

    profiles = load_profiles()
    return furnished(settings, profiles, named(settings["profile"], profiles))


def matte_of(settings: Mapping[str, str]) -> Matte:
    """The matte's name. Raises ValueError for an unknown one."""
    asked = settings.get("matte", "u2net")
    for matte in MATTES:
        if matte == asked:
            return matte
    raise ValueError(f"unknown matte: {asked!r}")


def blobs_dir(settings: Mapping[str, str]) -> Path:
    """Where the pixels lie."""
    return Path(settings["data_dir"]) / "blobs"
