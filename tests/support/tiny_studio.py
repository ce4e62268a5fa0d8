"""The studio that draws, with a tiny model and a judge that passes noise: for tests alone."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import structs

from engine.profiles import Profile, load_profiles
from engine.studio.diffusion.house import furnished
from engine.studio.diffusion.studio import DiffusionStudio

FACTORY = "support.tiny_studio:tiny_studio"


def tiny_profile(name: str, folder: Path, steps: int = 3) -> Profile:
    """The shipped profile called `name` over a tiny model: few steps, small pictures."""
    return structs.replace(
        load_profiles()[name],
        folder=str(folder),
        steps=steps,
        sizes=dict.fromkeys(("3:4", "2:3", "4:5", "1:1"), (64, 96)),
        extras=(),
        variant="",
    )


def tiny_studio(settings: Mapping[str, str]) -> DiffusionStudio:
    """The factory for worker processes: as the real one, over the folder in `tiny`."""
    import torch

    torch.set_num_threads(1)
    profile = tiny_profile(
        settings["profile"], Path(settings["tiny"]), int(settings.get("steps", "3"))
    )
    return furnished(settings, {profile.name: profile}, profile, judge=lambda _: "")
