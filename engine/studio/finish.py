"""From a cut-out sitter to the finished picture: backdrop, join, grade, grain, and the proof."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.shots import Shot
from engine.studio.checks.proof import added_grain, small
from engine.studio.clock import Clock
from engine.studio.colour import to_linear, to_srgb
from engine.studio.composite import compose
from engine.studio.faces import skin_mask
from engine.studio.light import Light, soften
from engine.studio.subject import Cutout, Subject
from engine.studio.wish import SOFTNESS

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Finished:
    """The picture, uint8 HxWx3, and what the checks need, as copies of at most 1024 pixels.

    `joined` is linear light before the grade and `backdrop` the plate alone, float32 hxwx3;
    `ungrained` is the graded picture before grain, uint8 hxwx3; `grain` what grain then added, in
    8-bit levels, float32 hxw.
    """

    picture: "np.ndarray"
    joined: "np.ndarray"
    backdrop: "np.ndarray | None" = None
    ungrained: "np.ndarray | None" = None
    grain: "np.ndarray | None" = None


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
    plain = (small(graded) * 255 + 0.5).astype(np.uint8)
    return Finished(picture, small(joined), small(behind), plain, added_grain(picture, graded))


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
