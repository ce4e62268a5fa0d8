"""Loading: from files here alone, with what a profile adds, and clear words for what is wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from support.tiny import tiny

from engine.errors import StudioFailed, WeightsMissing
from engine.profiles import Extra, Profile, load_profiles
from engine.studio.diffusion.libraries import diffusers
from engine.studio.diffusion.pipelines import Pipeline, dtype_on, load, places

QUERY = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"


def extra(role: Any, *files: str) -> Extra:
    return Extra(role, "maker/thing", "1", files, "MIT", True)


def test_a_lora_is_fused_into_the_weights(
    profile_of: Callable[[str], Profile], pipeline_of: Callable[[str], Pipeline], tmp_path: Path
) -> None:
    """Afterwards it is a plain layer that has moved by the LoRA's product."""
    pytest.importorskip("peft", reason="the extra gpu is not whole")
    import torch
    from safetensors.torch import save_file

    before = pipeline_of("sdxl").pipe.unet.get_submodule(QUERY).weight
    up, down = torch.randn((before.shape[0], 4)), torch.randn((4, before.shape[1]))
    parts = {"lora_A": down, "lora_B": up}
    save_file({f"unet.{QUERY}.{k}.weight": v for k, v in parts.items()}, tmp_path / "four.bin")
    profile = structs.replace(profile_of("sdxl"), extras=(extra("lora", "four.safetensors"),))
    with pytest.raises(WeightsMissing):
        load(profile, Path(profile.folder), "cpu", extras={"lora": tmp_path})
    (tmp_path / "four.bin").rename(tmp_path / "four.safetensors")
    made = load(profile, Path(profile.folder), "cpu", extras={"lora": tmp_path})
    layer = made.pipe.unet.get_submodule(QUERY)
    assert type(layer) is torch.nn.Linear
    assert torch.allclose(layer.weight, before + up @ down, atol=1e-5)


def test_another_autoencoder_takes_the_place_of_its_own(
    profile_of: Callable[[str], Profile], tmp_path: Path
) -> None:
    profile = structs.replace(profile_of("sdxl"), extras=(extra("vae"),))
    shape = {"block_out_channels": (4,) * 4, "norm_num_groups": 2, "latent_channels": 4}
    blocks = {"down_block_types": ("DownEncoderBlock2D",) * 4}
    blocks |= {"up_block_types": ("UpDecoderBlock2D",) * 4}
    diffusers().AutoencoderKL(**shape, **blocks, force_upcast=False).save_pretrained(tmp_path)
    made = load(profile, Path(profile.folder), "cpu", extras={"vae": tmp_path})
    assert made.pipe.vae.config.force_upcast is False
    assert not made.tiled


def test_broken_files_are_an_error_that_names_them(tmp_path: Path) -> None:
    folder = tiny("z-image", tmp_path)
    known = load_profiles()["z-image-turbo"]
    profile = structs.replace(known, folder=str(folder), extras=())
    weights = next((folder / "transformer").glob("*.safetensors"))
    whole = weights.read_bytes()
    weights.write_bytes(whole[: len(whole) // 2])
    with pytest.raises((StudioFailed, WeightsMissing)):
        load(profile, folder, "cpu")
    weights.unlink()
    with pytest.raises(WeightsMissing) as missed:
        load(profile, folder, "cpu")
    assert missed.value.facts == {"name": "z-image-turbo"}


def test_each_batch_has_a_scheduler_of_its_own(pipeline_of: Callable[[str], Pipeline]) -> None:
    """Of the profile's kind, with its options over the repository's."""
    pipeline = pipeline_of("sdxl")
    one, other = pipeline.scheduler(), pipeline.scheduler()
    assert one is not other
    assert type(one).__name__ == pipeline.profile.scheduler
    assert one.config.use_karras_sigmas is True
    assert one.config.beta_schedule == "scaled_linear"


def test_a_processor_computes_in_single_precision() -> None:
    profile = load_profiles()["flux2-klein"]
    assert dtype_on(profile, "cpu") == "float32"
    assert dtype_on(profile, "cuda:0") == "bfloat16"


def test_extras_lie_where_they_were_fetched_to(tmp_path: Path) -> None:
    profile = load_profiles()["sdxl-lightning"]
    folder, extras = places(profile, tmp_path)
    assert folder == tmp_path / "diffusers" / "stabilityai--stable-diffusion-xl-base-1.0"
    assert extras["lora"] == tmp_path / "diffusers" / "ByteDance--SDXL-Lightning"
    assert set(extras) == {"lora", "vae", "preview"}
