"""A print is cut by the rules of the eye line, bleeds, and never claims dots it does not have."""

import numpy as np
import pytest

from engine.errors import StudioFailed
from engine.studio.encode import to_jpeg
from engine.studio.faces import Anatomy
from engine.studio.printing.layout import must_be_untouched, print_file
from engine.studio.printing.sizes import INCH, SIZES

FACE = Anatomy(eyes=(1024, 940), eye_distance=210, chin=1300, width=480)
PHOTOS = [name for name, size in SIZES.items() if not size.biometric]


def ramps(height: int, width: int) -> np.ndarray:
    """Red tells the column, green the row."""
    rgb = np.zeros((height, width, 3), np.uint8)
    rgb[:, :, 0] = np.linspace(0, 255, width)[None]
    rgb[:, :, 1] = np.linspace(0, 255, height)[:, None]
    return rgb


PICTURE = ramps(2732, 2049)


@pytest.mark.parametrize("name", PHOTOS)
def test_a_print_has_its_size_at_its_dpi(name: str) -> None:
    """A laboratory measures: trim and bleed in millimetres, to half a dot."""
    made = print_file(PICTURE, FACE, name)
    size, dots = SIZES[name], made.dpi / INCH
    assert made.dpi <= 300
    assert made.trim[2] == pytest.approx(size.width * dots, abs=0.51)
    assert made.trim[3] == pytest.approx(size.height * dots, abs=0.51)
    assert made.trim[0] == made.trim[1] == round(3 * dots)
    assert made.rgb.shape[:2] == (made.trim[3] + 2 * made.trim[1], made.trim[2] + 2 * made.trim[0])


def test_a_large_print_keeps_the_true_dpi() -> None:
    """2049x2732 pixels are 233 dpi on A4, whatever one would like to write."""
    made = print_file(PICTURE, FACE, "a4")
    assert made.dpi == int(2732 / (297 / INCH))
    assert made.sentences() == (("card_print_dpi", {"dpi": made.dpi}),)
    small = print_file(PICTURE, FACE, "4x6")
    assert (small.dpi, small.sentences()) == (300, ())


@pytest.mark.parametrize("name", PHOTOS)
def test_nothing_is_cut_that_need_not_be(name: str) -> None:
    """The trimmed part lies in the picture, spans a whole side, and keeps the aspect."""
    window = print_file(PICTURE, FACE, name).window
    assert window.x >= 0 and window.x + window.width <= 2049 + 1e-6
    assert window.y >= 0 and window.y + window.height <= 2732 + 1e-6
    assert window.width == pytest.approx(2049) or window.height == pytest.approx(2732)
    assert window.width / window.height == pytest.approx(SIZES[name].width / SIZES[name].height)
    assert 0.30 <= (940 - window.y) / window.height <= 0.40


def test_bleed_comes_from_the_picture_where_it_has_more() -> None:
    """4x6 loses the sides, so there the bleed is picture; above it is a mirror."""
    made = print_file(PICTURE, FACE, "4x6")
    left, top, wide, tall = made.trim
    row = made.rgb[top + tall // 2, :, 0].astype(int)
    assert row[0] < row[left] < row[left + wide - 1] < row[-1]
    column = made.rgb[:, left + wide // 2, 1].astype(int)
    assert column[0] > column[top]
    assert column[-1] < column[top + tall - 1]


def test_the_picture_is_not_squeezed() -> None:
    """A disc stays a disc."""
    rgb = np.zeros((2732, 2049, 3), np.uint8)
    rows, columns = np.ogrid[:2732, :2049]
    rgb[(rows - 940) ** 2 + (columns - 1024) ** 2 < 400**2] = 255
    made = print_file(rgb, FACE, "5x7").rgb[:, :, 0] > 127
    assert made.any(0).sum() == pytest.approx(made.any(1).sum(), abs=2)


ORIGINAL = ramps(3000, 2400)
HEAD = Anatomy(eyes=(1200, 1200), eye_distance=300, chin=1560, width=640)


@pytest.mark.parametrize("name", ["35x45", "2x2"])
@pytest.mark.parametrize("crown", [None, 800.0])
def test_an_identity_photo_has_the_geometry_the_authority_wants(
    name: str, crown: float | None
) -> None:
    """Head height and eye line in millimetres, by ICAO 9303 and the US Department of State."""
    made = print_file(ORIGINAL, HEAD, name, crown)
    rule, window = SIZES[name].biometric, made.window
    assert rule is not None
    per_mm = window.height / SIZES[name].height
    head = (HEAD.chin - (840 if crown is None else crown)) / per_mm
    eyes = (window.y + window.height - HEAD.eyes[1]) / per_mm
    assert rule.head_least <= head <= rule.head_most
    assert rule.eyes_least <= eyes <= rule.eyes_most
    assert made.trim[:2] == (0, 0)
    assert made.sentences()[0] == ("card_print_id", {})
    assert window.x + window.width / 2 == pytest.approx(1200)


def test_a_head_too_near_the_edge_is_refused_in_words() -> None:
    """No pixel of an identity photo is made up."""
    near = Anatomy((300, 600), 300, 960, 640)
    with pytest.raises(StudioFailed) as refused:
        print_file(ORIGINAL, near, "35x45")
    assert refused.value.code == "cannot_print_room"


def test_a_tiny_head_is_refused_in_words() -> None:
    """A print of 60 dpi is no passport photo."""
    tiny = Anatomy((1200, 1200), 40, 1250, 90)
    with pytest.raises(StudioFailed) as refused:
        print_file(ORIGINAL, tiny, "2x2")
    assert refused.value.code == "cannot_print_small"


def test_identity_photos_come_from_the_original_only() -> None:
    """What we made says so in its metadata; the authority wants an unedited photo."""
    made = to_jpeg(ramps(40, 30), "algorithmicallyEnhanced")
    with pytest.raises(StudioFailed) as refused:
        must_be_untouched("35x45", made)
    assert refused.value.code == "cannot_print_id"
    must_be_untouched("5x7", made)
    must_be_untouched("2x2", b"\xff\xd8 a photo without our mark")


def test_an_unknown_size_is_refused() -> None:
    with pytest.raises(StudioFailed):
        print_file(PICTURE, FACE, "9x9")
