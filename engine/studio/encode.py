"""Finished files: sRGB, 300 dpi, and an honest word about how the picture came to be."""

import io
import re
import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Literal

from engine.errors import StudioFailed

if TYPE_CHECKING:
    import numpy as np

SourceType = Literal[
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "algorithmicallyEnhanced",
    "humanEdits",
]
DRAWN: tuple[SourceType, ...] = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")
"""What only a model can have drawn, the graver first."""

DPI = 300
QUALITY = 95
PNG_HEAD = 33
_ICC_DATE = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
NEWSCODES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_SOURCE = re.compile(rb"newscodes/digitalsourcetype/(\w+)")
_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF \
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" \
xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" \
xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Northlight" \
Iptc4xmpExt:DigitalSourceType="{source}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def to_png(rgb: "np.ndarray", source: SourceType) -> bytes:
    """Encode uint8 HxWx3 (or HxWx4, straight alpha) as PNG: sRGB ICC, 300 dpi, XMP. No EXIF."""
    import cv2

    order = cv2.COLOR_RGB2BGR if rgb.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
    bgr = cv2.cvtColor(rgb, order)
    done, buffer = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise StudioFailed("the PNG could not be written")
    plain = buffer.tobytes()
    tags = _chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(srgb_profile()))
    dots = round(DPI / 0.0254)
    tags += _chunk(b"pHYs", struct.pack(">IIB", dots, dots, 1))
    tags += _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(source))
    return plain[:PNG_HEAD] + tags + plain[PNG_HEAD:]


def to_jpeg(rgb: "np.ndarray", source: SourceType, dpi: float = DPI) -> bytes:
    """Encode uint8 HxWx3 as JPEG, quality 95 without chroma subsampling, tagged like the PNG."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(rgb).save(
        file,
        "JPEG",
        quality=QUALITY,
        subsampling=0,
        dpi=(dpi, dpi),
        icc_profile=srgb_profile(),
        xmp=xmp(source),
    )
    return file.getvalue()


def xmp(source: SourceType) -> bytes:
    """The XMP packet with IPTC's DigitalSourceType."""
    return _XMP.format(source=NEWSCODES + source).encode()


def source_type_of(data: bytes) -> str | None:
    """The DigitalSourceType that a file of ours carries, None when it says nothing."""
    found = _SOURCE.search(data[:65536])
    return found[1].decode() if found else None


@cache
def srgb_profile() -> bytes:
    """An sRGB ICC profile, the same bytes whenever it is made.

    Its header's date (ICC.1:2022, 7.2.10) is fixed and its optional id left open: a picture made
    again is to be the same file.
    """
    from PIL import ImageCms

    made = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return made[:24] + _ICC_DATE + made[36:84] + bytes(16) + made[100:]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def source_type_after(*sources: bytes) -> SourceType:
    """What a picture says of itself that was only enlarged, cut out or laid out from these files.

    What a model drew stays so, all of it or in part; anything else was enhanced by rules.
    """
    told = {source_type_of(data) for data in sources}
    for kind in DRAWN:
        if kind in told:
            return kind
    return "algorithmicallyEnhanced"
