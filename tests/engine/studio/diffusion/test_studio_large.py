"""Large prints: enlarged, and gone over where nobody real is in them and a card is there."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import structs
from support.drawing import BLAZER, Heard, Judgement, Make, unheard

from engine.blobs import DiskBlobs
from engine.errors import JobCancelled
from engine.shots import Shot
from engine.studio.checks.bounds import least, within
from engine.studio.clock import Clock
from engine.studio.diffusion.assignment import (
    Assignment,
    Kit,
    request_for,
)
from engine.studio.diffusion.studio import DiffusionStudio
from engine.studio.encode import to_png
from engine.studio.photo import read_source


@pytest.fixture
def on_a_card(make: Make) -> Make:
    """A studio that believes to have one, and draws large prints in few tiles."""
    sizes = dict.fromkeys(("3:4", "2:3", "4:5"), (64, 96)) | {"1:1": (192, 192)}

    def made(**more: Any) -> DiffusionStudio:
        studio = make("sdxl", sizes=sizes, **more)
        studio._house = replace(studio._house, device="cuda:0")
        return studio

    return made


def test_a_large_print_is_gone_over_on_a_card(make: Make, on_a_card: Make) -> None:
    """In tiles, by the model; on a processor super-resolution must do."""
    large = structs.replace(BLAZER, scale=4)
    heard, studio = Heard(), on_a_card()
    plain, fine = make("sdxl").render(large, unheard), studio.render(large, heard)
    assert (fine.width, fine.height) == (plain.width, plain.height) == (256, 384)
    assert fine.blob != plain.blob
    assert fine.seed == BLAZER.seed
    assert studio.render(large, unheard).blob == fine.blob
    assert fine.timings.keys() <= studio.steps(large).keys()
    assert studio.steps(large)["step_upscale"] > make("sdxl").steps(large)["step_upscale"]


def test_detail_that_the_judge_would_not_show_is_left_out(make: Make, on_a_card: Make) -> None:
    """The picture that was passed is shown as it is; so it is by a model that cannot go over it."""
    large = structs.replace(BLAZER, scale=4)
    plain = make("sdxl").render(large, unheard)
    assert on_a_card(judge=Judgement("", "young")).render(large, unheard).blob == plain.blob
    assert on_a_card(can=("generate",)).render(large, unheard).blob == plain.blob


def test_a_real_persons_print_is_not_gone_over(on_a_card: Make) -> None:
    def edit(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
        return Assignment(request_for(shot, kit.profile), real=True)

    studio = on_a_card(prepare=edit)
    studio._detailer.add = lambda *_: pytest.fail("gone over")  # pyright: ignore[reportAttributeAccessIssue] - the fake
    shot = structs.replace(BLAZER, operation="edit", scale=4)
    assert studio.render(shot, unheard).width == 256


def test_going_over_a_print_can_be_called_off(on_a_card: Make) -> None:
    with pytest.raises(JobCancelled):
        on_a_card().render(structs.replace(BLAZER, scale=4), Heard("step_upscale", 0.5))


def test_a_finished_picture_is_gone_over_when_it_is_enlarged(
    on_a_card: Make, blobs: DiskBlobs
) -> None:
    """If it is generated: a photo is enlarged by super-resolution, whoever is in it."""
    studio = on_a_card()
    small = studio.render(BLAZER, unheard)
    wish = structs.replace(BLAZER, operation="upscale", source=small.blob, scale=4)
    render = studio.render(wish, unheard)
    assert (render.width, render.height, render.model) == (256, 384, "sdxl")
    assert render.timings.keys() == studio.steps(wish).keys()
    rgb = read_source(blobs.path(small.blob))[0]
    photo = blobs.put(to_png(rgb, "algorithmicallyEnhanced"), "png")
    assert studio.render(structs.replace(wish, source=photo), unheard).model == "span"
    twice = structs.replace(wish, scale=2)
    assert studio.render(twice, unheard).model == "span"
    usual = studio.render(structs.replace(BLAZER, scale=2), unheard)
    print_of = studio.render(structs.replace(twice, source=usual.blob), unheard)
    assert (print_of.width, print_of.height, print_of.model) == (256, 384, "sdxl")
    larger_still = structs.replace(wish, source=print_of.blob, scale=2)
    assert studio.render(larger_still, unheard).model == "span"


def test_a_face_that_enlarging_changed_is_told_of(on_a_card: Make) -> None:
    """In words, and as checks beside them."""
    studio = on_a_card()
    changed = least("upscale_structure", 0.7, 0.85), within("upscale_skin", 0.9, 0.8, 1.5)
    studio._detailer.add = lambda _, large, *__: (large, changed)  # pyright: ignore[reportAttributeAccessIssue] - the fake
    render = studio.render(structs.replace(BLAZER, scale=4), unheard)
    assert "check_enlarged_face" in render.notes
    assert "check_enlarged_skin" not in render.notes
    assert set(changed) <= set(render.checks)


def test_a_print_is_enlarged_to_the_shots_scale(make: Make) -> None:
    render = make().render(structs.replace(BLAZER, scale=2), unheard)
    assert (render.width, render.height) == (128, 192)
    assert "step_upscale" in render.timings
