import numpy as np
import pytest

from engine.studio.generate.atlas import ATLAS_FILE, Atlas, load_atlas
from engine.studio.generate.request import ADULT_FLOOR, FaceRequest
from engine.studio.generate.traits import EXPRESSIONS, HAIRS, SKINS, TRAITS, index

WISHES = [
    FaceRequest("woman", (30, 39), hair="brown"),
    FaceRequest("man", (60, 69), hair="grey"),
    FaceRequest("woman", (25, 35), hair="red"),
    FaceRequest("man", (30, 45), skin="dark"),
]


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return load_atlas()


def test_the_atlas_is_small_and_whole(atlas: Atlas) -> None:
    assert ATLAS_FILE.stat().st_size < 1.3e6
    assert len(atlas) >= 250
    assert atlas.latents.shape == (len(atlas), 512)
    assert atlas.traits.shape == (len(atlas), len(TRAITS))
    assert np.isfinite(atlas.latents).all()
    assert np.isfinite(atlas.traits).all()


def test_every_entry_is_an_adult(atlas: Atlas) -> None:
    assert atlas.traits[:, index("age")].min() >= ADULT_FLOOR


def test_every_class_is_there_for_both_genders(atlas: Atlas) -> None:
    man = atlas.traits[:, index("man")] > 0
    for gender in (man, ~man):
        assert set(range(len(HAIRS))) <= set(atlas.hair[gender].tolist())
        assert set(range(len(EXPRESSIONS))) <= set(atlas.expression[gender].tolist())
        assert set(range(len(SKINS))) <= set(atlas.skin[gender].tolist())
        assert atlas.glasses[gender].sum() >= 8


@pytest.mark.parametrize("wish", WISHES)
def test_the_nearest_are_of_the_asked_gender_without_glasses(
    atlas: Atlas, wish: FaceRequest
) -> None:
    near = atlas.nearest(wish)
    assert len(near) >= 8
    assert (atlas.traits[near, index("man")] > 0).all() == (wish.gender == "man")
    assert not atlas.glasses[near].any()


def test_a_push_changes_its_own_trait_and_no_other(atlas: Atlas) -> None:
    change = np.zeros(len(TRAITS), np.float32)
    change[index("age")] = 5.0
    start = atlas.latents[0]
    moved = atlas.predict(start + atlas.step(change, 100.0)) - atlas.predict(start)
    assert moved[index("age")] == pytest.approx(5.0, abs=0.05)
    assert abs(moved[index("tone")]) < 0.2
    assert abs(moved[index("man")]) < 0.05


def test_a_neutral_step_changes_no_trait(atlas: Atlas) -> None:
    step = atlas.neutral((atlas.latents[1] - atlas.latents[0]).astype(np.float32))
    assert np.abs(atlas.read @ step).max() < 0.05
