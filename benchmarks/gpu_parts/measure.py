"""Clocks, memory, and the time that is left."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

MATMUL = 8192
GB = 1e9


@dataclass
class Budget:
    """Seconds for everything; `left` is what remains of them."""

    seconds: float
    begun: float = 0.0

    def __post_init__(self) -> None:
        self.begun = time.perf_counter()

    def left(self) -> float:
        return self.seconds - (time.perf_counter() - self.begun)


@dataclass(frozen=True)
class Device:
    """Where it runs, and in which number format."""

    name: str
    kind: str
    dtype: Any

    def wait(self) -> None:
        """Until the device has done what it was told."""
        import torch

        if self.kind == "cuda":
            torch.cuda.synchronize()

    def empty(self) -> None:
        """Gives memory that nothing uses back."""
        import gc

        import torch

        gc.collect()
        if self.kind == "cuda":
            torch.cuda.empty_cache()

    def timed(self, work: Callable[[], Any]) -> float:
        """Seconds of one run, from an idle device to an idle device."""
        self.wait()
        begun = time.perf_counter()
        work()
        self.wait()
        return time.perf_counter() - begun

    def peak(self, work: Callable[[], Any]) -> float | None:
        """GB that `work` needs beside what was held before it; None where nobody counts."""
        import torch

        if self.kind != "cuda":
            work()
            return None
        before = torch.cuda.memory_allocated()
        torch.cuda.reset_peak_memory_stats()
        work()
        self.wait()
        return (torch.cuda.max_memory_allocated() - before) / GB


def found(tiny: bool) -> Device:
    """The first CUDA card in bfloat16, or with `tiny` the processor in float32."""
    import platform

    import torch

    if tiny or not torch.cuda.is_available():
        return Device(platform.processor() or platform.machine(), "cpu", torch.float32)
    return Device(torch.cuda.get_device_name(0), "cuda", torch.bfloat16)


def interleaved(
    device: Device, works: Sequence[Callable[[], Any]], repeats: int
) -> list[list[float]]:
    """Seconds of each work, taking turns, so that a busy or hot machine slows all alike."""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(repeats):
        for work, seconds in zip(works, taken, strict=True):
            seconds.append(device.timed(work))
    return taken


def matmul_rate(device: Device, side: int = MATMUL, repeats: int = 20) -> float:
    """TFLOP/s of side x side x side products, the median of `repeats`."""
    import torch

    a, b = (torch.randn(side, side, device=device.kind, dtype=device.dtype) for _ in range(2))
    for _ in range(3):
        device.timed(lambda: a @ b)
    return 2 * side**3 / 1e12 / median(device.timed(lambda: a @ b) for _ in range(repeats))
