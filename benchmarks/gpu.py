"""What a graphics card does with the models: stock eager diffusers and our engine, side by side.

    python -m benchmarks.gpu [--out FILE] [--budget SECONDS] [--speed "fp8=on"]
                             [--cache FOLDER] [--only sdxl,networks] [--batches 1,2] [--tiny]

Real architectures with random weights, so nothing is downloaded; both ways take turns in one run,
and each rate is also given as a share of an 8192 x 8192 x 8192 product in bfloat16 on that card in
that run. Both sides compute in bfloat16; text encoders are left out of both. What does not fit
time or memory is left out and said, and where code was not compiled in time the row says "eager":
a second run with the same `--cache` starts warm. `--tiny` runs everything on a processor with tiny
models: it shows that the benchmark works, and its figures say nothing of a card.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.gpu_parts import architectures, models, networks, report, single
from benchmarks.gpu_parts.measure import MATMUL, Budget, Device, found, matmul_rate
from benchmarks.gpu_parts.report import Row
from engine.speed import options_of

BUDGET = 510.0
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
    matmul = matmul_rate(device, 256 if tiny else MATMUL)
    print(f"{device.name}, {device.dtype}: {matmul:.3g} TFLOP/s in a large matrix product")
    rows = []
    for row in measured(device, budget, arguments):
        rows.append(row)
        print(f"{time.perf_counter() - begun:6.1f} s  {row.case}, batch {row.batch}", flush=True)
    print(report.table(rows, matmul))
    if arguments.out:
        told = report.summary(rows, device, matmul, time.perf_counter() - begun)
        report.write(arguments.out, told)
    return rows


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
