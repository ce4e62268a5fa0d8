"""Odd photos through the studio's own door: each gets a picture, or words that help."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from support.dressed import hat, headscarf, sunglasses

import prompts
from engine.base import Photo
from engine.blobs import DiskBlobs
from engine.errors import PhotoRejected
from engine.jobs import Render
from engine.shots import Backdrop, Shot
from engine.studio.embedded import EmbeddedStudio
from engine.studio.faces import FaceFinder
from engine.studio.generate.atlas import load_atlas
from engine.studio.generate.nets import FaceNets
from engine.studio.generate.traits import HAIRS, TRAITS

DATA = Path(__file__).parents[2] / "data"
NAVY = Backdrop("navy", "seamless", "#1d2b4a")


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Door:
    """A studio from upload to picture, and the names of the models it asked for."""

    studio: EmbeddedStudio
    blobs: DiskBlobs
    asked: set[str]

    def take(self, data: bytes | np.ndarray) -> Photo:
        sent = data if isinstance(data, bytes) else encoded(Image.fromarray(data))
        return self.studio.receive(sent)

    def portray(self, photo: Photo, sitter: int = 0) -> Render:
        shot = Shot("swap", 5, {}, NAVY, source=photo.blob, scale=1, sitter=sitter)
        return self.studio.render(shot, lambda step, fraction=0.0, preview="": None)

    def pixels(self, render: Render) -> np.ndarray:
        return np.asarray(Image.open(self.blobs.path(render.blob)).convert("RGB"))


@pytest.fixture(scope="module")
def door(weights: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Door:
    asked: set[str] = set()

    def noted(name: str) -> Path:
        asked.add(name)
        return weights(name)

    blobs = DiskBlobs(tmp_path_factory.mktemp("blobs"))
    return Door(EmbeddedStudio(blobs, noted, "u2netp"), blobs, asked)


@pytest.fixture(scope="module")
def portrait(astronaut: Path) -> Image.Image:
    return Image.open(astronaut).convert("RGB")


@pytest.fixture(scope="module")
def people(weights: Callable[[str], Path]) -> dict[str, np.ndarray]:
    """Faces of the atlas: the darkest and the lightest skin, a bald head, a plain one."""
    atlas, nets = load_atlas(), FaceNets(weights, threads=1)
    tone = np.argsort(atlas.traits[:, TRAITS.index("tone")])
    bald = np.flatnonzero(atlas.hair == len(HAIRS))
    chosen = {"dark": tone[3], "light": tone[-3], "bald": bald[0], "plain": tone[len(tone) // 2]}
    return {name: nets.portrait(atlas.latents[i]) for name, i in chosen.items()}


def failed(render: Render) -> set[str]:
    return {check.name for check in render.checks if not check.passed}


def deep(image: Image.Image) -> bytes:
    rgb = np.asarray(image)[:, :, ::-1].astype(np.uint16) * 257
    return cv2.imencode(".png", rgb)[1].tobytes()


def with_own_alpha(image: Image.Image) -> bytes:
    mask = np.zeros((512, 512), np.uint8)
    cv2.ellipse(mask, (224, 120), (95, 115), 0, 0, 360, 255, -1)
    cv2.ellipse(mask, (230, 430), (200, 220), 0, 0, 360, 255, -1)
    cut = image.copy()
    cut.putalpha(Image.fromarray(mask))
    return encoded(cut)


FILES: dict[str, Callable[[Image.Image], bytes]] = {
    "grey": lambda p: encoded(p.convert("L"), "JPEG", quality=92),
    "sixteen bit": deep,
    "cmyk": lambda p: encoded(p.convert("CMYK"), "JPEG", quality=92),
    "palette": lambda p: encoded(p.convert("P", palette=Image.Palette.ADAPTIVE), "GIF"),
    "transparent": with_own_alpha,
    "thumbnail": lambda p: encoded(p.resize((300, 300)), "JPEG", quality=85),
}


AS_ANY = ("sixteen bit", "cmyk", "palette")
"""Once decoded like any other photo, which `test_photo` sees to."""


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=pytest.mark.slow if kind in AS_ANY else ()) for kind in FILES],
)
def test_an_odd_file_still_becomes_a_portrait(door: Door, portrait: Image.Image, kind: str) -> None:
    """Its person stands before the new backdrop, and no advice is without words."""
    photo = door.take(FILES[kind](portrait))
    assert len(photo.faces) == 1
    assert all(hint in prompts.load().phrases for hint in photo.hints)
    picture = door.pixels(door.portray(photo))
    red, _, blue = picture[20:60, 20:60].reshape(-1, 3).mean(0)
    assert blue > red + 8


def test_a_grey_photo_is_said_to_stay_grey_and_stays_so(door: Door, portrait: Image.Image) -> None:
    photo = door.take(FILES["grey"](portrait))
    assert "coach_stays_grey" in photo.hints
    picture = door.pixels(door.portray(photo)).astype(int)
    face = picture[picture.shape[0] // 3 : picture.shape[0] // 2, 400:600]
    assert float(np.ptp(face.mean((0, 1)))) < 30


@pytest.mark.parametrize("worn", [sunglasses, hat, headscarf])
def test_what_is_worn_on_the_head_stays_on(
    door: Door,
    finder: FaceFinder,
    people: dict[str, np.ndarray],
    worn: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> None:
    """Dark glasses are asked off once; a hat or a headscarf never is."""
    face = people["plain"]
    dressed = worn(face, finder.landmarks(face, finder.find(face)[0]))
    photo = door.take(dressed)
    assert len(photo.faces) == 1
    assert ("coach_sunglasses" in photo.hints) == (worn is sunglasses)
    assert "coach_open_eyes" not in photo.hints
    shot = Shot("cutout", 1, source=photo.blob)
    cut = door.studio.render(shot, lambda step, fraction=0.0, preview="": None)
    alpha = np.asarray(Image.open(door.blobs.path(cut.blob)).getchannel("A"))
    new = np.abs(dressed.astype(int) - face).max(2) > 40
    assert float(alpha[new].mean()) > 0.9 * 255


@pytest.fixture(scope="module")
def finder(weights: Callable[[str], Path]) -> FaceFinder:
    return FaceFinder(weights)


def test_a_real_hat_stays_on(door: Door) -> None:
    """Grace Hopper in uniform."""
    photo = door.take((DATA / "grace_hopper.jpg").read_bytes())
    assert not {"coach_open_eyes", "coach_sunglasses", "coach_no_screen"} & set(photo.hints)
    shot = Shot("cutout", 1, source=photo.blob)
    cut = door.studio.render(shot, lambda step, fraction=0.0, preview="": None)
    alpha = np.asarray(Image.open(door.blobs.path(cut.blob)).getchannel("A"))
    box = photo.faces[0]
    above = alpha[max(0, box.y - 60) : box.y, box.x + 40 : box.x + box.width - 40]
    assert float(above.mean()) > 0.95 * 255


@pytest.mark.slow  # the default suite proves the same of two skins in checks/test_skin_tones.py
@pytest.mark.parametrize("who", ["dark", "light", "bald"])
def test_every_skin_and_a_bald_head_pass_the_same_checks(
    door: Door, people: dict[str, np.ndarray], who: str
) -> None:
    photo = door.take(people[who])
    lighting = {"coach_more_light", "coach_less_sun", "coach_light_behind"}
    assert not lighting & set(photo.hints)
    skin = {"skin_drift", "face_colour", "likeness", "structure", "clipping", "halo"}
    assert not skin & failed(door.portray(photo))


def test_nobody_s_own_photo_is_judged_by_age(door: Door, portrait: Image.Image) -> None:
    """Adults only is a rule for made faces: a baby's own photo gets its backdrop."""
    door.portray(door.take(encoded(portrait)))
    assert "yunet" in door.asked
    assert "age-gender" not in door.asked


def behind(image: Image.Image) -> np.ndarray:
    """The same head from behind: hair where the face was."""
    rgb = np.asarray(image).copy()
    rgb[45:185, 165:285] = cv2.resize(rgb[25:50, 190:260], (120, 140))
    return rgb


def sketch(image: Image.Image) -> np.ndarray:
    lines = cv2.Canny(np.asarray(image), 60, 120)
    return cv2.cvtColor(255 - lines, cv2.COLOR_GRAY2RGB)


@pytest.mark.parametrize("what", ["dog", "back of a head", "drawing of lines"])
def test_nobody_s_face_is_refused_with_what_would_work(
    door: Door, portrait: Image.Image, what: str
) -> None:
    sent = {
        "dog": (DATA / "dog.jpg").read_bytes(),
        "back of a head": behind(portrait),
        "drawing of lines": sketch(portrait),
    }[what]
    photo = door.take(sent)
    assert photo.faces == () and photo.hints == ("photo_no_person",)
    with pytest.raises(PhotoRejected) as refusal:
        door.portray(photo)
    assert refusal.value.code == "photo_no_person"
    sentence = prompts.load().say("photo_no_person")
    assert "people" in sentence and "towards the camera" in sentence


def marble(image: Image.Image) -> np.ndarray:
    grey = cv2.GaussianBlur(np.asarray(image.convert("L")), (0, 0), 1.2).astype(np.float32)
    return np.clip(grey[..., None] * 0.6 + (92, 90, 85), 0, 255).astype(np.uint8)


def painted(image: Image.Image) -> np.ndarray:
    return cv2.stylization(np.asarray(image), sigma_s=30, sigma_r=0.3)


@pytest.mark.parametrize("turned_into", [marble, pytest.param(painted, marks=pytest.mark.slow)])
def test_a_statue_or_a_painting_with_a_face_is_portrayed_like_a_person(
    door: Door, portrait: Image.Image, turned_into: Callable[[Image.Image], np.ndarray]
) -> None:
    photo = door.take(turned_into(portrait))
    assert len(photo.faces) == 1
    assert door.portray(photo).width > 800


@pytest.mark.slow
def test_a_panorama_gives_a_portrait_of_its_person(door: Door, portrait: Image.Image) -> None:
    wide = Image.effect_noise((2400, 512), 12).convert("RGB")
    wide.paste(portrait, (1500, 0))
    picture = door.pixels(door.portray(door.take(encoded(wide))))
    assert picture.shape[0] * 3 == pytest.approx(picture.shape[1] * 4, abs=8)


@pytest.mark.slow
def test_a_photo_of_a_photo_is_portrayed(door: Door, portrait: Image.Image) -> None:
    table = Image.new("RGB", (900, 900), (120, 84, 58))
    print_ = portrait.convert("RGBA").rotate(6, expand=True, resample=Image.Resampling.BICUBIC)
    table.paste(print_, (150, 150), print_)
    assert door.portray(door.take(encoded(table))).width > 800


def test_a_group_is_numbered_and_each_member_can_be_portrayed(
    door: Door, portrait: Image.Image
) -> None:
    hopper = Image.open(DATA / "grace_hopper.jpg").convert("RGB").resize((437, 512))
    two = Image.new("RGB", (840, 512), (120, 124, 130))
    two.paste(portrait.crop((60, 0, 460, 512)), (0, 0))
    two.paste(hopper, (403, 0))
    photo = door.take(encoded(two))
    assert len(photo.faces) == 2 and photo.numbered
    assert photo.hints[0] == "photo_several_people"
    one, other = (door.pixels(door.portray(photo, sitter)) for sitter in (0, 1))
    assert float(np.abs(one.astype(int) - other).mean()) > 10
