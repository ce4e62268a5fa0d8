"""CUDA graphs of a whole forward pass, where the card waits for the processor to launch kernels.

Few-step models at batch 1 spend their time launching; a recorded graph is launched at once. The
recording reads fixed buffers, so it is good for one set of sizes and for weights that stay put.
"""

import logging
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from engine.studio.diffusion import quiet
from engine.studio.diffusion.shapes import Signature
from engine.studio.diffusion.untyped import Device, Value

log = logging.getLogger(__name__)

MOST = 4
"""Recordings kept; each holds its activations (SDXL at 1024x1024: some 3 GB)."""
LAUNCH_BOUND = 0.7
"""From this share of a pass spent launching, a recording is worth its memory."""


class Recording(NamedTuple):
    """A replayable pass: buffers to fill, what to call, and where the results then are."""

    inputs: Sequence[Any]
    replay: Callable[[], None]
    outputs: Any


class Recorder(Protocol):
    """The device's part: how long a pass takes to launch and in all, and how one is recorded."""

    def timed(self, call: Callable[[], Any]) -> tuple[float, float, Any]:
        """Seconds to launch, seconds in all, and the result of one call."""
        ...

    def record(
        self, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Recording:
        """Records a call on buffers of its own."""
        ...


class Graphs:
    """Runs a pass from its recording where that pays; `always` records without measuring."""

    def __init__(self, recorder: Recorder, *, always: bool = False, most: int = MOST) -> None:
        self._recorder, self._always, self._most = recorder, always, most
        self._kept: OrderedDict[Signature, Recording] = OrderedDict()
        self._declined: set[Signature] = set()
        self.failed = ""

    def run(
        self,
        signature: Signature,
        call: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Value:
        """The result of `call(*args, **kwargs)`, replayed or called."""
        if self.failed or signature in self._declined:
            return call(*args, **kwargs)
        if signature not in self._kept:
            with quiet.if_free() as free:
                if not free:  # another thread compiles: measured and recorded at a later pass
                    return call(*args, **kwargs)
                return self._first(signature, call, args, kwargs)
        self._kept.move_to_end(signature)
        return _replayed(self._kept[signature], args, kwargs)

    def clear(self) -> None:
        """Lets every recording go, with its memory."""
        self._kept.clear()
        self._declined.clear()

    def give_up(self, why: str) -> bool:
        """Records no more and lets all go. Whether there was anything to let go."""
        had = bool(self._kept)
        self.failed = self.failed or why
        self.clear()
        return had

    def _first(
        self,
        signature: Signature,
        call: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Value:
        call(*args, **kwargs)  # allocations and autotuning of a first pass are no measure
        launching, whole, result = self._recorder.timed(lambda: call(*args, **kwargs))
        if not self._always and launching < LAUNCH_BOUND * whole:
            self._declined.add(signature)
            return result
        self._record(signature, call, args, kwargs)
        return result

    def _record(
        self,
        signature: Signature,
        call: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        while len(self._kept) >= self._most:
            self._kept.popitem(last=False)
        try:
            self._kept[signature] = self._recorder.record(call, args, kwargs)
        except RuntimeError as error:
            self.give_up(str(error) or "unknown")
            log.warning("no CUDA graphs: %s", self.failed.splitlines()[0])


def _replayed(recording: Recording, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Value:
    import torch
    from torch.utils._pytree import tree_map

    for buffer, given in zip(recording.inputs, _tensors(args, kwargs), strict=True):
        buffer.copy_(given, non_blocking=True)
    recording.replay()
    return tree_map(lambda t: t.clone() if isinstance(t, torch.Tensor) else t, recording.outputs)


def _tensors(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
    import torch
    from torch.utils._pytree import tree_leaves

    return [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]


class CudaRecorder:
    """Records on one CUDA device; https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._last: Callable[[], Any] = lambda: None

    def timed(self, call: Callable[[], Any]) -> tuple[float, float, Any]:
        """See `Recorder`."""
        import torch

        torch.cuda.synchronize(self._device)
        begun = time.perf_counter()
        result = call()
        launched = time.perf_counter()
        torch.cuda.synchronize(self._device)
        return launched - begun, time.perf_counter() - begun, result

    def record(
        self, call: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Recording:
        """See `Recorder`. Other threads may launch meanwhile, and must not wait for the device."""
        import torch

        args, kwargs, buffers = self._own(args, kwargs)
        side = torch.cuda.Stream(self._device)
        side.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(side):
            call(*args, **kwargs)
        torch.cuda.current_stream(self._device).wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        # One after the other is replayed and its results are copied at once, so that all may use
        # the same memory.
        beside = self._last()
        pool = beside.pool() if beside else None
        with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
            outputs = call(*args, **kwargs)
        self._last = weakref.ref(graph)
        return Recording(buffers, graph.replay, outputs)

    def _own(
        self, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any], list[Any]]:
        import torch
        from torch.utils._pytree import tree_map

        def own(leaf: Value) -> Value:
            if not isinstance(leaf, torch.Tensor):
                return leaf
            return torch.empty_like(leaf, device=self._device).copy_(leaf)

        args, kwargs = tree_map(own, (args, kwargs))
        return args, kwargs, _tensors(args, kwargs)
