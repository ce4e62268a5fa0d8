"""First looks: right colours from latents, never too often, never in the way."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine.studio.diffusion.families.base import to_pixels
from engine.studio.diffusion.libraries import diffusers
from engine.studio.diffusion.pipelines import Pipeline
from engine.studio.diffusion.previews import Previewer, decoder_of, fit, tiny_decoder


def test_colours_come_back_through_a_linear_encoder() -> None:
    """Whatever the channels mean, the map is found from the encoder alone."""
    import torch

    mixed = torch.randn((6, 3), generator=torch.Generator().manual_seed(3))

    def encode(pixels: torch.Tensor) -> torch.Tensor:
        small = torch.nn.functional.avg_pool2d(pixels, 8)
        return torch.einsum("bdhw,cd->bchw", small, mixed) + 0.7

    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, :32] = (200, 120, 90)
    look = fit(encode)(encode(to_pixels([picture], 64, 64)))[0]
    shown = (look.permute(1, 2, 0).numpy() * 255).round()
    assert np.abs(shown[:, :4] - (200, 120, 90)).max() <= 3
    assert np.abs(shown[:, 4:]).max() <= 3


@pytest.mark.parametrize("family", ["sdxl", "flux2-klein", "z-image"])
def test_each_family_has_looks_without_a_table(
    family: str, pipeline_of: Callable[[str], Pipeline]
) -> None:
    """A colour for each place of the plain latents, within range; fitted once."""
    import torch

    pipeline = pipeline_of(family)
    look = decoder_of(pipeline)
    shape = pipeline.family.shape(pipeline.pipe, 64, 96)
    colours = look(torch.randn((2, *shape)))
    assert colours.shape == (2, 3, *shape[1:])
    assert 0 <= float(colours.min()) <= float(colours.max()) <= 1
    assert decoder_of(pipeline) is look


def test_a_tiny_autoencoder_draws_the_looks_where_it_fits(tmp_path: Path) -> None:
    import torch

    made = diffusers().AutoencoderTiny(
        encoder_block_out_channels=(8, 8, 8, 8), decoder_block_out_channels=(8, 8, 8, 8)
    )
    made.save_pretrained(tmp_path)
    look = tiny_decoder(tmp_path, 4, "cpu")
    assert look is not None
    with torch.no_grad():
        assert look(torch.zeros((1, 4, 8, 6))).shape == (1, 3, 64, 48)
    assert tiny_decoder(tmp_path, 16, "cpu") is None
    assert tiny_decoder(tmp_path / "nothing", 4, "cpu") is None


def test_looks_keep_their_distance_and_their_failures_to_themselves() -> None:
    import torch

    clock, shown, gate = [10.0], [], threading.Event()

    def show(member: int, rgb: np.ndarray) -> None:
        gate.wait(5)
        shown.append((member, rgb.shape, threading.current_thread().name))
        raise OSError("no room for a look")

    previewer = Previewer(show, 0.7, lambda: clock[0])
    assert previewer.due()
    previewer.offer([4], torch.zeros((1, 3, 12, 9)))
    clock[0] += 1
    assert not previewer.due()  # the first is still being made
    gate.set()
    previewer.close()
    assert shown == [(4, (512, 384, 3), "previews_0")]
    assert previewer.due()
    clock[0] -= 0.5
    assert not previewer.due()
