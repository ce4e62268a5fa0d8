"""A few shapes drawn once and shown twice: as SVG text and as PNG pixels, alike."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape, quoteattr

from engine.studio.lettering import Lettering

if TYPE_CHECKING:
    from PIL import ImageDraw

FINE = 3
"""Supersampling of the pixels."""
Point = tuple[float, float]
Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Area:
    """A filled polygon; `opacity` 0..1."""

    points: Sequence[Point]
    colour: str
    opacity: float = 1.0


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line through points with round ends; `width` in units."""

    points: Sequence[Point]
    colour: str
    width: float


@dataclass(frozen=True, slots=True)
class Disc:
    """A filled ellipse around a centre."""

    centre: Point
    across: float
    down: float
    colour: str


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `where` is its baseline's start, middle or end."""

    text: str
    where: Point
    size: float
    colour: str
    anchor: Anchor = "start"


Shape = Area | Stroke | Disc | Words


def to_svg(shapes: Sequence[Shape], width: int, height: int, paper: str, title: str) -> bytes:
    """A self-contained SVG (UTF-8) without scripts or outside references; texts are escaped."""
    body = "\n".join(map(_element, shapes))
    name = quoteattr(title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label={name} font-family="Helvetica, Arial, '
        f'sans-serif">\n<title>{escape(title)}</title>\n'
        f'<rect width="{width}" height="{height}" fill="{paper}"/>\n{body}\n</svg>\n'
    ).encode()


def to_png(shapes: Sequence[Shape], width: int, height: int, paper: str) -> bytes:
    """The same as an RGB PNG of width x height pixels."""
    from PIL import Image, ImageDraw

    canvas = Image.new("RGB", (width * FINE, height * FINE), paper)
    pen = ImageDraw.Draw(canvas, "RGBA")  # blends instead of replacing
    letters = Lettering(" ".join(s.text for s in shapes if isinstance(s, Words)))
    for shape in shapes:
        _paint(pen, shape, letters)
    file = io.BytesIO()
    canvas.resize((width, height), Image.Resampling.LANCZOS).save(file, "PNG")
    return file.getvalue()


def _element(shape: Shape) -> str:
    match shape:
        case Area(points, colour, opacity):
            return f'<polygon points="{_list(points)}" fill="{colour}" fill-opacity="{opacity:g}"/>'
        case Stroke(points, colour, width):
            return (
                f'<polyline points="{_list(points)}" fill="none" stroke="{colour}" '
                f'stroke-width="{width:g}" stroke-linecap="round" stroke-linejoin="round"/>'
            )
        case Disc((x, y), across, down, colour):
            return (
                f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{across:g}" ry="{down:g}" '
                f'fill="{colour}"/>'
            )
        case Words(text, (x, y), size, colour, anchor):
            return (
                f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{colour}" '
                f'text-anchor="{anchor}">{escape(text)}</text>'
            )


def _list(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _paint(pen: "ImageDraw.ImageDraw", shape: Shape, letters: Lettering) -> None:
    match shape:
        case Area(points, colour, opacity):
            pen.polygon(_fine(points), fill=f"{colour}{round(255 * opacity):02x}")
        case Stroke(points, colour, width):
            pen.line(_fine(points), fill=colour, width=round(width * FINE), joint="curve")
            for point in points:
                _disc(pen, point, width / 2, width / 2, colour)
        case Disc(centre, across, down, colour):
            _disc(pen, centre, across, down, colour)
        case Words():
            _write(pen, shape, letters)


def _write(pen: "ImageDraw.ImageDraw", words: Words, letters: Lettering) -> None:
    font = letters.font(words.size * FINE)
    anchor = {"start": "ls", "middle": "ms", "end": "rs"}[words.anchor]
    pen.text(
        _fine([words.where])[0],
        letters.spell(words.text),
        fill=words.colour,
        font=font,
        anchor=anchor,
    )


def _disc(
    pen: "ImageDraw.ImageDraw", centre: Point, across: float, down: float, colour: str
) -> None:
    x, y = centre
    corners = [(x - across, y - down), (x + across, y + down)]
    pen.ellipse(_fine(corners), fill=colour)


def _fine(points: Sequence[Point]) -> list[Point]:
    return [(x * FINE, y * FINE) for x, y in points]
