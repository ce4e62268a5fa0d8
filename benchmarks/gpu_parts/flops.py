"""Floating-point operations, counted on the meta device: no memory, no card, no time."""

from typing import Any

from benchmarks.gpu_parts.architectures import Architecture
from benchmarks.gpu_parts.building import core_on_meta, vae_on_meta

LATENT = 8
"""Pixels a latent."""


def counted(module: Any, *args: Any, **kwargs: Any) -> float:
    """TFLOP of one call (a multiplication and an addition are two)."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    with torch.no_grad(), torch.device("meta"), counter:
        module(*args, **kwargs)
    return counter.get_total_flops() / 1e12


def parameters(module: Any) -> int:
    """Weights of a module."""
    return sum(weight.numel() for weight in module.parameters())


def of_core(made: Architecture) -> float:
    """TFLOP of one pass of the network that walks, one image."""
    args, kwargs = PASSES[made.family](made)
    return counted(core_on_meta(made), *args, **kwargs)


def of_decoder(made: Architecture) -> float:
    """TFLOP of decoding one image."""
    side, channels = made.side // LATENT, made.vae["latent_channels"]
    return counted(vae_on_meta(made).decoder, _empty(1, channels, side, side))


def _empty(*shape: int) -> Any:
    import torch

    return torch.empty(shape, device="meta")


def _sdxl(made: Architecture) -> tuple[tuple[Any, ...], dict[str, Any]]:
    side = made.side // LATENT
    conditions = {"text_embeds": _empty(1, made.pooled), "time_ids": _empty(1, 6)}
    words = _empty(1, made.words, made.width)
    said = {"encoder_hidden_states": words, "added_cond_kwargs": conditions}
    return (_empty(1, 4, side, side), _empty().long()), said


def _klein(made: Architecture) -> tuple[tuple[Any, ...], dict[str, Any]]:
    tokens = (made.side // LATENT // 2) ** 2
    return (), {
        "hidden_states": _empty(1, tokens, 128),
        "encoder_hidden_states": _empty(1, made.words, made.width),
        "timestep": _empty(1),
        "img_ids": _empty(1, tokens, 4),
        "txt_ids": _empty(1, made.words, 4),
    }


def _z_image(made: Architecture) -> tuple[tuple[Any, ...], dict[str, Any]]:
    side = made.side // LATENT
    return ([_empty(16, 1, side, side)], _empty(1), [_empty(made.words, made.width)]), {}


PASSES = {"sdxl": _sdxl, "flux2-klein": _klein, "z-image": _z_image}
