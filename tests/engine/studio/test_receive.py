"""What a received photo brings along: its people, the advice, the light drawn, the numbers."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.base import Box, KeyLight, Photo
from engine.blobs import DiskBlobs
from engine.studio.diagram import SIDE, draw_diagram
from engine.studio.faces import FaceFinder
from engine.studio.numbered import LONGEST, number_people
from engine.studio.photo import read_source
from engine.studio.receive import receive

Take = Callable[[Image.Image], Photo]


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> DiskBlobs:
    return DiskBlobs(tmp_path_factory.mktemp("blobs"))


@pytest.fixture(scope="module")
def take(weights: Callable[[str], Path], blobs: DiskBlobs) -> Take:
    finder = FaceFinder(weights)

    def hand_in(image: Image.Image) -> Photo:
        file = io.BytesIO()
        image.save(file, "PNG")
        return receive(file.getvalue(), blobs, finder)

    return hand_in


@pytest.fixture(scope="module")
def portrait(astronaut: Path) -> Image.Image:
    return Image.open(astronaut).convert("RGB")


def opened(blobs: DiskBlobs, blob: str) -> Image.Image:
    return Image.open(blobs.path(blob))


def test_a_portrait_brings_its_light_and_a_drawing_of_it(
    take: Take, blobs: DiskBlobs, portrait: Image.Image
) -> None:
    photo = take(portrait)
    assert photo.light is not None and photo.light.side < -0.2
    assert opened(blobs, photo.diagram).size == (SIDE, SIDE)
    assert photo.numbered == ""


def test_several_people_are_numbered_and_passers_by_are_not(
    take: Take, blobs: DiskBlobs, portrait: Image.Image
) -> None:
    one = portrait.crop((110, 0, 350, 300))
    group = Image.new("RGB", (720, 300), "grey")
    group.paste(one, (0, 0))
    group.paste(one.resize((200, 250)), (250, 40))
    group.paste(one.resize((80, 100)), (600, 150))
    photo = take(group)
    assert [face.x < 250 for face in photo.faces] == [True, False]
    assert photo.hints[0] == "photo_several_people"
    picture = opened(blobs, photo.numbered)
    assert picture.format == "JPEG" and not picture.getexif()


def test_a_thumbnail_is_taken_with_advice(take: Take, portrait: Image.Image) -> None:
    photo = take(portrait.resize((300, 300)))
    assert len(photo.faces) == 1
    assert photo.hints[0] == "coach_much_closer"


def test_a_panorama_is_cut_to_its_person(take: Take, portrait: Image.Image) -> None:
    wide = Image.effect_noise((2400, 512), 12).convert("RGB")
    wide.paste(portrait, (1500, 0))
    photo = take(wide)
    assert (photo.width, photo.height) == (768, 512)
    assert len(photo.faces) == 1
    assert 200 < photo.faces[0].x < 500


def test_a_panorama_without_a_person_stays_whole(take: Take) -> None:
    photo = take(Image.effect_noise((1200, 300), 12).convert("RGB"))
    assert (photo.width, photo.hints) == (1200, ("photo_no_person",))
    assert photo.light is None and not photo.diagram


def test_a_photo_of_a_photo_works_like_any_photo(take: Take, portrait: Image.Image) -> None:
    """A print lies on a table, a little askew."""
    table = Image.new("RGB", (900, 900), (120, 84, 58))
    print_ = portrait.convert("RGBA").rotate(6, expand=True, resample=Image.Resampling.BICUBIC)
    table.paste(print_, (150, 150), print_)
    assert len(take(table).faces) == 1


def test_a_cut_out_person_keeps_their_own_outline(
    take: Take, blobs: DiskBlobs, portrait: Image.Image
) -> None:
    cut = portrait.copy()
    mask = Image.new("L", cut.size, 0)
    mask.paste(255, (120, 0, 340, 512))
    cut.putalpha(mask)
    photo = take(cut)
    rgb, alpha = read_source(blobs.path(photo.blob))
    assert len(photo.faces) == 1
    assert alpha is not None and np.array_equal(alpha, np.asarray(mask))
    assert rgb[10, 10].min() == 255


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


def test_every_person_gets_a_badge_inside_the_picture() -> None:
    photo = np.full((900, 2600, 3), 128, np.uint8)
    people = (Box(0, 0, 300, 360), Box(1200, 300, 200, 240), Box(2500, 840, 100, 60))
    picture = pixels(number_people(photo, people))
    assert max(picture.shape) == LONGEST
    changed = np.abs(picture - 128).max(2) > 60
    third = picture.shape[1] // 3
    assert all(changed[:, i * third : (i + 1) * third].sum() > 300 for i in range(3))
    assert changed.mean() < 0.05


def test_a_mirrored_light_is_drawn_mirrored() -> None:
    """The head's elevation in the corner stays where it is."""
    here, there = (pixels(draw_diagram(KeyLight(side, 0.3, 0.4))) for side in (-0.7, 0.7))
    assert np.abs(here[:420, ::-1] - there[:420]).mean() < 1
    assert np.abs(here[:420] - there[:420]).mean() > 3


@pytest.mark.parametrize(
    "other",
    [
        KeyLight(0.5, 0.9, 0.5, 0.0),
        KeyLight(0.5, 0.0, 0.0, 0.0),
        KeyLight(0.5, 0.0, 0.5, 0.9),
        KeyLight(0.5, 0.0, 0.5, -0.9),
        KeyLight(0.5, 0.0, 0.5, 0.0, behind=True),
    ],
)
def test_height_softness_warmth_and_backlight_show(other: KeyLight) -> None:
    plain = pixels(draw_diagram(KeyLight(0.5, 0.0, 0.5, 0.0)))
    assert np.abs(pixels(draw_diagram(other)) - plain).max() > 40
