"""Networks that are run once over a picture: upscalers and mattes."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from statistics import median
from typing import Any

from benchmarks.gpu_parts import flops
from benchmarks.gpu_parts.building import materialised, on_meta
from benchmarks.gpu_parts.measure import Budget, Device, interleaved
from benchmarks.gpu_parts.models import attempt
from benchmarks.gpu_parts.networks import Network
from benchmarks.gpu_parts.report import Row
from engine.studio.diffusion import speed
from engine.studio.diffusion.compiling import Background
from engine.studio.diffusion.planning import Options

REPEATS = 5
LEAST = 10.0
"""Seconds that a network needs at least."""


def rows_of(
    networks: Sequence[Network], device: Device, budget: Budget, options: Options
) -> Iterator[Row]:
    """One row a network, batch 1; each may wait for its share of the time left to be compiled."""
    for number, network in enumerate(networks):
        row = Row(network.title)
        if budget.left() < LEAST:
            row.note = "no time left"
        else:
            own = Budget(budget.left() / (len(networks) - number))
            fill = partial(_fill, row, network, device, own, options)
            attempt(row, device, fill)
        yield row


def _fill(row: Row, network: Network, device: Device, budget: Budget, options: Options) -> None:
    import torch

    made = on_meta(network.make, device.dtype)
    row.tflop = flops.counted(
        made, torch.empty((1, 3, *network.size), dtype=device.dtype, device="meta")
    )
    stock = materialised(made, device.kind, 0)
    ours = materialised(on_meta(network.make, device.dtype), device.kind, 0)
    background = Background()
    runner = speed.prepare_network(ours, options, blocks=network.blocks, background=background)
    picture = torch.rand((1, 3, *network.size)).to(device.kind, device.dtype)
    works = (_pass(stock, picture), _pass(ours, picture, runner.begin if runner else None))
    for _ in range(2 if runner else 1):
        for work in works:
            work()
        background.wait(max(1.0, budget.left() / 2))
    row.stock_gb, row.ours_gb = (device.peak(work) for work in works)
    row.stock, row.ours = (median(t) for t in interleaved(device, works, REPEATS))
    row.path = runner.path if runner else "eager"


def _pass(network: Any, picture: Any, begin: Callable[[], None] | None = None) -> Callable[[], Any]:
    import torch

    def run() -> Any:
        if begin:
            begin()
        with torch.no_grad():
            return network(picture)

    return run
