"""What a graphics card does with the models: stock eager diffusers and our engine, side by side.

    python -m benchmarks.gpu [--out FILE] [--budget SECONDS] [--speed "fp8=on"]
                             [--cache FOLDER] [--only sdxl,networks] [--batches 1,2] [--tiny]

Real architectures with random weights, so nothing is downloaded; both ways take turns in one run,
and each rate is also given as a share of an 8192 x 8192 x 8192 product in bfloat16 on that card in
that run. Both sides compute in bfloat16, but for a row of ours in fp8; text encoders are left out
of both. Rows are printed, and written, as they come; one that fails says why and costs no other.
What does not fit time or memory is left out and said, and where code was not compiled in time the
row says "eager": a second run with the same `--cache` starts warm. At the end each goal is told
with what was reached. `--tiny` runs everything on a processor with tiny models: it shows that the
benchmark works, and its figures say nothing of a card.
"""

import argparse
import os
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.gpu_parts import architectures, models, networks, report, single
from benchmarks.gpu_parts.measure import MATMUL, Budget, Device, found, matmul_rate
from benchmarks.gpu_parts.report import Row
from engine.speed import options_of

BUDGET = 510.0
GRACE = 25.0
"""Seconds by which a row in hand may overrun before all is stopped: together under nine minutes."""
BATCHES = (1, 2, 4, 8)
NETWORKS = "networks"
SHARES = {"flux2-klein": 0.25, "z-image": 0.4, "sdxl": 0.8}
"""Of the time left when a model's turn comes. SDXL's many different blocks compile the longest."""


def measured(device: Device, budget: Budget, arguments: argparse.Namespace) -> Iterator[Row]:
    """Models first, each with its share of the time; what they leave is for the networks."""
    tiny, options = device.kind == "cpu", options_of(arguments.speed, arguments.cache)
    only = arguments.only.split(",") if arguments.only else [*SHARES, NETWORKS]
    made = {each.family: each for each in (architectures.TINY if tiny else architectures.REAL)}
    for family in (family for family in SHARES if family in only):
        own = Budget(budget.left() * SHARES[family])
        yield from models.rows_of(made[family], device, arguments.batches, own, options)
        device.empty()
    if NETWORKS in only:
        nets = networks.TINY if tiny else networks.REAL
        yield from single.rows_of(nets, device, budget, options)


def run(arguments: argparse.Namespace) -> Sequence[Row]:
    """Measures, prints, and writes."""
    begun = time.perf_counter()
    budget, device = Budget(arguments.budget), found(arguments.tiny)
    tiny = device.kind == "cpu"
    if tiny:
        _leave_a_core()
    if tiny and not arguments.tiny:
        print("No CUDA card is here, so this runs tiny models on the processor (--tiny).")
    watch = _watch(arguments.budget + GRACE)
    matmul = matmul_rate(device, 256 if tiny else MATMUL)
    print(f"{device.name}, {device.dtype}: {matmul:.3g} TFLOP/s in a large matrix product")
    print(report.head(), flush=True)
    rows: list[Row] = []
    for row in measured(device, budget, arguments):
        rows.append(row)
        print(report.line(row, matmul), flush=True)
        if arguments.out:  # after every row: what comes later may take the process with it
            told = report.summary(rows, device, matmul, time.perf_counter() - begun)
            report.write(arguments.out, told)
    watch.cancel()
    print(*("", *report.goals(rows, matmul)), sep="\n")
    print(f"{time.perf_counter() - begun:.0f} s in all", flush=True)
    return rows


def _watch(seconds: float) -> threading.Timer:
    """Ends the process when a card or a compiler hangs; what was measured is written by then."""

    def stop() -> None:
        print(f"stopped: something hung for longer than {seconds:.0f} s in all", flush=True)
        os._exit(3)

    timer = threading.Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    return timer


def _leave_a_core() -> None:
    """Tiny tensors gain nothing from threads, and on a busy machine these wait for each other."""
    import torch

    torch.set_num_threads(1)


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def parsed(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, help="write the figures as JSON to this file")
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds for the whole run")
    parser.add_argument("--speed", default="", help='options of the engine, as "compile=off"')
    families = ",".join((*SHARES, NETWORKS))
    parser.add_argument("--cache", type=Path, help="keep compiled code here for the next run")
    parser.add_argument("--only", default="", help=f"some of {families}")
    parser.add_argument("--batches", type=_sizes, default=BATCHES, help="as 1,2,4,8")
    parser.add_argument("--tiny", action="store_true", help="tiny models on the processor")
    return parser.parse_args(words)


if __name__ == "__main__":
    run(parsed())
    os._exit(0)  # a compiler that still works for nobody would keep the process
