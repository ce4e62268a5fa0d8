"""From a cut-out sitter to the finished picture: backdrop, join, grade, grain, and the proof."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.jobs import Check
from engine.shots import Shot
from engine.studio.checks import Proof, check
from engine.studio.clock import Clock
from engine.studio.colour import to_linear, to_srgb
from engine.studio.composite import compose
from engine.studio.crop import EYE_LOW, least_long_side
from engine.studio.faces import skin_mask
from engine.studio.light import Light, soften
from engine.studio.subject import Cutout, Subject
from engine.studio.wish import SOFTNESS

if TYPE_CHECKING:
    import numpy as np


MONO = "tri-x-400"


@dataclass(frozen=True, slots=True)
class Finished:
    """The picture, uint8 HxWx3, and what the checks need: linear light before the grade, skin."""

    picture: "np.ndarray"
    joined: "np.ndarray"
    skin: "np.ndarray"


def finish(shot: Shot, cutout: Cutout, subject: Subject, light: Light, clock: Clock) -> Finished:
    """Paint the backdrop at output size, join, grade and grain. Raises `StudioFailed`."""
    import numpy as np

    from engine.studio.grade import add_grain, grade

    height, width = subject.alpha.shape
    with clock.step("step_backdrop"):
        behind = _behind(shot, cutout, subject, light)
    with clock.step("step_join"):
        skin = skin_mask(subject.landmarks, height, width)
        joined = _join(shot, subject, behind, light, skin)
        film = str(shot.spec.get("film", "neutral"))
        warmth = int(shot.spec.get("warmth", 0))
        graded = grade(to_srgb(joined), warmth, film, skin)
        grained = add_grain(graded, film, shot.seed)
        picture = (np.clip(grained, 0, 1) * 255 + 0.5).astype(np.uint8)
    return Finished(picture, joined, skin)


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
            long_side=least_long_side(shot.aspect, shot.scale),
            eye_low=max(EYE_LOW, lowest + 1e-3) if tight else EYE_LOW,
            tinted=bool(shot.spec.get("warmth", 0)) or shot.spec.get("film") == MONO,
        )
    )


def _behind(shot: Shot, cutout: Cutout, subject: Subject, light: Light) -> "np.ndarray":
    from engine.studio.backdrop import blurred_original, render_backdrop

    height, width = subject.alpha.shape
    if shot.backdrop.kind != "blur":
        return render_backdrop(shot.backdrop, width, height, light, shot.seed)
    window = subject.frame
    crop = (window.x, window.y, window.width, window.height)
    return blurred_original(cutout.rgb, cutout.alpha, width, height, crop)


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
