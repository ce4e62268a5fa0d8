"""Pipelines of an architecture with random weights.

They compute exactly as long as trained ones, so nothing is downloaded. Text encoders are left out;
a prompt is a fixed random embedding of the real size.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.gpu_parts.architectures import Architecture

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
