"""What is asked for, and what of a photo leaves the machine."""

import cv2
import numpy as np
import pytest

from engine.base import Box
from engine.shots import EVERYONE, Shot
from engine.studio.faces import Anatomy, Face
from engine.studio.hosted.asking import lay_out, png, shrunk, sitter, sitter_alone, size_for, words
from engine.studio.hosted.fitting import crop_to, put_back

SIZES = ((1024, 1024), (1024, 1536), (1536, 1024))
POINTS = np.zeros((5, 2), np.float32)


def face(x: int, side: int = 40) -> Face:
    return Face(Box(x, 60, side, side), POINTS, 1.0)


def opened(data: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None
    return picture


@pytest.mark.parametrize(
    ("aspect", "size"),
    [
        ("3:4", (1024, 1536)),
        ("2:3", (1024, 1536)),
        ("4:5", (1024, 1536)),
        ("1:1", (1024, 1024)),
        ("2049:2732", (1024, 1536)),
    ],
)
def test_the_size_that_is_cut_the_least_is_asked_for(aspect: str, size: tuple[int, int]) -> None:
    assert size_for(aspect, SIZES) == size


def test_a_server_with_sizes_of_its_own_is_asked_for_the_exact_one() -> None:
    assert size_for("3:4", (*SIZES, (1152, 1536))) == (1152, 1536)


def test_of_a_group_only_the_sitter_is_sent() -> None:
    """The others did not ask to leave the machine."""
    photo = np.zeros((400, 400, 3), np.uint8)
    faces = (face(40), face(300))
    photo[60:100, 40:80], photo[60:100, 300:340] = 100, 200
    sent = sitter_alone(photo, faces, 1)
    assert 200 in sent
    assert 100 not in sent


@pytest.mark.parametrize(("faces", "who"), [((face(40),), 0), ((face(40), face(300)), EVERYONE)])
def test_one_person_or_a_wanted_group_is_sent_whole(faces: tuple[Face, ...], who: int) -> None:
    photo = np.zeros((400, 400, 3), np.uint8)
    assert sitter_alone(photo, faces, who).shape == photo.shape


def test_no_more_pixels_are_sent_than_can_be_drawn_and_no_metadata() -> None:
    sent = png(shrunk(np.zeros((3000, 4000, 3), np.uint8), 1536))
    assert opened(sent).shape == (1152, 1536, 3)
    assert all(tag not in sent for tag in (b"eXIf", b"tEXt", b"iTXt", b"zTXt"))


def test_words_are_prose_and_say_what_stays() -> None:
    shot = Shot("edit", 1, prompt="short", dialects={"prose": "A portrait."}, region="blazer")
    assert words(shot).endswith("A portrait.")
    assert "recognisably the same person" in words(shot)
    assert "grown adult" in words(Shot("generate", 1, prompt="x"))
    repaint = words(Shot("inpaint", 1, prompt="a red coat", region="blazer"))
    assert "Change only the blazer" in repaint
    assert repaint.endswith("a red coat")
    subtle = words(Shot("vary", 1, prompt="x", change="subtle"))
    assert subtle != words(Shot("vary", 1, prompt="x", change="strong"))


def test_a_seed_is_one_sitter_whatever_they_wear() -> None:
    one = Shot("generate", 7, {"gender": "woman", "wardrobe": "coat"})
    assert sitter(one) == sitter(Shot("generate", 7, {"gender": "woman", "wardrobe": "suit"}))
    assert sitter(one) != sitter(Shot("generate", 8, {"gender": "woman"}))
    assert sitter(one) != sitter(Shot("generate", 7, {"gender": "man"}))


@pytest.mark.parametrize("aspect", ["3:4", "2:3", "4:5", "1:1"])
def test_a_crop_is_exactly_the_format_and_keeps_eyes_and_crown(aspect: str) -> None:
    rgb = np.zeros((1536, 1024, 3), np.uint8)
    eyes, chin = (300.0, 420.0), 560.0
    rgb[415:425, 295:305] = 255
    cut = crop_to(rgb, aspect, Anatomy(eyes, 120.0, chin, 260.0))
    wide, tall = map(int, aspect.split(":"))
    assert cut.shape[1] * tall == cut.shape[0] * wide
    rows, columns = np.nonzero(cut[..., 0])
    assert len(rows) == 100, "the eyes are in the picture"
    crown = rows.mean() - 1.15 * (chin - eyes[1])
    assert crown >= 0
    assert columns.mean() <= cut.shape[1] / 2


def test_a_repainted_picture_keeps_every_pixel_outside_its_mask() -> None:
    """Whatever the server did there."""
    rng = np.random.default_rng(1)
    original = rng.integers(0, 255, (400, 300, 3), np.uint8)
    mask = np.zeros((400, 300), np.float32)
    mask[200:380, 50:250] = 1
    canvas = lay_out(original, mask, (256, 384))
    assert canvas.rgb.shape == (384, 256, 3)
    answer = np.full((384, 256, 3), 255, np.uint8)
    made = put_back(original, mask, canvas, answer)
    assert (made[mask == 0] == original[mask == 0]).all()
    assert (made[270:310, 120:180] == 255).all()


def test_a_mask_is_transparent_where_the_server_is_to_draw() -> None:
    mask = np.zeros((300, 300), np.float32)
    mask[:150] = 1
    canvas = lay_out(np.full((300, 300, 3), 9, np.uint8), mask, (300, 400))
    alpha = opened(canvas.mask())[..., 3]
    left, top, width, height = canvas.box
    assert (left, top, width, height) == (0, 50, 300, 300)
    assert not alpha[top + 10 : top + 140].any()
    assert (alpha[:top] == 255).all(), "what surrounds the picture is not asked for"
    assert (alpha[top + 160 :] == 255).all()
