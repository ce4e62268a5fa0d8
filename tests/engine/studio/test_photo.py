"""What crosses the studio's border, and what is turned away."""

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from engine.errors import PhotoRejected, StudioFailed
from engine.studio.photo import (
    HEAVIEST,
    LONGEST_SIDE,
    decode_photo,
    decode_with_alpha,
    encode_photo,
    read_source,
)


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
        (b"\0\0\0\x18ftypheic" + bytes(300), "photo_unreadable"),
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
    rgb = decode_photo(encoded(scene(), exif=exif))
    assert rgb.shape == (320, 240, 3)
    assert rgb[20, 120, 1] < 60 and rgb[300, 120, 1] > 150


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "LA", "RGBA"])
def test_every_colour_mode_becomes_rgb(mode: str) -> None:
    kind = "TIFF" if mode == "CMYK" else "PNG"
    rgb = decode_photo(encoded(scene().convert(mode), kind))
    assert rgb.shape == (240, 320, 3) and rgb.dtype == np.uint8


def test_sixteen_bit_grey_keeps_its_tones() -> None:
    ramp = np.tile(np.linspace(0, 65535, 320).astype(np.uint16), (240, 1))
    rgb = decode_photo(encoded(Image.fromarray(ramp), "PNG"))
    assert rgb[100, 0, 0] < 3 and rgb[100, -1, 0] > 252 and abs(int(rgb[100, 160, 0]) - 128) < 4


def test_transparency_becomes_white() -> None:
    rgb = decode_photo(encoded(Image.new("RGBA", (240, 240), (0, 0, 0, 0)), "PNG"))
    assert rgb.min() == 255


def test_an_embedded_profile_is_honoured() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    rgb = decode_photo(encoded(scene(), quality=95, icc_profile=lab))
    assert abs(int(rgb[100, 300, 0]) - 200) < 4


def test_a_broken_profile_does_not_stop_the_photo() -> None:
    assert decode_photo(encoded(scene(), icc_profile=b"nonsense" * 30)).shape == (240, 320, 3)


def test_a_huge_photo_is_worked_on_at_4096_pixels() -> None:
    assert max(decode_photo(encoded(Image.new("RGB", (6000, 3000)))).shape) == LONGEST_SIDE


def chromaticities_profile(*primaries: tuple[float, float]) -> bytes:
    """A matrix ICC profile of these xy primaries, D65, gamma 2.2 (ICC.1:2010, v2 matrix/TRC)."""
    xyz = np.array([[x / y, 1.0, (1 - x - y) / y] for x, y in primaries]).T
    white = np.array([0.3127 / 0.3290, 1.0, (1 - 0.3127 - 0.3290) / 0.3290])
    d50 = np.array([0.9642, 1.0, 0.8249])
    cone = np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    )
    adapt = np.linalg.inv(cone) @ np.diag((cone @ d50) / (cone @ white)) @ cone
    colorants = (adapt @ (xyz * np.linalg.solve(xyz, white))).T

    def fixed(values: np.ndarray) -> bytes:
        return b"".join(struct.pack(">i", round(float(v) * 65536)) for v in values)

    words = b"desc" + bytes(4) + struct.pack(">I", 5) + b"Test\0" + bytes(78)
    tags = {b"desc": words, b"cprt": b"text" + bytes(4) + b"none\0", b"wtpt": b"XYZ " + bytes(4)}
    tags[b"wtpt"] += fixed(d50)
    for name, colorant in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True):
        tags[name] = b"XYZ " + bytes(4) + fixed(colorant)
    for name in (b"rTRC", b"gTRC", b"bTRC"):
        tags[name] = b"curv" + bytes(4) + struct.pack(">IH", 1, round(2.2 * 256))
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        padded = data + bytes(-len(data) % 4)
        table += name + struct.pack(">II", start + len(body), len(data))
        body += padded
    head = struct.pack(">I4sI4s4s4s12x4s", start + len(body), b"", 0x02100000, b"mntr", b"RGB ",
                       b"XYZ ", b"acsp")  # fmt: skip
    head += bytes(28) + fixed(d50) + bytes(48)
    return head + struct.pack(">I", len(tags)) + table + body


DISPLAY_P3 = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_RGB = ((0.640, 0.330), (0.210, 0.710), (0.150, 0.060))


@pytest.mark.parametrize("primaries", [DISPLAY_P3, ADOBE_RGB])
def test_a_wide_gamut_photo_keeps_the_colour_it_shows(primaries: tuple) -> None:
    """Read as sRGB, a skin tone of a wider space would come out pale and dull."""
    skin = Image.new("RGB", (240, 240), (196, 146, 122))
    wide = encoded(skin, "PNG", icc_profile=chromaticities_profile(*primaries))
    red, green, blue = (int(v) for v in decode_photo(wide)[100, 100])
    assert red > 200 and red - blue > 196 - 122 + 4
    assert abs(green - 146) < 8


def test_a_grey_of_a_wide_gamut_photo_stays_grey() -> None:
    grey = Image.new("RGB", (240, 240), (128, 128, 128))
    pixel = decode_photo(encoded(grey, "PNG", icc_profile=chromaticities_profile(*DISPLAY_P3)))[
        9, 9
    ].astype(int)
    assert np.ptp(pixel) <= 2 and abs(pixel[0] - 128) < 4


def test_a_phone_s_heic_is_read_upright(astronaut: Path) -> None:
    rgb = decode_photo((astronaut.parent / "astronaut.heic").read_bytes())
    truth = np.asarray(Image.open(astronaut).convert("RGB").crop((60, 0, 444, 512)))
    assert rgb.shape == truth.shape
    assert float(np.abs(rgb.astype(int) - truth).mean()) < 8


def test_nothing_but_pixels_is_stored(astronaut: Path, tmp_path: Path) -> None:
    stored = encode_photo(decode_with_alpha((astronaut.parent / "astronaut.heic").read_bytes()))
    again = Image.open(io.BytesIO(stored))
    assert not again.info and not again.getexif()
    assert b"Maker" not in stored


def test_a_cmyk_jpeg_keeps_its_colours(astronaut: Path) -> None:
    plain = Image.open(astronaut).convert("RGB")
    rgb = decode_photo(encoded(plain.convert("CMYK"), "JPEG", quality=95))
    assert float(np.abs(rgb.astype(int) - np.asarray(plain)).mean()) < 6


def test_a_sixteen_bit_colour_png_keeps_its_colours(astronaut: Path) -> None:
    plain = np.asarray(Image.open(astronaut).convert("RGB"))
    deep = cv2.imencode(".png", plain[:, :, ::-1].astype(np.uint16) * 257)[1].tobytes()
    assert float(np.abs(decode_photo(deep).astype(int) - plain).max()) <= 1


def test_a_still_gif_is_a_photo(astronaut: Path) -> None:
    plain = Image.open(astronaut).convert("RGB")
    decoded = decode_with_alpha(encoded(plain.convert("P", palette=Image.Palette.ADAPTIVE), "GIF"))
    assert decoded.alpha is None
    assert float(np.abs(decoded.rgb.astype(int) - np.asarray(plain)).mean()) < 8


def cut_out(size: int = 300) -> Image.Image:
    """A blue disc with a soft edge, its surroundings see-through and secretly green."""
    y, x = np.mgrid[0:size, 0:size]
    alpha = np.clip(size * 0.4 - np.hypot(x - size / 2, y - size / 2), 0, 1) * 255
    rgba = np.zeros((size, size, 4), np.uint8)
    rgba[...] = (0, 255, 0, 0)
    rgba[alpha > 0] = (20, 40, 200, 0)
    rgba[..., 3] = alpha
    return Image.fromarray(rgba)


def test_transparency_survives_the_store(tmp_path: Path) -> None:
    decoded = decode_with_alpha(encoded(cut_out(), "PNG"))
    file = tmp_path / "photo.png"
    file.write_bytes(encode_photo(decoded))
    rgb, alpha = read_source(file)
    assert alpha is not None
    np.testing.assert_array_equal(alpha, np.asarray(cut_out())[..., 3])
    np.testing.assert_array_equal(rgb, decoded.rgb)
    assert tuple(rgb[0, 0]) == (255, 255, 255) and tuple(rgb[150, 150]) == (20, 40, 200)


def test_rounded_corners_are_no_cut_out() -> None:
    image = scene(400, 400).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 20, 20))
    decoded = decode_with_alpha(encoded(image, "PNG"))
    assert decoded.alpha is None and decoded.rgb[5, 5].min() == 255


def test_an_opaque_photo_is_stored_without_alpha(tmp_path: Path) -> None:
    decoded = decode_with_alpha(encoded(scene(), "PNG"))
    file = tmp_path / "photo.png"
    file.write_bytes(encode_photo(decoded))
    rgb, alpha = read_source(file)
    assert alpha is None
    np.testing.assert_array_equal(rgb, np.asarray(scene()))


def test_a_stored_photo_that_is_gone_is_an_error_of_the_studio(tmp_path: Path) -> None:
    with pytest.raises(StudioFailed):
        read_source(tmp_path / "nothing.png")
