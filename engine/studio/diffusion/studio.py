"""The studio that draws with a generative model; what needs none it leaves to the embedded one."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import structs

from engine.base import Capabilities, Drawing, Photo, Report
from engine.errors import EngineError, StudioFailed
from engine.jobs import Render
from engine.profiles import Profile, named
from engine.shots import LightPlan, Shot
from engine.studio.clock import Clock
from engine.studio.diffusion.assignment import NEEDS, Assignment, Kit, request_for, size_of
from engine.studio.diffusion.darkroom import Darkroom, House, Sheet, caught
from engine.studio.diffusion.detail import Detailer, detailed, expected
from engine.studio.diffusion.edits import steps_before
from engine.studio.diffusion.finishing import LARGE_PRINT, Detail, Enlarger, Finisher
from engine.studio.diffusion.judge import FaceJudge, Judge
from engine.studio.diffusion.memory import Residents
from engine.studio.diffusion.previews import decoder_of
from engine.studio.diffusion.request import Picture, Request
from engine.studio.diffusion.wishes import capabilities
from engine.studio.embedded import EmbeddedStudio, studio_version
from engine.studio.encode import source_type_of
from engine.studio.faces import FaceFinder
from engine.studio.files import Files
from engine.studio.photo import read_source

if TYPE_CHECKING:
    from engine.studio.diffusion.pipelines import Pipeline

log = logging.getLogger(__name__)

BATCH = 4
"""Most shots at once; more gains a card little and makes everybody wait for the slowest."""
STEP_S = {"cuda": 0.2, "mps": 1.5, "cpu": 15.0}
"""Seconds a step at one megapixel is expected to take, until this machine's own pace is known."""
DRAWN = ("generate", "vary")
"""Operations in which nobody real is."""
MEGAPIXEL = 1024 * 1024
SECONDS = {"step_check": 0.3, "step_upscale": 3.0, "step_encode": 0.8}
GROWTH = {1: 0.25, 2: 1.0, 3: 2.1, 4: 3.5, 6: 7.5}
SHRUNK = 1.1
"""How much over twice its own size a picture may be for the model to go over it: no print is."""


class DiffusionStudio:
    """Implements `engine.base.Studio`, with batches; one instance serves one thread at a time.

    `profile` is the model used where a shot names none. `judge` passes every invented face before
    it is shown; tests bring their own. `batch` is how many pictures are drawn at once, 0 for as
    many as the device is good for.
    """

    def __init__(
        self,
        house: House,
        profile: Profile,
        residents: Residents,
        embedded: EmbeddedStudio,
        judge: Judge | None = None,
        batch: int = 0,
    ) -> None:
        self._house, self._profile = house, profile
        self._most = batch or (1 if house.device == "cpu" else BATCH)
        self._residents, self._embedded = residents, embedded
        self._finder = FaceFinder(house.weights)
        judge = judge or FaceJudge(house.weights, self._finder)
        files = Files(house.blobs, house.sign)
        enlarger = Enlarger(house.device, house.weights, self._finder, house.options)
        self._finisher = Finisher(house.blobs, files, enlarger)
        self._detailer = Detailer(residents, judge, enlarger)
        self._darkroom = Darkroom(house, residents, judge, files)
        self._kit = Kit(house.blobs, house.weights, self._finder, profile, house.matte)

    def capabilities(self) -> Capabilities:
        """What this studio honours, per operation and slot. Loads nothing."""
        return capabilities(self._embedded.capabilities(), self._profile, self._most)

    def steps(self, shot: Shot) -> dict[str, float]:
        """Steps in order with expected seconds."""
        if shot.operation not in NEEDS:
            return self._embedded.steps(shot)
        profile = self._profile_of(shot)
        width, height = size_of(shot, profile)
        kind = self._house.device.split(":")[0]
        pace = STEP_S.get(kind, STEP_S["cpu"]) * width * height / MEGAPIXEL
        growth = GROWTH.get(shot.scale, 1.0)
        after = {s: t * (growth if s != "step_check" else 1) for s, t in SECONDS.items()}
        if shot.scale <= 1:
            after.pop("step_upscale")
        elif shot.operation in DRAWN and detailed(self._house.device, profile, shot.scale):
            after["step_upscale"] += expected(pace, profile.steps, shot.scale)
        return {**steps_before(shot, profile), "step_draw": profile.steps * pace, **after}

    def plan(self, shots: Sequence[Shot]) -> list[dict[str, float]]:
        """The same of shots in a row; the embedded studio remembers from one to the next."""
        given = iter(self._embedded.plan([s for s in shots if s.operation not in NEEDS]))
        return [self.steps(s) if s.operation in NEEDS else next(given) for s in shots]

    def receive(self, data: bytes) -> Photo:
        """Store an upload, upright and without metadata. Raises `PhotoRejected`."""
        return self._embedded.receive(data)

    def draw(self, plan: LightPlan) -> Drawing:
        """Draw a light plan; the same plan gives the same blobs."""
        return self._embedded.draw(plan)

    def warm(self) -> None:
        """Load the model, and have a card walk one step at full size, before a shot asks for it.

        Raises an `EngineError`.
        """
        pipeline = self._residents.get(self._profile)
        decoder_of(pipeline, self._house.preview(self._profile))
        if self._house.device != "cpu":
            self._residents.run(self._profile, [warm_up(self._profile)], unheard)

    def abreast(self, shot: Shot) -> str:
        """A word for shots that one batch can make; an edit of a given picture is alone."""
        if shot.operation not in ("generate", "vary"):
            return ""
        profile = self._profile_of(shot)
        width, height = size_of(shot, profile)
        return f"{profile.name}|{shot.operation}{shot.change}|{width}x{height}"

    def render(self, shot: Shot, report: Report) -> Render:
        """Make the picture. Raises an `EngineError`."""
        made = self.render_all([shot], [report])[0]
        if isinstance(made, EngineError):
            raise made
        return made

    def render_all(
        self, shots: Sequence[Shot], reports: Sequence[Report]
    ) -> list[Render | EngineError]:
        """Make pictures, in as few batches as may be; each fails or is called off for itself."""
        made: list[Render | EngineError | None] = [None] * len(shots)
        sheets: dict[int, Sheet] = {}
        for number, (shot, report) in enumerate(zip(shots, reports, strict=True)):
            if shot.operation in NEEDS:
                sheets[number] = self._sheet(shot, report)
            elif caught(self._goes_over, shot) is True:
                made[number] = caught(self._gone_over, shot, report)
            else:
                made[number] = caught(self._embedded.render, shot, report)
        self._darkroom.draw([sheet for sheet in sheets.values() if sheet.outcome is None])
        for number, sheet in sheets.items():
            made[number] = sheet.outcome or caught(self._finish, sheet)
        return [each or StudioFailed("nothing was made") for each in made]

    def forget(self) -> None:
        """Let go of models and sitters."""
        self._residents.release()
        self._embedded.forget()

    def _profile_of(self, shot: Shot) -> Profile:
        if shot.profile in ("", self._profile.name):
            return self._profile
        try:
            return named(shot.profile, self._house.profiles)
        except ValueError as error:
            raise StudioFailed(str(error), code="model_unknown", name=shot.profile) from error

    def _sheet(self, shot: Shot, report: Report) -> Sheet:
        house, heard = self._house, one_at_a_time(report)
        profile = caught(self._profile_of, shot)
        used = self._profile if isinstance(profile, EngineError) else profile
        kit = replace(self._kit, profile=used)
        sheet = Sheet(shot, heard, kit, Clock(heard))
        if isinstance(profile, EngineError):
            sheet.outcome = profile
            return sheet
        made = caught(house.prepare, shot, kit, sheet.clock)
        if isinstance(made, EngineError):
            sheet.outcome = made
        else:
            sheet.assignment = made
        return sheet

    def _finish(self, sheet: Sheet) -> Render:
        assert sheet.assignment
        assert sheet.picture
        request = sheet.assignment.request
        size = {"width": str(request.width), "height": str(request.height)}
        versions = sheet.versions | size | {"northlight": studio_version()}
        shot, rgb = sheet.shot, sheet.picture.rgb
        detail = self._detail(shot, sheet.assignment, sheet.kit.profile)
        made = self._finisher.finished(shot, sheet.assignment, rgb, versions, sheet.clock, detail)
        return structs.replace(made, seed=sheet.seed)

    def _goes_over(self, shot: Shot) -> bool:
        """Whether to enlarge by the model: a generated picture that was not gone over before."""
        if shot.operation != "upscale" or shot.source is None:
            return False
        profile, blobs = self._profile_of(shot), self._house.blobs
        if not detailed(self._house.device, profile, LARGE_PRINT):
            return False
        if source_type_of(blobs.get(shot.source)) != "trainedAlgorithmicMedia":
            return False
        height, width = read_source(blobs.path(shot.source))[0].shape[:2]
        own = size_of(shot, profile)
        grown = (width * height / (own[0] * own[1])) ** 0.5
        return grown <= 2 * SHRUNK and grown * shot.scale >= LARGE_PRINT / SHRUNK

    def _gone_over(self, shot: Shot, report: Report) -> Render:
        profile = self._profile_of(shot)
        clock = Clock(one_at_a_time(report))
        rgb = read_source(self._house.blobs.path(str(shot.source)))[0]
        assignment = Assignment(request_for(shot, profile))
        size = {"width": str(rgb.shape[1]), "height": str(rgb.shape[0])}
        model = self._residents.get(profile).versions()
        versions = model | size | {"northlight": studio_version()}
        detail = self._detailing(assignment, profile)
        return self._finisher.finished(shot, assignment, rgb, versions, clock, detail)

    def _detail(self, shot: Shot, assignment: Assignment, profile: Profile) -> Detail | None:
        if assignment.real or not detailed(self._house.device, profile, shot.scale):
            return None
        return self._detailing(assignment, profile)

    def _detailing(self, assignment: Assignment, profile: Profile) -> Detail:
        return lambda small, large, tick: self._detailer.add(
            small, large, assignment.request, profile, tick
        )


def warm_up(profile: Profile) -> Request:
    """One step from a grey picture: the shapes of a real one, for a fraction of its time."""
    import numpy as np

    width, height = profile.sizes["3:4"]
    grey = np.full((height, width, 3), 128, np.uint8)
    return Request("a portrait", width=width, height=height, image=grey, strength=1 / profile.steps)


def unheard(pipeline: "Pipeline", requests: list[Request]) -> list[Picture | EngineError]:
    """Draw for nobody."""
    from engine.studio.diffusion.denoise import denoise

    return denoise(pipeline, requests, lambda _number, _fraction: None)


def one_at_a_time(report: Report) -> Report:
    """A report that two threads may use; looks come from one of their own."""
    lock = threading.Lock()

    def heard(step: str, fraction: float = 0.0, preview: str = "") -> None:
        with lock:
            report(step, fraction, preview)

    return heard
