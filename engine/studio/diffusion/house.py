"""Furnishes the studio from a worker's settings: where models lie, which card, how much room."""

from collections.abc import Mapping
from pathlib import Path

from engine.blobs import DiskBlobs
from engine.profiles import Profile, complete, present, repo_folder
from engine.speed import options_of
from engine.studio.diffusion.assignment import Prepare, assign
from engine.studio.diffusion.darkroom import House
from engine.studio.diffusion.judge import Judge
from engine.studio.diffusion.memory import Residents, budget
from engine.studio.diffusion.pipelines import (
    Pipeline,
    best_device,
    load,
    missing,
    places,
    total_gb,
)
from engine.studio.diffusion.studio import DiffusionStudio
from engine.studio.embedded import EmbeddedStudio, studio_version
from engine.studio.factory import blobs_dir, matte_of
from engine.studio.provenance import signer_from
from engine.weights import Weights


def furnished(
    settings: Mapping[str, str],
    profiles: Mapping[str, Profile],
    profile: Profile,
    judge: Judge | None = None,
    prepare: Prepare = assign,
) -> DiffusionStudio:
    """The studio of these settings; see `engine.studio.factory.diffusion`."""
    models_dir = Path(settings["models_dir"])
    blobs = DiskBlobs(blobs_dir(settings))
    weights = Weights(models_dir).path
    sign = signer_from(lambda name: settings.get(name, ""), studio_version())
    matte = matte_of(settings)
    options = options_of(settings.get("options", ""), models_dir / "compiled")
    device = settings.get("device", "") or best_device()

    def loaded(wanted: Profile, offload: bool) -> Pipeline:
        if not present(wanted, models_dir):
            raise missing(wanted)
        folder, extras = places(wanted, models_dir)
        return load(wanted, folder, device, options, extras, offload)

    def tiny(wanted: Profile) -> Path | None:
        extra = wanted.extra("preview")
        folder = extra and repo_folder(extra.repo, models_dir)
        return folder if extra and folder and complete(extra, folder) else None

    house = House(
        blobs, weights, profiles, device, matte, sign, tiny, prepare=prepare, options=options
    )
    residents = Residents(loaded, lambda: budget(total_gb(device)))
    embedded = EmbeddedStudio(blobs, weights, matte, sign)
    return DiffusionStudio(house, profile, residents, embedded, judge, options.batch)
