"""The studio that draws, with a tiny model and a judge that passes noise: for tests alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import structs

from engine.profiles import Profile, load_profiles
from engine.studio.diffusion.house import furnished
from engine.studio.diffusion.memory import Work
from engine.studio.diffusion.pipelines import Pipeline
from engine.studio.diffusion.studio import DiffusionStudio

FACTORY = "support.tiny_studio:tiny_studio"
LOG = "drawn.log"


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
    studio = furnished(settings, {profile.name: profile}, profile, judge=lambda _: "")
    return _watched(studio, Path(settings["data_dir"]), int(settings.get("room", "16")))


def batches(data_dir: Path) -> list[list[int]]:
    """The seeds of every batch that was begun, in order."""
    lines = (data_dir / LOG).read_text(encoding="ascii").splitlines()
    return [[int(seed) for seed in line.split()] for line in lines]


def _watched(studio: DiffusionStudio, data_dir: Path, room: int) -> DiffusionStudio:
    """The studio on a device with the memory for `room` pictures at once, its batches written down.

    A batch that is larger fails halfway as a card does: once some of it has been reported.
    """
    import torch

    residents, run = studio._residents, studio._residents.run

    def watched(profile: Profile, members: Sequence[Any], work: Work) -> list[Any]:
        def tight(pipeline: Pipeline, some: list[Any]) -> list[Any]:
            seeds = " ".join(str(sheet.shot.seed) for sheet in some)
            with (data_dir / LOG).open("a", encoding="ascii") as file:
                file.write(f"{seeds}\n")
            if len(some) > room:
                some[0].report("step_draw", 0.1)
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")
            return work(pipeline, some)

        return run(profile, members, tight)

    residents.run = watched
    return studio
