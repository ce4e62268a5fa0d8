"""Who sits for a picture: cut out of their own photo, or drawn, and remembered for the next one."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import structs

from engine.blobs import DiskBlobs
from engine.errors import PhotoRejected, StudioFailed
from engine.shots import EVERYONE, Shot
from engine.studio import wish
from engine.studio.clock import Clock
from engine.studio.faces import Face, FaceFinder
from engine.studio.matte import Matter
from engine.studio.mend import reaches_lower_edge
from engine.studio.networks import Profile
from engine.studio.noise import calm, noise_of
from engine.studio.photo import read_source
from engine.studio.subject import (
    Cutout,
    count_people,
    cut_out,
    cut_out_group,
    read_face,
    with_crown,
)

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.generate.sampler import Candidate, FaceSampler

T = TypeVar("T")

CANDIDATES = 3
SAMPLER_DETAIL = 0.7
"""The sampler's finest wavelets draw a faint lattice on skin; seen at 100 %."""
KEPT = 2
HEARD = 0.3
"""From this share of noise taken away on, one sees it and is told."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """A cut-out sitter (or group) and the replies keys of what the person should hear of it.

    `drawn` is the invented face, where there is one; changes to it start from there.
    """

    cutout: Cutout
    notes: tuple[str, ...] = ()
    drawn: "Candidate | None" = None


class Sittings:
    """Finds the sitter of a shot. Networks load on first use; the last two sitters are kept."""

    def __init__(
        self, blobs: DiskBlobs, weights: Callable[[str], Path], profile: Profile = "u2net"
    ) -> None:
        self._blobs, self._weights = blobs, weights
        self.finder = FaceFinder(weights)
        self._matter = Matter(weights, profile)
        self._sampler: FaceSampler | None = None
        self._kept: OrderedDict[str, Sitting] = OrderedDict()

    def of(self, shot: Shot, clock: Clock) -> Sitting:
        """The shot's sitter. Raises `PhotoRejected`, `StudioFailed`, `WeightsMissing`."""
        make = self._draw if shot.operation == "generate" else self._from_photo
        return remembered(self._kept, sitter_key(shot), lambda: make(shot, clock))

    def forget(self) -> None:
        """Let go of the sitters, so that the next shot starts from the photo again."""
        self._kept.clear()

    def _from_photo(self, shot: Shot, clock: Clock) -> Sitting:
        import numpy as np

        if shot.source is None:
            raise PhotoRejected("the shot names no photo", code="photo_no_person")
        rgb, alpha = read_source(self._blobs.path(shot.source))
        given = None if alpha is None else alpha / np.float32(255)
        with clock.step("step_light"):
            faces = self.finder.find(rgb)
            if not faces:
                raise PhotoRejected("no face found", code="photo_no_person")
            people = count_people(faces)
            read = [read_face(self.finder, rgb, face) for face in _meant(shot, faces[:people])]
            noise = noise_of(rgb)
            rgb, notes = calm(rgb, noise), ("note_noise_calmed",) if noise.share > HEARD else ()
        with clock.step("step_matte"):
            if len(read) > 1:
                cutout = cut_out_group(self._matter, rgb, read, given)
                return Sitting(replace(cutout, noise=noise.left), notes)
            cutout = cut_out(self._matter, rgb, *read[0], given=given)
        if people > 1 and not shot.sitter:
            notes = (*notes, "note_several_people")
        return Sitting(replace(cutout, noise=noise.left), notes)

    def _draw(self, shot: Shot, clock: Clock) -> Sitting:
        """Draw candidates and cut out the best one whose matte holds."""
        if shot.drawn_as:
            return self._redraw(shot, clock)
        with clock.step("step_sample") as tick:
            candidates = self._candidates(shot, tick)
        best: Sitting | None = None
        for candidate in candidates:
            cutout = self._cut_face(shot, candidate.image, clock)
            if cutout and reaches_lower_edge(cutout.alpha, cutout.anatomy):
                return Sitting(cutout, drawn=candidate)
            best = best or (Sitting(cutout, drawn=candidate) if cutout else None)
        if best is None:
            raise StudioFailed("no sampled portrait could be cut out")
        return best

    def _redraw(self, shot: Shot, clock: Clock) -> Sitting:
        """The face that was first drawn, with another expression or age, the same person still."""
        first = self.of(first_drawn(shot), clock)
        if first.drawn is None:
            return first
        change = wish.adjustment(shot, first.drawn.reading)
        with clock.step("step_sample"):
            drawn = self._faces().adjust(first.drawn.latent, change, shot.seed)
        cutout = self._cut_face(shot, drawn.image, clock)
        if cutout is None:
            raise StudioFailed("the changed portrait could not be cut out")
        return Sitting(cutout, drawn=drawn)

    def _candidates(self, shot: Shot, tick: Callable[[float], None]) -> "list[Candidate]":
        request = wish.face_request(shot)
        return self._faces().candidates(
            request, shot.seed, CANDIDATES, on_step=lambda done, of: tick(done / max(of, 1))
        )

    def _faces(self) -> "FaceSampler":
        from engine.studio.generate.sampler import FaceSampler

        if self._sampler is None:
            self._sampler = FaceSampler(self._weights)
        return self._sampler

    def _cut_face(self, shot: Shot, rgb: "np.ndarray", clock: Clock) -> Cutout | None:
        import numpy as np

        with clock.step("step_light"):
            faces = self.finder.find(rgb)
            if not faces:
                return None
            landmarks, light = read_face(self.finder, rgb, faces[0])
            if light.side * wish.asked_side(shot) < 0:
                rgb = np.ascontiguousarray(rgb[:, ::-1])
                landmarks, light = read_face(self.finder, rgb, self.finder.find(rgb)[0])
        with clock.step("step_matte"):
            return with_crown(cut_out(self._matter, rgb, landmarks, light, SAMPLER_DETAIL))


def sitter_key(shot: Shot) -> str:
    """What tells one sitter from another."""
    if shot.operation != "generate":
        return f"photo|{shot.source}|{shot.sitter}"
    changed = f"{wish.face_request(shot)}|{shot.spec.get('key_side')}"
    if not shot.drawn_as:
        return f"face|{shot.seed}|{changed}"
    return f"{sitter_key(first_drawn(shot))}|{changed}"


def first_drawn(shot: Shot) -> Shot:
    """The shot whose face this one changes."""
    return structs.replace(shot, spec=shot.spec | shot.drawn_as, drawn_as={})


def remembered(kept: "OrderedDict[str, T]", key: str, make: Callable[[], T]) -> T:
    """The value under `key`, made when absent; the two last used are kept."""
    if key not in kept:
        kept[key] = make()
    kept.move_to_end(key)
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return kept[key]


def _meant(shot: Shot, faces: tuple[Face, ...]) -> tuple[Face, ...]:
    """Whom the shot means; the largest face where it names nobody who is there."""
    if shot.sitter == EVERYONE:
        return faces
    return (faces[shot.sitter if 0 <= shot.sitter < len(faces) else 0],)
