"""Where the picture's edges are."""

from typing import TYPE_CHECKING

from engine.jobs import Check
from engine.studio.checks.bounds import least, within
from engine.studio.crop import ratio_of

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.checks.proof import Proof

ROUNDING = 0.006


def headroom(alpha: "np.ndarray") -> float:
    """Air above the head, as a share of the height; `alpha` float32 hxw. 1 without a subject."""
    import numpy as np

    rows = np.flatnonzero((alpha > 0.5).mean(1) > 0.002)
    return float(rows[0] / alpha.shape[0]) if len(rows) else 1.0


def framing(proof: "Proof") -> tuple[Check, ...]:
    """Eye line .30-.40, headroom .05-.22, centre within .03, exact aspect, long side.

    A tight photo may force a lower eye line (`Proof.eye_low`), and one that cuts the head has no
    headroom to give; a group has no single eye line.
    """
    height, width = proof.picture.shape[:2]
    wide, tall = ratio_of(proof.aspect)
    size = (
        within("aspect", abs(width * tall - height * wide), 0, 0),
        least("long_side", max(height, width), proof.long_side),
    )
    if not proof.single:
        return size
    eyes = proof.anatomy.eyes
    crop = [
        within("eye_line", eyes[1] / height, 0.30, proof.eye_low),
        within("centre", eyes[0] / width - 0.5, -0.03, 0.03),
    ]
    if not proof.cut_above:
        air = headroom(proof.small_alpha)
        crop.append(within("headroom", air, 0.05 - ROUNDING, 0.22 + ROUNDING))
    return (*crop, *size)
