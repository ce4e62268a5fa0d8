"""What every engine on this machine shares: whose turn it is, what to tell, when to try again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping
from dataclasses import dataclass, field

from msgspec import structs

from engine.base import Capabilities, Drawing, Estimate, Photo
from engine.dispatch.estimate import Estimator, Progress, Steps
from engine.dispatch.executor import Executor, WorkerDied
from engine.dispatch.fair_queue import FairQueue
from engine.dispatch.feed import Feed
from engine.errors import EngineError, EngineUnavailable, JobCancelled
from engine.jobs import (
    Cancelled,
    Done,
    Failed,
    Job,
    JobEvent,
    Queued,
    Rendered,
    Started,
    Step,
)
from engine.shots import LightPlan, Series, Shot

log = logging.getLogger(__name__)

ATTEMPTS = 2
REMEMBERED = 256
HEARTBEAT_S = 1.0


@dataclass(slots=True)
class _Record:
    """What the dispatcher knows about one job."""

    job: Job
    feed: Feed = field(default_factory=Feed)
    planning: asyncio.Task[None] | None = None
    promised: tuple[Steps, ...] | None = None
    made: int = 0
    called_off: bool = False
    told: Queued | None = None
    blobs: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.blobs.update(self.job.made)


class Dispatcher:
    """An `Engine` over one executor: fair queue, positions, estimates, a second attempt.

    A job goes on when nobody reads its events; `run` with the id of a known job attaches to it and
    replays where it stands. The last `REMEMBERED` ended jobs are replayed too, so a job is never
    run twice by a reader who came a moment late; trying a failed job again takes a new id.
    """

    def __init__(self, executor: Executor, estimator: Estimator | None = None) -> None:
        self._executor = executor
        self._queue = FairQueue()
        self._records: dict[str, _Record] = {}
        self._ended: list[str] = []
        self._estimator = estimator or Estimator()
        self._current: _Record | None = None
        self._progress: Progress | None = None
        self._ready = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.Task[None] | None = None
        self._closed = False

    async def start(self) -> None:
        """Get ready to work; idempotent. Raises `EngineUnavailable` when that is impossible."""
        self._check_open()
        await asyncio.to_thread(self._estimator.open)
        await self._executor.start()

    async def close(self) -> None:
        """Stop within seconds; unfinished jobs end without a terminal event. Idempotent."""
        self._closed = True
        tasks, self._loop = [*self._tasks, *filter(None, [self._loop])], None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._executor.close()
        for record in self._records.values():
            record.feed.close()

    def capabilities(self) -> Capabilities:
        """What the studio honours. Never blocks; raises `EngineUnavailable` before `start`."""
        return self._executor.capabilities()

    async def receive(self, data: bytes) -> Photo:
        """Store an upload, also while a job renders. Raises `PhotoRejected`."""
        self._check_open()
        return await self._executor.receive(data)

    async def draw(self, plan: LightPlan) -> Drawing:
        """Draw a light plan, also while a job renders. Raises `EngineUnavailable`."""
        self._check_open()
        return await self._executor.draw(plan)

    def run(self, job: Job) -> AsyncIterator[JobEvent]:
        """Submit the job at once, or attach to it, and return its events.

        Needs a running event loop. Raises `EngineUnavailable` after `close`.
        """
        self._check_open()
        if job.id not in self._records:
            self._submit(job)
        return self._records[job.id].feed.read()

    async def estimate(self, series: Series) -> Estimate:
        """How long a series takes, by what such shots took on this machine so far."""
        self._check_open()
        promised = await self._executor.plan(series.shots)
        ranges = [
            self._estimator.range(shot.operation, steps, shot.scale)
            for shot, steps in zip(series.shots, promised, strict=True)
        ]
        return sum(ranges, Estimate(0.0, 0.0))

    async def cancel(self, job_id: str) -> bool:
        """Call a job off within a step. False when no such job waits or runs."""
        record = None if self._closed else self._records.get(job_id)
        if record and self._queue.remove(job_id):
            self._end(record, Cancelled())
            self._tell_positions()
            return True
        if record is None or record is not self._current:
            return False
        record.called_off = True
        self._executor.call_off(job_id)
        return True

    def _check_open(self) -> None:
        if self._closed:
            raise EngineUnavailable("the engine is closed")

    def _submit(self, job: Job) -> None:
        record = self._records[job.id] = _Record(job)
        self._queue.put(job.id, job.owner)
        self._tell_positions()
        record.planning = self._spawn(self._plan(record))
        self._loop = self._loop or asyncio.create_task(self._work(), name="engine-dispatcher")
        self._ready.set()

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _plan(self, record: _Record) -> None:
        try:
            record.promised = await self._executor.plan(record.job.series.shots)
        except EngineError as error:
            log.warning("job %s: no plan: %s", record.job.id, error.detail)
        else:
            self._tell_positions()

    async def _work(self) -> None:
        while True:
            await self._ready.wait()
            job_id = self._queue.take()
            if job_id is None:
                self._ready.clear()
                continue
            self._current = self._records[job_id]
            self._tell_positions()
            self._end(self._current, await self._serve(self._current))
            self._current = self._progress = None

    async def _serve(self, record: _Record) -> JobEvent:
        """Carry the job through to its terminal event; a dead worker is replaced once."""
        try:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    await self._attempt(record, attempt)
                    break
                except WorkerDied as error:
                    log.warning("job %s: attempt %d: %s", record.job.id, attempt, error.detail)
                    _check_wanted(record)
                    if attempt == ATTEMPTS:
                        raise
        except JobCancelled:
            return Cancelled()
        except EngineError as error:
            if record.called_off:
                return Cancelled()
            return Failed(error.code, error.detail, error.facts)
        except Exception:
            log.exception("job %s: the dispatcher failed", record.job.id)
            return Failed(EngineError.code)
        return Done()

    async def _attempt(self, record: _Record, attempt: int) -> None:
        if record.planning:
            await record.planning
        _check_wanted(record)
        shots = record.job.series.shots
        self._progress = progress = Progress(self._expected(record), record.made)
        record.feed.publish(Started(attempt, progress.remaining()))
        for number in range(record.made, len(shots)):
            if number not in record.job.made:
                await self._shoot(record, number, progress)
            record.made = number + 1

    async def _shoot(self, record: _Record, number: int, progress: Progress) -> None:
        shot = resolved(record.job.series.shots[number], record.blobs)

        def tell(step: str, fraction: float, preview: str) -> None:
            progress.report(step, fraction, preview)
            record.feed.publish(_step(progress))

        progress.begin(number)
        heartbeat = self._spawn(_keep_telling(record, progress))
        try:
            render = await self._executor.render(record.job.id, shot, tell)
        finally:
            heartbeat.cancel()
        _check_wanted(record)
        promised = record.promised[number] if record.promised else {}
        self._estimator.learn(shot.operation, promised, progress.finish(), shot.scale)
        await asyncio.to_thread(self._estimator.save)
        record.made, record.blobs[number] = number + 1, render.preview
        record.feed.publish(Rendered(number, render))

    def _expected(self, record: _Record) -> list[Steps]:
        expected = self._expected_of(record.job.series, record.promised)
        return [{} if n in record.job.made else steps for n, steps in enumerate(expected)]

    def _expected_of(self, series: Series, promised: tuple[Steps, ...] | None) -> list[Steps]:
        pairs = zip(series.shots, promised or ({},) * len(series.shots), strict=True)
        return [self._estimator.expect(shot.operation, steps, shot.scale) for shot, steps in pairs]

    def _tell_positions(self) -> None:
        """Tell everybody who waits and whose place or wait has changed."""
        wait = self._progress.remaining() if self._progress else 0.0
        if self._current and not self._progress:
            wait = _seconds(self._expected(self._current))
        for position, job_id in enumerate(self._queue.waiting()):
            record = self._records[job_id]
            news = Queued(position, wait)
            if _is_news(record.told, news):
                record.told = news
                record.feed.publish(news)
            wait += _seconds(self._expected(record))

    def _end(self, record: _Record, event: JobEvent) -> None:
        record.feed.publish(event)
        self._ended.append(record.job.id)
        while len(self._ended) > REMEMBERED:
            del self._records[self._ended.pop(0)]


def resolved(shot: Shot, blobs: Mapping[int, str]) -> Shot:
    """The shot with each "#3" among its frames replaced by the blob of shot 3."""
    frames = tuple(
        structs.replace(f, source=blobs[int(f.source[1:])]) if f.source.startswith("#") else f
        for f in shot.frames
    )
    return structs.replace(shot, frames=frames)


def _check_wanted(record: _Record) -> None:
    if record.called_off:
        raise JobCancelled


async def _keep_telling(record: _Record, progress: Progress) -> None:
    """Go on telling, by the clock, while a studio works in silence."""
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        progress.advance()
        if progress.step:
            record.feed.publish(_step(progress))


def _step(progress: Progress) -> Step:
    left = progress.remaining()
    return Step(progress.shot, progress.step, progress.fraction, left, progress.preview)


def _seconds(shots: list[Steps]) -> float:
    return sum(sum(steps.values()) for steps in shots)


def _is_news(told: Queued | None, news: Queued) -> bool:
    """A first word, another place, or a wait that is off by over 2 s and a quarter."""
    if told is None or told.position != news.position:
        return True
    change = abs(told.wait_s - news.wait_s)
    return change > 2.0 and change > 0.25 * told.wait_s
