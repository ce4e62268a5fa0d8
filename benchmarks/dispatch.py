"""What the worker process costs: a job's round trip through it, against a thread of this process.

    python -m benchmarks.dispatch [--jobs N]

Both engines run the same no-op jobs one after the other, taking turns, so that a busy machine slows
both alike; the studio's two steps do nothing and the picture is no bytes at all.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from engine.base import Capabilities, Drawing, Engine, Photo, Report
from engine.dispatch.inprocess import InProcessEngine
from engine.dispatch.local import LocalEngine
from engine.jobs import Done, Job, Render
from engine.shots import LightPlan, Series, Shot


class NoOpStudio:
    """Does everything a studio does except making a picture."""

    def capabilities(self) -> Capabilities:
        return Capabilities("no-op", {"generate": {}})

    def steps(self, shot: Shot) -> dict[str, float]:
        return {"one": 0.001, "two": 0.001}

    def receive(self, data: bytes) -> Photo:
        return Photo("", 1, 1)

    def draw(self, plan: LightPlan) -> Drawing:
        return Drawing("", "", 1, 1)

    def render(self, shot: Shot, report: Report) -> Render:
        report("one")
        report("two")
        return Render("", "", 1, 1, shot.seed, "no-op")


def no_op(settings: Mapping[str, str]) -> NoOpStudio:
    return NoOpStudio()


async def time_job(engine: Engine, number: int) -> float:
    begun = time.perf_counter()
    job = Job(str(number), "bench", Series((Shot("generate", number),)))
    last = [event async for event in engine.run(job)][-1]
    assert isinstance(last, Done), last
    return (time.perf_counter() - begun) * 1e3


async def time_start(engine: Engine) -> float:
    begun = time.perf_counter()
    await engine.start()
    return (time.perf_counter() - begun) * 1e3


async def compare(jobs: int, folder: Path) -> None:
    local = LocalEngine("benchmarks.dispatch:no_op", {}, uploads=folder)
    thread = InProcessEngine(NoOpStudio())
    start_ms = await time_start(local)
    await thread.start()
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(jobs):
        for engine, taken in zip((local, thread), times, strict=True):
            taken.append(await time_job(engine, number))
    ping_ms = statistics.median([await local.ping() * 1e3 for _ in range(jobs)])
    await local.close()
    await thread.close()
    show("worker process", times[0])
    show("thread", times[1])
    ratio = statistics.median(a / b for a, b in zip(*times, strict=True))
    print(f"process / thread, median of pairs: {ratio:.2f}x")
    print(f"bare round trip to the worker: {ping_ms:.3f} ms; start to hello: {start_ms:.0f} ms")


def show(name: str, taken: list[float]) -> None:
    p50, p99 = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
    print(f"{name:15} p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=200)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(compare(parser.parse_args().jobs, Path(folder)))


if __name__ == "__main__":
    main()
