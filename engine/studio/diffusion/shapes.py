"""What a module was called with, without its tensors: to recognise it, and to make it again."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from engine.studio.diffusion.untyped import Tensor, Value

Signature = tuple[Any, ...]
PLAIN = (bool, int, str, type(None))


class TensorSpec(NamedTuple):
    """A tensor's outside; `number` tells which arguments were one and the same tensor."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: Any
    device: Any
    number: int


class CallSpec(NamedTuple):
    """The arguments of a call with every tensor replaced by its `TensorSpec`."""

    args: Any
    kwargs: Any


def signature(
    args: Sequence[Any], kwargs: Mapping[str, Any], *, floats: bool = False, token_step: int = 1
) -> Signature:
    """Equal for two calls that can share compiled code: sizes, dtypes, devices and plain values.

    Floats count only with `floats`: timesteps and scales differ at every call. The rows of
    matrices, which are a text's tokens, count in steps of `token_step`.
    """
    from torch.utils._pytree import tree_flatten

    leaves, tree = tree_flatten((tuple(args), dict(kwargs)))
    return (str(tree), *(_leaf(leaf, floats, token_step) for leaf in leaves))


def _leaf(leaf: Value, floats: bool, token_step: int) -> Value:
    import torch

    if isinstance(leaf, torch.Tensor):
        shape = tuple(leaf.shape)
        if len(shape) == 2:
            shape = (-(-shape[0] // token_step) * token_step, shape[1])
        return (shape, str(leaf.dtype), str(leaf.device))
    if isinstance(leaf, PLAIN) or (floats and isinstance(leaf, float)):
        return leaf
    return type(leaf).__name__


def spec_of(args: Sequence[Any], kwargs: Mapping[str, Any]) -> CallSpec:
    """Describes a call so that `made` can make one like it."""
    import torch
    from torch.utils._pytree import tree_map

    numbers: dict[int, int] = {}

    def describe(leaf: Value) -> Value:
        if not isinstance(leaf, torch.Tensor):
            return leaf
        number = numbers.setdefault(id(leaf), len(numbers))
        return TensorSpec(tuple(leaf.shape), leaf.stride(), leaf.dtype, leaf.device, number)

    described = tree_map(describe, (tuple(args), dict(kwargs)))
    return CallSpec(*described)


def made(spec: CallSpec) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments like those described: noise for real numbers, zeros for whole ones, masks full."""
    from torch.utils._pytree import tree_map

    tensors: dict[int, Any] = {}

    def make(leaf: Value) -> Value:
        if not isinstance(leaf, TensorSpec):
            return leaf
        if leaf.number not in tensors:
            tensors[leaf.number] = _filled(leaf)
        return tensors[leaf.number]

    return tree_map(make, tuple(spec), is_leaf=lambda leaf: isinstance(leaf, TensorSpec))


def _filled(spec: TensorSpec) -> Tensor:
    import torch

    tensor = torch.empty_strided(spec.shape, spec.stride, dtype=spec.dtype, device=spec.device)
    if 0 in spec.stride:  # an expanded tensor shares memory with itself and takes one value
        return tensor.fill_(1)
    if spec.dtype.is_floating_point or spec.dtype.is_complex:
        return tensor.normal_()
    return tensor.fill_(1 if spec.dtype == torch.bool else 0)
