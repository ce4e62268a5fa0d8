"""A text encoder that waits in main memory and is on the card only while it reads a prompt."""

import contextlib
from collections.abc import Callable, Iterable, Iterator

from engine.studio.diffusion.untyped import Device, Module, Tensor, Value

HEADROOM = 0.15
"""Share of the card kept free for activations and the decoder when deciding what fits."""


def bytes_of(module: Module) -> int:
    """Size of a module's weights and buffers."""
    return sum(t.numel() * t.element_size() for t in _tensors(module))


def short(total: int, needed: int) -> bool:
    """Whether weights of `needed` bytes leave a card of `total` bytes too little room to work."""
    return needed > total * (1 - HEADROOM)


def park(encoder: Module, device: Device, in_the_way: Iterable[Module] = ()) -> None:
    """Has `encoder` wait in main memory; each call brings it to `device` and back.

    The weights never change, so the way back copies nothing. Where the card cannot hold it besides
    `in_the_way`, those make room for the call. A hook of accelerate's marks where the inputs
    belong, because diffusers asks for that.
    """
    from accelerate.hooks import ModelHook, add_hook_to_module

    encoder.to("cpu")
    hook = ModelHook()
    hook.execution_device = device  # pyright: ignore[reportAttributeAccessIssue] - accelerate's way
    add_hook_to_module(encoder, hook)
    encoder.forward = _visiting(encoder, encoder.forward, device, tuple(in_the_way))


def _visiting(
    encoder: Module, forward: Callable[..., Value], device: Device, in_the_way: tuple[Module, ...]
) -> Callable[..., Value]:
    from functools import wraps

    @wraps(forward)
    def visit(*args: Value, **kwargs: Value) -> Value:
        with contextlib.ExitStack() as stay:
            crowded = bytes_of(encoder) * 1.1 > free_bytes(device)
            for other in in_the_way if crowded else ():
                stay.enter_context(aside(other))
            stay.enter_context(lent(encoder, device))
            return forward(*args, **kwargs)

    return visit


def free_bytes(device: Device) -> float:
    """What could still be allocated on a device; without bounds where it is no GPU."""
    import torch

    if torch.device(device).type != "cuda":
        return float("inf")
    free, _total = torch.cuda.mem_get_info(device)
    return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)


@contextlib.contextmanager
def lent(module: Module, device: Device) -> Iterator[None]:
    """Copies of the weights on `device` inside the block; the same ones as before after it."""
    tensors = _tensors(module)
    homes = [tensor.data for tensor in tensors]
    try:
        for tensor in tensors:
            tensor.data = tensor.data.to(device)
        yield
    finally:
        for tensor, home in zip(tensors, homes, strict=True):
            tensor.data = home


@contextlib.contextmanager
def aside(module: Module) -> Iterator[None]:
    """The weights in main memory inside the block, back where they were after it."""
    tensors = _tensors(module)
    places = [tensor.device for tensor in tensors]
    try:
        for tensor in tensors:
            tensor.data = tensor.data.to("cpu")
        yield
    finally:
        for tensor, place in zip(tensors, places, strict=True):
            tensor.data = tensor.data.to(place)


def _tensors(module: Module) -> list[Tensor]:
    return [*module.parameters(), *module.buffers()]
