"""Print sizes in millimetres: photographs with bleed, identity photos with their geometry."""

from dataclasses import dataclass

from engine.errors import StudioFailed

INCH = 25.4
DPI = 300
BLEED = 3.0


@dataclass(frozen=True, slots=True)
class Biometric:
    """Where an authority wants the head, in millimetres.

    `head` is crown to chin, allowed from `head_least` to `head_most`; `eyes` is the height of the
    eyes above the lower edge, allowed from `eyes_least` to `eyes_most`.
    """

    head: float
    head_least: float
    head_most: float
    eyes: float
    eyes_least: float
    eyes_most: float


@dataclass(frozen=True, slots=True)
class PrintSize:
    """A print by its trimmed width and height in millimetres, upright."""

    name: str
    width: float
    height: float
    bleed: float = BLEED
    biometric: Biometric | None = None


def _inches(name: str, width: float, height: float) -> PrintSize:
    return PrintSize(name, width * INCH, height * INCH)


# ICAO Doc 9303-3 and its portrait quality report: crown to chin 70-80 % of 45 mm, eyes in the
# upper half. US Department of State, travel.state.gov "Photo requirements": head 1 to 1 3/8 in,
# eyes 1 1/8 to 1 3/8 in above the lower edge.
PASSPORT = Biometric(33, 32, 36, 24, 22.5, 29)
US_VISA = Biometric(30.5, INCH, 1.375 * INCH, 31, 1.125 * INCH, 1.375 * INCH)

SIZES: dict[str, PrintSize] = {
    size.name: size
    for size in (
        _inches("4x6", 4, 6),
        _inches("5x7", 5, 7),
        _inches("8x10", 8, 10),
        _inches("11x14", 11, 14),
        PrintSize("a4", 210, 297),
        PrintSize("35x45", 35, 45, 0, PASSPORT),
        PrintSize("2x2", 2 * INCH, 2 * INCH, 0, US_VISA),
    )
}
PAGES: dict[str, tuple[float, float]] = {
    "4x6": (4 * INCH, 6 * INCH),
    "a4": (210.0, 297.0),
    "letter": (8.5 * INCH, 11 * INCH),
}


def size_of(name: str) -> PrintSize:
    """The print size of that name. Raises `StudioFailed`."""
    if name not in SIZES:
        raise StudioFailed(f"no print size {name!r}")
    return SIZES[name]


def default_page(size: PrintSize) -> str:
    """The page that several copies usually go on: a name of `PAGES`."""
    return "4x6" if size.biometric else "a4"
