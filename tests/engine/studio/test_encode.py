"""Files say what they are."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from engine.studio.encode import (
    SourceType,
    source_type_after,
    source_type_of,
    srgb_profile,
    to_jpeg,
    to_png,
)


def picture() -> np.ndarray:
    ramp = np.linspace(0, 255, 96).astype(np.uint8)
    return np.stack(
        [np.tile(ramp, (64, 1)), np.full((64, 96), 90, np.uint8), np.tile(ramp[::-1], (64, 1))], 2
    )


@pytest.mark.parametrize("encode", [to_png, to_jpeg])
def test_a_finished_file_carries_profile_resolution_and_source(encode: "object") -> None:
    data = encode(picture(), "trainedAlgorithmicMedia")  # type: ignore[operator]
    image = Image.open(io.BytesIO(data))
    image.load()
    assert image.size == (96, 64)
    assert [round(d) for d in image.info["dpi"]] == [300, 300]
    profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    assert not image.getexif()
    assert "digitalsourcetype/trainedAlgorithmicMedia" in str(image.info["xmp"])
    assert source_type_of(data) == "trainedAlgorithmicMedia"


def test_png_is_lossless_and_jpeg_nearly() -> None:
    png = np.asarray(Image.open(io.BytesIO(to_png(picture(), "algorithmicallyEnhanced"))))
    jpeg = np.asarray(Image.open(io.BytesIO(to_jpeg(picture(), "algorithmicallyEnhanced"))))
    assert (png == picture()).all()
    assert np.abs(jpeg.astype(int) - picture()).mean() < 2


def test_a_foreign_file_says_nothing() -> None:
    assert source_type_of(b"\xff\xd8\xff" + bytes(100)) is None


@pytest.mark.parametrize(
    ("sources", "after"),
    [
        (("trainedAlgorithmicMedia",), "trainedAlgorithmicMedia"),
        (("compositeWithTrainedAlgorithmicMedia",), "compositeWithTrainedAlgorithmicMedia"),
        (("humanEdits", "trainedAlgorithmicMedia"), "trainedAlgorithmicMedia"),
        (("algorithmicallyEnhanced",), "algorithmicallyEnhanced"),
        ((), "algorithmicallyEnhanced"),
    ],
)
def test_what_a_model_drew_stays_said(sources: tuple[SourceType, ...], after: str) -> None:
    """However it is cut or enlarged afterwards; a photo is only enhanced."""
    files = [to_jpeg(picture(), source) for source in sources] or [b"\xff\xd8\xff"]
    assert source_type_after(*files) == after


def test_the_colour_profile_does_not_say_when_it_was_made() -> None:
    """A picture made again another day is the same file; and the profile is still read."""
    profile = srgb_profile()
    assert struct.unpack(">6H", profile[24:36]) == (2000, 1, 1, 0, 0, 0)
    srgb_profile.cache_clear()
    assert srgb_profile() == profile
    read = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    assert "sRGB" in ImageCms.getProfileDescription(read)
