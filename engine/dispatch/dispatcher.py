"""What every engine on this machine shares: whose turn it is, what to tell, when to try again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TypeVar

from engine.base import Capabilities, Drawing, Estimate, Photo
from engine.dispatch.batching import waits
from engine.dispatch.camera import Camera
from engine.dispatch.estimate import Estimator
from engine.dispatch.executor import Executor
from engine.dispatch.ledger import Ledger, Record, resolved
from engine.errors import EngineError, EngineUnavailable
from engine.jobs import Cancelled, Job, JobEvent, Queued
from engine.shots import LightPlan, Series

__all__ = ["Dispatcher", "resolved"]

log = logging.getLogger(__name__)

T = TypeVar("T")
REVIVE_S, REVIVE_MOST_S = 1.0, 60.0


class Dispatcher:
    """An `Engine` over executors: fair queue, positions, estimates, batches, a second attempt.

    A job goes on when nobody reads its events; `run` with the id of a known job attaches to it and
    replays where it stands. The last ended jobs are replayed too, so a job is never run twice by a
    reader who came a moment late; trying a failed job again takes a new id.

    With several executors, a job goes to a free one that holds its profile's model already, if
    there is one; one whose worker dies is out until that is replaced, while the others go on.
    """

    def __init__(self, *executors: Executor, estimator: Estimator | None = None) -> None:
        self._ledger = Ledger(estimator or Estimator())
        self._cameras = [
            Camera(executor, self._ledger, self._tell_positions) for executor in executors
        ]
        self._ready = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        self._closed = False

    async def start(self) -> None:
        """Get ready to work; idempotent. Raises `EngineUnavailable` when that is impossible."""
        self._check_open()
        await asyncio.to_thread(self._ledger.estimator.open)
        starts = (camera.executor.start() for camera in self._cameras)
        ends = await asyncio.gather(*starts, return_exceptions=True)
        failures = [end for end in ends if end is not None]
        if fatal := [f for f in failures if not isinstance(f, EngineUnavailable)]:
            raise fatal[0]
        if len(failures) == len(self._cameras):
            raise failures[0]
        for camera, end in zip(self._cameras, ends, strict=True):
            if end is not None:
                self._take_out(camera)

    async def close(self) -> None:
        """Stop within seconds; unfinished jobs end without a terminal event. Idempotent."""
        self._closed = True
        tasks, self._loop = [*self._tasks, *filter(None, [self._loop])], None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(camera.executor.close() for camera in self._cameras))
        for record in self._ledger.records.values():
            record.feed.close()

    def capabilities(self) -> Capabilities:
        """What the studio honours. Never blocks; raises `EngineUnavailable` before `start`."""
        *others, last = self._executors()
        for executor in others:
            with suppress(EngineUnavailable):
                return executor.capabilities()
        return last.capabilities()

    async def receive(self, data: bytes) -> Photo:
        """Store an upload, also while a job renders. Raises `PhotoRejected`."""
        self._check_open()
        return await self._ask(lambda executor: executor.receive(data))

    async def draw(self, plan: LightPlan) -> Drawing:
        """Draw a light plan, also while a job renders. Raises `EngineUnavailable`."""
        self._check_open()
        return await self._ask(lambda executor: executor.draw(plan))

    def run(self, job: Job) -> AsyncIterator[JobEvent]:
        """Submit the job at once, or attach to it, and return its events.

        Needs a running event loop. Raises `EngineUnavailable` after `close`.
        """
        self._check_open()
        if job.id not in self._ledger.records:
            self._submit(job)
        return self._ledger.records[job.id].feed.read()

    async def estimate(self, series: Series) -> Estimate:
        """How long a series takes, by what such shots took on this machine so far."""
        self._check_open()
        forecast = await self._ask(lambda executor: executor.plan(series.shots))
        return self._ledger.estimate(series, forecast, self._cameras[0].places)

    async def cancel(self, job_id: str) -> bool:
        """Call a job off within a step. False when no such job waits or runs."""
        record = None if self._closed else self._ledger.records.get(job_id)
        if record is None or record.ended:
            return False
        if self._ledger.withdraw(record):
            self._ledger.end(record, Cancelled())
            self._tell_positions()
            return True
        return any(camera.call_off(record) for camera in self._cameras)

    def _check_open(self) -> None:
        if self._closed:
            raise EngineUnavailable("the engine is closed")

    async def _ask(self, question: Callable[[Executor], Awaitable[T]]) -> T:
        """The answer of the first executor that is there to give one."""
        *others, last = self._executors()
        for executor in others:
            try:
                return await question(executor)
            except EngineUnavailable as error:
                log.warning("asking another worker: %s", error.detail)
        return await question(last)

    def _executors(self) -> list[Executor]:
        """All of them, those that are down last."""
        return [c.executor for c in sorted(self._cameras, key=lambda camera: camera.down)]

    def _submit(self, job: Job) -> None:
        record = self._ledger.add(job)
        self._tell_positions()
        record.planning = self._spawn(self._plan(record))
        self._loop = self._loop or asyncio.create_task(self._work(), name="engine-dispatcher")
        self._ready.set()

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _plan(self, record: Record) -> None:
        try:
            record.forecast = await self._ask(lambda e: e.plan(record.job.series.shots))
        except EngineError as error:
            log.warning("job %s: no plan: %s", record.job.id, error.detail)
        else:
            self._tell_positions()

    async def _work(self) -> None:
        while True:
            await self._ready.wait()
            self._ready.clear()
            while (free := self._free()) and (waiting := self._ledger.waiting()):
                camera = _nearest(free, waiting[0])
                if not camera.idle:  # it is worth the moment until its last job is put away
                    break
                self._ledger.take(waiting[0])
                camera.take(waiting[0])
                self._spawn(self._serve(camera))
            self._tell_positions()

    async def _serve(self, camera: Camera) -> None:
        await camera.turn()
        if camera.died:
            camera.held.clear()
            if len(self._cameras) > 1:
                self._take_out(camera)
        self._ready.set()

    def _free(self) -> list[Camera]:
        """Cameras that can take a job; where all are down, jobs are tried and fail by that name."""
        up = [camera for camera in self._cameras if not camera.down]
        return [camera for camera in up or self._cameras if camera.free]

    def _take_out(self, camera: Camera) -> None:
        camera.down = True
        self._spawn(self._revive(camera))

    async def _revive(self, camera: Camera) -> None:
        """Replace a worker, ever less often when it cannot be had, and let it take jobs again."""
        pause_s = REVIVE_S
        while camera.down:
            try:
                await camera.executor.start()
            except EngineUnavailable as error:
                log.warning("a worker is still out: %s", error.detail)
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, REVIVE_MOST_S)
            else:
                camera.down = False
        self._ready.set()

    def _tell_positions(self) -> None:
        """Tell everybody who waits and whose place or wait has changed."""
        records = self._ledger.waiting()
        if not records:
            return
        cameras = [c for c in self._cameras if not c.down] or self._cameras
        candidates = [self._ledger.candidate(record) for record in records]
        wait_s = waits([c.outlook() for c in cameras], candidates, self._ledger.crowding)
        for position, record in enumerate(records):
            news = Queued(position, wait_s[record.job.id])
            if _is_news(record.told, news):
                record.told = news
                record.feed.publish(news)


def _nearest(free: list[Camera], record: Record) -> Camera:
    """The camera that holds the model of a job's next shot, else the one that holds least."""
    shots = record.job.series.shots
    profile = next((shots[n].profile for n in record.missing()), "")
    return min(free, key=lambda camera: (profile not in camera.held, len(camera.held)))


def _is_news(told: Queued | None, news: Queued) -> bool:
    """A first word, another place, or a wait that is off by over 2 s and a quarter."""
    if told is None or told.position != news.position:
        return True
    change = abs(told.wait_s - news.wait_s)
    return change > 2.0 and change > 0.25 * told.wait_s
