"""The light on a sitter's face, pushed as far as it allows, on a real portrait."""

import numpy as np
from support.benches import NAVY, Bench, pixels, silent, swap

from engine.blobs import DiskBlobs
from engine.studio.clock import Clock
from engine.studio.colour import to_srgb
from engine.studio.embedded import EmbeddedStudio
from engine.studio.finish import finish
from engine.studio.gentle import Gentler
from engine.studio.light import Shading, fit_shading
from engine.studio.portrait import Portraitist
from engine.studio.subject import sketch


def test_a_swap_honours_a_light_as_far_as_the_face_allows(bench: Bench) -> None:
    able = bench[0].capabilities()
    assert able.not_honoured("swap", {"lighting": "rembrandt", "key_side": "right"}) == ()
    assert able.not_honoured("generate", {"lighting": "rembrandt"}) == ("lighting",)


def face_light(blobs: DiskBlobs, studio: EmbeddedStudio, blob: str) -> Shading:
    picture = pixels(blobs, blob)
    finder = studio._sittings.finder
    found = fit_shading(picture, finder.landmarks(picture, finder.find(picture)[0]))
    assert found is not None
    return found


def test_split_light_is_deeper_on_the_side_it_comes_from_and_is_told(bench: Bench) -> None:
    """Every check holds, and the truth sheet shows more of the sitter relit."""
    studio, blobs, photo = bench
    plain = studio.render(swap(photo, backdrop=NAVY), silent)
    split = studio.render(swap(photo, backdrop=NAVY, spec={"lighting": "split"}), silent)
    assert [check.name for check in split.checks if not check.passed] == []
    assert (plain.notes, split.notes) == ((), ("note_light_shaped",))
    sides = [face_light(blobs, studio, render.blob).right for render in (plain, split)]
    assert sides[1] < sides[0] - 0.05 < 0
    relit = [_amber(blobs, render.truth) for render in (plain, split)]
    assert relit[1] > relit[0] + 0.02


def _amber(blobs: DiskBlobs, truth: str) -> float:
    """Share of the sheet's map that is tinted as relit."""
    sheet = pixels(blobs, truth).astype(int)
    part = sheet[: sheet.shape[0] - 150, 2 * sheet.shape[1] // 3 :]
    return float((part[..., 0] > part[..., 2] + 40).mean())


def test_a_gentler_attempt_pushes_less_and_at_last_says_that_it_gave_up(bench: Bench) -> None:
    studio, _, photo = bench
    shot = swap(photo, backdrop=NAVY, spec={"lighting": "split"})
    cutout = studio._sittings.of(shot, Clock(silent)).cutout
    scene = Portraitist._scene(shot, cutout, sketch(cutout, "3:4", "medium", 768), None)
    made = [finish(shot, scene, Clock(silent), Gentler(relight=share)) for share in (1, 0.5, 0)]
    points = scene.subject.landmarks
    read = [fit_shading((to_srgb(one.joined) * 255).astype(np.uint8), points) for one in made]
    sides = [shading.right for shading in read if shading]
    assert sides[0] < sides[1] - 0.02 < sides[2] - 0.04
    assert [one.notes for one in made] == [
        ("note_light_shaped",), ("note_light_shaped",), ("note_light_kept",),
    ]  # fmt: skip


def test_a_light_from_the_other_side_is_turned_down_in_words(bench: Bench) -> None:
    """The astronaut is lit from the left; the picture is the one without the wish."""
    studio, blobs, photo = bench
    plain = studio.render(swap(photo, backdrop=NAVY), silent)
    other = studio.render(swap(photo, backdrop=NAVY, spec={"key_side": "right"}), silent)
    assert other.notes == ("note_light_stays",)
    np.testing.assert_array_equal(pixels(blobs, plain.blob), pixels(blobs, other.blob))
