"""The studio that draws: judged, printed, recorded, and made again to the byte."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from engine.base import Report
from engine.blobs import DiskBlobs
from engine.errors import EngineError, JobCancelled, NoAdultFound, StudioFailed, WeightsMissing
from engine.jobs import Render, encode
from engine.profiles import Profile
from engine.shots import Shot
from engine.studio.checks.bounds import least, within
from engine.studio.clock import Clock
from engine.studio.diffusion.assignment import (
    Assignment,
    Finished,
    Kit,
    Prepare,
    assign,
    prompt_of,
    request_for,
    size_of,
)
from engine.studio.diffusion.darkroom import next_seed
from engine.studio.diffusion.house import furnished
from engine.studio.diffusion.judge import Verdict
from engine.studio.diffusion.studio import DiffusionStudio
from engine.studio.encode import source_type_of, to_png
from engine.studio.older import older
from engine.studio.photo import read_source

Families = Callable[[str], Profile]
Make = Callable[..., DiffusionStudio]

BLAZER = Shot("generate", 7, {"wardrobe": "navy blazer"}, prompt="a (woman:1.2)", scale=1)


class Judgement:
    """Gives the verdicts it was told to, then passes everything."""

    def __init__(self, *verdicts: Verdict) -> None:
        self.left, self.asked = list(verdicts), 0

    def __call__(self, rgb: object) -> Verdict:
        self.asked += 1
        return self.left.pop(0) if self.left else ""


class Heard:
    """A report that remembers, and calls off when told to."""

    def __init__(self, call_off_at: str = "", after: float = 0.0) -> None:
        self.steps: list[str] = []
        self.looks: list[str] = []
        self._call_off_at, self._after = call_off_at, after

    def __call__(self, step: str, fraction: float = 0.0, preview: str = "") -> None:
        if step == self._call_off_at and fraction > self._after:
            raise JobCancelled
        if step not in self.steps:
            self.steps.append(step)
        if preview and preview not in self.looks:
            self.looks.append(preview)


@pytest.fixture
def make(profile_of: Families, models_dir: Path, tmp_path: Path) -> Make:
    """A studio over tiny models, the first of them its own."""

    def made(
        *families: str,
        judge: Callable[[object], Verdict] = lambda _: "",
        prepare: Prepare = assign,
        **changes: object,
    ) -> DiffusionStudio:
        profiles = [structs.replace(profile_of(f), **changes) for f in families or ("z-image",)]
        settings = {"models_dir": str(models_dir), "data_dir": str(tmp_path), "device": "cpu"}
        return furnished(settings, {p.name: p for p in profiles}, profiles[0], judge, prepare)

    return made


@pytest.fixture
def blobs(tmp_path: Path) -> DiskBlobs:
    return DiskBlobs(tmp_path / "blobs")


def unheard(step: str, fraction: float = 0.0, preview: str = "") -> None:
    """Nobody listens."""


def rendered(result: Render | EngineError) -> Render:
    assert isinstance(result, Render), result
    return result


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


def test_a_print_is_enlarged_to_the_shots_scale(make: Make) -> None:
    render = make().render(structs.replace(BLAZER, scale=2), unheard)
    assert (render.width, render.height) == (128, 192)
    assert "step_upscale" in render.timings


def test_a_face_too_young_is_drawn_again_from_the_next_seed(make: Make) -> None:
    """The render's seed is that of the picture shown."""
    judge = Judgement("no face", "no face")
    render = make(judge=judge).render(BLAZER, unheard)
    assert judge.asked == 3
    assert render.seed == next_seed(next_seed(BLAZER.seed))
    straight = make().render(structs.replace(BLAZER, seed=render.seed), unheard)
    assert straight.blob == render.blob


def test_after_a_face_that_is_too_young_an_older_one_is_asked_for(make: Make) -> None:
    """The floor stays; the sitter gets a few years more with every try, and that is said."""
    shot = structs.replace(BLAZER, prompt="a young woman in her early 20s")
    studio = make(judge=Judgement("young", "young"))
    render = studio.render(shot, unheard)
    assert render.notes == ("note_drawn_older",)
    asked = structs.replace(
        BLAZER, seed=render.seed, prompt="A clearly grown adult, a woman in her late 20s"
    )
    third = structs.replace(asked, prompt=older(asked.prompt, 2))
    assert make().render(third, unheard).blob == render.blob
    assert make().render(shot, unheard).notes == ()


@pytest.mark.parametrize(
    ("verdict", "code"), [("young", "no_adult_found"), ("no face", "no_face_drawn")]
)
def test_three_times_is_enough(make: Make, verdict: Verdict, code: str) -> None:
    judge = Judgement(verdict, verdict, verdict, verdict)
    with pytest.raises(StudioFailed) as refused:
        make(judge=judge).render(BLAZER, unheard)
    assert (refused.value.code, judge.asked) == (code, 3)


@pytest.mark.parametrize("age", ["9", "12", "10-14"])
def test_a_child_is_not_drawn_at_all(make: Make, age: str) -> None:
    judge = Judgement()
    with pytest.raises(NoAdultFound):
        make(judge=judge).render(structs.replace(BLAZER, spec={"age": age}), unheard)
    assert judge.asked == 0


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


class Ending:
    """An operation's last steps: a person is found unlike `unlike` times."""

    def __init__(self, unlike: int) -> None:
        self.left, self.seen = unlike, []

    def verdict(self, drawn: np.ndarray) -> str:
        self.seen.append(drawn)
        self.left -= 1
        return "unlike" if self.left >= 0 else ""

    def __call__(self, drawn: np.ndarray, clock: Clock) -> Finished:
        return Finished(drawn[:, ::-1], notes=("note_face_kept",))


def test_a_new_face_on_an_existing_person_is_judged_as_any_other(make: Make) -> None:
    """The finished picture is what the judge sees, and it is not shown when it does not pass."""
    judge, ending = Judgement("young", "young", "young"), Ending(0)

    def inpaint(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
        request = request_for(shot, kit.profile)
        return Assignment(request, real=True, finish=ending, new_face=True)

    studio = make(judge=judge, prepare=inpaint)
    with pytest.raises(NoAdultFound):
        studio.render(structs.replace(BLAZER, operation="inpaint"), unheard)
    assert judge.asked == 3
    assert not ending.seen


@pytest.mark.parametrize("unlike", [0, 1, 9])
def test_an_existing_person_is_drawn_again_until_it_is_they(make: Make, unlike: int) -> None:
    """And shown after the last try, with what is to be said of it; nobody reads their age, but of a
    face that is not theirs."""
    ending, judge = Ending(unlike), Judgement()

    def edit(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
        request = request_for(shot, kit.profile)
        return Assignment(request, "compositeWithTrainedAlgorithmicMedia", True, finish=ending)

    studio = make(judge=judge, prepare=edit)
    render = studio.render(structs.replace(BLAZER, operation="edit"), unheard)
    assert len(ending.seen) == min(unlike + 1, 3)
    assert render.notes == ("note_face_kept",)
    assert judge.asked == (unlike >= 3)


def test_a_strangers_face_that_reads_as_a_childs_is_not_shown(make: Make) -> None:
    """Whoever an edit made of the person is invented, and has to pass as such."""
    ending = Ending(9)

    def edit(shot: Shot, kit: Kit, clock: Clock) -> Assignment:
        return Assignment(request_for(shot, kit.profile), real=True, finish=ending)

    studio = make(judge=Judgement("young"), prepare=edit)
    with pytest.raises(StudioFailed) as refused:
        studio.render(structs.replace(BLAZER, operation="edit"), unheard)
    assert (refused.value.code, len(ending.seen)) == ("edit_unlike", 3)


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
