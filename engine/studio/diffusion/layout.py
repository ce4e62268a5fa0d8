"""How weights lie in memory: joined projections, channels last, and a decoder's number format."""

import logging
from collections.abc import Callable

from engine.studio.diffusion.untyped import Dtype, Module, Tensor, Value

log = logging.getLogger(__name__)


def channels_last(module: Module) -> None:
    """Lays convolutions out as tensor cores read them (NHWC); results stay the same."""
    import torch

    module.to(memory_format=torch.channels_last)


def fuse_qkv(module: Module) -> bool:
    """Joins the query, key and value projections of a model that can; true if it did.

    The separate weights are let go, so this takes no memory. A model with LoRA layers in its
    projections stays as it is: joined, they would no longer be applied.
    """
    if not hasattr(module, "fuse_qkv_projections") or getattr(module, "peft_config", None):
        return False
    module.fuse_qkv_projections()
    for attention in module.modules():
        _drop_separate(attention)
    return True


def _drop_separate(attention: Module) -> None:
    import torch

    gone = []
    if hasattr(attention, "to_qkv"):
        gone += ["to_q", "to_k", "to_v"]
    elif hasattr(attention, "to_kv"):
        gone += ["to_k", "to_v"]
    if hasattr(attention, "to_added_qkv"):
        gone += ["add_q_proj", "add_k_proj", "add_v_proj"]
    for name in gone:
        setattr(attention, name, torch.nn.Identity())


def safe_vae(vae: Module, dtype: Dtype) -> None:
    """Has an autoencoder work in `dtype` (bfloat16 or float32) whatever it is given.

    SDXL's stock autoencoder overflows in float16, and diffusers then turns it into float32 and back
    for each picture. bfloat16 has float32's range, so it cannot overflow; what it rounds is at most
    half a step of an 8-bit picture at its last layer. Where a card has no bfloat16 the autoencoder
    stays in float32 for good, which at least saves the turning.
    """
    vae.to(dtype=dtype)
    vae.register_to_config(force_upcast=False)
    for name in ("encode", "decode"):
        setattr(vae, name, _casting(getattr(vae, name), dtype))


def _casting(call: Callable[..., Value], dtype: Dtype) -> Callable[..., Value]:
    from functools import wraps

    @wraps(call)
    def cast(pixels: Tensor, *args: Value, **kwargs: Value) -> Value:
        return call(pixels.to(dtype), *args, **kwargs)

    return cast
