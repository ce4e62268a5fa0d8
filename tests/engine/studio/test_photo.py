"""What crosses the studio's border, and what is turned away."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from engine.errors import PhotoRejected
from engine.studio.encode import to_plain_png
from engine.studio.photo import HEAVIEST, LONGEST_SIDE, decode_photo, read_source


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def scene(width: int = 320, height: int = 240) -> Image.Image:
    """A picture whose left half is red."""
    rgb = np.full((height, width, 3), 200, np.uint8)
    rgb[:, : width // 2] = (200, 20, 20)
    return Image.fromarray(rgb)


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixels."""
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + b"IHDR" + body + struct.pack(">I", zlib.crc32(b"IHDR" + body))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + b"\0\0\0\0"


def frames() -> bytes:
    stills = [scene().convert("P"), Image.new("RGB", (320, 240), "blue").convert("P")]
    return encoded(stills[0], "GIF", save_all=True, append_images=stills[1:], duration=100)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "photo_not_an_image"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "photo_not_an_image"),
        (b"MZ" + bytes(400), "photo_not_an_image"),
        (b"\xff\xd8\xff\xe0" + bytes(200), "photo_unreadable"),
        (encoded(scene())[:1500], "photo_truncated"),
        (encoded(scene(), "PNG")[:300], "photo_truncated"),
        (frames(), "photo_animated"),
        (encoded(Image.new("RGB", (1, 1)), "PNG"), "photo_too_small"),
        (encoded(Image.new("RGB", (4000, 199))), "photo_too_small"),
        (png_header(20000, 10000), "photo_too_many_pixels"),
        (png_header(9000, 7000), "photo_too_many_pixels"),
        (b"\xff\xd8\xff" + bytes(HEAVIEST), "photo_too_heavy"),
    ],
)
def test_a_bad_upload_is_refused_with_its_own_code(data: bytes, code: str) -> None:
    with pytest.raises(PhotoRejected) as refusal:
        decode_photo(data)
    assert refusal.value.code == code


def test_a_sideways_photo_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    rgb = decode_photo(encoded(scene(), exif=exif)).rgb
    assert rgb.shape == (320, 240, 3)
    assert rgb[20, 120, 1] < 60 and rgb[300, 120, 1] > 150


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "RGBA"])
def test_every_colour_mode_becomes_rgb(mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    rgb = decode_photo(encoded(scene().convert(mode), kind)).rgb
    assert rgb.shape == (240, 320, 3) and rgb.dtype == np.uint8


def test_sixteen_bit_grey_keeps_its_tones() -> None:
    ramp = np.tile(np.linspace(0, 65535, 320).astype(np.uint16), (240, 1))
    rgb = decode_photo(encoded(Image.fromarray(ramp), "PNG")).rgb
    assert rgb[100, 0, 0] < 3 and rgb[100, -1, 0] > 252 and abs(int(rgb[100, 160, 0]) - 128) < 4


def test_transparency_becomes_white() -> None:
    rgb = decode_photo(encoded(Image.new("RGBA", (240, 240), (0, 0, 0, 0)), "PNG")).rgb
    assert rgb.min() == 255


def test_an_embedded_profile_is_honoured() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rgb = decode_photo(encoded(scene(), quality=95, icc_profile=lab)).rgb
    assert abs(int(rgb[100, 300, 0]) - 200) < 4


def test_a_broken_profile_does_not_stop_the_photo() -> None:
    assert decode_photo(encoded(scene(), icc_profile=b"nonsense" * 30)).rgb.shape == (240, 320, 3)


def test_a_huge_photo_is_worked_on_at_4096_pixels() -> None:
    assert max(decode_photo(encoded(Image.new("RGB", (6000, 3000)))).rgb.shape) == LONGEST_SIDE


def test_a_cut_out_keeps_its_own_edge(tmp_path: Path) -> None:
    """Alpha is respected, stored with the photo, and read back."""
    picture = Image.new("RGBA", (240, 240), (30, 90, 200, 0))
    picture.paste((200, 20, 20, 255), (60, 60, 180, 240))
    pixels = decode_photo(encoded(picture, "PNG"))
    assert pixels.alpha is not None and pixels.alpha[100, 100] == 1 and pixels.alpha[10, 10] == 0
    path = tmp_path / "stored.png"
    path.write_bytes(to_plain_png(pixels.rgb, pixels.alpha))
    back = read_source(path)
    np.testing.assert_array_equal(back.rgb, pixels.rgb)
    assert back.alpha is not None
    np.testing.assert_allclose(back.alpha, pixels.alpha, atol=1 / 255)


def test_a_photo_that_only_has_an_alpha_channel_is_no_cut_out(tmp_path: Path) -> None:
    assert decode_photo(encoded(scene().convert("RGBA"), "PNG")).alpha is None


@pytest.mark.parametrize("name", ["heic", "avif"])
def test_photos_of_phones_are_read(name: str, data_dir: Path) -> None:
    """A public-domain portrait in the formats phones write."""
    photo = decode_photo((data_dir / f"astronaut.{name}").read_bytes()).rgb
    truth = np.asarray(Image.open(data_dir / "astronaut.png").convert("RGB").resize((256, 256)))
    assert photo.shape == (256, 256, 3)
    assert float(np.abs(photo.astype(int) - truth).mean()) < 8


def test_a_broken_phone_photo_is_a_typed_error(data_dir: Path) -> None:
    data = (data_dir / "astronaut.heic").read_bytes()
    with pytest.raises(PhotoRejected):
        decode_photo(data[:600])


def test_wide_colours_are_brought_home() -> None:
    """Display P3's pure green lies outside sRGB: the red it needs is clipped, not misread."""
    from support.colour import display_p3

    wide = Image.new("RGB", (240, 240), (150, 190, 60))
    rgb = decode_photo(encoded(wide, "PNG", icc_profile=display_p3())).rgb
    red, green, blue = (int(v) for v in rgb[100, 100])
    assert red < 148 and green > 188 and blue < 55
