"""What a finished file says of itself, read back from its bytes."""

import struct
from collections.abc import Iterator

from engine.jobs import Check
from engine.studio.encode import DPI, source_type_of

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def tags(png: bytes, source: str) -> Check:
    """How many of ICC profile, 300 dpi and this DigitalSourceType the PNG lacks: 0 is asked.

    Reads the PNG's own chunks (PNG specification: iCCP, and pHYs in dots per metre), not what the
    writer meant to write.
    """
    found = dict(_chunks(png))
    dots = struct.unpack(">IIB", found["pHYs"]) if len(found.get("pHYs", b"")) == 9 else (0, 0, 0)
    wanted = round(DPI / 0.0254)
    told = source_type_of(png)
    missing = ("iCCP" not in found) + (dots != (wanted, wanted, 1)) + (told != source)
    return Check("tags", float(missing), "0..0", missing == 0)


def _chunks(png: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of the chunks before the pixels."""
    place = len(SIGNATURE)
    while png.startswith(SIGNATURE) and place + 8 <= len(png):
        length, name = struct.unpack_from(">I4s", png, place)
        if name == b"IDAT":
            return
        yield name.decode("latin-1"), png[place + 8 : place + 8 + length]
        place += length + 12
