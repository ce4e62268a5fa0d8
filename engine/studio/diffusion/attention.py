"""Which scaled-dot-product kernel is fastest on this card for the shapes a model really asks for.

The answer is an order of preference, not one kernel: a call that the first cannot serve (a mask, an
odd head size) falls to the next, so a choice can make nothing fail.
"""

import contextlib
import json
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from engine.studio.diffusion.untyped import Device, Tensor, Value

log = logging.getLogger(__name__)

BACKENDS = {
    "flash": "FLASH_ATTENTION",
    "cudnn": "CUDNN_ATTENTION",
    "efficient": "EFFICIENT_ATTENTION",
    "math": "MATH",
}
CANDIDATES = ("flash", "cudnn", "efficient")
KEPT = "attention.json"

Timer = Callable[["Shape", str], float]
"""Seconds of one call of a backend on a shape; raises where the backend cannot serve it."""


class Shape(NamedTuple):
    """One call: (batch, heads, tokens, channels) of query and key, dtype's name, mask or none."""

    query: tuple[int, ...]
    key: tuple[int, ...]
    dtype: str
    masked: bool


@contextlib.contextmanager
def recorded() -> Iterator["Counter[Shape]"]:
    """Counts the shapes that attention is called with inside the block, on this thread."""
    from torch.nn.functional import scaled_dot_product_attention
    from torch.overrides import TorchFunctionMode

    seen: Counter[Shape] = Counter()

    class Recorder(TorchFunctionMode):
        def __torch_function__(
            self, func: Value, types: Value, args: Value = (), kwargs: Value = None
        ) -> Value:
            if func is scaled_dot_product_attention:
                seen[_shape_of(args, kwargs or {})] += 1
            return func(*args, **(kwargs or {}))

    with Recorder():
        yield seen


def _shape_of(args: Sequence[Any], kwargs: Mapping[str, Any]) -> Shape:
    given = dict(zip(("query", "key", "value", "attn_mask"), args, strict=False)) | dict(kwargs)
    query, key = given["query"], given["key"]
    dtype = str(query.dtype).removeprefix("torch.")
    return Shape(tuple(query.shape), tuple(key.shape), dtype, given.get("attn_mask") is not None)


def fastest(
    shapes: Mapping[Shape, int], timer: Timer, candidates: Sequence[str] = CANDIDATES
) -> tuple[str, ...]:
    """The candidates by their time for all calls together, fastest first; "math" is always last.

    A backend that cannot serve one of the shapes goes behind those that can serve all.
    """
    costs = {name: _cost(shapes, timer, name) for name in candidates}
    ranked = sorted(candidates, key=lambda name: costs[name])
    log.info("attention, by cost: %s", ", ".join(f"{n} {costs[n] * 1e3:.2f} ms" for n in ranked))
    return (*ranked, "math")


def _cost(shapes: Mapping[Shape, int], timer: Timer, name: str) -> float:
    try:
        return sum(timer(shape, name) * calls for shape, calls in shapes.items())
    except RuntimeError as error:
        log.info("attention backend %s is not usable here: %s", name, _first_line(error))
        return float("inf")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def timer_on(device: Device, repeats: int = 5) -> Timer:
    """Times real calls on `device`, the least of `repeats` after one to warm up."""
    import torch

    def measure(shape: Shape, name: str) -> float:
        query = torch.randn(shape.query, dtype=getattr(torch, shape.dtype), device=device)
        key = torch.randn(shape.key, dtype=query.dtype, device=device)
        mask = query.new_ones((1, 1, 1, shape.key[-2]), dtype=torch.bool) if shape.masked else None
        call = _call_of(query, key, mask)
        with torch.no_grad(), preferring((name,)):
            call()
            return min(_seconds(call, device) for _ in range(repeats))

    return measure


def _call_of(query: Tensor, key: Tensor, mask: Tensor | None) -> Callable[[], Any]:
    from torch.nn.functional import scaled_dot_product_attention

    return lambda: scaled_dot_product_attention(query, key, key, attn_mask=mask)


def _seconds(call: Callable[[], Any], device: Device) -> float:
    import torch

    begun = time.perf_counter()
    call()
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - begun


@contextlib.contextmanager
def preferring(order: Sequence[str]) -> Iterator[None]:
    """Runs the block with attention kernels in this order; with no order, as torch has it."""
    if not order:
        yield
        return
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel([getattr(SDPBackend, BACKENDS[n]) for n in order], set_priority=True):
        yield


class Kept:
    """Choices kept on disk, so that a card is measured once and a replay takes the same kernels."""

    def __init__(self, folder: Path | None, card: str) -> None:
        self._path = folder / KEPT if folder else None
        self._card = card

    def get(self, shapes: Mapping[Shape, int]) -> tuple[str, ...]:
        """The order kept for these shapes on this card, or nothing."""
        order = self._read().get(self._key(shapes), [])
        return tuple(name for name in order if name in BACKENDS)

    def put(self, shapes: Mapping[Shape, int], order: Sequence[str]) -> None:
        """Keeps an order; a folder that cannot be written to costs a measurement next time."""
        if not self._path:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            written = self._path.with_suffix(
                f".{os.getpid()}.part"
            )  # a card's neighbour writes too
            written.write_text(
                json.dumps(self._read() | {self._key(shapes): list(order)}, indent=1)
            )
            written.replace(self._path)
        except OSError as error:
            log.warning("the attention choice is not kept: %s", error)

    def _key(self, shapes: Mapping[Shape, int]) -> str:
        import torch

        calls = sorted(f"{s.query}{s.key}{s.dtype}{s.masked}*{n}" for s, n in shapes.items())
        return " ".join((self._card, torch.__version__, *calls))

    def _read(self) -> dict[str, list[str]]:
        try:
            return json.loads(self._path.read_text()) if self._path else {}
        except (OSError, ValueError):
            return {}
