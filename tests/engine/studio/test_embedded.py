"""The embedded studio, with its real networks, on a real portrait."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.benches import NAVY, Bench, pixels, silent, swap

from engine.errors import JobCancelled, PhotoRejected, StudioFailed
from engine.shots import Backdrop, Operation, Shot
from engine.studio.embedded import STEPS
from engine.studio.encode import source_type_of, to_png
from engine.studio.room import memory_gb, scales_for


def test_a_received_photo_has_its_face_and_no_metadata(bench: Bench) -> None:
    _, blobs, photo = bench
    assert (photo.width, photo.height, photo.hints) == (512, 512, ("coach_closer",))
    assert len(photo.faces) == 1 and 150 < photo.faces[0].x < 200
    assert not Image.open(blobs.path(photo.blob)).info


def test_nobody_is_a_hint_on_receipt_and_a_refusal_at_the_swap(bench: Bench) -> None:
    studio, _, _ = bench
    file = io.BytesIO()
    Image.effect_noise((320, 320), 20).save(file, "PNG")
    photo = studio.receive(file.getvalue())
    assert photo.hints == ("photo_no_person",)
    with pytest.raises(PhotoRejected) as refusal:
        studio.render(swap(photo), silent)
    assert refusal.value.code == "photo_no_person"


def test_three_people_are_a_hint_and_the_largest_is_kept(bench: Bench, astronaut: Path) -> None:
    studio, _, _ = bench
    one = Image.open(astronaut).convert("RGB").crop((110, 0, 350, 300))
    three = Image.new("RGB", (720, 300))
    for place, size in enumerate((240, 240, 240)):
        three.paste(one, (place * size, 0))
    file = io.BytesIO()
    three.save(file, "PNG")
    photo = studio.receive(file.getvalue())
    assert len(photo.faces) == 3
    assert photo.hints[0] == "photo_several_people"
    assert "note_several_people" in studio.render(swap(photo), silent).notes


def test_a_swap_keeps_the_face_and_changes_the_wall(bench: Bench) -> None:
    studio, blobs, photo = bench
    render = studio.render(swap(photo), silent)
    assert (render.width, render.height) == (1026, 1368)
    assert [c.name for c in render.checks if not c.passed] == []
    picture = pixels(blobs, render.blob)
    assert picture[20:60, 20:60].min() > 215
    assert pixels(blobs, render.preview).shape == picture.shape


def test_the_same_shot_gives_the_same_bytes(bench: Bench) -> None:
    studio, _, photo = bench
    assert studio.render(swap(photo), silent).blob == studio.render(swap(photo), silent).blob


def test_another_backdrop_does_not_cut_the_sitter_out_again(bench: Bench) -> None:
    studio, blobs, photo = bench
    studio.render(swap(photo), silent)
    steps: list[str] = []
    render = studio.render(
        swap(photo, backdrop=NAVY), lambda step, fraction=0.0, preview="": steps.append(step)
    )
    assert not {"step_matte", "step_upscale"} & set(steps)
    corner = pixels(blobs, render.blob)[20:60, 20:60].mean((0, 1))
    assert corner[2] > corner[0] + 10


def test_warmer_is_warmer(bench: Bench) -> None:
    studio, blobs, photo = bench
    plain = pixels(blobs, studio.render(swap(photo), silent).blob).astype(float).mean((0, 1))
    warm = studio.render(swap(photo, spec={"warmth": 2}), silent)
    after = pixels(blobs, warm.blob).astype(float).mean((0, 1))
    assert after[0] - after[2] > plain[0] - plain[2] + 3


def test_a_blurred_original_keeps_the_rooms_colours(bench: Bench) -> None:
    studio, _, photo = bench
    render = studio.render(swap(photo, backdrop=Backdrop("blur-original", "blur")), silent)
    assert {c.name for c in render.checks if not c.passed} == set()


def test_upscaling_doubles_the_picture_and_keeps_its_label(bench: Bench) -> None:
    studio, blobs, photo = bench
    shot = Shot("upscale", seed=1, source=photo.blob, scale=2)
    render = studio.render(shot, silent)
    assert (render.width, render.height) == (1024, 1024)
    assert b"algorithmicallyEnhanced" in blobs.get(render.blob)[:8000]


def test_an_enlarged_edit_still_says_that_a_model_drew_in_it(bench: Bench) -> None:
    """And it says how large it prints, six times as large as it was at most."""
    studio, blobs, _ = bench
    small = np.full((60, 44, 3), 90, np.uint8)
    edited = blobs.put(to_png(small, "compositeWithTrainedAlgorithmicMedia"), "png")
    render = studio.render(Shot("upscale", 1, source=edited, scale=6), silent)
    assert (render.width, render.height) == (264, 360)
    assert source_type_of(blobs.get(render.blob)) == "compositeWithTrainedAlgorithmicMedia"
    assert "card_print" in render.notes


def test_a_picture_larger_than_the_memory_is_refused_in_words(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than that the machine kills the worker; and it is not promised either."""
    studio, _, photo = bench
    monkeypatch.setattr("engine.studio.embedded.memory_gb", lambda: 3.0)
    assert studio.capabilities().scales == (1, 2, 3)
    with pytest.raises(StudioFailed) as refused:
        studio.render(swap(photo, backdrop=NAVY, scale=6), silent)
    assert (refused.value.code, refused.value.facts) == ("scale_no_room", {"most": 3})


@pytest.mark.parametrize("operation", ["vary", "inpaint", "edit", "outpaint"])
def test_what_needs_a_generative_model_is_refused_by_name(
    bench: Bench, operation: Operation
) -> None:
    studio, _, photo = bench
    shot = Shot(operation, seed=1, source=photo.blob)
    assert studio.steps(shot) == {}
    with pytest.raises(StudioFailed) as refused:
        studio.render(shot, silent)
    assert refused.value.code == "no_generative_model"


def test_calling_off_stops_between_steps(bench: Bench) -> None:
    studio, _, photo = bench

    def stop(step: str, fraction: float = 0.0, preview: str = "") -> None:
        if step == "step_join":
            raise JobCancelled

    with pytest.raises(JobCancelled):
        studio.render(swap(photo), stop)


def test_the_announced_steps_are_the_steps_taken(bench: Bench) -> None:
    studio, _, photo = bench
    steps: list[str] = []
    shot = swap(photo, aspect="1:1")
    studio.render(shot, lambda step, fraction=0.0, preview="": steps.append(step))
    assert set(steps) <= set(studio.steps(shot))
    assert set(STEPS["swap"]) == set(studio.steps(shot))


def test_what_a_swap_cannot_do_is_said(bench: Bench) -> None:
    able = bench[0].capabilities()
    wish = {
        "backdrop": "canvas-dark",
        "wardrobe": "navy blazer",
        "pose": "seated",
        "shot": "full-body",
    }
    assert able.not_honoured("swap", wish) == ("wardrobe", "pose", "shot")
    assert able.not_honoured("generate", {"hair": "red", "key_side": "left", "pose": "seated"}) == (
        "pose",
    )
    assert {"wardrobe", "pose", "shot"} <= set(able.reasons)


def test_a_first_look_comes_before_the_picture(bench: Bench) -> None:
    """Once, 768 pixels long, and like the picture that follows."""
    studio, blobs, photo = bench
    looks: list[str] = []

    def watch(step: str, fraction: float = 0.0, preview: str = "") -> None:
        if preview:
            assert step == "step_look"
            looks.append(preview)

    shot = swap(photo, aspect="4:5", backdrop=NAVY)
    render = studio.render(shot, watch)
    (look,) = looks
    first = pixels(blobs, look)
    assert max(first.shape) == 768
    small = np.asarray(
        Image.open(blobs.path(render.blob)).convert("RGB").resize(first.shape[1::-1])
    )
    assert float(np.abs(first.astype(int) - small).mean()) < 4


def test_a_cut_out_is_transparent_and_as_large_as_the_photo(bench: Bench) -> None:
    studio, blobs, photo = bench
    render = studio.render(Shot("cutout", 1, source=photo.blob), silent)
    picture = Image.open(blobs.path(render.blob))
    assert picture.mode == "RGBA" and picture.size == (photo.width, photo.height)
    alpha = np.asarray(picture.getchannel("A"))
    assert alpha[5, 5] == 0 and alpha[120, 225] == 255
    assert not np.asarray(picture)[alpha == 0].any()
    assert Image.open(blobs.path(render.preview)).mode == "RGB"


def test_a_cut_out_that_was_sent_is_kept_as_it_is(bench: Bench) -> None:
    """Somebody took care with that edge."""
    studio, blobs, photo = bench
    cut = studio.render(Shot("cutout", 1, source=photo.blob), silent)
    sent = studio.receive(blobs.get(cut.blob))
    again = studio.render(Shot("cutout", 1, source=sent.blob), silent)
    one, two = (
        np.asarray(Image.open(blobs.path(b)).getchannel("A")).astype(int)
        for b in (cut.blob, again.blob)
    )
    assert float((np.abs(one - two) > 24).mean()) < 0.002


def test_the_sitters_own_picture_hangs_behind_them(bench: Bench) -> None:
    studio, blobs, photo = bench
    file = io.BytesIO()
    Image.new("RGB", (900, 700), (20, 90, 40)).save(file, "PNG")
    own = studio.receive(file.getvalue())
    backdrop = Backdrop("own-picture", "picture", source=own.blob)
    picture = pixels(blobs, studio.render(swap(photo, backdrop=backdrop), silent).blob)
    red, green, blue = picture[60:120, 60:120].reshape(-1, 3).mean(0)
    assert green > red + 30 and green > blue + 20


def test_a_group_is_kept_whole_and_each_can_be_chosen(bench: Bench, astronaut: Path) -> None:
    studio, blobs, _ = bench
    one = Image.open(astronaut).convert("RGB").crop((80, 0, 380, 512))
    two = Image.new("RGB", (860, 512), (120, 124, 130))
    two.paste(one, (0, 0))
    two.paste(one.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (560, 0))
    file = io.BytesIO()
    two.save(file, "PNG")
    photo = studio.receive(file.getvalue())
    both = studio.render(Shot("cutout", 1, source=photo.blob, sitter=-1), silent)
    second = studio.render(Shot("cutout", 1, source=photo.blob, sitter=1), silent)
    whole, alone = (
        np.asarray(Image.open(blobs.path(r.blob)).getchannel("A")) > 128 for r in (both, second)
    )
    faces = [(box.y + box.height // 2, box.x + box.width // 2) for box in photo.faces]
    assert all(whole[face] for face in faces)
    assert alone[faces[1]] and not alone[faces[0]]
    assert "note_several_people" not in second.notes


def test_a_swap_brings_its_truth_sheet_and_its_likeness(bench: Bench) -> None:
    studio, blobs, photo = bench
    render = studio.render(swap(photo, backdrop=NAVY), silent)
    sheet = Image.open(blobs.path(render.truth))
    assert sheet.width > sheet.height
    named = {check.name for check in render.checks}
    assert {"halo", "spill", "structure", "likeness", "skin_texture", "grain", "tags"} <= named
    assert all(check.passed for check in render.checks), render.checks


def test_a_large_print_says_how_far_it_carries(bench: Bench) -> None:
    studio, _, photo = bench
    render = studio.render(swap(photo, backdrop=NAVY, scale=4), silent)
    assert (render.width, render.height) == (4098, 5464)
    assert {"card_print", "card_print_enlarged"} <= set(render.notes)
    assert render.facts["width"] == 34 and float(render.facts["times"]) > 2


@pytest.mark.slow
@pytest.mark.skipif(max(scales_for(memory_gb())) < 6, reason="no memory for 50 megapixels")
def test_the_largest_print_holds_every_check_too(bench: Bench) -> None:
    """50 megapixels, with room to spare on a machine that promises them."""
    studio, _, photo = bench
    render = studio.render(swap(photo, backdrop=NAVY, scale=6), silent)
    assert (render.width, render.height) == (6147, 8196)
    assert {check.name for check in render.checks if not check.passed} == set()


def test_a_grainy_photo_is_calmed_the_person_told_and_the_backdrop_as_grainy(
    bench: Bench, astronaut: Path
) -> None:
    studio, _, clean = bench
    rng = np.random.default_rng(2)
    grainy = np.asarray(Image.open(astronaut).convert("RGB")) + rng.normal(0, 9, (512, 512, 1))
    file = io.BytesIO()
    Image.fromarray(np.clip(grainy, 0, 255).astype(np.uint8)).save(file, "PNG")
    photo = studio.receive(file.getvalue())
    renders = [studio.render(swap(p, backdrop=NAVY), silent) for p in (clean, photo)]
    assert "note_noise_calmed" in renders[1].notes and "note_noise_calmed" not in renders[0].notes
    smooth, rough = (next(c.value for c in r.checks if c.name == "grain") for r in renders)
    assert rough > 1.3 * smooth
    assert all(check.passed for check in renders[1].checks)
