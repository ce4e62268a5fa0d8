"""The studio that draws with a generative model; what needs none it leaves to the embedded one."""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from engine.base import Capabilities, Drawing, Photo, Report
from engine.blobs import DiskBlobs
from engine.errors import EngineError, NoAdultFound, StudioFailed
from engine.jobs import Render
from engine.profiles import Profile, named
from engine.shots import LightPlan, Shot
from engine.studio.clock import Clock
from engine.studio.diffusion.assignment import NEEDS, Assignment, Kit, assign, size_of
from engine.studio.diffusion.finishing import Finisher, upscaler_on
from engine.studio.diffusion.judge import FaceJudge, Judge
from engine.studio.diffusion.memory import Residents
from engine.studio.diffusion.previews import INTERVAL_S, Previewer, decoder_of
from engine.studio.diffusion.request import Picture, Request
from engine.studio.diffusion.wishes import capabilities
from engine.studio.embedded import EmbeddedStudio, studio_version
from engine.studio.faces import FaceFinder
from engine.studio.files import Files, Sign

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.diffusion.pipelines import Pipeline

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 3
BATCH = 4
"""Most shots at once; more gains a card little and makes everybody wait for the slowest."""
STEP_S = {"cuda": 0.2, "mps": 1.5, "cpu": 15.0}
"""Seconds a step at one megapixel is expected to take, until this machine's own pace is known."""
MEGAPIXEL = 1024 * 1024
SECONDS = {"step_check": 0.3, "step_upscale": 3.0, "step_encode": 0.8}
GROWTH = {1: 0.25, 2: 1.0, 4: 3.5}


@dataclass(frozen=True)
class House:
    """What a machine lends the studio.

    `preview` finds the folder of a profile's tiny autoencoder, `weights` that of a small network.
    """

    blobs: DiskBlobs
    weights: Callable[[str], Path]
    profiles: Mapping[str, Profile]
    device: str = "cpu"
    matte: str = "u2net"
    sign: Sign | None = None
    preview: Callable[[Profile], Path | None] = lambda _: None
    preview_s: float = INTERVAL_S


@dataclass
class _Sheet:
    """A shot on its way: who hears of it, what is asked, and what became of it."""

    shot: Shot
    report: Report
    kit: Kit
    clock: Clock
    assignment: Assignment | None = None
    picture: Picture | None = None
    outcome: Render | EngineError | None = None
    verdict: str = ""
    versions: dict[str, str] = field(default_factory=dict)


class DiffusionStudio:
    """Implements `engine.base.Studio`, with batches; one instance serves one thread at a time.

    `profile` is the model used where a shot names none. `judge` passes every invented face before
    it is shown; tests bring their own.
    """

    def __init__(
        self,
        house: House,
        profile: Profile,
        residents: Residents,
        embedded: EmbeddedStudio,
        judge: Judge | None = None,
    ) -> None:
        self._house, self._profile = house, profile
        self._residents, self._embedded = residents, embedded
        self._finder = FaceFinder(house.weights)
        self._judge = judge or FaceJudge(house.weights, self._finder)
        files = Files(house.blobs, house.sign)
        self._finisher = Finisher(house.blobs, files, upscaler_on(house.device, house.weights))
        self._files = files

    def capabilities(self) -> Capabilities:
        """What this studio honours, per operation and slot. Loads nothing."""
        batch = 1 if self._house.device == "cpu" else BATCH
        return capabilities(self._embedded.capabilities(), self._profile, batch)

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
        return {"step_draw": profile.steps * pace, **after}

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
            self._residents.run(self._profile, [warm_up(self._profile)], _unheard)

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
        sheets: dict[int, _Sheet] = {}
        for number, (shot, report) in enumerate(zip(shots, reports, strict=True)):
            if shot.operation in NEEDS:
                sheets[number] = self._sheet(shot, report)
            else:
                made[number] = _caught(self._embedded.render, shot, report)
        self._draw_all([sheet for sheet in sheets.values() if sheet.outcome is None])
        for number, sheet in sheets.items():
            made[number] = sheet.outcome
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

    def _sheet(self, shot: Shot, report: Report) -> _Sheet:
        house, heard = self._house, one_at_a_time(report)
        profile = _caught(self._profile_of, shot)
        used = self._profile if isinstance(profile, EngineError) else profile
        kit = Kit(house.blobs, house.weights, self._finder, used, house.matte)
        sheet = _Sheet(shot, heard, kit, Clock(heard))
        made = (
            profile if isinstance(profile, EngineError) else _caught(assign, shot, kit, sheet.clock)
        )
        if isinstance(made, EngineError):
            sheet.outcome = made
        else:
            sheet.assignment = made
        return sheet

    def _draw_all(self, sheets: list[_Sheet]) -> None:
        """Draw, judge, and draw again what the judge does not pass; then finish one by one."""
        for attempt in range(TRIES):
            wanted = [sheet for sheet in sheets if sheet.outcome is None and sheet.picture is None]
            for profile in {sheet.kit.profile.name: sheet.kit.profile for sheet in wanted}.values():
                self._draw([s for s in wanted if s.kit.profile.name == profile.name], profile)
            for sheet in wanted:
                self._judged(sheet, attempt)
        for sheet in sheets:
            if sheet.outcome is None:
                sheet.outcome = _caught(self._finish, sheet)

    def _draw(self, sheets: list[_Sheet], profile: Profile) -> None:
        begun = time.perf_counter()
        if profile.name not in self._residents.names():
            _tell_of_loading(sheets)
        sheets = [sheet for sheet in sheets if sheet.outcome is None]
        if not sheets:
            return
        try:
            results = self._residents.run(profile, sheets, self._batch)
        except EngineError as error:
            results = [error] * len(sheets)
        took = (time.perf_counter() - begun) / len(sheets)
        for sheet, result in zip(sheets, results, strict=True):
            seconds = sheet.clock.seconds
            seconds["step_draw"] = round(seconds.get("step_draw", 0.0) + took, 3)
            if isinstance(result, EngineError):
                sheet.outcome = result
            else:
                sheet.picture = result

    def _batch(self, pipeline: "Pipeline", sheets: list[_Sheet]) -> list[Picture | EngineError]:
        from engine.studio.diffusion.denoise import denoise

        look = decoder_of(pipeline, self._house.preview(pipeline.profile))
        told = [0.0] * len(sheets)

        def tell(member: int, fraction: float) -> None:
            told[member] = fraction
            sheets[member].report("step_draw", fraction)

        def show(member: int, rgb: "np.ndarray") -> None:
            assignment = sheets[member].assignment
            if assignment:
                blob = self._files.jpeg(rgb, assignment.kind)
                sheets[member].report("step_draw", told[member], blob)

        requests = [s.assignment.request for s in sheets if s.assignment]
        previewer = Previewer(show, self._house.preview_s)
        try:
            made = denoise(pipeline, requests, tell, previewer, look)
        finally:
            previewer.close()
        for sheet in sheets:
            sheet.versions = pipeline.versions()
        return made

    def _judged(self, sheet: _Sheet, attempt: int) -> None:
        """Pass the picture, or ask for another one from the next seed."""
        picture, assignment = sheet.picture, sheet.assignment
        if picture is None or assignment is None or assignment.real:
            return
        try:
            with sheet.clock.step("step_check"):
                sheet.verdict = self._judge(picture.rgb)
        except EngineError as error:
            sheet.outcome = error
        if sheet.outcome or not sheet.verdict:
            return
        log.info("seed %d: %s", picture.seed, sheet.verdict)
        if attempt + 1 == TRIES:
            sheet.outcome = _refusal(sheet.verdict)
        seed = next_seed(picture.seed)
        sheet.assignment = replace(assignment, request=replace(assignment.request, seed=seed))
        sheet.picture = None

    def _finish(self, sheet: _Sheet) -> Render:
        assert sheet.assignment
        assert sheet.picture
        request = sheet.assignment.request
        size = {"width": str(request.width), "height": str(request.height)}
        versions = sheet.versions | size | {"northlight": studio_version()}
        shot, rgb = sheet.shot, sheet.picture.rgb
        return self._finisher.finished(shot, sheet.assignment, rgb, versions, sheet.clock)


def _tell_of_loading(sheets: list[_Sheet]) -> None:
    for sheet in sheets:
        if error := _caught(sheet.report, "step_load"):
            sheet.outcome = error


def warm_up(profile: Profile) -> Request:
    """One step from a grey picture: the shapes of a real one, for a fraction of its time."""
    import numpy as np

    width, height = profile.sizes["3:4"]
    grey = np.full((height, width, 3), 128, np.uint8)
    return Request("a portrait", width=width, height=height, image=grey, strength=1 / profile.steps)


def _unheard(pipeline: "Pipeline", requests: list[Request]) -> list[Picture | EngineError]:
    from engine.studio.diffusion.denoise import denoise

    return denoise(pipeline, requests, lambda _number, _fraction: None)


def next_seed(seed: int) -> int:
    """Another seed that follows from this one, far from those of a series' other shots."""
    return random.Random(f"after {seed}").getrandbits(31)


def one_at_a_time(report: Report) -> Report:
    """A report that two threads may use; looks come from one of their own."""
    lock = threading.Lock()

    def heard(step: str, fraction: float = 0.0, preview: str = "") -> None:
        with lock:
            report(step, fraction, preview)

    return heard


def _refusal(verdict: str) -> EngineError:
    if verdict == "young":
        return NoAdultFound(f"{TRIES} pictures, none of them clearly an adult")
    return StudioFailed(f"{TRIES} pictures without a face", code="no_face_drawn")


def _caught(work: Callable[..., T], *args: object) -> T | EngineError:
    """The result, or the engine's error as a value; a foreign one is the studio's failure."""
    try:
        return work(*args)
    except EngineError as error:
        return error
    except Exception as error:
        log.exception("a shot failed")
        return StudioFailed(f"{type(error).__name__}: {error}")
