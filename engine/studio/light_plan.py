"""The light plan: who stands where and what shines from where, seen from above, before the shot."""

import math
from collections.abc import Iterator

from engine.base import Drawing
from engine.blobs import DiskBlobs
from engine.shots import LightPlan
from engine.studio.vector import Anchor, Area, Disc, Point, Shape, Stroke, Words, to_png, to_svg

WIDTH, HEIGHT = 720, 640
PAPER, INK, SOFT, FAINT = "#f7f4ef", "#2b2926", "#968f86", "#ded8cf"
LIT, BEAM, WHITE = "#d6963f", "#ffe2ad", "#ffffff"
SITTER, CAMERA = (360.0, 290.0), (360.0, 566.0)
BACKDROP = ((150.0, 96.0), (570.0, 96.0))
REACH = 180.0
ASIDE = 20.0
"""Degrees from the camera below which a light stands before the sitter rather than beside."""
SIDEWAYS = 100.0
"""Degrees from which a light stands behind the sitter."""
FRONT = 45.0
"""Degrees below which a light's label would come near the camera."""
UNIT = 58.0
"""Drawing units to a metre of a light's width."""
BIG, SMALL = 25.0, 20.5
START: Anchor = "start"
MIDDLE: Anchor = "middle"


def draw_plan(plan: LightPlan, blobs: DiskBlobs) -> Drawing:
    """Draw a plan into the blobs as PNG (720x640 pixels) and SVG; blocks."""
    shapes = list(shapes_of(plan))
    title = ", ".join(filter(None, map(plan.labels.get, ("title", "key", "fill", "camera"))))
    png = blobs.put(to_png(shapes, WIDTH, HEIGHT, PAPER), "png")
    svg = blobs.put(to_svg(shapes, WIDTH, HEIGHT, PAPER, title), "svg")
    return Drawing(png, svg, WIDTH, HEIGHT)


def shapes_of(plan: LightPlan) -> Iterator[Shape]:
    """The drawing, back to front. Pure; coordinates in units of the 720x640 sheet."""
    lamp = _around(plan.aside, REACH)
    yield from _backdrop(plan)
    yield from _beam(plan, lamp)
    yield from _background_lights(plan)
    yield from _fill(plan)
    yield from _sitter()
    yield from _camera(plan)
    yield from _key(plan, lamp)
    yield from _elevation(plan)
    yield Words(plan.labels.get("title", ""), (28, 46), BIG, INK)


def _around(aside: float, reach: float) -> Point:
    angle = math.radians(aside)
    return SITTER[0] + reach * math.sin(angle), SITTER[1] + reach * math.cos(angle)


def _half(plan: LightPlan) -> float:
    return max(12.0, plan.width * UNIT * 0.75)


def _backdrop(plan: LightPlan) -> Iterator[Shape]:
    """Paper from above, in its colour, with the curl of its roll at both ends."""
    (left, y), (right, _) = BACKDROP
    yield Stroke(BACKDROP, INK, 16)
    yield Stroke(BACKDROP, plan.backdrop or SOFT, 12)
    for x in (left, right):
        yield Disc((x, y), 11, 11, INK)
        yield Disc((x, y), 5, 5, PAPER)
    middle = (left + right) / 2
    yield Words(plan.labels.get("backdrop", ""), (middle, y - 22), SMALL, INK, MIDDLE)


def _beam(plan: LightPlan, lamp: Point) -> Iterator[Shape]:
    """Light from the lamp past the sitter, fading on its way in three steps."""
    near, far = _half(plan) * 0.9, _half(plan) * 0.5 + 66
    for reach in (150.0, 215.0, 285.0):
        edge = near + (far - near) * reach / 285
        corners = [(0.0, -near), (0.0, near), (reach, edge), (reach, -edge)]
        yield Area([_at(lamp, SITTER, *c) for c in corners], BEAM, 0.34)


def _background_lights(plan: LightPlan) -> Iterator[Shape]:
    for x in (205.0, 515.0)[: plan.behind]:
        place = (x, 168.0)
        target = (x + (360 - x) * 0.3, 96.0)
        yield from _lamp(place, target, 16, LIT)


def _fill(plan: LightPlan) -> Iterator[Shape]:
    """A pale reflector where the fill comes from, thinner the weaker it is."""
    if not plan.fill:
        return
    place, label, anchor = _fill_place(plan)
    ends = [_at(place, SITTER, 0, reach) for reach in (-44.0, 44.0)]
    yield Stroke(ends, SOFT, 11 - 2 * min(plan.fill, 3))
    yield Stroke([_at(place, SITTER, 1.5, reach) for reach in (-42.0, 42.0)], WHITE, 4)
    yield Words(plan.labels.get("fill", ""), label, SMALL, SOFT, anchor)


def _fill_place(plan: LightPlan) -> tuple[Point, Point, Anchor]:
    if plan.fill_from == "below":
        return (SITTER[0], SITTER[1] + 92), (SITTER[0] + 62, SITTER[1] + 98), START
    if plan.fill_from == "camera":
        return (SITTER[0] - 92, CAMERA[1] - 66), (SITTER[0] - 92, CAMERA[1] - 96), MIDDLE
    side = -1 if plan.aside > 0 else 1
    place = _around(side * 62, 190)
    return place, (place[0] + side * 6, place[1] + 72), MIDDLE


def _sitter() -> Iterator[Shape]:
    """Shoulders, head and nose from above."""
    x, y = SITTER
    yield Disc((x, y + 4), 82, 28, SOFT)
    yield Area([(x - 10, y + 36), (x + 10, y + 36), (x, y + 56)], INK)
    yield Disc((x, y), 36, 41, INK)


def _camera(plan: LightPlan) -> Iterator[Shape]:
    x, y = CAMERA
    yield Area([(x - 36, y - 6), (x + 36, y - 6), (x + 36, y + 36), (x - 36, y + 36)], INK)
    yield Area([(x - 17, y - 26), (x + 17, y - 26), (x + 17, y), (x - 17, y)], INK)
    yield Stroke([(x - 12, y - 28), (x + 12, y - 28)], SOFT, 6)
    for step in range(4):
        yield Disc((x, y - 54 - 24 * step), 2.5, 2.5, SOFT)
    yield Words(plan.labels.get("camera", ""), (x + 52, y + 8), SMALL, INK)
    yield Words(plan.labels.get("distance", ""), (x + 52, y + 34), SMALL, SOFT)


def _key(plan: LightPlan, lamp: Point) -> Iterator[Shape]:
    half = _half(plan)
    if plan.source == "window":
        yield from _window(lamp, half * 1.2)
    else:
        yield from _lamp(lamp, SITTER, half, LIT)
    if abs(plan.aside) < ASIDE:
        where, anchor = (lamp[0] + half + 22, lamp[1] + 8), START
    else:
        # Outwards, so that it is read beside the camera and not on it.
        aside = math.copysign(30, plan.aside) if abs(plan.aside) < FRONT else 0
        where, anchor = (lamp[0] + aside, lamp[1] + 44 + half * 0.8), MIDDLE
    yield Words(plan.labels.get("key", ""), where, SMALL, INK, anchor)


def _lamp(place: Point, target: Point, half: float, colour: str) -> Iterator[Shape]:
    """A softbox: its dark back, and a lit front as wide as the source."""
    neck, back = min(15.0, half * 0.6), max(20.0, half * 0.55)
    outline = [
        (0.0, -half), (0.0, half), (-back, neck), (-back - 13, neck), (-back - 13, -neck),
        (-back, -neck),
    ]  # fmt: skip
    yield Area([_at(place, target, *point) for point in outline], INK)
    yield Stroke([_at(place, target, 3, reach) for reach in (-half, half)], colour, 9)


def _window(place: Point, half: float) -> Iterator[Shape]:
    """A window in its wall: two panes between three posts."""
    for ahead, colour, width in ((-4.0, INK, 5.0), (6.0, INK, 5.0), (1.0, LIT, 7.0)):
        yield Stroke([_at(place, SITTER, ahead, r) for r in (-half, half)], colour, width)
    for post in (-half, 0.0, half):
        yield Stroke([_at(place, SITTER, ahead, post) for ahead in (-6.0, 8.0)], INK, 7)


def _elevation(plan: LightPlan) -> Iterator[Shape]:
    """In the lower left corner: a head in profile, the arc of heights, and the lamp on it.

    Not for a light from behind, whose height nobody sees.
    """
    if abs(plan.aside) > SIDEWAYS:
        return
    x, y, reach = 66.0, 566.0, 92.0
    arc = [
        (x + reach * math.cos(math.radians(a)), y - reach * math.sin(math.radians(a)))
        for a in range(0, 76, 5)
    ]
    yield Stroke(arc, FAINT, 3)
    yield Stroke([(x + 34, y), (x + reach + 14, y)], FAINT, 2)
    yield Disc((x, y), 19, 23, SOFT)
    yield Area([(x + 16, y - 8), (x + 27, y + 5), (x + 16, y + 8)], SOFT)
    angle = math.radians(min(plan.above, 75))
    spot = (x + reach * math.cos(angle), y - reach * math.sin(angle))
    yield from _lamp(spot, (x, y), 8 + 8 * min(plan.width, 1.5), LIT)
    yield Words(plan.labels.get("height", ""), (x - 38, y + 56), SMALL, SOFT)


def _at(place: Point, target: Point, ahead: float, across: float) -> Point:
    """A point seen from a light: `ahead` towards its target, `across` to its side."""
    right, down = target[0] - place[0], target[1] - place[1]
    length = math.hypot(right, down) or 1.0
    right, down = right / length, down / length
    return place[0] + right * ahead - down * across, place[1] + down * ahead + right * across
