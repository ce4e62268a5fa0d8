"""What a graphics card does with the models: stock eager diffusers and our engine, side by side.

    python -m benchmarks.gpu [--out FILE] [--budget SECONDS] [--speed "fp8=on"] [--tiny]

Real architectures with random weights, so nothing is downloaded; both ways take turns in one run,
and each rate is also given as a share of an 8192 x 8192 x 8192 product in bfloat16 on that card in
that run. Both sides compute in bfloat16; text encoders are left out of both. What does not fit time
or memory is left out and said. `--tiny` runs everything on a processor with tiny models: it shows
that the benchmark works, and its figures say nothing of a card.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.gpu_parts import architectures, models, networks, report, single
from benchmarks.gpu_parts.measure import MATMUL, Budget, Device, found, matmul_rate
from benchmarks.gpu_parts.report import Row
from engine.studio.diffusion.planning import options_of

BUDGET = 510.0
BATCHES = (1, 2, 4, 8)
SHARES = {"sdxl": 0.45, "flux2-klein": 0.4, "z-image": 0.7}
"""Of the time left when a model's turn comes; the rest is for those after it."""


def measured(device: Device, budget: Budget, speed: str, *, tiny: bool) -> Iterator[Row]:
    """The single networks first: they are quick, and the others take what time there is."""
    options = options_of(speed)
    nets = networks.TINY if tiny else networks.REAL
    yield from single.rows_of(nets, device, budget, options)
    for made in architectures.TINY if tiny else architectures.REAL:
        own = Budget(budget.left() * SHARES[made.family])
        yield from models.rows_of(made, device, (1, 2) if tiny else BATCHES, own, options)
        device.empty()


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
    for row in measured(device, budget, arguments.speed, tiny=tiny):
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


def parsed(words: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, help="write the figures as JSON to this file")
    parser.add_argument("--budget", type=float, default=BUDGET, help="seconds for the whole run")
    parser.add_argument("--speed", default="", help='options of the engine, as "compile=off"')
    parser.add_argument("--tiny", action="store_true", help="tiny models on the processor")
    return parser.parse_args(words)


if __name__ == "__main__":
    run(parsed())
