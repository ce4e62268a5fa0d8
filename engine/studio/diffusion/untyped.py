"""Names for what torch and diffusers leave untyped, and what is imported only inside functions."""

from typing import Any, TypeAlias

Pipe: TypeAlias = Any
"""A diffusers pipeline."""
Module: TypeAlias = Any
"""A torch module, of whatever class."""
Tensor: TypeAlias = Any
Device: TypeAlias = Any
Dtype: TypeAlias = Any
Value: TypeAlias = Any
"""An argument or a result of a module: tensors, plain values, and lists and dicts of them."""
