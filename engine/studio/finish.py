"""From a cut-out sitter to the finished picture: backdrop, join, grade and grain."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.errors import StudioFailed
from engine.shots import Shot
from engine.studio.balance import NOTHING_TO_AGREE, Agreement
from engine.studio.checks.proof import picked, small
from engine.studio.clock import Clock
from engine.studio.colour import to_linear, to_srgb
from engine.studio.composite import Join, compose
from engine.studio.faces import skin_mask
from engine.studio.film import film_named
from engine.studio.gentle import Gentler
from engine.studio.grain import Missing
from engine.studio.light import Light, soften
from engine.studio.relight import Push, relight
from engine.studio.subject import Cutout, Subject, gentled
from engine.studio.wish import SOFTNESS

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.grade import Tones

LEAST_NOISE, MOST_GRAIN = 0.3, 1.4
"""8-bit levels: less is not seen; more, film and photo together, is no studio picture."""
VERDICTS: dict[str, tuple[str, ...]] = {
    "kept": (),
    "flipped": ("note_backdrop_flipped",),
    "disagrees": ("note_backdrop_disagrees",),
}


@dataclass(frozen=True, slots=True)
class Finished:
    """The picture, uint8 HxWx3, and what the checks need, as copies of at most 1024 pixels.

    `joined` is linear light before the grade and `backdrop` the plate alone, float32 hxwx3;
    `ungrained` is the graded picture before grain, uint8 hxwx3; `grain` what grain then added, in
    8-bit levels, float32 hxw. `notes` are replies keys of what the person should hear, and `push`
    is what was done to the light on the sitter.
    """

    picture: "np.ndarray"
    joined: "np.ndarray"
    backdrop: "np.ndarray | None" = None
    ungrained: "np.ndarray | None" = None
    grain: "np.ndarray | None" = None
    notes: tuple[str, ...] = ()
    push: Push | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What a picture is made from: the sitter in their photo and at output size, light, plate.

    `picture` is the sitter's own backdrop, uint8 HxWx3, where the shot has one; `agreement` brings
    the photo's colour and black to the studio's. `push` is what is done about a wish for another
    light on the sitter, and `light` the light once that is done.
    """

    cutout: Cutout
    subject: Subject
    light: Light
    picture: "np.ndarray | None" = None
    agreement: Agreement = NOTHING_TO_AGREE
    push: Push | None = None


def finish(shot: Shot, scene: Scene, clock: Clock, gentle: Gentler | None = None) -> Finished:
    """Paint the backdrop at output size, join, grade and grain. Raises `StudioFailed`.

    `gentle` turns down what a first attempt overdid.
    """
    from engine.studio.grade import Tones, finish_tones

    gentle = gentle or Gentler()
    with clock.step("step_backdrop"):
        behind, notes = _behind(shot, scene, gentle)
        plate = small(behind)
    with clock.step("step_join"):
        skin = _skin(scene.subject)
        joined = _join(shot, scene, behind, skin, gentle)
        del behind
        film, warmth = str(shot.spec.get("film", "neutral")), int(shot.spec.get("warmth", 0))
        tones = Tones(warmth, film, gentle.film)
        seed = shot.seed + gentle.regrain
        picture = finish_tones(joined, tones, skin, seed, _missing_noise(scene, film))
    finished = _with_proof(picture, joined, plate, tones, skin, notes)
    return _with_push(finished, scene.push, gentle.relight)


def _with_push(finished: Finished, push: Push | None, share: float) -> Finished:
    """With what became of a wish for another light, done by `share`."""
    if push is None:
        return finished
    done = push.gentled(share)
    return replace(finished, push=done, notes=(*finished.notes, done.note))


def _missing_noise(scene: Scene, film: str) -> "Missing | None":
    """The photo's own noise, which a painted backdrop lacks; None where one does not see it."""
    import numpy as np

    room = (MOST_GRAIN**2 - film_named(film).grain ** 2) ** 0.5
    noise = min(room, scene.subject.noise)
    if noise < LEAST_NOISE:
        return None
    behind = 1 - scene.subject.alpha.astype(np.float32) / 255
    return Missing(noise * behind, scene.subject.noise_width)


def _with_proof(
    picture: "np.ndarray",
    joined: "np.ndarray",
    plate: "np.ndarray",
    tones: "Tones",
    skin: "np.ndarray",
    notes: tuple[str, ...],
) -> Finished:
    """The finished picture with the small copies that the checks look at."""
    import numpy as np

    from engine.studio.grade import grade

    low = small(joined)

    def graded(linear: "np.ndarray", face: "np.ndarray") -> "np.ndarray":
        return grade(to_srgb(linear), tones.warmth, tones.film, face, tones.strength)

    plain = (graded(low, small(skin)) * 255 + 0.5).astype(np.uint8)
    dots = graded(picked(joined), picked(skin))[..., 1]
    grain = picked(picture)[..., 1].astype(np.float32) - 255 * dots
    return Finished(picture, low, plate, plain, grain, notes)


def _behind(shot: Shot, scene: Scene, gentle: Gentler) -> "tuple[np.ndarray, tuple[str, ...]]":
    """What stands behind, linear float32 HxWx3, and what the person should hear of it."""
    import numpy as np

    plate, notes = _plate(shot, scene)
    return (np.ascontiguousarray(plate[:, ::-1]) if gentle.mirror else plate), notes


def _plate(shot: Shot, scene: Scene) -> "tuple[np.ndarray, tuple[str, ...]]":
    from engine.studio.backdrop import blurred_original, render_backdrop
    from engine.studio.backdrop.lens import lens_from
    from engine.studio.backdrop.picture import fit_picture

    height, width = scene.subject.alpha.shape
    lens = lens_from(shot.spec, shot.backdrop.kind)
    if shot.backdrop.kind == "picture":
        if scene.picture is None:
            raise StudioFailed("the shot names no picture for its backdrop")
        fitted = fit_picture(scene.picture, width, height, scene.light, lens)
        return fitted.linear, VERDICTS[fitted.verdict]
    if shot.backdrop.kind != "blur":
        return render_backdrop(shot.backdrop, width, height, scene.light, shot.seed, lens), ()
    window, cutout = scene.subject.frame, scene.cutout
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
    shot: Shot, scene: Scene, behind: "np.ndarray", skin: "np.ndarray", gentle: Gentler
) -> "np.ndarray":
    import numpy as np

    subject = gentled(scene.cutout, scene.subject, skin, gentle)
    body = subject.anatomy
    linear = scene.agreement.applied(to_linear(subject.rgb), gentle.relight)
    if scene.push:
        faces = (subject.landmarks, *subject.others)
        linear = relight(linear, subject.alpha, faces, scene.push.gentled(gentle.relight))
    amount = SOFTNESS.get(str(shot.spec.get("softness")), 0.0) * gentle.relight
    if amount:
        centre = (body.eyes[0], (body.eyes[1] + body.chin) / 2)
        linear = np.clip(soften(linear, centre, body.width, amount, scene.light), 0, 1)
    alpha = subject.alpha.astype(np.float32) / 255
    how = Join(body.width, skin, wrap=gentle.wrap, rim=gentle.wrap, tint=gentle.wrap)
    return compose(linear, alpha, behind, scene.light, how)
