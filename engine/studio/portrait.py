"""From a cut-out sitter to a proven picture: a first look, the finish, the proof."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.jobs import Check
from engine.shots import Shot
from engine.studio import wish
from engine.studio.balance import NOTHING_TO_AGREE, agree
from engine.studio.checks import better, sentences, small
from engine.studio.clock import Clock
from engine.studio.colour import to_linear
from engine.studio.faces import pose
from engine.studio.finish import Finished, Scene, finish
from engine.studio.generate.request import ADULT_FLOOR
from engine.studio.gentle import Gentler, gentler
from engine.studio.identity import Identity
from engine.studio.light import Light, fit_shading
from engine.studio.pattern import asks_for_light, push
from engine.studio.prove import prove
from engine.studio.relight import Push, shading_field
from engine.studio.sitting import Sitting, remembered, sitter_key
from engine.studio.subject import Cutout, Subject, develop, sketch
from engine.studio.truth import Evidence
from engine.studio.upscale import Upscaler

if TYPE_CHECKING:
    import numpy as np

LIGHT_SEEN = 0.10
SKETCH = 768
"""Long side of the first look, pixels."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A finished picture with its proof; `notes` are replies keys for the person."""

    finished: Finished
    subject: Subject
    checks: tuple[Check, ...]
    notes: tuple[str, ...]


class Portraitist:
    """Develops sitters and finishes their pictures; the last two enlarged sitters are kept."""

    def __init__(self, upscaler: Upscaler, identity: Identity | None = None) -> None:
        self._upscaler, self._identity = upscaler, identity
        self._subjects: OrderedDict[str, Subject] = OrderedDict()

    def look(
        self, shot: Shot, sitting: Sitting, picture: "np.ndarray | None", clock: Clock
    ) -> "np.ndarray":
        """A first look, uint8 HxWx3, `SKETCH` pixels long; nothing in it is super-resolved.

        `picture` is the sitter's own backdrop, uint8 HxWx3, where the shot has one.
        """
        with clock.step("step_look"):
            subject = sketch(sitting.cutout, shot.aspect, wish.framing(shot), SKETCH)
            scene = self._scene(shot, sitting.cutout, subject, picture)
            return finish(shot, scene, Clock(_nobody)).picture

    @staticmethod
    def _scene(shot: Shot, cutout: Cutout, subject: Subject, picture: "np.ndarray | None") -> Scene:
        """What the picture is made from; only a photo of a real room has a cast to take back."""
        own = shot.operation == "generate" or shot.backdrop.kind == "blur"
        agreement = NOTHING_TO_AGREE if own else agree(to_linear(small(cutout.rgb)))
        pushed = light_push(shot, cutout)
        light = backdrop_light(shot, cutout, pushed)
        return Scene(cutout, subject, light, picture, agreement, pushed)

    def known(self, shot: Shot) -> bool:
        """Whether the sitter is enlarged already, so that a first look would save nothing."""
        return subject_key(shot) in self._subjects

    def make(
        self, shot: Shot, sitting: Sitting, picture: "np.ndarray | None", clock: Clock
    ) -> Portrait:
        """Make and prove the picture; what fails is tried once more, gentler, and then told."""
        cutout = sitting.cutout
        subject = self._subject(shot, cutout, clock)
        scene = self._scene(shot, cutout, subject, picture)
        finished, checks = self._attempt(shot, scene, clock)
        if gentle := gentler(checks):
            again = self._attempt(shot, scene, clock, gentle)
            finished, checks = again if better(checks, again[1]) else (finished, checks)
        told = (*sitting.notes, *age_notes(shot), *flat_notes(shot, cutout))
        notes = (*told, *finished.notes, *sentences(checks))
        return Portrait(finished, subject, checks, notes)

    def _attempt(
        self, shot: Shot, scene: Scene, clock: Clock, gentle: Gentler | None = None
    ) -> tuple[Finished, tuple[Check, ...]]:
        finished = finish(shot, scene, clock, gentle)
        with clock.step("step_check"):
            return finished, prove(shot, scene.cutout, scene.subject, finished, self._identity)

    def forget(self) -> None:
        """Let go of the enlarged sitters."""
        self._subjects.clear()

    def _subject(self, shot: Shot, cutout: Cutout, clock: Clock) -> Subject:
        def make() -> Subject:
            with clock.step("step_upscale") as tick:
                return develop(
                    cutout, self._upscaler, shot.aspect, wish.framing(shot), shot.scale, tick
                )

        return remembered(self._subjects, subject_key(shot), make)


def light_push(shot: Shot, cutout: Cutout) -> Push | None:
    """What to do about a wish for another light on a photo's sitter; None without one."""
    if shot.operation != "swap" or not asks_for_light(shot.spec):
        return None
    shading = fit_shading(cutout.rgb, cutout.landmarks)
    return push(shot.spec, shading, pose(cutout.landmarks).yaw)


def backdrop_light(shot: Shot, cutout: Cutout, pushed: Push | None = None) -> Light:
    """The light on the face; a flat face takes a gentle side where one was asked for or given."""
    light, asked = cutout.light, wish.asked_side(shot)
    if pushed and pushed.amount:
        light, given = pushed.light(cutout.landmarks, light.warmth), pushed.wanted.right
        asked = 0 if abs(given) < LIGHT_SEEN else 1 if given > 0 else -1
    if asked and abs(light.side) < LIGHT_SEEN:
        return replace(light, side=0.35 * asked)
    return light


def flat_notes(shot: Shot, cutout: Cutout) -> tuple[str, ...]:
    """What is to be said of a drawn face whose light has no side, where one was asked for."""
    flat = shot.operation == "generate" and abs(cutout.light.side) < LIGHT_SEEN
    return ("note_light_frontal",) if flat and wish.asked_side(shot) else ()


def age_notes(shot: Shot) -> tuple[str, ...]:
    """What is to be said where somebody younger was asked for than any face that is drawn."""
    years = wish.age_range(str(shot.spec.get("age", ""))) if shot.operation == "generate" else None
    return ("note_youngest",) if years and years[1] < ADULT_FLOOR else ()


def subject_key(shot: Shot) -> str:
    """What tells one enlarged sitter from another."""
    return f"{sitter_key(shot)}|{shot.aspect}|{wish.framing(shot)}|{shot.scale}"


def _nobody(step: str, fraction: float = 0.0, preview: str = "") -> None:
    """Nobody is told of a sketch's steps."""


def evidence(cutout: Cutout, made: Portrait) -> Evidence:
    """What the truth sheet compares: the photo in the picture's frame, and the picture."""
    import cv2
    import numpy as np

    ungrained = made.finished.ungrained
    result = small(made.finished.picture) if ungrained is None else ungrained
    height, width = result.shape[:2]
    window = made.subject.frame
    scale = width / window.width
    move = np.array([[scale, 0, -window.x * scale], [0, scale, -window.y * scale]], np.float64)
    shape = cutout.alpha.shape
    # Shrinking by a warp alone would alias, so the photo is brought down first.
    step = min(1.0, scale)
    size = (max(1, round(shape[1] * step)), max(1, round(shape[0] * step)))
    photo = cv2.resize(cutout.rgb, size, interpolation=cv2.INTER_AREA)
    move[:, :2] /= step
    original = cv2.warpAffine(photo, move, (width, height), borderValue=(236, 234, 230))
    inside = cv2.warpAffine(np.ones(size[::-1], np.uint8), move, (width, height)) > 0
    alpha = small(made.subject.alpha).astype(np.float32) / 255
    shaded = _shaded(made, result.shape)
    return Evidence(original, result, alpha, inside, made.subject.enlarged, shaded)


def _shaded(made: Portrait, shape: tuple[int, ...]) -> "np.ndarray | None":
    """Stops by which the light on the sitter was shaped, float32 of this shape; None for none."""
    import cv2

    if made.finished.push is None:
        return None
    shrink = shape[1] / made.subject.alpha.shape[1]
    faces = [points * shrink for points in (made.subject.landmarks, *made.subject.others)]
    field = shading_field(made.finished.joined, faces, made.finished.push)
    return None if field is None else cv2.resize(field, (shape[1], shape[0]))
