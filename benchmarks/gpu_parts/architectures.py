"""The models measured: real architectures by their published configurations, and tiny ones.

Random weights compute exactly as long as trained ones, so nothing is downloaded. Text encoders are
left out on both sides; a prompt is a fixed random embedding of the real size.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Family = str
LIKE_FLUX = {
    "latent_channels": 16,
    "scaling_factor": 0.3611,
    "shift_factor": 0.1159,
    "use_quant_conv": False,
    "use_post_quant_conv": False,
}


@dataclass(frozen=True)
class Case:
    """One way to use a model: how many steps, and whether each is run twice for guidance."""

    title: str
    steps: int
    guidance: float

    @property
    def passes(self) -> int:
        """Forward passes per image."""
        return self.steps * (2 if self.guidance > 1 else 1)


@dataclass(frozen=True)
class Architecture:
    """A family's classes and sizes. `side` is the picture's in pixels; `words` tokens of a prompt.

    `parameters` and `tflop` (one pass at `side`) are known from elsewhere, to be checked.
    """

    family: Family
    core: dict[str, Any]
    vae: dict[str, Any]
    side: int
    words: int
    width: int
    cases: tuple[Case, ...]
    pooled: int = 0
    parameters: float = 0.0
    tflop: float = 0.0


def _vae(channels: tuple[int, ...], **more: Any) -> dict[str, Any]:
    return {
        "block_out_channels": channels,
        "layers_per_block": 2,
        "down_block_types": ("DownEncoderBlock2D",) * len(channels),
        "up_block_types": ("UpDecoderBlock2D",) * len(channels),
        **more,
    }


FULL_VAE = (128, 256, 512, 512)
TINY_VAE = (8, 8, 8, 8)

SDXL = Architecture(
    family="sdxl",
    core={
        "sample_size": 128,
        "in_channels": 4,
        "out_channels": 4,
        "block_out_channels": (320, 640, 1280),
        "layers_per_block": 2,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        "attention_head_dim": (5, 10, 20),
        "transformer_layers_per_block": (1, 2, 10),
        "use_linear_projection": True,
        "cross_attention_dim": 2048,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
    },
    vae=_vae(FULL_VAE, latent_channels=4, scaling_factor=0.13025),
    side=1024,
    words=77,
    width=2048,
    pooled=1280,
    cases=(Case("SDXL, 30 steps, CFG", 30, 5.0), Case("SDXL, 4 steps", 4, 0.0)),
    parameters=2.57e9,
    tflop=6.76,
)
KLEIN = Architecture(
    family="flux2-klein",
    core={
        "num_layers": 5,
        "num_single_layers": 20,
        "num_attention_heads": 24,
        "attention_head_dim": 128,
        "joint_attention_dim": 7680,
        "guidance_embeds": False,
    },
    vae=_vae(FULL_VAE, latent_channels=32),
    side=1024,
    words=512,
    width=7680,
    cases=(Case("FLUX.2 klein 4B, 4 steps", 4, 1.0),),
    parameters=3.88e9,
    tflop=34.8,
)
Z_IMAGE = Architecture(
    family="z-image",
    core={},  # the class's defaults are the published model's
    vae=_vae(FULL_VAE, **LIKE_FLUX),
    side=1024,
    words=128,
    width=2560,
    cases=(Case("Z-Image-Turbo, 8 steps", 8, 0.0),),
    parameters=6.16e9,
    tflop=56.6,
)

TINY_SDXL = Architecture(
    family="sdxl",
    core={
        "sample_size": 8,
        "in_channels": 4,
        "out_channels": 4,
        "block_out_channels": (8, 16),
        "layers_per_block": 1,
        "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
        "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
        "attention_head_dim": (2, 4),
        "use_linear_projection": True,
        "cross_attention_dim": 32,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 64,
        "norm_num_groups": 4,
    },
    vae=_vae(TINY_VAE, latent_channels=4, norm_num_groups=4),
    side=64,
    words=8,
    width=32,
    pooled=16,
    cases=(Case("tiny SDXL, 3 steps, CFG", 3, 5.0), Case("tiny SDXL, 2 steps", 2, 0.0)),
)
TINY_KLEIN = Architecture(
    family="flux2-klein",
    core={
        "num_layers": 1,
        "num_single_layers": 1,
        "num_attention_heads": 1,
        "attention_head_dim": 16,
        "joint_attention_dim": 48,
        "axes_dims_rope": (4, 4, 4, 4),
        "guidance_embeds": False,
    },
    vae=_vae(TINY_VAE, latent_channels=32, norm_num_groups=4),
    side=64,
    words=8,
    width=48,
    cases=(Case("tiny klein, 2 steps", 2, 1.0),),
)
TINY_Z = Architecture(
    family="z-image",
    core={
        "dim": 16,
        "n_layers": 1,
        "n_refiner_layers": 1,
        "n_heads": 1,
        "n_kv_heads": 1,
        "cap_feat_dim": 16,
        "axes_dims": [4, 6, 6],
        "axes_lens": [1024, 512, 512],
    },
    vae=_vae(TINY_VAE, norm_num_groups=4, **LIKE_FLUX),
    side=64,
    words=8,
    width=16,
    cases=(Case("tiny Z-Image, 2 steps", 2, 0.0),),
)

REAL = (SDXL, KLEIN, Z_IMAGE)
TINY = (TINY_SDXL, TINY_KLEIN, TINY_Z)

CLASSES = {
    "sdxl": ("UNet2DConditionModel", "AutoencoderKL", "StableDiffusionXLPipeline"),
    "flux2-klein": ("Flux2Transformer2DModel", "AutoencoderKLFlux2", "Flux2KleinPipeline"),
    "z-image": ("ZImageTransformer2DModel", "AutoencoderKL", "ZImagePipeline"),
}


def core_on_meta(made: Architecture, dtype: Any = None) -> Any:
    """The network that walks, without memory."""
    return on_meta(lambda: _class(CLASSES[made.family][0])(**made.core), dtype)


def vae_on_meta(made: Architecture, dtype: Any = None) -> Any:
    """The autoencoder, without memory."""
    return on_meta(lambda: _class(CLASSES[made.family][1])(**made.vae), dtype)


def _class(name: str) -> Any:
    import diffusers

    return getattr(diffusers, name)


def on_meta(make: Callable[[], Any], dtype: Any = None) -> Any:
    """A module without memory; its weights are of `dtype`, else float32."""
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype or before)
    try:
        with torch.device("meta"):
            return make().eval().requires_grad_(False)
    finally:
        torch.set_default_dtype(before)


def materialised(module: Any, device: str, seed: int) -> Any:
    """A module made on the meta device, with random weights on `device`: the same for a seed."""
    import torch

    module = module.to_empty(device=device)
    chance = torch.Generator(device).manual_seed(seed)
    for name, weight in module.named_parameters():
        if weight.ndim > 1:
            weight.normal_(0, 0.5 * weight[0].numel() ** -0.5, generator=chance)
        else:
            weight.fill_(0.0 if name.endswith("bias") else 1.0)
    for name, buffer in module.named_buffers():
        buffer.fill_(1 if name.endswith("running_var") else 0)
    return module


def pipeline(made: Architecture, device: str, dtype: Any, seed: int = 0) -> Any:
    """A diffusers pipeline with random weights, whose prompts are fixed embeddings."""
    core = materialised(core_on_meta(made, dtype), device, seed)
    vae = materialised(vae_on_meta(made, dtype), device, seed + 1)
    pipe = ASSEMBLED[made.family](core, vae)
    pipe.set_progress_bar_config(disable=True)
    pipe.encode_prompt = WORDS[made.family](made, device, dtype)
    return pipe


def _sdxl(core: Any, vae: Any) -> Any:
    scheduler = _class("EulerDiscreteScheduler")(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1
    )
    pipe = _class("StableDiffusionXLPipeline")(vae, None, None, None, None, core, scheduler)
    object.__setattr__(pipe, "tokenizer", _spaces)
    return pipe


@dataclass
class _Tokens:
    input_ids: list[str]


def _spaces(text: str, **_: Any) -> _Tokens:
    """Stands in for a tokenizer, of which only the number of tokens is asked."""
    return _Tokens(text.split())


def _klein(core: Any, vae: Any) -> Any:
    return _class("Flux2KleinPipeline")(_flow(), vae, None, None, core, is_distilled=True)


def _z_image(core: Any, vae: Any) -> Any:
    return _class("ZImagePipeline")(_flow(), vae, None, None, core)


def _flow() -> Any:
    return _class("FlowMatchEulerDiscreteScheduler")(use_dynamic_shifting=True)


ASSEMBLED = {"sdxl": _sdxl, "flux2-klein": _klein, "z-image": _z_image}


def _count(prompt: Any) -> int:
    return len(prompt) if isinstance(prompt, list) else 1


def _noise(shape: tuple[int, ...], device: str, dtype: Any) -> Any:
    import torch

    return torch.randn(shape, generator=torch.Generator().manual_seed(9)).to(device, dtype)


def _sdxl_words(made: Architecture, device: str, dtype: Any) -> Callable[..., Any]:
    words = _noise((1, made.words, made.width), device, dtype)
    pooled = _noise((1, made.pooled), device, dtype)

    def encode(prompt: Any = "", prompt_embeds: Any = None, **given: Any) -> Any:
        if prompt_embeds is not None:
            said = ("negative_prompt_embeds", "pooled_prompt_embeds")
            rest = [given.get(name) for name in (*said, "negative_pooled_prompt_embeds")]
            return prompt_embeds, *rest
        many, flat = words.repeat(_count(prompt), 1, 1), pooled.repeat(_count(prompt), 1)
        return many, -many, flat, -flat

    return encode


def _klein_words(made: Architecture, device: str, dtype: Any) -> Callable[..., Any]:
    words = _noise((1, made.words, made.width), device, dtype)
    ids = _class("Flux2KleinPipeline")._prepare_text_ids(words).to(device)
    return lambda prompt="", **_: (words.repeat(_count(prompt), 1, 1), ids)


def _z_words(made: Architecture, device: str, dtype: Any) -> Callable[..., Any]:
    words = _noise((made.words, made.width), device, dtype)
    return lambda prompt="", **_: ([words] * _count(prompt), [])


WORDS = {"sdxl": _sdxl_words, "flux2-klein": _klein_words, "z-image": _z_words}
