"""Whoever is in an edited picture: still they, or somebody else who was asked for, and an adult."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.editing import (
    CLOCK,
    GREEN,
    Sitters,
    drawn_green,
    ending,
    finished,
    stored,
    unheard,
    with_model,
)

from engine.blobs import DiskBlobs
from engine.errors import NoAdultFound
from engine.profiles import Profile, load_profiles
from engine.shots import Shot
from engine.studio.diffusion import edits
from engine.studio.diffusion.assignment import Kit
from engine.studio.diffusion.judge import Verdict
from engine.studio.diffusion.parts import face_oval
from engine.studio.diffusion.pasting import resized
from engine.studio.encode import to_png

pytestmark = pytest.mark.usefixtures("cut_out_before")


def test_an_invented_person_stays_the_same_one_and_nobody_is_told_of_it(
    kit: Kit, sitters: Sitters
) -> None:
    blob = stored(kit, sitters["hopper"].rgb, "trainedAlgorithmicMedia")
    klein = with_model(kit, load_profiles()["flux2-klein"])
    assignment = edits.edit(Shot("edit", 5, source=blob, prompt="laughing"), klein, CLOCK)
    assert (assignment.kind, assignment.real) == ("trainedAlgorithmicMedia", False)
    other = resized(sitters["collins"].rgb, (600, 600))
    done = finished(assignment, other)
    assert [c.name for c in done.checks] == ["likeness"]
    assert done.notes == ()
    assert (done.rgb != other).any()


def test_an_edit_that_shows_somebody_else_is_tried_again_and_the_best_is_shown(
    kit: Kit, sitters: Sitters
) -> None:
    klein = with_model(kit, load_profiles()["flux2-klein"])
    shot = Shot("edit", 9, source=stored(kit, sitters["collins"].rgb), prompt="a portrait")
    assignment = edits.edit(shot, klein, CLOCK)
    size = (assignment.request.width, assignment.request.height)
    nobody, herself = np.full((*size[::-1], 3), 90, np.uint8), resized(sitters["collins"].rgb, size)
    assert ending(assignment).verdict(nobody) == "unlike"
    assert ending(assignment).verdict(herself) == ""
    assert ending(assignment).verdict(nobody) == "unlike"
    done = finished(assignment, nobody)
    assert (done.rgb == herself).all()
    assert done.notes == ()


def test_whoever_is_drawn_in_a_real_persons_place_must_be_an_adult(
    kit: Kit, sitters: Sitters
) -> None:
    """Their age is judged; where they keep their face, as with new clothes, it is not."""
    sitter = sitters["hopper"]
    blob = stored(kit, sitter.rgb)
    face = face_oval(sitter.landmarks, sitter.rgb.shape).astype(np.uint8)
    over = stored(kit, np.repeat(255 * face[..., None], 3, 2))
    beside = np.zeros_like(sitter.rgb)
    beside[-60:, :60] = 255

    def new_face(**more: Any) -> bool:
        return edits.inpaint(Shot("inpaint", 1, source=blob, **more), kit, CLOCK).new_face

    assert new_face(region="my face")
    assert new_face(region="person")
    assert new_face(mask=over)
    assert not new_face(region="mouth")
    assert not new_face(region="the blazer")
    assert not new_face(mask=stored(kit, beside))


def test_who_wants_another_face_does_not_get_their_own_back(kit: Kit, sitters: Sitters) -> None:
    """Nothing is measured against it, and no try is asked for because it is another."""
    blob = stored(kit, sitters["hopper"].rgb)
    shot = Shot("inpaint", 5, source=blob, region="my face", prompt="somebody else")
    assignment = edits.inpaint(shot, kit, CLOCK)
    drawn = drawn_green(assignment)
    assert ending(assignment).verdict(drawn) == ""
    done = finished(assignment, drawn)
    assert (done.checks, done.notes) == ((), ())
    face = face_oval(sitters["hopper"].landmarks, done.rgb.shape)
    assert np.abs(np.median(done.rgb[face], 0) - GREEN).max() < 20


@pytest.mark.parametrize(("region", "asked"), [("face", 3), ("mouth", 0)])
def test_a_redrawn_face_that_looks_young_is_never_shown(
    region: str,
    asked: int,
    sitters: Sitters,
    profile_of: Callable[[str], Profile],
    models_dir: Path,
    tmp_path: Path,
) -> None:
    from engine.studio.diffusion.house import furnished

    seen: list[tuple[int, ...]] = []

    def young(rgb: np.ndarray) -> Verdict:
        seen.append(rgb.shape)
        return "young"

    profile = profile_of("sdxl")
    settings = {"models_dir": str(models_dir), "data_dir": str(tmp_path), "device": "cpu"}
    studio = furnished(settings, {profile.name: profile}, profile, judge=young)
    photo = to_png(sitters["hopper"].rgb, "algorithmicallyEnhanced")
    blob = DiskBlobs(tmp_path / "blobs").put(photo, "png")
    shot = Shot("inpaint", 3, source=blob, region=region, prompt="a portrait", scale=1)
    made = studio.render_all([shot], [unheard])[0]
    assert isinstance(made, NoAdultFound) == (asked > 0)
    assert seen == [sitters["hopper"].rgb.shape] * asked
