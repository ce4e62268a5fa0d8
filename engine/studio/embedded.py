"""The studio that needs no GPU: sampled faces or the sitter's own photo, on a studio backdrop."""

import importlib.metadata
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from engine.base import Capabilities, Photo, Report
from engine.blobs import DiskBlobs
from engine.errors import PhotoRejected, StudioFailed
from engine.jobs import Check, Render
from engine.shots import Shot
from engine.studio import wish
from engine.studio.clock import Clock
from engine.studio.encode import SourceType, source_type_of, to_jpeg, to_png
from engine.studio.faces import FaceFinder
from engine.studio.light import Light
from engine.studio.matte import Matter, Profile
from engine.studio.mend import reaches_lower_edge
from engine.studio.receive import receive
from engine.studio.subject import (
    Cutout,
    Subject,
    cut_out,
    develop,
    largest_face,
    read_face,
    with_crown,
)
from engine.studio.upscale import Upscaler

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.generate.sampler import Candidate, FaceSampler

T = TypeVar("T")

CANDIDATES = 3
SAMPLER_DETAIL = 0.7
"""The sampler's finest wavelets draw a faint lattice on skin; seen at 100 %."""
KEPT = 2
LARGEST_UPSCALE = 8192
LIGHT_SEEN = 0.10
SECONDS = {
    "step_sample": 4.0,
    "step_light": 0.3,
    "step_matte": 3.5,
    "step_upscale": 4.0,
    "step_backdrop": 0.5,
    "step_join": 1.5,
    "step_check": 0.5,
    "step_encode": 0.6,
}
STEPS = {
    "generate": tuple(SECONDS),
    "swap": tuple(step for step in SECONDS if step != "step_sample"),
    "upscale": ("step_upscale", "step_encode"),
}
MODELS = {"generate": "face-sampler", "swap": "backdrop-swap", "upscale": "span"}
LARGE = {1: 0.3, 2: 1.0, 4: 3.5}


class EmbeddedStudio:
    """Implements `engine.base.Studio`; one instance serves one thread at a time.

    `weights(name)` resolves a model to its file or folder and raises `WeightsMissing`. Networks
    are loaded on first use and kept; the last two cut-out sitters are kept too, so that another
    backdrop or a warmer grade is quick.
    """

    def __init__(
        self, blobs: DiskBlobs, weights: Callable[[str], Path], profile: Profile = "u2net"
    ) -> None:
        self._blobs = blobs
        self._weights = weights
        self._profile = profile
        self._finder = FaceFinder(weights)
        self._matter = Matter(weights, profile)
        self._upscaler = Upscaler(weights)
        self._sampler: FaceSampler | None = None
        self._cutouts: OrderedDict[str, tuple[Cutout, tuple[str, ...]]] = OrderedDict()
        self._subjects: OrderedDict[str, Subject] = OrderedDict()

    def capabilities(self) -> Capabilities:
        """What this studio honours, per operation and slot."""
        return wish.capabilities()

    def steps(self, shot: Shot) -> dict[str, float]:
        """Steps in order with expected seconds on two cores."""
        growth = LARGE.get(shot.scale, 1.0)
        fixed = ("step_sample", "step_light", "step_matte")
        return {
            step: SECONDS[step] * (1 if step in fixed else growth) for step in STEPS[shot.operation]
        }

    def receive(self, data: bytes) -> Photo:
        """Store an upload, upright and without metadata. Raises `PhotoRejected`."""
        return receive(data, self._blobs, self._finder)

    def render(self, shot: Shot, report: Report) -> Render:
        """Make the picture. Raises an `EngineError`; `JobCancelled` comes out of `report`."""
        clock = Clock(report)
        if shot.operation == "upscale":
            return self._upscale(shot, clock)
        return self._portrait(shot, clock)

    def _portrait(self, shot: Shot, clock: Clock) -> Render:
        from engine.studio.finish import finish, prove

        cutout, notes = self._cutout(shot, clock)
        subject = self._subject(shot, cutout, clock)
        light = _backdrop_light(shot, cutout.light)
        finished = finish(shot, cutout, subject, light, clock)
        with clock.step("step_check"):
            checks = prove(shot, cutout, subject, finished)
        kind: SourceType = (
            "trainedAlgorithmicMedia" if shot.operation == "generate" else "algorithmicallyEnhanced"
        )
        return self._store(shot, finished.picture, kind, clock, checks=checks, notes=notes)

    def _cutout(self, shot: Shot, clock: Clock) -> tuple[Cutout, tuple[str, ...]]:
        key = _cutout_key(shot)
        make = self._draw if shot.operation == "generate" else self._cut_photo
        return _remembered(self._cutouts, key, lambda: make(shot, clock))

    def _subject(self, shot: Shot, cutout: Cutout, clock: Clock) -> Subject:
        framing = str(shot.spec.get("shot", "medium"))
        key = f"{_cutout_key(shot)}|{shot.aspect}|{framing}|{shot.scale}"

        def make() -> Subject:
            with clock.step("step_upscale") as tick:
                return develop(cutout, self._upscaler, shot.aspect, framing, shot.scale, tick)

        return _remembered(self._subjects, key, make)

    def _cut_photo(self, shot: Shot, clock: Clock) -> tuple[Cutout, tuple[str, ...]]:
        rgb = self._source(shot)
        with clock.step("step_light"):
            face, people = largest_face(self._finder, rgb)
            landmarks, light = read_face(self._finder, rgb, face)
        with clock.step("step_matte"):
            cutout = cut_out(self._matter, rgb, landmarks, light)
        return cutout, ("note_several_people",) if people > 1 else ()

    def _draw(self, shot: Shot, clock: Clock) -> tuple[Cutout, tuple[str, ...]]:
        """Draw candidates and cut out the best one whose matte holds."""
        with clock.step("step_sample") as tick:
            candidates = self._candidates(shot, tick)
        best: Cutout | None = None
        for candidate in candidates:
            cutout = self._cut_face(shot, candidate.image, clock)
            if cutout and reaches_lower_edge(cutout.alpha, cutout.anatomy):
                return cutout, ()
            best = best or cutout
        if best is None:
            raise StudioFailed("no sampled portrait could be cut out")
        return best, ()

    def _candidates(self, shot: Shot, tick: Callable[[float], None]) -> "list[Candidate]":
        from engine.studio.generate.sampler import FaceSampler

        if self._sampler is None:
            self._sampler = FaceSampler(self._weights)
        request = wish.face_request(shot)
        return self._sampler.candidates(
            request, shot.seed, CANDIDATES, on_step=lambda done, of: tick(done / max(of, 1))
        )

    def _cut_face(self, shot: Shot, rgb: "np.ndarray", clock: Clock) -> Cutout | None:
        import numpy as np

        with clock.step("step_light"):
            faces = self._finder.find(rgb)
            if not faces:
                return None
            landmarks, light = read_face(self._finder, rgb, faces[0])
            if light.side * _asked_side(shot) < 0:
                rgb = np.ascontiguousarray(rgb[:, ::-1])
                landmarks, light = read_face(self._finder, rgb, self._finder.find(rgb)[0])
        with clock.step("step_matte"):
            return with_crown(cut_out(self._matter, rgb, landmarks, light, SAMPLER_DETAIL))

    def _upscale(self, shot: Shot, clock: Clock) -> Render:
        rgb = self._source(shot)
        factor = 4 if shot.scale >= 4 else 2
        with clock.step("step_upscale") as tick:
            large = _at_most(self._upscaler.enlarge(rgb, factor, tick), LARGEST_UPSCALE)
        told = source_type_of(self._blobs.get(str(shot.source)))
        kind: SourceType = (
            "trainedAlgorithmicMedia"
            if told == "trainedAlgorithmicMedia"
            else "algorithmicallyEnhanced"
        )
        return self._store(shot, large, kind, clock)

    def _source(self, shot: Shot) -> "np.ndarray":
        if shot.source is None:
            raise PhotoRejected("the shot names no photo", code="photo_no_person")
        import cv2

        path = self._blobs.path(shot.source)
        bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if bgr is None:
            raise StudioFailed(f"the photo {shot.source} cannot be read")
        return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)

    def _store(
        self,
        shot: Shot,
        picture: "np.ndarray",
        kind: SourceType,
        clock: Clock,
        checks: tuple[Check, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> Render:
        with clock.step("step_encode"):
            blob = self._blobs.put(to_png(picture, kind), "png")
            preview = self._blobs.put(to_jpeg(picture, kind), "jpg")
        return Render(
            blob=blob,
            preview=preview,
            width=picture.shape[1],
            height=picture.shape[0],
            seed=shot.seed,
            model=MODELS[shot.operation],
            versions={"northlight": _version(), "matte": self._profile},
            checks=checks,
            timings=clock.seconds,
            notes=notes,
        )


def _cutout_key(shot: Shot) -> str:
    if shot.operation != "generate":
        return f"photo|{shot.source}"
    return f"face|{shot.seed}|{wish.face_request(shot)}|{shot.spec.get('key_side')}"


def _asked_side(shot: Shot) -> int:
    """-1 for a key from image left, 1 from image right, 0 when the shot does not say."""
    return {"left": -1, "right": 1}.get(str(shot.spec.get("key_side")), 0)


def _backdrop_light(shot: Shot, light: Light) -> Light:
    """The face's own light; a flat face takes a gentle side where one was asked for."""
    asked = _asked_side(shot)
    if asked and abs(light.side) < LIGHT_SEEN:
        return Light(0.35 * asked, light.height, light.hardness, light.confidence)
    return light


def _remembered(kept: "OrderedDict[str, T]", key: str, make: Callable[[], T]) -> T:
    """The value under `key`, made when absent; the two last used are kept."""
    if key not in kept:
        kept[key] = make()
    kept.move_to_end(key)
    while len(kept) > KEPT:
        kept.popitem(last=False)
    return kept[key]


def _at_most(rgb: "np.ndarray", side: int) -> "np.ndarray":
    import cv2

    scale = side / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def _version() -> str:
    try:
        return importlib.metadata.version("northlight")
    except importlib.metadata.PackageNotFoundError:
        return "development"
