"""8-bit floats for the large matrix products of a transformer, where card and library have them."""

import importlib.util
import logging

from engine.studio.diffusion.untyped import Module

log = logging.getLogger(__name__)

LEAST_CAPABILITY = (8, 9)
"""Ada and later have float8 tensor cores."""
LEAST_WIDTH = 1024
"""Narrower layers lose more by quantising activations than the product gains."""
SENSITIVE = ("embed", "norm", "modulation", "proj_out", "final_layer", "time")


def obstacle(capability: tuple[int, int] | None, *, compiling: bool) -> str:
    """Why float8 cannot be used here, in one sentence; "" if it can."""
    if capability is None or capability < LEAST_CAPABILITY:
        return "fp8 needs an NVIDIA card of the Ada generation (compute capability 8.9) or later"
    if not compiling:
        return "fp8 without compiling is slower than bfloat16; leave compile on"
    if importlib.util.find_spec("torchao") is None:
        return "fp8 needs the package torchao: pip install torchao"
    return ""


def wanted(module: Module, name: str) -> bool:
    """Whether a layer is a large linear one and none of those that decide colours and timing."""
    import torch

    if not isinstance(module, torch.nn.Linear) or any(part in name for part in SENSITIVE):
        return False
    sides = (module.in_features, module.out_features)
    return min(sides) >= LEAST_WIDTH and not any(side % 16 for side in sides)


def to_float8(model: Module) -> None:
    """Turns the layers that `wanted` names to float8 with one scale per row, in place.

    Source: torchao's `Float8DynamicActivationFloat8WeightConfig` and `PerRow`.
    """
    from torchao.quantization import (  # pyright: ignore[reportMissingImports] - an option's package
        Float8DynamicActivationFloat8WeightConfig,
        PerRow,
        quantize_,
    )

    config = Float8DynamicActivationFloat8WeightConfig(granularity=PerRow())
    quantize_(model, config, filter_fn=wanted)
