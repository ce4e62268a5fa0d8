"""The border every upload crosses: bytes in, an upright sRGB picture without metadata out."""

import io
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import PhotoRejected, StudioFailed

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image

HEAVIEST = 40_000_000
MOST_PIXELS = 60_000_000
SHORTEST_SIDE = 200
LONGEST_SIDE = 4096
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
ANIMATED = ("GIF", "PNG", "WEBP")
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
SEE_THROUGH = 0.01
"""The least share of clear pixels that makes a cut-out of a picture with an alpha channel."""


@dataclass(frozen=True, slots=True)
class Pixels:
    """An upright sRGB picture, uint8 HxWx3, and its own cut-out, float32 HxW 0..1, if it is one."""

    rgb: "np.ndarray"
    alpha: "np.ndarray | None" = None


def decode_photo(data: bytes) -> Pixels:
    """Decode an upload, upright, long side at most 4096 pixels, without its metadata.

    Size, pixel count and animation are judged from the header, before any pixel is decoded. Parts
    that are quite transparent become white. Raises `PhotoRejected` with the codes photo_too_heavy,
    photo_not_an_image, photo_truncated, photo_unreadable, photo_animated, photo_too_small and
    photo_too_many_pixels.
    """
    if len(data) > HEAVIEST:
        raise PhotoRejected(f"{len(data)} bytes", code="photo_too_heavy")
    image = _open(data)
    _judge_header(image)
    return _to_pixels(_load(image))


def read_source(path: Path) -> Pixels:
    """A photo as the studio stored it. Raises `StudioFailed` when it cannot be read."""
    import cv2
    import numpy as np

    stored = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if stored is None or stored.ndim != 3:
        raise StudioFailed(f"the photo {path.name} cannot be read")
    rgb = np.ascontiguousarray(stored[..., 2::-1])
    return Pixels(rgb, stored[..., 3].astype(np.float32) / 255 if stored.shape[2] == 4 else None)


def _open(data: bytes) -> "Image.Image":
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=_formats(data))
    except Image.DecompressionBombError as error:
        raise PhotoRejected(str(error), code="photo_too_many_pixels") from error
    except UnidentifiedImageError as error:
        known = data.startswith(SIGNATURES) or data[4:8] == b"ftyp"
        code = "photo_unreadable" if known else "photo_not_an_image"
        raise PhotoRejected(str(error), code=code) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise PhotoRejected(str(error), code="photo_unreadable") from error


@cache
def _learn_heif() -> None:
    """Teach Pillow the photos of iPhones, once."""
    import pi_heif

    pi_heif.register_heif_opener()


def _formats(data: bytes) -> tuple[str, ...]:
    if data[4:8] != b"ftyp":
        return FORMATS
    _learn_heif()
    return (*FORMATS, "HEIF")


def _judge_header(image: "Image.Image") -> None:
    width, height = image.size
    size = f"{width}x{height}"
    if width * height > MOST_PIXELS:
        raise PhotoRejected(size, code="photo_too_many_pixels")
    if min(width, height) < SHORTEST_SIDE:
        raise PhotoRejected(size, code="photo_too_small")
    # A phone's MPO holds several stills, which is no animation.
    if image.format in ANIMATED and getattr(image, "is_animated", False):
        raise PhotoRejected(size, code="photo_animated")


def _load(image: "Image.Image") -> "Image.Image":
    """Decode the pixels and turn them upright by EXIF. JPEGs far over the limit decode smaller."""
    from PIL import ImageOps

    try:
        if image.mode in ("RGB", "L"):
            image.draft(image.mode, (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        return ImageOps.exif_transpose(image)
    except OSError as error:
        cut = "truncated" in str(error) or "Truncated" in str(error)
        code = "photo_truncated" if cut else "photo_unreadable"
        raise PhotoRejected(str(error), code=code) from error
    except (ValueError, SyntaxError, EOFError, IndexError, MemoryError) as error:
        raise PhotoRejected(str(error), code="photo_unreadable") from error


def _to_pixels(image: "Image.Image") -> Pixels:
    import numpy as np

    image = _eight_bit(image)
    if image.mode == "P" or "transparency" in image.info:
        image = image.convert("RGBA")
    alpha = np.asarray(image.getchannel("A")) if image.mode in ("RGBA", "LA", "PA") else None
    rgb = _limited(np.asarray(_to_srgb(image)))
    if alpha is None or alpha.min() > 250:
        return Pixels(rgb)
    alpha = _limited(alpha)
    rgb = np.where(alpha[..., None] > 0, rgb, np.uint8(255))
    whole = float((alpha < 128).mean()) < SEE_THROUGH
    return Pixels(rgb, None if whole else alpha.astype(np.float32) / 255)


def _eight_bit(image: "Image.Image") -> "Image.Image":
    """Bring 16-bit, 32-bit and float greys to 8 bits; other modes pass."""
    import numpy as np
    from PIL import Image

    if not image.mode.startswith(("I", "F")):
        return image
    grey = np.asarray(image, np.float32)
    peak = 65535.0 if image.mode.startswith("I") else max(float(grey.max()), 1e-6)
    return Image.fromarray((np.clip(grey / peak, 0, 1) * 255 + 0.5).astype(np.uint8))


def _to_srgb(image: "Image.Image") -> "Image.Image":
    """Convert by the embedded profile; a broken profile or none means the plain conversion."""
    from PIL import ImageCms

    profile = image.info.get("icc_profile")
    opaque = {"RGBA": "RGB", "LA": "L", "PA": "RGB"}.get(image.mode, image.mode)
    plain = image.convert(opaque) if opaque != image.mode else image
    if not profile or plain.mode not in ("RGB", "CMYK", "L"):
        return plain.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(plain, source, target, outputMode="RGB") or plain
    except (ImageCms.PyCMSError, OSError):
        return plain.convert("RGB")


def _limited(rgb: "np.ndarray") -> "np.ndarray":
    import cv2
    import numpy as np

    height, width = rgb.shape[:2]
    scale = LONGEST_SIDE / max(height, width)
    if scale >= 1:
        return np.ascontiguousarray(rgb)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
