"""Masks on real photographs: what was named is in them, what was not is left alone."""

from pathlib import Path

import numpy as np
import pytest

from engine.errors import StudioFailed
from engine.studio.diffusion import masks
from engine.studio.diffusion.masks import given_mask, load_regions, region_mask, region_named
from engine.studio.diffusion.parts import Parts, Sitter, face_oval, hull, parts_of

Sitters = dict[str, Sitter]


@pytest.fixture(scope="module")
def divided(sitters: Sitters) -> dict[str, Parts]:
    return {name: parts_of(sitter) for name, sitter in sitters.items()}


@pytest.fixture(autouse=True)
def once(sitters: Sitters, divided: dict[str, Parts], monkeypatch: pytest.MonkeyPatch) -> None:
    """Dividing a sitter takes a second; here each is divided once."""
    known = {id(sitters[name]): parts for name, parts in divided.items()}
    monkeypatch.setattr(masks, "parts_of", lambda s: known.get(id(s)) or parts_of(s))


def inside(mask: np.ndarray, where: np.ndarray) -> float:
    return float(mask[where].mean())


@pytest.mark.parametrize("name", ["background", "wardrobe", "hair"])
@pytest.mark.parametrize("who", ["collins", "hopper"])
def test_the_face_is_not_touched_unless_it_was_asked_for(
    sitters: Sitters, who: str, name: str
) -> None:
    sitter = sitters[who]
    mask = region_mask(sitter, name)
    assert mask.dtype == np.float32
    assert mask.shape == sitter.alpha.shape
    assert 0 <= mask.min() <= mask.max() <= 1
    assert mask[face_oval(sitter.landmarks, mask.shape)].max() < 0.01


def test_the_suit_is_wardrobe_and_the_head_is_not(sitters: Sitters) -> None:
    sitter = sitters["collins"]
    mask = region_mask(sitter, "wardrobe")
    r, g, b = (sitter.rgb[..., i].astype(int) for i in range(3))
    orange = (r - b > 90) & (r - g > 60) & (sitter.alpha > 0.9)
    assert orange[250:].mean() > 0.1
    assert inside(mask, orange) > 0.95
    assert inside(mask, face_oval(sitter.landmarks, mask.shape)) < 0.01
    head = np.zeros_like(orange)
    head[20:140, 150:300] = True
    assert inside(mask, head) < 0.02


def test_a_uniform_is_wardrobe_down_to_the_edge_and_the_neck_is_not(sitters: Sitters) -> None:
    sitter = sitters["hopper"]
    mask = region_mask(sitter, "wardrobe")
    assert inside(mask, (sitter.alpha > 0.95) & (np.arange(600)[:, None] > 420)) > 0.97
    chin = sitter.landmarks[152].astype(int)
    assert mask[chin[1] + 6 : chin[1] + 20, chin[0] - 12 : chin[0] + 12].mean() < 0.2


@pytest.mark.parametrize(("who", "row"), [("collins", 45), ("hopper", 100)])
def test_hair_and_headwear_are_hair(sitters: Sitters, who: str, row: int) -> None:
    sitter = sitters[who]
    mask = region_mask(sitter, "hair")
    crown = sitter.alpha[row] > 0.95
    assert crown.sum() > 30
    assert mask[row][crown].mean() > 0.85
    assert mask[round(sitter.landmarks[152, 1] + 1.2 * sitter.face) :].max() < 0.05


def test_the_background_keeps_every_hair_as_solid_as_its_matte(sitters: Sitters) -> None:
    sitter = sitters["collins"]
    mask = region_mask(sitter, "the background")
    guarded = masks.face_guard(sitter) > 0
    fringe = (sitter.alpha > 0.2) & (sitter.alpha < 0.8) & ~guarded
    assert fringe.sum() > 100
    assert np.abs(mask[fringe] - (1 - sitter.alpha[fringe])).max() < 1e-3
    assert mask[sitter.alpha > 0.999].max() < 1e-3


@pytest.mark.parametrize("name", ["eyes", "mouth", "glasses", "face", "skin"])
def test_parts_of_the_face_are_where_they_are(sitters: Sitters, name: str) -> None:
    sitter = sitters["hopper"]
    mask = region_mask(sitter, name)
    pupils = [sitter.landmarks[[33, 133], :2].mean(0), sitter.landmarks[[362, 263], :2].mean(0)]
    at_eyes = min(float(mask[round(y), round(x)]) for x, y in pupils)
    lips, cheek = sitter.landmarks[13, :2], sitter.landmarks[205, :2]
    at_lips = float(mask[round(lips[1]), round(lips[0])])
    at_cheek = float(mask[round(cheek[1]), round(cheek[0])])
    expected = {
        "eyes": (True, False, False),
        "mouth": (False, True, False),
        "glasses": (True, False, False),
        "face": (True, True, True),
        "skin": (False, False, True),
    }[name]
    assert tuple(v > 0.5 for v in (at_eyes, at_lips, at_cheek)) == expected


def test_glasses_hold_the_whole_frame(sitters: Sitters) -> None:
    sitter = sitters["hopper"]
    lenses = hull(sitter.landmarks[[70, 300, 280, 50]], sitter.alpha.shape)
    assert inside(region_mask(sitter, "spectacles"), lenses) > 0.85


def test_a_mask_scales_with_the_picture(sitters: Sitters) -> None:
    import cv2

    sitter = sitters["hopper"]
    small = Sitter(
        cv2.resize(sitter.rgb, (256, 300), interpolation=cv2.INTER_AREA),
        cv2.resize(sitter.alpha, (256, 300), interpolation=cv2.INTER_AREA),
        sitter.landmarks / 2,
    )
    large = cv2.resize(region_mask(sitter, "wardrobe"), (256, 300), interpolation=cv2.INTER_AREA)
    assert np.abs(large - region_mask(small, "wardrobe")).mean() < 0.03


@pytest.mark.parametrize(
    ("said", "region"),
    [
        ("the blazer", "wardrobe"),
        ("Background", "background"),
        ("my hair please", "hair"),
        ("the t-shirt", "wardrobe"),
        ("both eyes", "eyes"),
        ("the glasses", "glasses"),
    ],
)
def test_words_mean_regions(said: str, region: str) -> None:
    assert region_named(said) == region


def test_another_word_is_refused_with_a_code() -> None:
    with pytest.raises(StudioFailed) as refused:
        region_named("the left shoe")
    assert refused.value.code == "region_unknown"


def test_a_region_out_of_sight_is_refused(sitters: Sitters) -> None:
    sitter = sitters["collins"]
    head = Sitter(sitter.rgb[60:150, 170:280], sitter.alpha[60:150, 170:280], sitter.landmarks)
    moved = Sitter(head.rgb, np.ones_like(head.alpha), head.landmarks - (170, 60, 0))
    with pytest.raises(StudioFailed) as refused:
        region_mask(moved, "background")
    assert refused.value.code == "region_empty"


def test_a_drawn_mask_is_brought_to_the_pictures_size_and_softened() -> None:
    grey = np.zeros((100, 80), np.uint8)
    grey[20:60, 20:60] = 255
    mask = given_mask(grey, (200, 160), face=40)
    assert mask.shape == (200, 160)
    assert mask[80, 80] > 0.99
    assert mask[5, 5] < 0.01
    assert ((mask > 0.05) & (mask < 0.95)).any()
    assert np.allclose(given_mask(np.dstack([grey] * 3), (200, 160), 40), mask)


@pytest.mark.parametrize(
    "grey",
    [
        np.zeros((50, 50), np.uint8),
        np.full((50, 50), 3, np.uint8),
        np.full((10, 50), 255, np.uint8),
        np.ones((50, 50), np.float32),
    ],
)
def test_an_unusable_mask_is_refused(grey: np.ndarray) -> None:
    with pytest.raises(StudioFailed) as refused:
        given_mask(grey, (200, 200))
    assert refused.value.code == "mask_unusable"


def test_every_region_has_its_own_words() -> None:
    words = [w for region in load_regions().values() for w in region.words]
    assert len(words) == len(set(words)) > 30


def test_a_wrong_key_in_the_regions_is_named(tmp_path: Path) -> None:
    path = tmp_path / "regions.toml"
    path.write_text("[hair]\nwords = []\ngrow = 0.1\nsoften = 0.1\nface = false\nglow = 1\n")
    with pytest.raises(ValueError, match="glow"):
        load_regions(path)
