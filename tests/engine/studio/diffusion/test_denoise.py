"""Batches: every member as it would be alone, whoever leaves, whatever it starts from."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from engine.errors import EngineError, JobCancelled, StudioFailed
from engine.profiles import Profile
from engine.studio.diffusion.denoise import Picture, Request, denoise
from engine.studio.diffusion.pipelines import Pipeline
from engine.studio.diffusion.previews import Previewer, decoder_of

Pipelines = Callable[[str], Pipeline]

FAMILIES = ("sdxl", "sd", "flux2-klein", "z-image")
LEVELS = 2
"""How far apart, of 255, the same picture may be alone and in a batch: rounding, no more."""


def asked(seed: int = 1, prompt: str = "a portrait of (a woman:1.2)", **more: Any) -> Request:
    return Request(prompt, "blurry", seed, 64, 96, **more)


def made(pipeline: Pipeline, *requests: Request) -> list[np.ndarray]:
    return [picture(each) for each in denoise(pipeline, requests, lambda *_: None)]


def picture(result: Picture | EngineError) -> np.ndarray:
    assert isinstance(result, Picture), result
    return result.rgb


def apart(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


@pytest.fixture(scope="module")
def start() -> np.ndarray:
    """A picture to start from, of another size than what is asked for."""
    ramp = np.linspace(0, 255, 120 * 80 * 3).reshape(120, 80, 3)
    return ramp.astype(np.uint8)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_member_of_a_batch_is_what_its_seed_is_alone(family: str, pipeline_of: Pipelines) -> None:
    pipeline = pipeline_of(family)
    batch = made(pipeline, asked(1), asked(2, "a man"), asked(3))
    alone = made(pipeline, asked(2, "a man"))
    assert batch[1].shape == (96, 64, 3)
    assert batch[1].dtype == np.uint8
    assert apart(batch[1], alone[0]) <= LEVELS
    assert apart(batch[0], batch[2]) > 20  # another seed is another picture


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_again_is_the_same_to_the_bit(family: str, pipeline_of: Pipelines) -> None:
    once, again = (made(pipeline_of(family), asked(5))[0] for _ in range(2))
    assert np.array_equal(once, again)


@pytest.mark.parametrize("family", FAMILIES)
def test_members_started_from_pictures_are_what_they_are_alone(
    family: str, pipeline_of: Pipelines, start: np.ndarray
) -> None:
    """img2img and inpainting, which encode, noise and hold each member's own picture."""
    pipeline, mirrored = pipeline_of(family), np.ascontiguousarray(start[:, ::-1])
    mask = np.zeros((120, 80), np.float32)
    mask[40:80, 20:60] = 1
    kinds: tuple[dict[str, Any], ...] = ({"strength": 0.5}, {"mask": mask})
    for more in kinds:
        batch = made(pipeline, asked(1, image=mirrored, **more), asked(2, image=start, **more))
        alone = made(pipeline, asked(2, image=start, **more))
        assert batch[1].shape == (96, 64, 3)
        assert apart(batch[1], alone[0]) <= LEVELS
        assert apart(batch[0], batch[1]) > 5


@pytest.mark.parametrize("family", FAMILIES)
def test_one_who_leaves_does_not_disturb_the_others(family: str, pipeline_of: Pipelines) -> None:
    """The member called off ends as that after the step in hand."""
    told: list[tuple[int, float]] = []

    def tell(member: int, fraction: float) -> None:
        told.append((member, fraction))
        if member == 0 and fraction > 0:
            raise JobCancelled

    pipeline = pipeline_of(family)
    results = denoise(pipeline, [asked(1), asked(2), asked(3)], tell)
    assert isinstance(results[0], JobCancelled)
    whole = made(pipeline, asked(2), asked(3))
    assert apart(picture(results[1]), whole[0]) <= LEVELS
    assert apart(picture(results[2]), whole[1]) <= LEVELS
    assert len([fraction for member, fraction in told if member == 0]) == 2  # begun, one step


def test_a_batch_that_all_leave_ends_within_a_step(pipeline_of: Pipelines) -> None:
    steps: list[float] = []

    def tell(_: int, fraction: float) -> None:
        steps.append(fraction)
        if fraction > 0:
            raise JobCancelled

    results = denoise(pipeline_of("z-image"), [asked(1), asked(2)], tell)
    assert all(isinstance(result, JobCancelled) for result in results)
    assert len(set(steps)) == 2


def test_a_reference_changes_what_is_drawn(pipeline_of: Pipelines, start: np.ndarray) -> None:
    """Of members with and without one, each is what it is alone."""
    pipeline = pipeline_of("flux2-klein")
    plain, shown = made(pipeline, asked(1), asked(1, references=(start,)))
    assert not np.array_equal(plain, shown)
    assert apart(plain, made(pipeline, asked(1))[0]) <= LEVELS
    other = np.ascontiguousarray(255 - start)
    assert not np.array_equal(shown, made(pipeline, asked(1, references=(other,)))[0])


def test_a_family_that_looks_at_nothing_says_so(pipeline_of: Pipelines, start: np.ndarray) -> None:
    with pytest.raises(StudioFailed, match="references"):
        denoise(pipeline_of("z-image"), [asked(1, references=(start,))], lambda *_: None)


@pytest.mark.parametrize(("family", "heeds"), [("sdxl", True), ("z-image", False)])
def test_a_negative_prompt_counts_where_there_is_guidance(
    family: str, heeds: bool, pipeline_of: Pipelines
) -> None:
    one, other = (
        made(pipeline_of(family), Request("a man", negative, 1, 64, 96))[0]
        for negative in ("", "glasses, hat, beard")
    )
    assert np.array_equal(one, other) is not heeds


def test_steps_are_told_in_order_and_fewer_where_less_is_walked(
    pipeline_of: Pipelines, start: np.ndarray
) -> None:
    def fractions(request: Request) -> list[float]:
        told: list[float] = []
        denoise(pipeline_of("sdxl"), [request], lambda _, fraction: told.append(fraction))
        return told

    whole = fractions(asked(1))
    assert whole == sorted(whole)
    assert len(whole) == 3 + 2  # begun, each step, decoding
    assert len(fractions(asked(1, image=start, strength=0.3))) == 1 + 2


def test_a_look_is_shown_by_the_end_of_the_first_step(pipeline_of: Pipelines) -> None:
    """And not again within its interval; of each member, in the picture's proportions."""
    pipeline, looks = pipeline_of("flux2-klein"), []
    previewer = Previewer(lambda member, rgb: looks.append((member, rgb.shape)), interval_s=60)
    seen: list[float] = []

    def tell(_: int, fraction: float) -> None:
        seen.append(fraction)

    denoise(pipeline, [asked(1), asked(2)], tell, previewer, decoder_of(pipeline))
    previewer.close()
    assert looks == [(0, (512, 341, 3)), (1, (512, 341, 3))]


@pytest.mark.parametrize("scheduler", ["EulerAncestralDiscreteScheduler", "LCMScheduler"])
def test_schedulers_that_draw_noise_draw_each_members_own(
    scheduler: str, pipeline_of: Pipelines, profile_of: Callable[[str], Profile]
) -> None:
    """Also once another member has left."""
    of_all = pipeline_of("sdxl")
    profile = structs.replace(profile_of("sdxl"), scheduler=scheduler, scheduler_options={})
    pipeline = Pipeline(profile, of_all.pipe, "cpu")
    pipeline._config = of_all._config

    def tell(member: int, fraction: float) -> None:
        if member == 0 and fraction > 0:
            raise JobCancelled

    left = denoise(pipeline, [asked(1), asked(2)], tell)[1]
    assert apart(picture(left), made(pipeline, asked(2))[0]) <= LEVELS


@pytest.mark.parametrize(
    "wrong",
    [{"strength": 0.0}, {"strength": 0.5}, {"mask": np.zeros((8, 8), np.float32)}],
)
def test_what_no_model_can_be_asked_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"strength|only a picture"):
        asked(1, **wrong)
    with pytest.raises(ValueError, match="multiple of 16"):
        Request("", width=100, height=96)
