"""The path from noise: a perfect model walks back to the picture, from wherever it starts."""

from typing import Any

import pytest

from engine.studio.diffusion.libraries import diffusers
from engine.studio.diffusion.walk import Hold, Walk, path

FLOW = ("FlowMatchEulerDiscreteScheduler",)
NOISE = ("EulerDiscreteScheduler", "DPMSolverMultistepScheduler", "DDIMScheduler")


def scheduler_of(name: str) -> Any:
    more = {} if name in FLOW else {"beta_schedule": "scaled_linear"}
    if name == "DDIMScheduler":
        more |= {"clip_sample": False, "set_alpha_to_one": True, "steps_offset": 1}
    return getattr(diffusers(), name)(**more)


def walk_home(walk: Walk, original: Any, noise: Any, steps: int, held: bool = False) -> Any:
    """Walk with a model that always knows the noise; diffusers' pipelines call in this order."""
    scheduler = walk.scheduler
    scheduler.set_timesteps(steps)
    late = walk.start > 0
    latents = (
        walk.noised(original, noise, 0)
        if late
        else noise * getattr(scheduler, "init_noise_sigma", 1)
    )
    scheduler.set_timesteps(steps)
    flow = hasattr(scheduler, "scale_noise")
    for time in scheduler.timesteps:
        if not flow:
            scheduler.scale_model_input(latents, time)
        knows = noise - original if flow else noise
        latents = scheduler.step(knows * (not held), time, latents, return_dict=False)[0]
    return latents


@pytest.mark.parametrize("name", [*FLOW, *NOISE])
@pytest.mark.parametrize("strength", [0.3, 0.6, 1.0])
def test_a_perfect_model_comes_home_from_any_start(name: str, strength: float) -> None:
    """img2img begins at the noise that its step expects, else this would miss."""
    import torch

    original, noise = torch.full((2, 4, 8, 8), 0.5), torch.randn((2, 4, 8, 8))
    steps, start = path(10, strength)
    walk = Walk(scheduler_of(name), start)
    home = walk_home(walk, original, noise, steps)
    if strength < 1 or name in FLOW:
        assert torch.allclose(home, original, atol=0.05)
    clean = walk.clean()
    assert clean is not None
    assert torch.allclose(clean.float(), home.float(), atol=0.05)


@pytest.mark.parametrize("name", [*FLOW, *NOISE])
def test_what_is_not_masked_stays_whatever_the_model_wants(name: str) -> None:
    import torch

    original, noise = torch.full((1, 4, 8, 8), 0.5), torch.randn((1, 4, 8, 8))
    mask = torch.zeros((1, 1, 8, 8))
    mask[..., 4:, :] = 1
    walk = Walk(scheduler_of(name))
    walk.hold = Hold(original, noise, mask)
    painted = walk_home(walk, original, noise, 6, held=True)
    assert torch.equal(painted[..., :4, :], original[..., :4, :])
    assert not torch.allclose(painted[..., 4:, :], original[..., 4:, :], atol=0.2)


@pytest.mark.parametrize(
    ("steps", "strength", "walked"),
    [(30, 0.35, 11), (4, 0.35, 2), (4, 0.6, 3), (4, 1.0, 4), (8, 0.05, 1), (1, 1.0, 1)],
)
def test_strength_is_the_share_of_the_path_even_in_four_steps(
    steps: int, strength: float, walked: int
) -> None:
    total, skipped = path(steps, strength)
    assert total - skipped == walked
    assert walked / total == pytest.approx(strength, abs=0.06)
