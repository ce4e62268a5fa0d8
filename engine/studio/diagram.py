"""A small drawing of the light, seen from above: who stands where, and what shines from where."""

import io
import math
from typing import TYPE_CHECKING

from engine.base import KeyLight

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

SIDE, FINE = 640, 3
PAPER, INK, SOFT, FAINT = (247, 244, 239), (43, 41, 38), (150, 143, 134), (222, 216, 207)
DAY, WARM, COOL = (214, 150, 70), (205, 112, 52), (120, 148, 176)
SITTER, CAMERA = (320.0, 285.0), (320.0, 560.0)
BACKDROP_Y = 92.0
FARTHEST = 75.0
"""Azimuth in degrees of a light that is fully to one side."""


def draw_diagram(light: KeyLight) -> bytes:
    """PNG, 640x640, without words: backdrop, sitter, camera, key light and, opposite, a fill.

    The lamp stands on the side it shines from, is as wide as it is soft, wears its warmth, and a
    small elevation in the corner shows how high it hangs. Light from behind stands by the backdrop,
    without an elevation, for its height cannot be read.
    """
    from PIL import Image, ImageDraw

    canvas = Image.new("RGB", (SIDE * FINE, SIDE * FINE), PAPER)
    where = _lamp_place(light)
    canvas = _beam(canvas, where, light)
    pen = ImageDraw.Draw(canvas)
    _backdrop(pen)
    if abs(light.side) > 0.15 and not light.behind:
        _fill(pen, light)
    _sitter(pen)
    _camera(pen)
    _lamp(pen, where, SITTER, _half_width(light), _colour(light))
    if not light.behind:
        _elevation(pen, light)
    file = io.BytesIO()
    canvas.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def _lamp_place(light: KeyLight) -> tuple[float, float]:
    angle = math.radians(light.side * FARTHEST)
    if light.behind:
        angle = math.pi - math.radians(light.side * 40 or 48)
    # A frontal lamp must not stand on the camera, nor one from behind in the paper.
    reach = 132.0 if light.behind else 178.0
    return SITTER[0] + reach * math.sin(angle), SITTER[1] + reach * math.cos(angle)


def _half_width(light: KeyLight) -> float:
    return 68 - 46 * light.hardness


def _colour(light: KeyLight) -> tuple[int, int, int]:
    end = WARM if light.warmth > 0 else COOL
    share = min(1.0, abs(light.warmth) * 1.5)
    return _mix(DAY, end, share)


def _mix(a: tuple[int, int, int], b: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def _beam(canvas: "Image.Image", where: tuple[float, float], light: KeyLight) -> "Image.Image":
    """Light falling from the lamp past the sitter, fading on its way."""
    from PIL import Image, ImageChops, ImageDraw, ImageFilter

    along, across = _axes(where, SITTER)
    near, far, length = _half_width(light) * 0.9, _half_width(light) * 0.5 + 70, 290.0
    corners = [
        _at(where, along, across, 0, -near),
        _at(where, along, across, 0, near),
        _at(where, along, across, length, far),
        _at(where, along, across, length, -far),
    ]
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).polygon(corners, fill=190)
    mask = mask.filter(ImageFilter.GaussianBlur(4 + 14 * (1 - light.hardness)))
    fade = Image.radial_gradient("L").resize((600, 600))
    falloff = Image.new("L", (SIDE, SIDE), 255)
    falloff.paste(fade, (round(where[0] - 300), round(where[1] - 300)))
    mask = ImageChops.multiply(mask, ImageChops.invert(falloff))
    warm = Image.new("RGB", canvas.size, _mix(_colour(light), (255, 236, 200), 0.35))
    return Image.composite(warm, canvas, mask.resize(canvas.size, Image.Resampling.BICUBIC))


def _backdrop(pen: "ImageDraw.ImageDraw") -> None:
    """Paper from above: a line with the curl of its roll at both ends."""
    _line(pen, [(120, BACKDROP_Y), (520, BACKDROP_Y)], INK, 7)
    for x in (120, 520):
        _disc(pen, (x, BACKDROP_Y), 9, INK)
        _disc(pen, (x, BACKDROP_Y), 4, PAPER)
    _line(pen, [(140, BACKDROP_Y + 12), (500, BACKDROP_Y + 12)], FAINT, 3)


def _sitter(pen: "ImageDraw.ImageDraw") -> None:
    """Shoulders, head and nose from above."""
    x, y = SITTER
    pen.rounded_rectangle(_box(x - 78, y - 22, x + 78, y + 30), radius=26 * FINE, fill=SOFT)
    pen.polygon(_scaled([(x - 10, y + 36), (x + 10, y + 36), (x, y + 54)]), fill=INK)
    pen.ellipse(_box(x - 36, y - 40, x + 36, y + 42), fill=INK)


def _camera(pen: "ImageDraw.ImageDraw") -> None:
    x, y = CAMERA
    pen.rounded_rectangle(_box(x - 36, y - 8, x + 36, y + 34), radius=9 * FINE, fill=INK)
    pen.rounded_rectangle(_box(x - 17, y - 28, x + 17, y), radius=4 * FINE, fill=INK)
    pen.rounded_rectangle(_box(x - 13, y - 31, x + 13, y - 25), radius=3 * FINE, fill=SOFT)
    for step in range(4):
        _disc(pen, (x, y - 56 - 26 * step), 2.5, SOFT)


def _fill(pen: "ImageDraw.ImageDraw", light: KeyLight) -> None:
    """A pale reflector opposite the key: what would open its shadows."""
    angle = math.radians(-math.copysign(58, light.side))
    where = (SITTER[0] + 190 * math.sin(angle), SITTER[1] + 190 * math.cos(angle))
    along, across = _axes(where, SITTER)
    ends = [_at(where, along, across, 0, reach) for reach in (-44.0, 44.0)]
    _line(pen, ends, SOFT, 9)
    _line(pen, [_at(where, along, across, 1.5, r) for r in (-42.0, 42.0)], (255, 255, 255), 5)


def _lamp(
    pen: "ImageDraw.ImageDraw",
    where: tuple[float, float],
    target: tuple[float, float],
    half: float,
    colour: tuple[int, int, int],
) -> None:
    """A softbox: a lit front as wide as the source, and its dark back."""
    along, across = _axes(where, target)
    neck = min(15.0, half * 0.6)
    back = max(22.0, half * 0.6)
    shell = [
        _at(where, along, across, 0, -half),
        _at(where, along, across, 0, half),
        _at(where, along, across, -back, neck),
        _at(where, along, across, -back - 14, neck),
        _at(where, along, across, -back - 14, -neck),
        _at(where, along, across, -back, -neck),
    ]
    pen.polygon(_scaled(shell), fill=INK)
    _line(pen, [_at(where, along, across, 3, r) for r in (-half, half)], colour, 10)


def _elevation(pen: "ImageDraw.ImageDraw", light: KeyLight) -> None:
    """In the lower left corner: a head in profile, the arc of heights, and the lamp on it."""
    x, y, reach = 60.0, 566.0, 74.0
    bounds = _box(x - reach, y - reach, x + reach, y + reach)
    pen.arc(bounds, -62, 38, fill=FAINT, width=3 * FINE)
    _line(pen, [(x + 32, y), (x + reach - 12, y)], FAINT, 2)
    angle = -math.radians(10 + 45 * light.height)
    spot = (x + reach * math.cos(angle), y + reach * math.sin(angle))
    pen.ellipse(_box(x - 19, y - 24, x + 19, y + 22), fill=SOFT)
    pen.polygon(_scaled([(x + 16, y - 8), (x + 27, y + 5), (x + 16, y + 8)]), fill=SOFT)
    _lamp(pen, spot, (x, y), 8 + 12 * (1 - light.hardness), _colour(light))


def _axes(
    where: tuple[float, float], target: tuple[float, float]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Unit vectors from `where` towards `target`, and across."""
    right, down = target[0] - where[0], target[1] - where[1]
    length = math.hypot(right, down) or 1.0
    return (right / length, down / length), (-down / length, right / length)


def _at(
    where: tuple[float, float],
    along: tuple[float, float],
    across: tuple[float, float],
    ahead: float,
    aside: float,
) -> tuple[float, float]:
    return (
        where[0] + along[0] * ahead + across[0] * aside,
        where[1] + along[1] * ahead + across[1] * aside,
    )


def _scaled(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(x * FINE, y * FINE) for x, y in points]


def _box(left: float, top: float, right: float, low: float) -> tuple[float, float, float, float]:
    return left * FINE, top * FINE, right * FINE, low * FINE


def _line(
    pen: "ImageDraw.ImageDraw",
    points: list[tuple[float, float]],
    colour: tuple[int, int, int],
    width: float,
) -> None:
    """A line with round ends."""
    pen.line(_scaled(points), fill=colour, width=round(width * FINE))
    for point in (points[0], points[-1]):
        _disc(pen, point, width / 2, colour)


def _disc(
    pen: "ImageDraw.ImageDraw",
    centre: tuple[float, float],
    radius: float,
    colour: tuple[int, int, int],
) -> None:
    x, y = centre
    pen.ellipse(_box(x - radius, y - radius, x + radius, y + radius), fill=colour)
