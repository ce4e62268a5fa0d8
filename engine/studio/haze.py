"""What a matte leaves in doubt: wide half-transparent patches, haze, things that float."""

from typing import TYPE_CHECKING

from engine.studio.mend import disc

if TYPE_CHECKING:
    import numpy as np

SMOKE, NEAR, STRAND = 0.25, 0.02, 0.015
SIDE = 512
WIDE, FINE, AROUND = 0.035, 0.012, 0.02
"""Of the face width: half of what no edge is as wide as; what is finer is hair; around it."""
HAIRY = (0.025, 0.05)
DOUBT = (0.35, 0.70)
FAINT, BODY, BESIDE = 0.05, 0.1, 0.06


def settled(alpha: "np.ndarray", face_width: float, hair: bool = True) -> "np.ndarray":
    """Decide wide, smooth, half-transparent patches one way or the other: float32 HxW.

    No edge of a sitter is that wide but hair, and hair has structure: where the matte has none, the
    network did not know (a plate behind dark hair, a black hat on a dark flag), and half a plate
    would be a grey smudge on white paper. `hair=False` decides patches with structure too. Works on
    a copy of 512 pixels; an edge of ordinary width stays as it is.
    """
    import cv2
    import numpy as np

    scale = min(1.0, SIDE / max(alpha.shape))
    face = face_width * scale
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    low = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    patches = half_transparent(low, WIDE * face).astype(np.float32)
    if not patches.any():
        return alpha
    calm = cv2.GaussianBlur(low, (0, 0), max(1.0, FINE * face))
    share = np.minimum(1, 1.5 * cv2.GaussianBlur(patches, (0, 0), max(1.0, WIDE * face / 2)))
    if hair:
        rest = cv2.GaussianBlur((low - calm) ** 2, (0, 0), max(1.0, AROUND * face))
        share *= 1 - _step(np.sqrt(rest), *HAIRY)
    whole = (alpha.shape[1], alpha.shape[0])
    share, calm = (cv2.resize(x, whole, interpolation=cv2.INTER_LINEAR) for x in (share, calm))
    return alpha + share * (_step(calm, *DOUBT) - alpha)


def half_transparent(alpha: "np.ndarray", radius: float) -> "np.ndarray":
    """Where the matte is neither solid nor clear over a disc of `radius` pixels: bool HxW."""
    import cv2
    import numpy as np

    half = ((alpha > 0.05) & (alpha < 0.95)).astype(np.uint8)
    return cv2.morphologyEx(half, cv2.MORPH_OPEN, disc(max(1, round(radius)))) > 0


def without_smoke(alpha: "np.ndarray", face_width: float) -> "np.ndarray":
    """Thin haze away from anything solid goes, and so does what floats: float32 HxW.

    Hair is thin too, but it grows out of a head: a strand's faint end lies next to its root.
    """
    import cv2
    import numpy as np

    solid = (alpha > 0.3).astype(np.uint8)
    near = cv2.dilate(solid, disc(max(1, round(NEAR * face_width))))
    faint = (near == 0) & (alpha < SMOKE)
    thin = np.where(faint, alpha * alpha / SMOKE, alpha)
    joined = cv2.dilate((thin > 0.1).astype(np.uint8), disc(max(1, round(STRAND * face_width))))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    floating = stats[:, cv2.CC_STAT_AREA] < (0.35 * face_width) ** 2
    floating[0] = False
    islands = floating[np.asarray(labels, np.int32)]
    return np.where(islands | (thin < 0.012), np.float32(0), thin)


def without_islands(alpha: "np.ndarray", face_width: float) -> "np.ndarray":
    """Without what hangs together with a body only outside the frame: float32 HxW.

    A helmet on the lap that the frame cuts to a sliver in the corner. Pieces of a tenth of the
    largest are people, and what is within 6 % of the face width of them is theirs.
    """
    import cv2
    import numpy as np

    scale = min(1.0, SIDE / max(alpha.shape))
    size = (max(1, round(alpha.shape[1] * scale)), max(1, round(alpha.shape[0] * scale)))
    seen = (cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) > FAINT).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    if count <= 2:
        return alpha
    areas = stats[1:, cv2.CC_STAT_AREA]
    bodies = np.isin(labels, np.flatnonzero(areas >= BODY * areas.max()) + 1).astype(np.uint8)
    theirs = cv2.dilate(bodies, disc(max(1, round(BESIDE * face_width * scale))))
    if not (seen & (1 - theirs)).any():
        return alpha
    whole = (alpha.shape[1], alpha.shape[0])
    share = cv2.resize(theirs.astype(np.float32), whole, interpolation=cv2.INTER_LINEAR)
    return alpha * share


def _step(value: "np.ndarray", low: float, high: float) -> "np.ndarray":
    """Smooth step from 0 at `low` to 1 at `high`."""
    import numpy as np

    share = np.clip((value - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)
