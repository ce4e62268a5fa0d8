"""The one retry: which settings become gentler for which failed check."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.jobs import Check

TIGHTER, CLEANER = 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Gentler:
    """Settings of a second attempt; the defaults change nothing.

    `edge` 0..1: how far the matte is drawn in and the edge's colours are replaced by the subject's
    (1 is about 1 % of the face width and full decontamination). `film` 0..1 multiplies the film
    look's strength and any tint the studio added of its own. `wrap` 0..1 multiplies light wrap and
    reflection on the subject. `relight` multiplies relighting by the studio; -1 also mirrors the
    backdrop's light. `detail` 0..1: share of super-resolution, the rest is plain interpolation.
    `grain` False keeps the grain, True lays it anew over subject and backdrop alike.
    """

    edge: float = 0.0
    film: float = 1.0
    wrap: float = 1.0
    relight: float = 1.0
    detail: float = 1.0
    grain: bool = False


def gentler(checks: Iterable[Check]) -> Gentler | None:
    """Settings that may mend what failed; None where nothing failed that settings can mend.

    Halo and spill ask for a tighter, cleaner edge; drifted colour for half the film, no wrap and no
    relighting; lost structure, eyes or texture for less super-resolution; contradicting light for a
    mirrored backdrop; wrong grain for new grain. Framing, tags, size and stray islands come from
    steps before these settings, and a second attempt would repeat them.
    """
    failed = {check.name: check for check in checks if not check.passed}
    mended = Gentler()
    for name, check in failed.items():
        mended = _mend(mended, name, check)
    return None if mended == Gentler() else mended


def _mend(now: Gentler, name: str, check: Check) -> Gentler:
    match name:
        case "halo" | "halo_share":
            return replace(now, edge=max(now.edge, TIGHTER), wrap=min(now.wrap, 0.5))
        case "spill":
            return replace(now, edge=CLEANER)
        case "face_colour" | "face_colour_p95":
            return replace(now, film=0.5, wrap=0.0, relight=min(now.relight, 0.0))
        case "skin_lightness" | "skin_hue":
            return replace(now, film=0.5, wrap=0.0, relight=min(now.relight, 0.0))
        case "structure" | "eye_sharpness" | "skin_texture" | "likeness":
            return replace(now, detail=min(now.detail, 0.5), relight=min(now.relight, 0.0))
        case "face_clipping":
            return replace(now, film=0.5, relight=min(now.relight, 0.0))
        case "light":
            return replace(now, relight=-1.0)
        case "grain" | "grain_match":
            return replace(now, grain=True)
        case _:
            return now
