"""A file says what it is; the check reads the bytes, not the intention."""

import numpy as np
import pytest

from engine.studio.checks import tags
from engine.studio.encode import to_png
from engine.studio.photo import Decoded, encode_photo

RGB = np.full((40, 30, 3), 90, np.uint8)


def test_our_own_file_carries_all_three() -> None:
    assert tags(to_png(RGB, "algorithmicallyEnhanced"), "algorithmicallyEnhanced").passed


def test_a_bare_png_lacks_all_three() -> None:
    found = tags(encode_photo(Decoded(RGB)), "algorithmicallyEnhanced")
    assert (found.value, found.passed) == (3.0, False)


def test_another_source_type_is_a_false_label() -> None:
    png = to_png(RGB, "algorithmicallyEnhanced")
    assert tags(png, "trainedAlgorithmicMedia").value == 1


@pytest.mark.parametrize("name", [b"iCCP", b"pHYs"])
def test_a_missing_chunk_is_noticed(name: bytes) -> None:
    png = to_png(RGB, "algorithmicallyEnhanced").replace(name, b"prVt")
    assert tags(png, "algorithmicallyEnhanced").value == 1


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\0\0"])
def test_what_is_no_png_fails_and_does_not_raise(data: bytes) -> None:
    assert tags(data, "algorithmicallyEnhanced").value == 3
