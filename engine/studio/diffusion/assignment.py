"""From a shot to what the model is asked, one function an operation, found by name.

`generate` and `vary` are here; the edits of a given picture are in modules of their own, looked up
when one is asked for, so that this one knows of them by name alone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from engine.blobs import DiskBlobs
from engine.errors import NoAdultFound, PhotoRejected, StudioFailed
from engine.jobs import Check
from engine.profiles import Ability, Profile
from engine.shots import Operation, Shot
from engine.studio import wish
from engine.studio.clock import Clock
from engine.studio.diffusion.libraries import Foreign
from engine.studio.diffusion.request import Request
from engine.studio.encode import SourceType
from engine.studio.faces import FaceFinder
from engine.studio.photo import read_source

if TYPE_CHECKING:
    import numpy as np

T = TypeVar("T")
NEEDS: dict[Operation, tuple[Ability, ...]] = {
    "generate": ("generate",),
    "vary": ("img2img",),
    "inpaint": ("inpaint",),
    "outpaint": ("inpaint",),
    "edit": ("edit", "inpaint"),
}
"""The operations that go to the model, and what it must be able to do, one of them, for each. A
model that looks at no reference can still draw everything around a face anew."""
PREPARERS: dict[Operation, str] = {
    "generate": "engine.studio.diffusion.assignment:generate",
    "vary": "engine.studio.diffusion.assignment:vary",
    "inpaint": "engine.studio.diffusion.edits:inpaint",
    "outpaint": "engine.studio.diffusion.edits:outpaint",
    "edit": "engine.studio.diffusion.edits:edit",
}
"""Each is `(shot, kit, clock) -> Assignment`; raises an `EngineError`."""


@dataclass(frozen=True)
class Kit:
    """What an operation may need: pixels, small networks, and the model that will draw.

    `kept` are networks in memory, by name; a kit made of this one for another model shares them.
    """

    blobs: DiskBlobs
    weights: Callable[[str], Path]
    finder: FaceFinder
    profile: Profile
    matte: str = "u2net"
    kept: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """The network of that name, made when it is first asked for."""
        if name not in self.kept:
            self.kept[name] = make()
        return self.kept[name]

    def source(self, shot: Shot) -> "np.ndarray":
        """The shot's picture, uint8 HxWx3. Raises `PhotoRejected`."""
        if shot.source is None:
            raise PhotoRejected("the shot names no photo", code="photo_no_person")
        return read_source(self.blobs.path(shot.source))[0]


@dataclass(frozen=True)
class Finished:
    """A picture after an operation's own last steps, with its checks and replies keys."""

    rgb: "np.ndarray"
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()


Finish = Callable[["np.ndarray", Clock], Finished]
"""What an operation does to the model's picture (blend it in, guard the likeness). Where the person
exists, it may have a `verdict(rgb) -> str`: not "" asks for another try; after the last try it is
called all the same, and shows the best of them, whose model's picture is then its `drawn`."""


@dataclass(frozen=True)
class Assignment:
    """What the model is asked, and what becomes of its picture.

    `kind` is said in the file. `real` means that the sitter exists: their likeness is guarded
    rather than their age judged, unless `new_face` says that they asked for another one. `enlarge`
    is whether the result is at the model's own size, and is still to be brought to the shot's
    scale. `notes` are replies keys of what the person should hear.
    """

    request: Request
    kind: SourceType = "trainedAlgorithmicMedia"
    real: bool = False
    enlarge: bool = True
    finish: Finish | None = None
    new_face: bool = False
    notes: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether whoever is in the picture exists, and stays who they are."""
        return self.real and not self.new_face


Prepare = Callable[[Shot, Kit, Clock], Assignment]
"""What the model is asked for a shot; raises an `EngineError`."""


def assign(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
    """What the model is asked for this shot. Raises an `EngineError`."""
    if not able(kit.profile, shot.operation):
        raise StudioFailed(
            f"{kit.profile.name} cannot {shot.operation}",
            code="model_cannot",
            name=kit.profile.name,
        )
    return hook(PREPARERS[shot.operation])(shot, kit, clock)


def able(profile: Profile, operation: Operation) -> bool:
    """Whether the model can do an operation that goes to it."""
    return any(ability in profile.can for ability in NEEDS[operation])


def hook(place: str) -> Foreign:
    """What "module:name" names, imported now. Raises `StudioFailed` where it is not there."""
    module, _, name = place.partition(":")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        raise StudioFailed(f"no {place}", code="no_generative_model") from error


def generate(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
    """A picture from words alone. Raises `NoAdultFound` when a child is asked for."""
    del clock
    adults_only(shot)
    return Assignment(request_for(shot, kit.profile))


def vary(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
    """A finished picture, drawn anew from part of the way."""
    del clock
    adults_only(shot)
    strength = kit.profile.strengths["strong" if shot.change == "strong" else "subtle"]
    return Assignment(request_for(shot, kit.profile, kit.source(shot), strength))


def adults_only(shot: Shot) -> None:
    """The last look at the age asked for, whoever asks. Raises `NoAdultFound`."""
    wish.face_request(shot)
    if re.fullmatch(r"\s*[0-9]\s*", str(shot.spec.get("age", ""))):
        raise NoAdultFound("only adults are drawn")


def request_for(
    shot: Shot, profile: Profile, image: "np.ndarray | None" = None, strength: float = 1.0
) -> Request:
    """The model's own size and dialect; a negative prompt only where the model heeds it."""
    width, height = size_of(shot, profile)
    return Request(
        prompt=prompt_of(shot, profile),
        negative=shot.negative if "negative" in profile.can else "",
        seed=shot.seed,
        width=width,
        height=height,
        image=image,
        strength=strength,
    )


def prompt_of(shot: Shot, profile: Profile) -> str:
    """In the model's dialect where the shot has it, else as it is."""
    return shot.dialects.get(profile.dialect) or shot.prompt


def size_of(shot: Shot, profile: Profile) -> tuple[int, int]:
    """Width and height for the shot's aspect; the nearest the model draws to another."""
    if shot.aspect in profile.sizes:
        return profile.sizes[shot.aspect]
    return min(profile.sizes.values(), key=lambda s: abs(s[0] / s[1] - _ratio(shot.aspect)))


def _ratio(aspect: str) -> float:
    """Width over height of "3:4"; raises `StudioFailed` for anything else."""
    try:
        width, height = (float(part) for part in aspect.split(":"))
        return width / height
    except (ValueError, ZeroDivisionError) as error:
        raise StudioFailed(f"no aspect: {aspect!r}") from error
