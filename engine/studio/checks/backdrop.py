"""Does the backdrop belong to the sitter: the same light, the same film."""

from typing import TYPE_CHECKING

import numpy as np

from engine.studio.colour import luminance
from engine.studio.grain import by_tone

if TYPE_CHECKING:
    from engine.studio.checks.proof import Proof

FACE_SIDE, BACKDROP_SIDE = 0.10, 0.03
FULL_SIDE = 0.6
"""`Light.side` is the coefficient sx over this, and 0 below `FACE_SIDE`."""

MID_TONES = (32, 222)
TONE_STEP = 24
ENOUGH = 400


def side_of(backdrop: np.ndarray) -> float:
    """(R-L)/(R+L) of a plate's two halves, -1 (light from image left) .. 1; linear hxwx3."""
    light = luminance(backdrop)
    middle = light.shape[1] // 2
    left, right = float(light[:, :middle].mean()), float(light[:, -middle:].mean())
    return (right - left) / max(right + left, 1e-6)


def light_agreement(face: float, backdrop: float) -> float:
    """How far face and backdrop agree on the light's side: < 0 is a contradiction.

    `face` is the normalised x coefficient of the light on the face, `backdrop` as in `side_of`.
    Below .10 and .03 nobody can tell, which gives 0; else the smaller of the two, with the sign of
    their product. Bound >= 0: our measured pictures.
    """
    if abs(face) < FACE_SIDE or abs(backdrop) < BACKDROP_SIDE:
        return 0.0
    return float(np.sign(face * backdrop) * min(abs(face), abs(backdrop)))


def agreement_of(proof: "Proof") -> float | None:
    """Light agreement of the finished picture, read before grade and grain."""
    from engine.studio.colour import to_srgb
    from engine.studio.light import estimate_light

    if proof.backdrop is None or proof.own_room:
        return None
    shown = (to_srgb(proof.joined) * 255 + 0.5).astype(np.uint8)
    face = FULL_SIDE * estimate_light(shown, proof.small_landmarks).side
    return light_agreement(face, side_of(proof.backdrop))


def grain_spread(
    grain: np.ndarray, tone: np.ndarray, alpha: np.ndarray, noise: float = 0.0
) -> tuple[float | None, float | None]:
    """Grain on the backdrop in 8-bit levels (standard deviation), and backdrop over subject.

    `grain` float32 hxw, what grain added in 8-bit levels, `tone` uint8 hxw green without grain,
    `alpha` float32 hxw, `noise` what the sitter brought along, 8-bit levels. Film grain fades
    towards black and white, so only mid tones count, and the two sides are compared at equal tone.
    A backdrop without mid tones leaves the level to the subject; None where there is nothing to
    compare. Bounds .4-1.5 and .6-1.6: our measured pictures.
    """
    middle = (tone >= MID_TONES[0]) & (tone <= MID_TONES[1])
    behind, person = middle & (alpha < 0.01), middle & (alpha > 0.99)
    # A white or black backdrop shows no grain by the film's own curve: then the sitter must.
    shown = behind if behind.sum() >= ENOUGH else person
    if shown.sum() < ENOUGH:
        return None, None
    level = float(grain[shown].std())
    ratios, weights = [], []
    for low in range(*MID_TONES, TONE_STEP):
        here = (tone >= low) & (tone < low + TONE_STEP)
        back, front = grain[here & behind], grain[here & person]
        if min(len(back), len(front)) >= ENOUGH:
            own = noise * by_tone((low + TONE_STEP / 2) / 255)
            ratios.append(back.std() / max(float(np.hypot(front.std(), own)), 1e-3))
            weights.append(min(len(back), len(front)))
    return level, float(np.average(ratios, weights=weights)) if ratios else None


def grain_of(proof: "Proof") -> tuple[float | None, float | None]:
    """Grain of the finished picture; None where it was not kept."""
    if proof.grain is None or proof.ungrained is None:
        return None, None
    return grain_spread(proof.grain, proof.ungrained[..., 1], proof.small_alpha, proof.noise)
