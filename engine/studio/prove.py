"""Gathers what the checks need of a finished picture and measures it."""

from typing import TYPE_CHECKING

from engine.jobs import Check
from engine.shots import EVERYONE, Shot
from engine.studio.checks import Proof, check
from engine.studio.crop import EYE_LOW, least_long_side
from engine.studio.finish import Finished
from engine.studio.pattern import asks_for_light
from engine.studio.subject import Cutout, Subject
from engine.studio.wish import SOFTNESS

if TYPE_CHECKING:
    from engine.studio.identity import Identity

MONO = "tri-x-400"


def prove(
    shot: Shot,
    cutout: Cutout,
    subject: Subject,
    finished: Finished,
    identity: "Identity | None" = None,
) -> tuple[Check, ...]:
    """Measure the finished picture against the photo it came from.

    Without `identity`, or without its weights, the likeness is left out.
    """
    return check(proof_of(shot, cutout, subject, finished, identity))


def proof_of(
    shot: Shot,
    cutout: Cutout,
    subject: Subject,
    finished: Finished,
    identity: "Identity | None" = None,
) -> Proof:
    """What there is to measure; shares its pictures with the arguments."""
    return Proof(
        picture=finished.picture,
        landmarks=subject.landmarks,
        alpha=subject.alpha,
        source=cutout.rgb,
        source_landmarks=cutout.landmarks,
        source_alpha=cutout.alpha,
        joined=finished.joined,
        backdrop=finished.backdrop,
        ungrained=finished.ungrained,
        grain=finished.grain,
        aspect=shot.aspect,
        long_side=least_long_side(shot.aspect, shot.scale),
        eye_low=_eye_low(cutout, subject),
        asked_tint=bool(shot.spec.get("warmth", 0)),
        asked_light=_asked_light(shot),
        mono=shot.spec.get("film") == MONO,
        own_room=shot.backdrop.kind == "blur",
        single=shot.sitter != EVERYONE,
        cut_above=cutout.extent.above,
        noise=subject.noise,
        identity=identity,
    )


def _asked_light(shot: Shot) -> bool:
    """Whether softer, harder or otherwise shaped light was asked for."""
    soft = SOFTNESS.get(str(shot.spec.get("softness")), 0.0)
    return bool(soft) or (shot.operation == "swap" and asks_for_light(shot.spec))


def _eye_low(cutout: Cutout, subject: Subject) -> float:
    """The lowest eye line that is no fault: a photo cut close under the chin gives no other."""
    frame = subject.frame
    tight = frame.y + frame.height >= cutout.alpha.shape[0] - 1.5
    lowest = (cutout.anatomy.eyes[1] - frame.y) / frame.height
    return max(EYE_LOW, lowest + 1e-3) if tight else EYE_LOW
