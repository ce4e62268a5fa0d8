"""The studio that draws: judged, printed, recorded, and made again to the byte."""

from pathlib import Path

import pytest
from msgspec import structs
from support.drawing import BLAZER, Families, Heard, Make, rendered, unheard

from engine.base import Report
from engine.blobs import DiskBlobs
from engine.errors import StudioFailed, WeightsMissing
from engine.jobs import encode
from engine.shots import Shot
from engine.studio.clock import Clock
from engine.studio.diffusion.assignment import (
    Assignment,
    Kit,
    assign,
    prompt_of,
    size_of,
)
from engine.studio.encode import source_type_of


def test_a_picture_from_words_is_finished_and_recorded(make: Make, blobs: DiskBlobs) -> None:
    """A PNG and a JPEG that say a model made them, and all that it takes to make them again."""
    heard = Heard()
    render = make().render(BLAZER, heard)
    assert (render.width, render.height, render.model) == (64, 96, "z-image-turbo")
    assert source_type_of(blobs.get(render.blob)) == "trainedAlgorithmicMedia"
    assert source_type_of(blobs.get(render.preview)) == "trainedAlgorithmicMedia"
    assert [check for check in render.checks if not check.passed] == []
    assert heard.steps == ["step_load", "step_draw", "step_check", "step_encode"]
    assert heard.looks
    assert blobs.get(heard.looks[0])[:2] == b"\xff\xd8"
    assert render.versions.keys() >= {
        "profile", "revision", "scheduler", "steps", "guidance", "dtype", "width", "height",
        "torch", "diffusers", "device", "northlight",
    }  # fmt: skip
    assert {"step_draw", "step_check", "step_encode"} <= render.timings.keys()
    assert encode(render)  # it goes to another process as JSON


@pytest.mark.parametrize("family", ["sdxl", "flux2-klein", "z-image"])
def test_the_same_shot_and_versions_give_the_same_bytes(family: str, make: Make) -> None:
    """Replay: by another studio, in a batch or alone, from what the render remembers."""
    first = make(family).render(BLAZER, unheard)
    again = structs.replace(BLAZER, profile=first.versions["profile"], seed=first.seed)
    second = make(family).render(again, unheard)
    assert second.blob == first.blob
    assert second.versions == first.versions
    other = make(family).render(structs.replace(BLAZER, seed=8), unheard)
    assert other.blob != first.blob


def test_a_variation_stays_nearer_when_it_is_subtle(make: Make, blobs: DiskBlobs) -> None:
    """Another picture of the same size; the strong one walks more of the way."""
    studio = make("sdxl")
    first = studio.render(BLAZER, unheard)
    vary = structs.replace(BLAZER, operation="vary", source=first.blob, seed=9)
    subtle, strong = (
        rendered(each)
        for each in studio.render_all(
            [structs.replace(vary, change="subtle"), structs.replace(vary, change="strong")],
            [unheard] * 2,
        )
    )
    assert len({first.blob, subtle.blob, strong.blob}) == 3
    assert (subtle.width, subtle.height) == (64, 96)
    assert studio.abreast(vary) != studio.abreast(structs.replace(vary, change="strong"))


def test_in_a_batch_each_is_for_itself(make: Make) -> None:
    """One is called off, one cannot be made, one is not for the model; two come out as alone."""
    studio = make("z-image", can=("generate", "img2img"))
    shots = [
        BLAZER,
        structs.replace(BLAZER, seed=8),
        structs.replace(BLAZER, operation="edit"),
        structs.replace(BLAZER, operation="upscale"),
        structs.replace(BLAZER, seed=9),
    ]
    reports: list[Report] = [unheard, Heard("step_draw", 0.1), unheard, unheard, unheard]
    results = studio.render_all(shots, reports)
    codes = [getattr(result, "code", "") for result in results]
    assert codes == ["", "cancelled", "model_cannot", "photo_no_person", ""]
    alone = make("z-image").render(BLAZER, unheard)
    assert rendered(results[0]).width == alone.width
    assert rendered(results[0]).seed == 7


def test_shots_share_a_batch_when_model_size_and_kind_agree(make: Make) -> None:
    studio = make("z-image", "sdxl")
    word = studio.abreast(BLAZER)
    assert word
    assert word == studio.abreast(structs.replace(BLAZER, seed=1, prompt="a man"))
    assert word != studio.abreast(structs.replace(BLAZER, profile="sdxl"))
    assert studio.abreast(structs.replace(BLAZER, operation="inpaint")) == ""
    assert studio.abreast(structs.replace(BLAZER, operation="swap")) == ""


def test_a_shot_may_name_its_model_and_hears_when_it_is_gone(make: Make) -> None:
    studio = make("z-image", "sdxl")
    assert studio.render(structs.replace(BLAZER, profile="sdxl"), unheard).model == "sdxl"
    with pytest.raises(StudioFailed) as refused:
        studio.render(structs.replace(BLAZER, profile="dall-e"), unheard)
    assert refused.value.code == "model_unknown"


def test_a_model_that_is_not_here_is_asked_for_by_name(make: Make, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing) as missed:
        make(folder=str(tmp_path / "nowhere")).render(BLAZER, unheard)
    assert missed.value.facts == {"name": "z-image-turbo"}


def test_it_honours_what_can_be_said_in_words(make: Make) -> None:
    """And offers only what its model can do; what needs no model is as before."""
    can = make("z-image").capabilities()
    wanted = {"wardrobe": "navy blazer", "pose": "seated", "lens_mm": 85, "aspect": "3:4"}
    assert can.not_honoured("generate", wanted) == ()
    assert can.not_honoured("swap", wanted) == ("wardrobe", "pose")
    assert {"vary", "inpaint", "edit", "outpaint"} <= can.honours.keys()
    assert "edit" not in make(can=("generate", "img2img")).capabilities().honours
    assert can.notice is None
    assert make(commercial=False).capabilities().notice == "notice_noncommercial_model"


def test_every_step_it_takes_was_promised(make: Make) -> None:
    studio = make()
    shot = structs.replace(BLAZER, scale=2)
    took = studio.render(shot, unheard).timings
    assert took.keys() == studio.steps(shot).keys()
    plan = studio.plan([shot, structs.replace(shot, operation="swap"), shot])
    assert plan[0] == plan[2] == studio.steps(shot)
    assert "step_matte" in plan[1]


def test_each_model_reads_its_own_dialect(profile_of: Families) -> None:
    shot = structs.replace(BLAZER, dialects={"clip": "(short:1.2)", "prose": "A sentence."})
    assert prompt_of(shot, profile_of("sdxl")) == "(short:1.2)"
    assert prompt_of(shot, profile_of("flux2-klein")) == "A sentence."
    assert prompt_of(BLAZER, profile_of("sdxl")) == BLAZER.prompt
    assert size_of(structs.replace(shot, aspect="16:9"), profile_of("sdxl")) == (64, 96)


def test_small_networks_are_loaded_once_for_all_shots_and_models(make: Make) -> None:
    """An edit cuts the sitter out and measures the likeness; the next one finds both there."""
    kits: list[Kit] = []

    def looked_at(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
        kits.append(kit)
        return assign(shot, kit, clock)

    studio = make("z-image", "sdxl", prepare=looked_at)
    for profile in ("", "sdxl"):
        studio.render(structs.replace(BLAZER, profile=profile), unheard)
    assert [kit.profile.name for kit in kits] == ["z-image-turbo", "sdxl"]
    assert kits[0].once("matter", object) is kits[1].once("matter", object)
