"""The one retry: which settings become gentler for which failed check."""

from collections.abc import Iterable
from dataclasses import dataclass

from engine.jobs import Check


@dataclass(frozen=True, slots=True)
class Gentler:
    """Settings of a second attempt; the defaults change nothing.

    `edge` 0..1: how far the matte is drawn in and the edge's colours are replaced by the subject's
    (1 is about 1 % of the face width and full decontamination). `film` 0..1 multiplies the film
    look's strength, `wrap` 0..1 light wrap and reflection on the subject, `relight` 0..1 what the
    studio relights. `detail` 0..1 is super-resolution's share of the face, the rest is plain
    interpolation. `firm` decides wide half-transparent patches of the matte. `mirror` turns the
    backdrop's light (or the chosen picture) round; `regrain` lays one grain over subject and
    backdrop alike.
    """

    edge: float = 0.0
    film: float = 1.0
    wrap: float = 1.0
    relight: float = 1.0
    detail: float = 1.0
    firm: bool = False
    mirror: bool = False
    regrain: bool = False


_RIM = Gentler(edge=0.5, wrap=0.5)
_COLOUR = Gentler(film=0.5, wrap=0.0, relight=0.0)
_SKIN = Gentler(wrap=0.0, relight=0.0)
_DETAIL = Gentler(detail=0.5, relight=0.0)

REMEDIES = {
    "halo": _RIM,
    "halo_share": _RIM,
    "spill": Gentler(edge=1.0),
    "smudge": Gentler(firm=True),
    "face_colour": _COLOUR,
    "face_colour_p95": _COLOUR,
    "skin_lightness": _SKIN,
    "skin_hue": _SKIN,
    "structure": _DETAIL,
    "eye_sharpness": _DETAIL,
    "skin_texture": _DETAIL,
    "likeness": _DETAIL,
    "face_clipping": Gentler(film=0.5, relight=0.0),
    "light": Gentler(mirror=True),
    "grain": Gentler(regrain=True),
    "grain_match": Gentler(regrain=True),
}
"""What each failed check asks for."""


def gentler(checks: Iterable[Check]) -> Gentler | None:
    """Settings that may mend what failed; None where nothing failed that settings can mend.

    Halo and spill ask for a tighter, cleaner edge, a smudge for a firm one; a drifted face for no
    wrap and no relighting, and half the film where the drift came with the grade; lost structure,
    eyes, texture or likeness for less super-resolution; contradicting light for a mirrored
    backdrop; wrong grain for new grain. Framing, tags, size and stray islands come from steps
    before these settings, and a second attempt would only repeat them.
    """
    mended = Gentler()
    for name in sorted(check.name for check in checks if not check.passed):
        mended = _mend(mended, name)
    return None if mended == Gentler() else mended


def _mend(now: Gentler, name: str) -> Gentler:
    """`now`, and gentler still where check `name` asks for it."""
    if name not in REMEDIES:
        return now
    asked = REMEDIES[name]
    return Gentler(
        edge=max(now.edge, asked.edge),
        film=min(now.film, asked.film),
        wrap=min(now.wrap, asked.wrap),
        relight=min(now.relight, asked.relight),
        detail=min(now.detail, asked.detail),
        firm=now.firm or asked.firm,
        mirror=now.mirror or asked.mirror,
        regrain=now.regrain or asked.regrain,
    )
