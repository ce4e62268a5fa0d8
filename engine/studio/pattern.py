"""What a lighting wish means for the light that is already on a face: how far, and which way.

The light never changes sides: a face lit from the left keeps its key on the left. Flat light may be
given a side, one-sided light may be eased or deepened a little.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.shots import Scalar
from engine.studio.light import FLAT, Shading
from engine.studio.relight import Push

TURNED = 6.0
"""Yaw in degrees from which a head has a far side."""
UNSEEN = 0.05
"""A change of a coefficient that nobody sees."""
HIGHEST = 0.9


@dataclass(frozen=True, slots=True)
class Pattern:
    """A light by its name: `side` is the wanted strength of the key's side, over the mean (0.10 is
    flat, 0.6 fully from the side), `keep` the share of a side that a light without one leaves;
    `up` is added to the height's share. `amount` in stops between sides."""

    side: float = 0.0
    keep: float = 0.0
    up: float = 0.0
    amount: float = 0.40
    deepens: bool = False


PATTERNS = {
    "loop": Pattern(side=0.28, up=0.10),
    "window": Pattern(side=0.30),
    "rembrandt": Pattern(side=0.45, up=0.15, amount=0.50),
    "split": Pattern(side=0.65, amount=0.50, deepens=True),
    "low-key": Pattern(side=0.50, amount=0.50, deepens=True),
    "butterfly": Pattern(keep=0.3, up=0.25, amount=0.40),
    "clamshell": Pattern(keep=0.3, up=-0.15),
    "high-key": Pattern(keep=0.4, up=-0.15),
}
"""Strengths chosen by eye and by the fit of `light.py` on real portraits; a lower bound of the
named light rather than the whole of it."""
SIDED = Pattern(side=0.28, deepens=True)
SOFTER = Pattern(keep=0.5, amount=0.35)
SIDES = {"left": -1, "right": 1}


def asks_for_light(spec: Mapping[str, Scalar]) -> bool:
    """Whether a spec wishes for another light on the sitter."""
    return _pattern(spec) is not None


def push(spec: Mapping[str, Scalar], shading: Shading | None, yaw: float) -> Push | None:
    """What to do about the wish of a spec, given a face's own shading and its yaw in degrees.

    None without a wish. A face whose light cannot be read, or comes from behind, is left alone; a
    wish for the other side is turned down, and its pattern done on the side where the light is.
    """
    pattern = _pattern(spec)
    if pattern is None:
        return None
    if shading is None or shading.as_light().behind:
        unread = shading or Shading(1, 0, 0, 0, 0)
        return Push(unread, unread, note="note_light_unread")
    asked = SIDES.get(str(spec.get("key_side")), 0)
    other = abs(shading.right) >= FLAT and asked * shading.right < 0
    if other and pattern is SIDED:
        return Push(shading, shading, note="note_light_stays")
    right = _right(pattern, shading.right, asked, yaw)
    wanted = replace(shading, right=right, up=_up(pattern, shading.up))
    push = _told(Push(shading, wanted, pattern.amount), other)
    # Softness is also done by the fill of `soften`: a light that is soft already is no news.
    return None if pattern is SOFTER and not push.amount else push


def _pattern(spec: Mapping[str, Scalar]) -> Pattern | None:
    named = PATTERNS.get(str(spec.get("lighting")))
    if named is None and spec.get("key_side") in SIDES:
        return SIDED
    return named or (SOFTER if spec.get("softness") == "very-soft" else None)


def _right(pattern: Pattern, own: float, asked: int, yaw: float) -> float:
    """The wanted side, never across the middle."""
    if not pattern.side:
        return own * pattern.keep
    sign = (1 if own > 0 else -1) if abs(own) >= FLAT else asked or _short_side(own, yaw)
    strength = max(abs(own), pattern.side) if pattern.deepens else pattern.side
    return sign * strength


def _up(pattern: Pattern, own: float) -> float:
    """The wanted height, neither above `HIGHEST` nor from below, unless it is so already."""
    limits = (min(0.0, own), max(HIGHEST, own))
    return min(max(own + pattern.up, limits[0]), limits[1])


def _short_side(own: float, yaw: float) -> int:
    """Where a flat face takes its key: on the far cheek, which slims; else where a trace is."""
    leaning = yaw if abs(yaw) >= TURNED else own
    return 1 if leaning > 0 else -1


def _told(push: Push, other_side: bool) -> Push:
    """The push with its sentence; nothing is done where nobody would see it."""
    own, wanted = push.shading, push.wanted
    more, higher = abs(wanted.right) - abs(own.right), wanted.up - own.up
    if max(abs(more), abs(higher)) < UNSEEN:
        return replace(push, amount=0.0, note="note_light_there")
    if other_side:
        return replace(push, note="note_light_shaped_here")
    eased = min(more, higher) < -UNSEEN
    return replace(push, note="note_light_eased" if eased else "note_light_shaped")
