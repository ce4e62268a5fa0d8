"""From a shot to what the model is asked, and from its picture to the person's.

The denoiser is a fake where only the way there and back counts; tiny random models, through the
real loading and denoising, show that what is asked can be drawn.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec import structs
from support.editing import (
    CLOCK,
    GREEN,
    Sitters,
    drawn_green,
    finished,
    stored,
    unheard,
    with_model,
)

from engine.blobs import DiskBlobs
from engine.errors import EngineError, PhotoRejected, StudioFailed
from engine.profiles import Profile, load_profiles
from engine.shots import Shot
from engine.studio.diffusion import edits
from engine.studio.diffusion.assignment import Kit, able
from engine.studio.diffusion.parts import face_oval
from engine.studio.diffusion.request import Picture
from engine.studio.encode import source_type_of, to_png

pytestmark = pytest.mark.usefixtures("cut_out_before")


def test_a_wardrobe_is_drawn_anew_and_the_face_stays_to_the_bit(kit: Kit, sitters: Sitters) -> None:
    sitter = sitters["hopper"]
    shot = Shot("inpaint", 5, source=stored(kit, sitter.rgb), region="the blazer", prompt="green")
    assignment = edits.inpaint(shot, kit, CLOCK)
    request = assignment.request
    assert (request.prompt, request.seed, request.strength) == ("green", 5, 1.0)
    assert request.width * request.height < 1.1 * 480 * 640
    done = finished(assignment, drawn_green(assignment))
    face = face_oval(sitter.landmarks, sitter.alpha.shape)
    assert done.rgb.shape == sitter.rgb.shape
    assert (done.rgb[face] == sitter.rgb[face]).all()
    assert np.abs(done.rgb[520, 256].astype(int) - GREEN).max() < 20
    assert [c.name for c in done.checks] == ["likeness"]
    assert done.checks[0].passed
    assert done.notes == ()
    assert (assignment.kind, assignment.real) == ("compositeWithTrainedAlgorithmicMedia", True)


def test_what_was_painted_white_is_drawn_and_nothing_else(kit: Kit, sitters: Sitters) -> None:
    rgb = sitters["collins"].rgb
    white = np.zeros((256, 256, 3), np.uint8)
    white[180:220, 40:80] = 255
    shot = Shot("inpaint", 1, source=stored(kit, rgb), mask=stored(kit, white), prompt="a badge")
    assignment = edits.inpaint(shot, kit, CLOCK)
    done = finished(assignment, drawn_green(assignment))
    assert np.abs(done.rgb[400, 120].astype(int) - GREEN).max() < 12
    assert (done.rgb[:330] == rgb[:330]).all()


def test_where_nobody_is_a_region_is_refused_but_a_mask_is_not(kit: Kit) -> None:
    wall = np.random.default_rng(1).integers(90, 120, (128, 128, 3), np.uint8)
    blob = stored(kit, wall)
    with pytest.raises(PhotoRejected) as refused:
        edits.inpaint(Shot("inpaint", 1, source=blob, region="hair"), kit, CLOCK)
    assert refused.value.code == "photo_no_person"
    white = np.zeros_like(wall)
    white[40:80, 40:80] = 255
    edits.inpaint(Shot("inpaint", 1, source=blob, mask=stored(kit, white)), kit, CLOCK)


def test_an_unknown_region_is_refused_before_anything_is_drawn(kit: Kit, sitters: Sitters) -> None:
    shot = Shot("inpaint", 1, source=stored(kit, sitters["collins"].rgb), region="the shoes")
    with pytest.raises(StudioFailed) as refused:
        edits.inpaint(shot, kit, CLOCK)
    assert refused.value.code == "region_unknown"


def test_a_selfie_becomes_a_reference_for_a_model_that_takes_one(
    kit: Kit, sitters: Sitters
) -> None:
    klein = with_model(kit, load_profiles()["flux2-klein"])
    blob = stored(kit, sitters["collins"].rgb)
    shot = Shot("edit", 9, source=blob, prompt="in a navy blazer", dialects={"prose": "Navy."})
    assignment = edits.edit(shot, klein, CLOCK)
    request = assignment.request
    assert len(request.references) == 1
    assert request.image is None
    assert (request.width, request.height) == klein.profile.sizes["3:4"]
    assert request.prompt.startswith("The same person as in the reference photo")
    assert request.prompt.endswith("Navy.")
    assert assignment.enlarge
    told = structs.replace(shot, dialects={"edit": "My own words."})
    assert edits.edit(told, klein, CLOCK).request.prompt == "My own words."


def test_a_selfie_without_a_face_cannot_be_edited(kit: Kit) -> None:
    blob = stored(kit, np.full((128, 128, 3), 90, np.uint8))
    with pytest.raises(PhotoRejected):
        edits.edit(Shot("edit", 1, source=blob), kit, CLOCK)


def test_a_model_without_references_draws_around_the_face(kit: Kit, sitters: Sitters) -> None:
    sitter = sitters["hopper"]
    shot = Shot(
        "edit", 1, source=stored(kit, sitter.rgb), prompt="in a red coat", spec={"shot": "medium"}
    )
    assignment = edits.edit(shot, kit, CLOCK)
    request = assignment.request
    assert (request.width, request.height) == kit.profile.sizes["3:4"]
    assert request.mask is not None
    assert 0.7 < request.mask.mean() < 0.99
    done = finished(assignment, drawn_green(assignment))
    assert done.rgb.shape[0] * 3 == done.rgb.shape[1] * 4
    assert np.abs(done.rgb[5, 5].astype(int) - GREEN).max() < 12
    assert done.checks[0].passed


def test_a_model_that_can_neither_says_so(kit: Kit, sitters: Sitters) -> None:
    profile = structs.replace(kit.profile, can=("generate",))
    shot = Shot("edit", 1, source=stored(kit, sitters["collins"].rgb))
    with pytest.raises(StudioFailed) as refused:
        edits.edit(shot, with_model(kit, profile), CLOCK)
    assert refused.value.code == "model_cannot"
    assert not able(profile, "edit")
    assert able(kit.profile, "edit")


def test_more_room_is_drawn_where_there_was_none(kit: Kit, sitters: Sitters) -> None:
    rgb = sitters["hopper"].rgb
    assignment = edits.outpaint(
        Shot("outpaint", 1, source=stored(kit, rgb), aspect="1:1"), kit, CLOCK
    )
    done = finished(assignment, drawn_green(assignment))
    assert done.rgb.shape == (600, 600, 3)
    assert np.abs(done.rgb[40, -4].astype(int) - GREEN).max() < 16
    assert done.checks[0].passed


@pytest.mark.parametrize(
    ("family", "operation"), [("z-image", "outpaint"), ("flux2-klein", "edit")]
)
def test_a_tiny_model_draws_what_is_asked(
    family: str,
    operation: Any,
    kit: Kit,
    sitters: Sitters,
    pipeline_of: Callable[[str], Any],
    profile_of: Callable[[str], Profile],
) -> None:
    from engine.studio.diffusion.denoise import denoise

    small = with_model(kit, profile_of(family))
    shot = Shot(
        operation,
        3,
        source=stored(kit, sitters["hopper"].rgb),
        region="mouth",
        aspect="1:1" if operation == "outpaint" else "3:4",
        prompt="a portrait",
    )
    assignment = getattr(edits, operation)(shot, small, CLOCK)
    made = denoise(pipeline_of(family), [assignment.request], lambda *_: None)[0]
    assert isinstance(made, Picture), made
    assert not isinstance(made, EngineError)
    assert made.rgb.shape == (assignment.request.height, assignment.request.width, 3)
    done = finished(assignment, made.rgb)
    assert done.rgb.dtype == np.uint8
    assert [c.name for c in done.checks] in (["likeness"], [])


@pytest.mark.parametrize(("operation", "region"), [("inpaint", "mouth"), ("edit", "")])
def test_the_studio_carries_an_edit_through_and_a_real_face_comes_out(
    operation: Any,
    region: str,
    sitters: Sitters,
    profile_of: Callable[[str], Profile],
    models_dir: Path,
    tmp_path: Path,
) -> None:
    """A random model fails every time; the person still gets their own face, or hears of it."""
    from engine.studio.diffusion.house import furnished

    profile = profile_of("sdxl")
    settings = {"models_dir": str(models_dir), "data_dir": str(tmp_path), "device": "cpu"}
    studio = furnished(settings, {profile.name: profile}, profile, judge=lambda _: "")
    blobs = DiskBlobs(tmp_path / "blobs")
    blob = blobs.put(to_png(sitters["hopper"].rgb, "algorithmicallyEnhanced"), "png")
    shot = Shot(operation, 3, source=blob, region=region, prompt="a portrait", scale=1)
    render = studio.render(shot, unheard)
    likeness = next(c for c in render.checks if c.name == "likeness")
    assert likeness.passed or "note_face_unlike" in render.notes
    assert source_type_of(blobs.get(render.blob)) == "compositeWithTrainedAlgorithmicMedia"
    promised = studio.steps(shot)
    assert promised.keys() >= edits.steps_before(shot, profile).keys()
    assert render.timings.keys() <= {*promised, "step_upscale"}  # of a photo that is small


def test_what_needs_no_cutting_out_promises_none() -> None:
    shipped = load_profiles()

    def steps(model: str = "sdxl", **more: Any) -> set[str]:
        return set(edits.steps_before(Shot(seed=1, **more), shipped[model]))

    assert steps(operation="inpaint", region="eyes") == {"step_light"}
    assert steps(operation="inpaint", region="the shirt") == {"step_light", "step_matte"}
    assert steps(operation="inpaint", region="the moon") == {"step_light"}
    assert steps(operation="inpaint", mask="a.png") == {"step_light"}
    assert steps(operation="edit") == {"step_light", "step_matte", "step_enlarge"}
    assert steps(operation="outpaint") == {"step_light", "step_enlarge"}
    assert steps("flux2-klein", operation="edit") == {"step_light"}
    assert steps(operation="generate") == steps(operation="vary") == set()
