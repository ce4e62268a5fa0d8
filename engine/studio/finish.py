"""From a cut-out sitter to the finished picture: backdrop, join, grade, grain, and the proof."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.errors import StudioFailed
from engine.jobs import Check
from engine.shots import Shot
from engine.studio.checks import Proof, check
from engine.studio.clock import Clock
from engine.studio.colour import to_linear
from engine.studio.composite import compose
from engine.studio.crop import EYE_LOW, NATIVE
from engine.studio.faces import skin_mask
from engine.studio.light import Light, soften
from engine.studio.subject import Cutout, Subject
from engine.studio.wish import SOFTNESS

if TYPE_CHECKING:
    import numpy as np


MONO = "tri-x-400"
VERDICTS: dict[str, tuple[str, ...]] = {
    "kept": (),
    "flipped": ("note_backdrop_flipped",),
    "disagrees": ("note_backdrop_disagrees",),
}


@dataclass(frozen=True, slots=True)
class Finished:
    """The picture, uint8 HxWx3, and what the checks need: linear light before the grade, skin.

    `notes` are replies keys of what the person should hear.
    """

    picture: "np.ndarray"
    joined: "np.ndarray"
    skin: "np.ndarray"
    notes: tuple[str, ...] = ()


def finish(
    shot: Shot,
    cutout: Cutout,
    subject: Subject,
    light: Light,
    picture: "np.ndarray | None",
    clock: Clock,
) -> Finished:
    """Paint the backdrop at output size, join, grade and grain. Raises `StudioFailed`.

    `picture` is the sitter's own backdrop, uint8 HxWx3, where the shot has one.
    """
    from engine.studio.grade import Tones, finish_tones

    with clock.step("step_backdrop"):
        behind, notes = _behind(shot, cutout, subject, light, picture)
    with clock.step("step_join"):
        skin = _skin(subject)
        joined = _join(shot, subject, behind, light, skin)
        film = str(shot.spec.get("film", "neutral"))
        warmth = int(shot.spec.get("warmth", 0))
        made = finish_tones(joined, Tones(warmth, film), skin, shot.seed)
    return Finished(made, joined, skin, notes)


def prove(shot: Shot, cutout: Cutout, subject: Subject, finished: Finished) -> tuple[Check, ...]:
    """Measure the finished picture against the photo it came from."""
    import numpy as np

    frame = subject.frame
    lowest = (cutout.anatomy.eyes[1] - frame.y) / frame.height
    tight = frame.y + frame.height >= cutout.alpha.shape[0] - 1.5
    return check(
        Proof(
            picture=finished.picture,
            anatomy=subject.anatomy,
            alpha=subject.alpha.astype(np.float32) / 255,
            skin=finished.skin,
            joined=finished.joined,
            source=cutout.rgb,
            source_anatomy=cutout.anatomy,
            aspect=shot.aspect,
            long_side=NATIVE * shot.scale,
            eye_low=max(EYE_LOW, lowest + 1e-3) if tight else EYE_LOW,
            tinted=bool(shot.spec.get("warmth", 0)) or shot.spec.get("film") == MONO,
        )
    )


def _behind(
    shot: Shot, cutout: Cutout, subject: Subject, light: Light, picture: "np.ndarray | None"
) -> "tuple[np.ndarray, tuple[str, ...]]":
    """What stands behind, linear float32 HxWx3, and what the person should hear of it."""
    from engine.studio.backdrop import blurred_original, render_backdrop
    from engine.studio.backdrop.lens import lens_from
    from engine.studio.backdrop.picture import fit_picture

    height, width = subject.alpha.shape
    lens = lens_from(shot.spec, shot.backdrop.kind)
    if shot.backdrop.kind == "picture":
        if picture is None:
            raise StudioFailed("the shot names no picture for its backdrop")
        fitted = fit_picture(picture, width, height, light, lens)
        return fitted.linear, VERDICTS[fitted.verdict]
    if shot.backdrop.kind != "blur":
        return render_backdrop(shot.backdrop, width, height, light, shot.seed, lens), ()
    window = subject.frame
    crop = (window.x, window.y, window.width, window.height)
    return blurred_original(cutout.rgb, cutout.alpha, width, height, crop, lens), ()


def _skin(subject: Subject) -> "np.ndarray":
    """Where faces are: float32 HxW 0..1."""
    import numpy as np

    height, width = subject.alpha.shape
    skin = skin_mask(subject.landmarks, height, width)
    for landmarks in subject.others:
        np.maximum(skin, skin_mask(landmarks, height, width), out=skin)
    return skin


def _join(
    shot: Shot, subject: Subject, behind: "np.ndarray", light: Light, skin: "np.ndarray"
) -> "np.ndarray":
    import numpy as np

    body = subject.anatomy
    linear = to_linear(subject.rgb)
    amount = SOFTNESS.get(str(shot.spec.get("softness")), 0.0)
    if amount:
        centre = (body.eyes[0], (body.eyes[1] + body.chin) / 2)
        linear = np.clip(soften(linear, centre, body.width, amount, light), 0, 1)
    alpha = subject.alpha.astype(np.float32) / 255
    return compose(linear, alpha, behind, light, body.width, skin)
