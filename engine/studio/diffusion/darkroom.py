"""Where pictures are drawn: in batches, judged, and drawn again where the judge says no."""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import structs

from engine.base import Report
from engine.blobs import DiskBlobs
from engine.errors import EngineError, NoAdultFound, StudioFailed
from engine.jobs import Render
from engine.profiles import Profile
from engine.shots import Shot
from engine.speed import Options
from engine.studio.clock import Clock
from engine.studio.diffusion.assignment import Assignment, Kit, Prepare, assign
from engine.studio.diffusion.judge import Judge
from engine.studio.diffusion.memory import Residents
from engine.studio.diffusion.previews import INTERVAL_S, Previewer, decoder_of
from engine.studio.diffusion.request import Picture
from engine.studio.files import Files, Sign
from engine.studio.older import NOTE, older

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.diffusion.pipelines import Pipeline

log = logging.getLogger(__name__)

T = TypeVar("T")

TRIES = 3


@dataclass(frozen=True)
class House:
    """What a machine lends the studio.

    `preview` finds the folder of a profile's tiny autoencoder, `weights` that of a small network;
    `prepare` says what the model is asked for a shot, `options` how networks are made fast.
    """

    blobs: DiskBlobs
    weights: Callable[[str], Path]
    profiles: Mapping[str, Profile]
    device: str = "cpu"
    matte: str = "u2net"
    sign: Sign | None = None
    preview: Callable[[Profile], Path | None] = lambda _: None
    preview_s: float = INTERVAL_S
    prepare: Prepare = assign
    options: Options | None = None


@dataclass
class Sheet:
    """A shot on its way: who hears of it, what is asked, and what became of it.

    Once drawn it has a `picture` and its `versions`, or an `outcome` that is an error. `tries` are
    all pictures drawn for it: an ending may show an earlier one than the last.
    """

    shot: Shot
    report: Report
    kit: Kit
    clock: Clock
    assignment: Assignment | None = None
    picture: Picture | None = None
    tries: list[Picture] = field(default_factory=list)
    outcome: Render | EngineError | None = None
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def seed(self) -> int:
        """Of the picture that is shown."""
        shown = getattr(self.assignment and self.assignment.finish, "drawn", None)
        return next((t.seed for t in self.tries if t.rgb is shown), self.tries[-1].seed)


class Darkroom:
    """Draws what sheets ask for. Serves one thread."""

    def __init__(self, house: House, residents: Residents, judge: Judge, files: Files) -> None:
        self._house, self._residents = house, residents
        self._judge, self._files = judge, files

    def draw(self, sheets: list[Sheet]) -> None:
        """Draw, judge, and draw again what the judge does not pass, three times in all."""
        for attempt in range(TRIES):
            wanted = [sheet for sheet in sheets if sheet.outcome is None and sheet.picture is None]
            for profile in {sheet.kit.profile.name: sheet.kit.profile for sheet in wanted}.values():
                self._draw_with([s for s in wanted if s.kit.profile.name == profile.name], profile)
            for sheet in wanted:
                self._judged(sheet, attempt)

    def _draw_with(self, sheets: list[Sheet], profile: Profile) -> None:
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
                sheet.tries.append(result)

    def _batch(self, pipeline: "Pipeline", sheets: list[Sheet]) -> list[Picture | EngineError]:
        from engine.studio.diffusion.denoise import denoise

        look = decoder_of(pipeline, self._house.preview(pipeline.profile))
        told = [0.0] * len(sheets)

        def tell(member: int, fraction: float) -> None:
            told[member] = fraction
            sheets[member].report("step_draw", fraction)

        def show(member: int, rgb: "np.ndarray") -> None:
            report, assignment = sheets[member].report, sheets[member].assignment
            if assignment:
                self._files.shown(
                    rgb, assignment.kind, lambda look: report("step_draw", told[member], look)
                )

        requests = [s.assignment.request for s in sheets if s.assignment]
        previewer = Previewer(show, self._house.preview_s)
        try:
            made = denoise(pipeline, requests, tell, previewer, look)
        finally:
            previewer.close()
        for sheet in sheets:
            sheet.versions = pipeline.versions()
        return made

    def _judged(self, sheet: Sheet, attempt: int) -> None:
        """Pass the picture, or ask for another one from the next seed."""
        picture, assignment = sheet.picture, sheet.assignment
        if picture is None or assignment is None:
            return
        verdict = caught(self._verdict, sheet, assignment, picture)
        last = attempt + 1 == TRIES
        if isinstance(verdict, EngineError):
            sheet.outcome = verdict
        elif verdict and last and assignment.kept:
            sheet.outcome = caught(self._stranger, sheet, assignment, picture)
        elif verdict:
            log.info("seed %d: %s", picture.seed, verdict)
            sheet.outcome = _refusal(verdict) if last else None
            self._again(sheet, assignment, next_seed(picture.seed), verdict, attempt + 1)

    def _verdict(self, sheet: Sheet, assignment: Assignment, picture: Picture) -> str:
        """Of an existing person whether it is they, of an invented one whether to show them."""
        with sheet.clock.step("step_check"):
            if assignment.kept:
                own = getattr(assignment.finish, "verdict", None)
                return own(picture.rgb) if own else ""
            if assignment.finish is None:
                return self._judge(picture.rgb)
        return self._judge(assignment.finish(picture.rgb, sheet.clock).rgb)

    def _stranger(
        self, sheet: Sheet, assignment: Assignment, picture: Picture
    ) -> EngineError | None:
        """Why the best of all tries is not shown, where it is not like the person: a face that is
        not theirs is an invented one, and has to pass as such."""
        best = assignment.finish(picture.rgb, sheet.clock).rgb if assignment.finish else picture.rgb
        if verdict := self._judge(best):
            log.info("seed %d: unlike, and %s", picture.seed, verdict)
            return StudioFailed(f"{TRIES} pictures, all of somebody else", code="edit_unlike")
        return None

    def _again(
        self, sheet: Sheet, assignment: Assignment, seed: int, verdict: str, tried: int
    ) -> None:
        """Another seed, and an older sitter where this one was too young. What finishes a real
        person's picture remembers its tries; else anew."""
        sheet.picture = None
        if assignment.kept or assignment.finish is None:
            made = replace(assignment, request=replace(assignment.request, seed=seed))
        else:
            shot = structs.replace(sheet.shot, seed=seed)
            made = caught(self._house.prepare, shot, sheet.kit, sheet.clock)
        if isinstance(made, EngineError):
            sheet.outcome = made
        else:
            young = verdict == "young"
            sheet.assignment = (
                _older(made, tried) if young else replace(made, notes=assignment.notes)
            )


def _tell_of_loading(sheets: list[Sheet]) -> None:
    for sheet in sheets:
        if error := caught(sheet.report, "step_load"):
            sheet.outcome = error


def next_seed(seed: int) -> int:
    """Another seed that follows from this one, far from those of a series' other shots."""
    return random.Random(f"after {seed}").getrandbits(31)


def _older(assignment: Assignment, tried: int) -> Assignment:
    request = assignment.request
    request = replace(request, prompt=older(request.prompt, tried))
    return replace(assignment, request=request, notes=(NOTE,))


def _refusal(verdict: str) -> EngineError:
    if verdict == "young":
        return NoAdultFound(f"{TRIES} pictures, none of them clearly an adult")
    return StudioFailed(f"{TRIES} pictures without a face", code="no_face_drawn")


def caught(work: Callable[..., T], *args: object) -> T | EngineError:
    """The result, or the engine's error as a value; a foreign one is the studio's failure."""
    try:
        return work(*args)
    except EngineError as error:
        return error
    except Exception as error:
        log.exception("a shot failed")
        return StudioFailed(f"{type(error).__name__}: {error}")
