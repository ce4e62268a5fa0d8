"""The coach says the one thing that would help most, and says nothing about anybody's skin."""

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import prompts
from engine.studio.coach import MOST, RULES, Figures, advise, measure
from engine.studio.colour import to_linear, to_srgb
from engine.studio.faces import FaceFinder
from engine.studio.generate.atlas import load_atlas
from engine.studio.generate.nets import FaceNets
from engine.studio.generate.traits import TRAITS
from engine.studio.light import estimate_light

DATA = Path(__file__).parents[2] / "data"
LIGHTING = {"coach_more_light", "coach_less_sun", "coach_light_behind", "coach_turn_to_window"}
Coach = Callable[[np.ndarray], Figures | None]


@pytest.fixture(scope="module")
def figures(weights: Callable[[str], Path]) -> Coach:
    finder = FaceFinder(weights)

    def look(rgb: np.ndarray) -> Figures | None:
        faces = finder.find(rgb)
        points = finder.landmarks(rgb, faces[0]) if faces else np.zeros((468, 3), np.float32)
        return measure(rgb, faces, len(faces), points, estimate_light(rgb, points))

    return look


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    """The astronaut, large enough for a close portrait."""
    small = np.asarray(Image.open(DATA / "astronaut.png").convert("RGB"))
    return cv2.resize(small, None, fx=2.5, fy=2.5, interpolation=cv2.INTER_CUBIC)


def exposed(rgb: np.ndarray, stops: float) -> np.ndarray:
    return np.rint(to_srgb(to_linear(rgb) * 2**stops) * 255).astype(np.uint8)


def squeezed(rgb: np.ndarray, quality: int) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def test_a_good_photo_earns_no_advice(figures: Coach, portrait: np.ndarray) -> None:
    assert advise(figures(portrait)) == ()


def test_a_photo_without_a_person_says_what_to_send() -> None:
    assert advise(None) == ("photo_no_person",)


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        (lambda p: exposed(p, -4.5), "coach_more_light"),
        (lambda p: exposed(p, 2.5), "coach_less_sun"),
        (lambda p: cv2.GaussianBlur(p, (0, 0), 5), "coach_hold_still"),
        (lambda p: cv2.resize(p, None, fx=0.45, fy=0.45), "coach_closer"),
        (lambda p: cv2.resize(p, None, fx=0.25, fy=0.25), "coach_much_closer"),
        (lambda p: squeezed(p, 6), "coach_original_file"),
        (lambda p: p[130:], "coach_room_above"),
        (lambda p: p[:470], "coach_shoulders"),
        (lambda p: p[:, 420:], "coach_shoulders"),
        (lambda p: cv2.merge([cv2.cvtColor(p, cv2.COLOR_RGB2GRAY)] * 3), "coach_stays_grey"),
        (lambda p: np.hstack([p[:, 250:900]] * 2), "photo_several_people"),
    ],
)
def test_what_is_wrong_is_turned_into_what_to_do(
    figures: Coach, portrait: np.ndarray, spoil: Callable[[np.ndarray], np.ndarray], key: str
) -> None:
    assert key in advise(figures(np.ascontiguousarray(spoil(portrait))))


def test_a_window_behind_asks_to_turn_round(figures: Coach, portrait: np.ndarray) -> None:
    """A bright surround and a face four stops below it."""
    person = np.zeros(portrait.shape[:2], np.uint8)
    cv2.ellipse(person, (560, 270), (235, 260), 0, 0, 360, 255, -1)
    cv2.ellipse(person, (560, 1100), (520, 640), 0, 0, 360, 255, -1)
    inside = (cv2.GaussianBlur(person, (0, 0), 6) / 255)[..., None]
    window = exposed(portrait, -2.8) * inside + 250 * (1 - inside)
    assert "coach_light_behind" in advise(figures(window.astype(np.uint8)))


def test_dark_glasses_are_asked_off(figures: Coach, portrait: np.ndarray) -> None:
    shaded = portrait.copy()
    for x in (510, 617):
        cv2.ellipse(shaded, (x, 268), (52, 40), 0, 0, 360, (14, 14, 16), -1)
    assert "coach_sunglasses" in advise(figures(shaded))


def test_half_a_face_in_shadow_asks_to_turn(figures: Coach, portrait: np.ndarray) -> None:
    ramp = np.clip((np.arange(portrait.shape[1]) - 540) / 60, 0, 1)
    split = to_linear(portrait) * (1 - 0.93 * ramp)[None, :, None]
    told = advise(figures(np.rint(to_srgb(split) * 255).astype(np.uint8)))
    assert "coach_turn_to_window" in told


@pytest.fixture(scope="module")
def skins(weights: Callable[[str], Path]) -> list[np.ndarray]:
    """The two darkest and the two lightest faces of the sampler's atlas."""
    atlas = load_atlas()
    order = np.argsort(atlas.traits[:, TRAITS.index("tone")])
    nets = FaceNets(weights, threads=1)
    return [nets.portrait(atlas.latents[i]) for i in (*order[:2], *order[-2:])]


def test_no_skin_is_too_dark_or_too_light(figures: Coach, skins: list[np.ndarray]) -> None:
    for face in skins:
        assert not LIGHTING & set(advise(figures(face)))


def test_every_skin_is_told_when_the_photo_is_too_dark(
    figures: Coach, skins: list[np.ndarray]
) -> None:
    for face in skins:
        dim = figures(exposed(face, -3.5))
        assert dim is None or "coach_more_light" in advise(dim)


def test_a_profile_is_asked_to_face_the_camera() -> None:
    assert advise(flawless_but(yaw=38.0)) == ("coach_face_camera",)
    assert advise(flawless_but(yaw=25.0)) == ()


def flawless_but(**changed: float) -> Figures:
    """A flawless photo but for what is named."""
    return Figures(**changed)  # type: ignore[arg-type]  # the counts are whole numbers


def test_two_pieces_of_advice_at_most_and_the_first_matters_most() -> None:
    hopeless = Figures(
        people=3, eye_distance=60, median=20, highlight=40, yaw=50, headroom=0, chroma=0
    )
    assert advise(hopeless) == ("photo_several_people", "coach_more_light")
    assert len(advise(hopeless)) == MOST


def test_every_piece_of_advice_has_its_sentence() -> None:
    phrases = prompts.load().phrases
    assert not {rule.key for rule in RULES if rule.key not in phrases}
