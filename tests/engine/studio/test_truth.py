"""The truth sheet is measured from the two pictures."""

import io

import numpy as np
import pytest
from PIL import Image

from engine.studio.truth import Evidence, regions, truth_sheet


def evidence(**changes: object) -> Evidence:
    """A sitter in the middle of a photo whose wall was replaced."""
    rng = np.random.default_rng(1)
    photo = rng.integers(90, 110, (200, 150, 3)).astype(np.uint8)
    result = photo.copy()
    alpha = np.zeros((200, 150), np.float32)
    alpha[60:, 40:110] = 1
    result[alpha == 0] = (30, 60, 120)
    facts = {
        "original": photo,
        "result": result,
        "alpha": alpha,
        "inside": np.ones((200, 150), bool),
        "enlarged": 1.0,
    }
    return Evidence(**(facts | changes))  # type: ignore[arg-type]


def test_every_place_has_exactly_one_fate() -> None:
    found = regions(evidence())
    total = sum(mask.astype(int) for mask in found.values())
    assert (np.asarray(total) == 1).all()


def test_an_untouched_sitter_is_kept_and_the_wall_replaced() -> None:
    found = regions(evidence())
    assert found["kept"][120, 75] and found["replaced"][10, 10]
    assert found["relit"].mean() < 0.01


def test_a_relit_cheek_is_found_where_it_is() -> None:
    plain = evidence()
    result = plain.result.copy()
    result[100:150, 60:90] += 40
    found = regions(evidence(result=result))
    assert found["relit"][125, 75] and found["kept"][185, 75]


def test_light_shaped_too_gently_to_see_is_told_all_the_same() -> None:
    shaded = np.zeros((200, 150), np.float32)
    shaded[:, 60:70], shaded[:, 80:90] = 0.15, -0.15
    found = regions(evidence(shaded=shaded))
    assert found["relit"][130, 65] and found["relit"][130, 85] and found["kept"][130, 75]
    assert not found["relit"][10, 65]


def test_grain_alone_is_no_change() -> None:
    plain = evidence()
    rng = np.random.default_rng(2)
    grain = rng.normal(0, 3, plain.result.shape)
    result = np.clip(plain.result + grain, 0, 255).astype(np.uint8)
    assert regions(evidence(result=result))["relit"].mean() < 0.01


def test_what_the_photo_never_showed_was_added() -> None:
    inside = np.ones((200, 150), bool)
    inside[:80] = False
    assert regions(evidence(inside=inside))["replaced"][70, 75]


@pytest.mark.parametrize("enlarged", [1.0, 3.4])
def test_the_sheet_is_one_wide_picture_without_metadata(enlarged: float) -> None:
    picture = Image.open(io.BytesIO(truth_sheet(evidence(enlarged=enlarged))))
    assert picture.format == "JPEG" and picture.width > 1.5 * picture.height
    assert not picture.getexif()


def test_the_sheet_says_when_detail_is_computed() -> None:
    """The line of words differs between an enlarged picture and one that is not."""
    sheets = [truth_sheet(evidence(enlarged=e)) for e in (1.0, 3.4)]
    one, two = (np.asarray(Image.open(io.BytesIO(s)).convert("L")).astype(int) for s in sheets)
    apart = np.abs(one - two) > 60
    assert apart[-120:].any() and not apart[:-120].any()
