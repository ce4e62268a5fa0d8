"""Whole pictures by diffusion models: stock diffusers and our engine, taking turns."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import Any

import msgspec

from benchmarks.gpu_parts import flops
from benchmarks.gpu_parts.architectures import Architecture, Case
from benchmarks.gpu_parts.building import pipeline
from benchmarks.gpu_parts.measure import Budget, Device, interleaved
from benchmarks.gpu_parts.report import BFLOAT, Row, why
from engine.errors import EngineError
from engine.profiles import Profile, load_profiles
from engine.studio.diffusion import speed
from engine.studio.diffusion.compiling import Background
from engine.studio.diffusion.denoise import denoise
from engine.studio.diffusion.pipelines import Pipeline
from engine.studio.diffusion.planning import Options
from engine.studio.diffusion.previews import Previewer, decoder_of
from engine.studio.diffusion.request import Picture, Request

log = logging.getLogger(__name__)

PROMPT = "a portrait"
RESERVE = 5.0
"""Seconds kept for printing and writing."""
SHORT = 2
"""Steps of a run that only warms up."""
ROUNDS = 3
AGAIN = 0.05
"""Runs are repeated, twice at most, while that takes no more than this of the time left."""


@dataclass
class Pair:
    """The two ways to run one architecture, with the same weights."""

    made: Architecture
    device: Device
    stock: Any
    engine: Any
    background: Background = field(default_factory=Background)

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

    def run_ours(self, ours: Pipeline, batch: int) -> list[Picture]:
        return pictures(denoise(ours, self.requests(batch), lambda _member, _done: None))

    def requests(self, batch: int) -> list[Request]:
        side = self.made.side
        return [Request(PROMPT, seed=n, width=side, height=side) for n in range(batch)]

    def settled(self) -> bool:
        """Whether the last run took all the compiled code there will be."""
        runners = [runner for runner in speed.runners_of(self.engine) if runner.switch]
        return all(r.path == "compiled" or (r.switch and r.switch.failed) for r in runners)


def pictures(results: Sequence[Picture | EngineError]) -> list[Picture]:
    """All of them; raises the first error among them."""
    for result in results:
        if isinstance(result, EngineError):
            raise result
    return [result for result in results if isinstance(result, Picture)]


def pair_of(made: Architecture, device: Device, options: Options) -> Pair:
    """Both with weights of the same seed; ours prepared for speed, still cold."""
    stock = pipeline(made, device.kind, device.dtype)
    pair = Pair(made, device, stock, pipeline(made, device.kind, device.dtype))
    speed.prepare(pair.engine, options, background=pair.background)
    return pair


def rows_of(
    made: Architecture, device: Device, batches: Sequence[int], budget: Budget, options: Options
) -> Iterator[Row]:
    """Every case at every batch size that time and memory allow, and one in fp8."""
    try:
        pair = pair_of(made, device, options)
        core, decoder = flops.of_core(made), flops.of_decoder(made)
    except Exception as error:  # one that cannot be built must not cost the others
        log.warning("%s is not measured", made.family, exc_info=error)
        lost = [(case, batch) for case in made.cases for batch in batches]
        yield from (Row(c.title, b, error=why(error), share=c.share) for c, b in lost)
        return
    first: Row | None = None
    for case in made.cases:
        seconds = 0.0
        for batch in batches:
            row = Row(case.title, batch, tflop=case.passes * core + decoder, share=case.share)
            if 2.5 * seconds * batch > budget.left() - RESERVE:
                row.note = "no time left"
            else:
                attempt(row, device, lambda case=case, row=row: _fill(row, pair, case, budget))
                seconds = (row.stock or 0.0) + (row.ours or 0.0)
            first = first or row
            yield row
    if first and made.family != "sdxl":
        yield in_float8(pair, made.cases[0], first, budget, options)
    speed.release(pair.engine)


def attempt(row: Row, device: Device, fill: Callable[[], None]) -> None:
    """Fill a row in; whatever goes wrong is the row's error and nobody else's."""
    try:
        fill()
    except Exception as error:
        log.warning("%s, batch %d, is not measured", row.case, row.batch, exc_info=error)
        row.error = why(error)
    device.empty()  # after the frames that held its tensors are gone


def in_float8(pair: Pair, case: Case, plain: Row, budget: Budget, options: Options) -> Row:
    """Ours again, one picture, its large layers in float8; against what it took before."""
    row = replace(plain, case=f"{case.title}, fp8", against=BFLOAT, stock=plain.ours, ours=None)
    row = replace(row, stock_gb=plain.ours_gb, ours_gb=None, first_look=None, apart=None, path="")
    row.note = row.error = ""
    if budget.left() < RESERVE + 10 * (plain.ours or 0.0):
        row.note = "no time left"
        return row

    def fill() -> None:
        speed.release(pair.engine)
        # The rest of it was done to these weights before.
        wish = msgspec.structs.replace(options, fp8="on", fuse_qkv="off", vae="off")
        plan = speed.prepare(pair.engine, wish, background=pair.background)
        if not plan.fp8:
            row.note = plan.notes[0]
            return
        ours = pair.ours(case)
        warm_up(pair, case, 1, budget, stock=False)
        row.ours_gb = pair.device.peak(lambda: pair.run_ours(ours, 1))
        row.ours = median(pair.device.timed(lambda: pair.run_ours(ours, 1)) for _ in range(3))
        row.path = speed.runners_of(pair.engine)[0].path

    attempt(row, pair.device, fill)
    return row


def _fill(row: Row, pair: Pair, case: Case, budget: Budget) -> None:
    ours = pair.ours(case)
    warm_up(pair, case, row.batch, budget)
    works: tuple[Callable[[], Any], ...] = (
        lambda: pair.run_stock(case, row.batch),
        lambda: pair.run_ours(ours, row.batch),
    )
    taken: list[list[float]] = [[], []]
    row.stock_gb, row.ours_gb = (
        pair.device.peak(lambda work=work, to=to: to.append(pair.device.timed(work)))
        for work, to in zip(works, taken, strict=True)
    )
    repeats = min(2, int(AGAIN * max(0.0, budget.left()) / sum(taken[0] + taken[1])))
    more = interleaved(pair.device, works, repeats)
    row.stock, row.ours = (median(a + b) / row.batch for a, b in zip(taken, more, strict=True))
    row.path = speed.runners_of(pair.engine)[0].path
    if row.batch == 1:
        row.first_look = first_look(pair, ours)
        row.apart = apart(works[0]()[0], works[1]()[0])


def warm_up(pair: Pair, case: Case, batch: int, budget: Budget, *, stock: bool = True) -> None:
    """Until kernels are chosen, compiled and recorded for these sizes; short runs do that too."""
    short = Case(case.title, min(case.steps, SHORT), case.guidance)
    if stock:
        pair.run_stock(case, batch, short.steps)
    brief = pair.ours(short)
    for _ in range(ROUNDS):
        pair.run_ours(brief, batch)
        if pair.settled():
            return
        pair.background.wait(max(1.0, budget.left() / 3))


def first_look(pair: Pair, ours: Pipeline) -> float:
    """Time to the first preview, over that to the end of the first step without previews."""
    look = decoder_of(ours)
    shown: list[float] = []
    previewer = Previewer(lambda _member, _rgb: shown.append(time.perf_counter()))
    step = _first_step(pair, ours)
    begun = time.perf_counter()
    pictures(denoise(ours, pair.requests(1), lambda *_: None, previewer, look))
    previewer.close()
    return (shown[0] - begun) / step


def _first_step(pair: Pair, ours: Pipeline) -> float:
    told: list[float] = []
    begun = time.perf_counter()

    def tell(_member: int, done: float) -> None:
        if done > 0 and not told:
            pair.device.wait()
            told.append(time.perf_counter())

    pictures(denoise(ours, pair.requests(1), tell))
    return told[0] - begun


def apart(stock: Any, ours: Picture) -> float:
    """Mean absolute difference of two pictures, in levels of 255."""
    import numpy as np

    return float(np.abs(np.asarray(stock, np.float32) - ours.rgb.astype(np.float32)).mean())
