"""8-bit floats for the large matrix products of a transformer, where the card has them.

Weights and activations are float8 e4m3 with one scale per row (per output, per token), the products
bfloat16: the recipe of torchao's `PerRow`. Written out here on torch's own product, which also runs
on a processor, so that it is tested where no card is.
"""

from typing import TYPE_CHECKING, Any

from engine.studio.diffusion.untyped import Module, Tensor

if TYPE_CHECKING:
    from torch import nn

LEAST_CAPABILITY = (8, 9)
"""Ada and later have float8 tensor cores."""
LEAST_WIDTH = 1024
"""Narrower layers lose more by quantising activations than the product gains."""
SENSITIVE = ("embed", "norm", "modulation", "proj_out", "final_layer", "time")
LARGEST = 448.0
"""The largest number of float8 e4m3."""
LEAST_SCALE = 1e-12


def obstacle(capability: tuple[int, int] | None, *, compiling: bool) -> str:
    """Why float8 cannot be used here, in one sentence; "" if it can."""
    if capability is None or capability < LEAST_CAPABILITY:
        return "fp8 needs an NVIDIA card of the Ada generation (compute capability 8.9) or later"
    if not compiling:
        return "fp8 without compiling is slower than bfloat16; leave compile on"
    return ""


def wanted(module: Module, name: str) -> bool:
    """Whether a layer is a large linear one and none of those that decide colours and timing.

    The product's sides must be multiples of 16, and it gives bfloat16 only.
    """
    import torch

    if not isinstance(module, torch.nn.Linear) or any(part in name for part in SENSITIVE):
        return False
    sides = (module.in_features, module.out_features)
    fits = min(sides) >= LEAST_WIDTH and not any(side % 16 for side in sides)
    return fits and module.weight.dtype == torch.bfloat16


def to_float8(model: Module) -> int:
    """Turns the layers that `wanted` names to float8, in place, one by one; says how many."""
    found = [name for name, module in model.named_modules() if wanted(module, name)]
    for name in found:
        above, _, own = name.rpartition(".")
        parent = model.get_submodule(above)
        setattr(parent, own, float8_linear(getattr(parent, own)))
    return len(found)


def float8_linear(layer: Module) -> "nn.Module":
    """A layer with the results of `layer`, (..., in) to (..., out), about a fiftieth off."""
    import torch

    class Float8Linear(torch.nn.Module):
        weight8: Tensor
        scale: Tensor

        def __init__(self) -> None:
            super().__init__()
            small, scale = _quantised(layer.weight.detach())
            self.register_buffer("weight8", small)
            self.register_buffer("scale", scale.t().contiguous())
            self.bias = layer.bias

        def forward(self, x: Tensor) -> Tensor:
            small, scale = _quantised(x.reshape(-1, x.shape[-1]))
            # The second factor must lie column by column, which a row-major weight turned does.
            out = torch._scaled_mm(  # pyright: ignore[reportPrivateImportUsage]  torchao's too
                small,
                self.weight8.t(),
                scale_a=scale,
                scale_b=self.scale,
                out_dtype=torch.bfloat16,
                use_fast_accum=True,
            )
            out = out if self.bias is None else out + self.bias
            return out.reshape(*x.shape[:-1], -1)

    return Float8Linear()


def _quantised(rows: Any) -> tuple[Any, Any]:  # noqa: ANN401  torch is untyped here
    """(n, k) as float8, and the scale (n, 1), float32, of each row."""
    import torch

    scale = rows.abs().amax(-1, keepdim=True).float().clamp_min(LEAST_SCALE) / LARGEST
    small = (rows.float() / scale).clamp(-LARGEST, LARGEST).to(torch.float8_e4m3fn)
    return small, scale
