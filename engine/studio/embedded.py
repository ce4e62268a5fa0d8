"""The studio that needs no GPU: sampled faces or the sitter's own photo, on a studio backdrop."""

import importlib.metadata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.base import Capabilities, Drawing, Photo, Report
from engine.blobs import DiskBlobs
from engine.errors import PhotoRejected, StudioFailed
from engine.jobs import Render
from engine.shots import LightPlan, Shot
from engine.studio import wish
from engine.studio.checks import tags
from engine.studio.clock import Clock
from engine.studio.drift import Looker
from engine.studio.encode import SourceType, source_type_after
from engine.studio.files import Files, Sign
from engine.studio.identity import Identity
from engine.studio.light_plan import draw_plan
from engine.studio.networks import Profile
from engine.studio.photo import read_source
from engine.studio.portrait import Portraitist, evidence
from engine.studio.printing.card import print_card
from engine.studio.receive import receive
from engine.studio.reuse import reuse, without
from engine.studio.room import memory_gb, scales_for
from engine.studio.sheets import make_sheet
from engine.studio.sitting import Sittings
from engine.studio.truth import truth_sheet
from engine.studio.upscale import Upscaler, bounded, fitting

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.portrait import Portrait
    from engine.studio.sitting import Sitting
    from engine.studio.subject import Cutout

SECONDS = {
    "step_sample": 4.0,
    "step_light": 0.3,
    "step_matte": 3.0,
    "step_look": 0.4,
    "step_upscale": 3.5,
    "step_backdrop": 0.5,
    "step_join": 1.2,
    "step_check": 0.6,
    "step_encode": 0.8,
    "step_crop": 0.5,
    "step_drift": 0.3,
    "step_sheet": 1.0,
}
ELSEWHERE = ("step_crop", "step_drift", "step_sheet")
STEPS = {
    "generate": tuple(step for step in SECONDS if step not in ELSEWHERE),
    "swap": tuple(step for step in SECONDS if step not in ("step_sample", *ELSEWHERE)),
    "upscale": ("step_upscale", "step_encode"),
    "cutout": ("step_light", "step_matte", "step_encode"),
    "print": ("step_crop", "step_encode"),
    "contact-sheet": ("step_drift", "step_sheet"),
}
ONCE = ("step_sample", "step_light", "step_matte", "step_look")
MODELS = {
    "generate": "face-sampler",
    "swap": "backdrop-swap",
    "upscale": "span",
    "cutout": "matte",
    "print": "print",
    "contact-sheet": "contact-sheet",
}
LARGE_PRINT = 4
PORTRAITS = ("generate", "swap")
LARGE = {1: 0.3, 2: 1.0, 3: 2.1, 4: 3.5, 6: 7.5}
PAPER = 0.72
"""The neutral ground, sRGB, on which a cut-out is shown where transparency cannot be."""


class EmbeddedStudio:
    """Implements `engine.base.Studio`; one instance serves one thread at a time.

    `weights(name)` resolves a model to its file or folder and raises `WeightsMissing`. Networks
    are loaded on first use and kept; the last two cut-out sitters are kept too, so that another
    backdrop or a warmer grade is quick. `sign` puts a signature under finished files.
    """

    def __init__(
        self,
        blobs: DiskBlobs,
        weights: Callable[[str], Path],
        profile: Profile = "u2net",
        sign: Sign | None = None,
    ) -> None:
        self._blobs, self._profile = blobs, profile
        self._files = Files(blobs, sign)
        self._sittings = Sittings(blobs, weights, profile)
        self._upscaler = Upscaler(weights)
        identity = Identity(weights)
        self._portraitist = Portraitist(self._upscaler, identity)
        self._looker = Looker(self._sittings.finder, identity)

    def capabilities(self) -> Capabilities:
        """What this studio honours, per operation and slot."""
        return msgspec.structs.replace(wish.capabilities(), scales=scales_for(memory_gb()))

    def steps(self, shot: Shot) -> dict[str, float]:
        """Steps in order with expected seconds on two cores."""
        growth = LARGE.get(shot.scale, 1.0)
        many = len(shot.frames) or 1
        return {
            step: SECONDS[step] * (many if step == "step_drift" else 1 if step in ONCE else growth)
            for step in STEPS.get(shot.operation, ())
        }

    def plan(self, shots: Sequence[Shot]) -> list[dict[str, float]]:
        """The steps of shots in a row: what one leaves behind, the next need not do again."""
        return [
            without(self.steps(shot), done) for shot, done in zip(shots, reuse(shots), strict=True)
        ]

    def receive(self, data: bytes) -> Photo:
        """Store an upload, upright and without metadata. Raises `PhotoRejected`."""
        return receive(data, self._blobs, self._sittings.finder)

    def draw(self, plan: LightPlan) -> Drawing:
        """Draw a light plan; the same plan gives the same blobs."""
        return draw_plan(plan, self._blobs)

    def render(self, shot: Shot, report: Report) -> Render:
        """Make the picture. Raises an `EngineError`; `JobCancelled` comes out of `report`."""
        clock = Clock(report)
        if shot.scale > max(room := scales_for(memory_gb())) and shot.operation in PORTRAITS:
            raise StudioFailed(f"scale {shot.scale}", code="scale_no_room", most=max(room))
        match shot.operation:
            case "upscale":
                return self._upscale(shot, clock)
            case "cutout":
                return self._cut_out(shot, clock)
            case "print":
                return self._print(shot, clock)
            case "contact-sheet":
                return self._contact_sheet(shot, clock)
            case "vary" | "inpaint" | "edit" | "outpaint":
                raise StudioFailed(f"{shot.operation} without a model", code="no_generative_model")
            case _:
                return self._portrait(shot, clock)

    def forget(self) -> None:
        """Let go of the sitters, so that the next shot starts from the photo again."""
        self._sittings.forget()
        self._portraitist.forget()

    def _portrait(self, shot: Shot, clock: Clock) -> Render:
        sitting = self._sittings.of(shot, clock)
        picture = self._own_backdrop(shot)
        drawn = shot.operation == "generate"
        kind = "trainedAlgorithmicMedia" if drawn else self._files.kind_after(str(shot.source))
        if not self._portraitist.known(shot):
            self._show_look(shot, sitting, picture, kind, clock)
        made = self._portraitist.make(shot, sitting, picture, clock)
        render = self._store(shot, made.finished.picture, kind, clock)
        checks = (*made.checks, tags(self._blobs.get(render.blob), kind))
        notes, facts = made.notes, {}
        if shot.scale >= LARGE_PRINT:
            card = print_card(render.width, render.height, made.subject.enlarged).sentences()
            notes = (*notes, *(key for key, _ in card))
            facts = {name: value for _, said in card for name, value in said.items()}
        truth = self._truth(sitting.cutout, made) if shot.operation == "swap" else ""
        return msgspec.structs.replace(render, checks=checks, notes=notes, facts=facts, truth=truth)

    def _truth(self, cutout: "Cutout", made: "Portrait") -> str:
        return self._files.plain(truth_sheet(evidence(cutout, made)), "jpg")

    def _show_look(
        self,
        shot: Shot,
        sitting: "Sitting",
        picture: "np.ndarray | None",
        kind: SourceType,
        clock: Clock,
    ) -> None:
        look = self._portraitist.look(shot, sitting, picture, clock)
        self._files.shown(look, kind, clock.show)

    def _own_backdrop(self, shot: Shot) -> "np.ndarray | None":
        source = shot.backdrop.source
        return read_source(self._blobs.path(source))[0] if source else None

    def _cut_out(self, shot: Shot, clock: Clock) -> Render:
        """The sitter as a transparent PNG the size of the photo; the preview stands on paper."""
        import numpy as np

        from engine.studio.cutout import cutout_png

        sitting = self._sittings.of(shot, clock)
        with clock.step("step_encode"):
            cutout = sitting.cutout
            rgba = cutout_png(cutout.rgb, cutout.alpha, cutout.anatomy.width)
            share = rgba[..., 3:].astype(np.float32) / 255
            shown = (rgba[..., :3] * share + 255 * PAPER * (1 - share) + 0.5).astype(np.uint8)
            kind = self._files.kind_after(str(shot.source))
            blob, preview = self._files.png(rgba, kind), self._files.jpeg(shown, kind)
        return self._render(shot, shown, blob, preview, clock)

    def _print(self, shot: Shot, clock: Clock) -> Render:
        """A file for the laboratory: JPEG, or a sheet as PDF with its JPEG to look at."""
        from engine.studio.printer import make_print

        rgb, data = self._source(shot), self._blobs.get(str(shot.source))
        with clock.step("step_crop"):
            made = make_print(shot, rgb, data, self._sittings.finder)
        with clock.step("step_encode"):
            preview = self._files.plain(made.jpeg, "jpg")
            blob = self._files.plain(made.pdf, "pdf") if made.pdf else preview
        return Render(
            blob=blob,
            preview=preview,
            width=made.width,
            height=made.height,
            seed=shot.seed,
            model=MODELS["print"],
            versions={"northlight": studio_version()},
            timings=clock.seconds,
            notes=made.notes,
            facts=made.facts,
        )

    def _contact_sheet(self, shot: Shot, clock: Clock) -> Render:
        """The frames on one sheet, all of them in a ZIP, and what sets them apart."""
        made = make_sheet(shot, self._blobs, self._files, self._looker, clock)
        render = self._render(shot, made.rgb, made.archive, made.preview, clock)
        return msgspec.structs.replace(render, drift=made.drift)

    def _upscale(self, shot: Shot, clock: Clock) -> Render:
        rgb = self._source(shot)
        factor = fitting(rgb, shot.scale)
        with clock.step("step_upscale") as tick:
            large = bounded(self._upscaler.enlarge(rgb, factor, tick))
        kind = source_type_after(self._blobs.get(str(shot.source)))
        render = self._store(shot, large, kind, clock)
        said = print_card(render.width, render.height).sentences()
        facts = {name: value for _, each in said for name, value in each.items()}
        return msgspec.structs.replace(render, notes=tuple(k for k, _ in said), facts=facts)

    def _source(self, shot: Shot) -> "np.ndarray":
        if shot.source is None:
            raise PhotoRejected("the shot names no photo", code="photo_no_person")
        return read_source(self._blobs.path(shot.source))[0]

    def _store(self, shot: Shot, picture: "np.ndarray", kind: SourceType, clock: Clock) -> Render:
        with clock.step("step_encode"):
            blob, preview = self._files.png(picture, kind), self._files.jpeg(picture, kind)
        return self._render(shot, picture, blob, preview, clock)

    def _render(
        self, shot: Shot, picture: "np.ndarray", blob: str, preview: str, clock: Clock
    ) -> Render:
        return Render(
            blob=blob,
            preview=preview,
            width=picture.shape[1],
            height=picture.shape[0],
            seed=shot.seed,
            model=MODELS[shot.operation],
            versions={"northlight": studio_version(), "matte": self._profile},
            timings=clock.seconds,
        )


def studio_version() -> str:
    """Of the installed package, "development" in a plain checkout."""
    try:
        return importlib.metadata.version("northlight")
    except importlib.metadata.PackageNotFoundError:
        return "development"
