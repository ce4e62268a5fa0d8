"""Whole pictures by diffusion models: stock diffusers and our engine, taking turns."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import msgspec

from benchmarks.gpu_parts import flops
from benchmarks.gpu_parts.architectures import Architecture, Case
from benchmarks.gpu_parts.building import pipeline
from benchmarks.gpu_parts.measure import Budget, Device, interleaved
from benchmarks.gpu_parts.report import Row
from engine.profiles import Profile, load_profiles
from engine.studio.diffusion import speed
from engine.studio.diffusion.compiling import Background
from engine.studio.diffusion.denoise import denoise
from engine.studio.diffusion.pipelines import Pipeline
from engine.studio.diffusion.planning import Options
from engine.studio.diffusion.previews import Previewer, decoder_of
from engine.studio.diffusion.request import Picture, Request

PROMPT = "a portrait"
RESERVE = 5.0
"""Seconds kept for printing and writing."""


@dataclass
class Pair:
    """The two ways to run one architecture, with the same weights."""

    made: Architecture
    device: Device
    stock: Any
    engine: Any
    background: Background = field(default_factory=Background)

    @property
    def compiles(self) -> bool:
        return any(runner.switch for runner in speed.runners_of(self.engine))

    def profile(self, case: Case) -> Profile:
        base = next(p for p in load_profiles().values() if p.family == self.made.family)
        dtype = str(self.device.dtype).removeprefix("torch.")
        plain = {"scheduler": "", "scheduler_options": {}, "extras": ()}
        own = {"steps": case.steps, "guidance": case.guidance, "dtype": dtype}
        return msgspec.structs.replace(base, **plain, **own)

    def ours(self, case: Case) -> Pipeline:
        return Pipeline(self.profile(case), self.engine, self.device.kind)

    def run_stock(self, case: Case, batch: int, steps: int = 0) -> Any:
        import torch

        return self.stock(
            prompt=[PROMPT] * batch,
            width=self.made.side,
            height=self.made.side,
            num_inference_steps=steps or case.steps,
            guidance_scale=case.guidance,
            generator=[torch.Generator().manual_seed(n) for n in range(batch)],
        ).images

    def run_ours(self, ours: Pipeline, batch: int) -> list[Any]:
        return denoise(ours, self.requests(batch), lambda _member, _done: None)

    def requests(self, batch: int) -> list[Request]:
        side = self.made.side
        return [Request(PROMPT, seed=n, width=side, height=side) for n in range(batch)]


def pair_of(made: Architecture, device: Device, options: Options) -> Pair:
    """Both with weights of the same seed; ours prepared for speed, still cold."""
    stock = pipeline(made, device.kind, device.dtype)
    pair = Pair(made, device, stock, pipeline(made, device.kind, device.dtype))
    speed.prepare(pair.engine, options, background=pair.background)
    return pair


def rows_of(
    made: Architecture, device: Device, batches: Sequence[int], budget: Budget, options: Options
) -> Iterator[Row]:
    """Every case at every batch size that time and memory allow."""
    pair = pair_of(made, device, options)
    core, decoder = flops.of_core(made), flops.of_decoder(made)
    for case in made.cases:
        tflop = case.passes * core + decoder
        seconds = 0.0
        for batch in batches:
            if 5 * seconds * batch > budget.left() - RESERVE:
                yield Row(case.title, batch, tflop=tflop, note="no time left")
                continue
            row = _attempt(pair, case, batch, tflop, budget)
            seconds = max(row.stock or 0.0, row.ours or 0.0)
            yield row
    speed.release(pair.engine)


def _attempt(pair: Pair, case: Case, batch: int, tflop: float, budget: Budget) -> Row:
    import torch

    row = Row(case.title, batch, tflop=tflop)
    try:
        _fill(row, pair, case, budget)
    except torch.OutOfMemoryError:
        row.note = "does not fit the memory"
    pair.device.empty()
    return row


def _fill(row: Row, pair: Pair, case: Case, budget: Budget) -> None:
    ours = pair.ours(case)
    warm_up(pair, case, row.batch, budget)
    works: tuple[Callable[[], Any], ...] = (
        lambda: pair.run_stock(case, row.batch),
        lambda: pair.run_ours(ours, row.batch),
    )
    row.stock_gb, row.ours_gb = (pair.device.peak(work) for work in works)
    once = interleaved(pair.device, works, 1)
    repeats = 2 if 4 * sum(once[0] + once[1]) < budget.left() else 0
    more = interleaved(pair.device, works, repeats)
    row.stock, row.ours = (median(a + b) / row.batch for a, b in zip(once, more, strict=True))
    row.path = speed.runners_of(pair.engine)[0].path
    if row.batch == 1:
        row.first_look = first_look(pair, ours)
        row.apart = apart(works[0]()[0], works[1]()[0])


def warm_up(pair: Pair, case: Case, batch: int, budget: Budget) -> None:
    """Until kernels are chosen, compiled and recorded for these sizes; short runs do that too.

    Two rounds: what is measured in the first (the attention kernels) is compiled with in the next.
    """
    short = Case(case.title, min(case.steps, 3), case.guidance)
    pair.run_stock(case, batch, short.steps)
    brief = pair.ours(short)
    for _ in range(3 if pair.compiles else 1):
        pair.run_ours(brief, batch)
        pair.background.wait(max(1.0, budget.left() / 3))


def first_look(pair: Pair, ours: Pipeline) -> float:
    """Time to the first preview, over the time to the end of the first step."""
    shown: list[float] = []
    told: list[float] = []
    look = decoder_of(ours)
    previewer = Previewer(lambda _member, _rgb: shown.append(time.perf_counter()))
    begun = time.perf_counter()

    def tell(_member: int, done: float) -> None:
        if done > 0 and not told:
            pair.device.wait()
            told.append(time.perf_counter())

    denoise(ours, pair.requests(1), tell, previewer, look)
    previewer.close()
    return (shown[0] - begun) / (told[0] - begun)


def apart(stock: Any, ours: Picture) -> float:
    """Mean absolute difference of two pictures, in levels of 255."""
    import numpy as np

    return float(np.abs(np.asarray(stock, np.float32) - ours.rgb.astype(np.float32)).mean())
