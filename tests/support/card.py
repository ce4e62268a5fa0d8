"""A graphics card for machines without one: tensors that say they lie on it, and are minded there.

Each holds its numbers in main memory, so all of it computes as on the processor; but what mixes the
two devices raises as it does on a card, which is the commonest mistake in code that no card has
run. Streams, events, memory and names are answered by plain fakes. Kernels, compiled code and
recordings are beyond it.
"""

import contextlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter, tree_map

NAME = "a pretended card"
GIB = 1024**3
HERE = torch.device("cuda:0")
MOVES = ("aten::_to_copy", "aten::copy_", "aten::_copy_from")
INDEXES = ("aten::index", "aten::index_put", "aten::index_put_")
NUMBERS = ("item", "tolist", "__bool__", "__float__", "__int__", "__index__", "__len__")
"""Methods that bring a value to the processor, below what a dispatch mode sees."""


class OnCard(torch.Tensor):
    """A tensor on the card; `held` are its numbers."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls: Any, held: torch.Tensor) -> "OnCard":
        made = torch.Tensor._make_wrapper_subclass(  # pyright: ignore[reportAttributeAccessIssue]
            cls,
            held.shape,
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=HERE,
            requires_grad=False,
        )
        made.held = held
        return made

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(func, args, kwargs or {})


class _Dispatch(TorchDispatchMode):
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return _run(func, args, kwargs or {})


def _run(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    args, kwargs = _named_device(func, args, kwargs)
    given = [leaf for leaf in tree_iter((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    _mind(func, given)
    asked = kwargs.get("device")
    there = any(isinstance(tensor, OnCard) for tensor in given)
    if func._schema.name == "aten::to" and isinstance(args[-1], OnCard):
        there = True  # to.other
    if asked is not None:
        there = torch.device(asked).type == "cuda"
        kwargs = kwargs | {"device": torch.device("cpu")}
    if func._schema.name in MOVES[1:]:
        there = isinstance(args[0], OnCard)
    return _through(func, args, kwargs, there)


def _named_device(func: Any, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A device given by place as one given by name; inference mode passes them so."""
    for place, argument in enumerate(func._schema.arguments[: len(args)]):
        if argument.name == "device" and args[place] is not None:
            names = [a.name for a in func._schema.arguments[place : len(args)]]
            return args[:place], kwargs | dict(zip(names, args[place:], strict=True))
    return args, kwargs


def _through(func: Any, args: Any, kwargs: Any, there: bool) -> Any:
    """Call with plain numbers; what comes back is placed, a tensor that was given as itself."""
    given = [leaf for leaf in tree_iter((args, kwargs)) if isinstance(leaf, OnCard)]
    known = {id(leaf.held): leaf for leaf in given}
    out = func(*tree_map(_numbers, args), **tree_map(_numbers, kwargs))

    def placed(leaf: Any) -> Any:
        if not there or not isinstance(leaf, torch.Tensor):
            return leaf
        return known[id(leaf)] if id(leaf) in known else OnCard(leaf)

    return tree_map(placed, out)


def _mind(func: Any, given: list[torch.Tensor]) -> None:
    """Raise where the devices mix, but for what torch allows: moves, plain numbers, indices."""
    here = [tensor for tensor in given if not isinstance(tensor, OnCard)]
    name = func._schema.name
    if not here or len(here) == len(given) or name in MOVES:
        return
    if name in INDEXES and isinstance(given[0], OnCard):
        return
    if torch.Tag.pointwise in func.tags and all(tensor.ndim == 0 for tensor in here):
        return
    shapes = [(str(t.device), tuple(t.shape)) for t in given]
    raise RuntimeError(
        f"Expected all tensors to be on the same device, but {name} was given {shapes}"
    )


def _numbers(leaf: Any) -> Any:
    return leaf.held if isinstance(leaf, OnCard) else leaf


class _Functions(TorchFunctionMode):
    """What torch decides by device before it dispatches."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        args, kwargs = tree_map(_exact, (args, kwargs or {}))
        if special := SPECIAL.get(getattr(func, "__name__", "")):
            return special(func, args, kwargs)
        if func == torch.Tensor.data.__set__:  # pyright: ignore[reportAttributeAccessIssue]
            return _put(*args)
        return func(*args, **kwargs)


def _exact(leaf: Any) -> Any:
    """ "cuda" without a number makes torch ask the driver which card is meant."""
    if isinstance(leaf, str | torch.device) and str(leaf) == "cuda":
        return HERE
    return leaf


def _value(func: Any, args: Any, kwargs: Any) -> Any:
    """What a tensor's numbers say, brought to the processor."""
    return func(*map(_numbers, args), **kwargs)


def _indexed(func: Any, args: Any, kwargs: Any) -> Any:
    """`tensor[index]`, and `tensor[index] = value`."""
    there = isinstance(args[0], OnCard)
    if not there and any(isinstance(leaf, OnCard) and leaf.ndim for leaf in tree_iter(args[1])):
        raise RuntimeError("indices should be on the same device as the indexed tensor (cpu)")
    return _through(func, args, kwargs, there)


def _first(func: Any, args: Any, kwargs: Any) -> Any:
    """Where the first argument is."""
    there = bool(args) and isinstance(args[0], OnCard)
    return _through(func, args, kwargs, there)


def _made(func: Any, args: Any, kwargs: Any) -> Any:
    if not str(kwargs.get("device")).startswith("cuda"):
        return func(*args, **kwargs)
    return _through(func, args, kwargs | {"device": "cpu"}, True)


def _attention(func: Any, args: Any, kwargs: Any) -> Any:
    given = [leaf for leaf in tree_iter((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    if len({type(tensor) is OnCard for tensor in given}) > 1:
        raise RuntimeError(f"attention across devices: {[str(t.device) for t in given]}")
    return _through(func, args, kwargs, isinstance(given[0], OnCard))


SPECIAL: dict[str, Callable[[Any, Any, Any], Any]] = {
    **dict.fromkeys(NUMBERS, _value),
    "__getitem__": _indexed,
    "__setitem__": _indexed,
    "contiguous": _first,
    "copy_": _first,
    "tensor": _made,
    "scaled_dot_product_attention": _attention,
}


def _put(tensor: torch.Tensor, data: torch.Tensor) -> None:
    """`tensor.data = data`, across devices too."""
    fresh = data.detach().clone()
    if isinstance(tensor, torch.nn.Parameter):
        fresh = torch.nn.Parameter(fresh, requires_grad=False)
    torch.utils.swap_tensors(tensor, fresh)


class Event:
    """Always past."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.waits = 0

    def record(self, *_: Any) -> None:
        return

    def synchronize(self) -> None:
        self.waits += 1


class Stream(Event):
    def wait_stream(self, _: Any) -> None:
        return


def _answers(total_gb: float, capability: tuple[int, int]) -> dict[str, Callable[..., Any]]:
    total = int(total_gb * GIB)
    major, minor = capability
    properties = SimpleNamespace(name=NAME, major=major, minor=minor, total_memory=total)
    quiet: Callable[..., Any] = lambda *_, **__: None  # noqa: E731
    return {
        "is_available": lambda: True,
        "device_count": lambda: 1,
        "current_device": lambda: 0,
        "_lazy_init": quiet,
        "synchronize": quiet,
        "empty_cache": quiet,
        "set_device": quiet,
        "reset_peak_memory_stats": quiet,
        "mem_get_info": lambda *_: (total // 2, total),
        "memory_reserved": lambda *_: 0,
        "memory_allocated": lambda *_: 0,
        "max_memory_allocated": lambda *_: 0,
        "get_device_name": lambda *_: NAME,
        "get_device_properties": lambda *_: properties,
        "get_device_capability": lambda *_: capability,
        "current_stream": lambda *_: Stream(),
        "device": lambda *_: contextlib.nullcontext(),
        "stream": lambda *_: contextlib.nullcontext(),
        "Stream": Stream,
        "Event": Event,
    }


@contextlib.contextmanager
def pretended(total_gb: float = 24.0, capability: tuple[int, int] = (9, 0)) -> Iterator[None]:
    """On this thread, "cuda" is a card of `total_gb` GiB inside the block."""
    import torch._dynamo  # before names change: it keeps a table of torch's functions

    before = torch.__future__.get_overwrite_module_params_on_conversion()
    with contextlib.ExitStack() as stay:
        for name, answer in _answers(total_gb, capability).items():
            stay.enter_context(patch.object(torch.cuda, name, answer))
        torch.__future__.set_overwrite_module_params_on_conversion(True)
        stay.callback(torch.__future__.set_overwrite_module_params_on_conversion, before)
        stay.enter_context(torch.no_grad())
        stay.enter_context(_Dispatch())
        stay.enter_context(_Functions())
        yield
