"""What the dispatcher knows of every job, and whose turn it is."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import structs

from engine.base import Estimate
from engine.dispatch.batching import Candidate, Crowding
from engine.dispatch.estimate import Estimator, Steps
from engine.dispatch.executor import Exposure, Forecast
from engine.dispatch.fair_queue import FairQueue
from engine.dispatch.feed import Feed
from engine.dispatch.standing import Standing
from engine.errors import EngineError
from engine.jobs import Job, JobEvent, Queued
from engine.shots import Series, Shot

REMEMBERED = 256


@dataclass(slots=True, eq=False)
class Record:
    """One job: what is made of it, what is being made, and how it came to that."""

    job: Job
    feed: Feed = field(default_factory=Feed)
    planning: asyncio.Task[None] | None = None
    forecast: Forecast | None = None
    attempt: int = 1
    standing: Standing | None = None
    called_off: bool = False
    ended: bool = False
    told: Queued | None = None
    blobs: dict[int, str] = field(default_factory=dict)
    flying: dict[int, Exposure] = field(default_factory=dict)
    trouble: EngineError | None = None

    def __post_init__(self) -> None:
        self.blobs.update(self.job.made)

    def missing(self) -> list[int]:
        """Numbers of the shots that are neither made nor being made, in order."""
        numbers = range(len(self.job.series.shots))
        return [n for n in numbers if n not in self.blobs and n not in self.flying]

    def shot(self, number: int) -> Shot:
        """The shot as the studio is to see it."""
        return resolved(self.job.series.shots[number], self.blobs)

    def call_off(self) -> None:
        """Let everything of it that is being made end at the next report."""
        self.called_off = True
        for exposure in [*self.flying.values()]:
            exposure.call_off()


class Ledger:
    """Records by job id, the fair queue before them, and what their shots have taught."""

    def __init__(self, estimator: Estimator) -> None:
        self.queue = FairQueue()
        self.records: dict[str, Record] = {}
        self.again: deque[Record] = deque()
        self.estimator = estimator
        self.crowding = Crowding()
        self._ended: deque[str] = deque()

    def add(self, job: Job) -> Record:
        """A new job, at the end of its owner's line."""
        record = self.records[job.id] = Record(job)
        self.queue.put(job.id, job.owner)
        return record

    def take(self, record: Record) -> None:
        """It is this job's turn; its owner's others stand back."""
        if record in self.again:
            self.again.remove(record)
        else:
            self.queue.pull(record.job.id)

    def withdraw(self, record: Record) -> bool:
        """Take a job out of the line; False when it does not stand there."""
        if record in self.again:
            self.again.remove(record)
            return True
        return self.queue.remove(record.job.id)

    def waiting(self) -> list[Record]:
        """Everybody who waits, in the order of their turns; first who has lost a worker."""
        return [*self.again, *(self.records[job_id] for job_id in self.queue.waiting())]

    def end(self, record: Record, event: JobEvent) -> None:
        """Tell a job's last event; the oldest of too many ended jobs is forgotten."""
        if record.ended:
            return
        record.ended = True
        record.feed.publish(event)
        self._ended.append(record.job.id)
        while len(self._ended) > REMEMBERED:
            del self.records[self._ended.popleft()]

    def expected(self, record: Record) -> list[Steps]:
        """Each shot's steps with their expected seconds; none for what came already made."""
        expected = self.expected_of(record.job.series, record.forecast)
        return [{} if n in record.job.made else steps for n, steps in enumerate(expected)]

    def expected_of(self, series: Series, forecast: Forecast | None) -> list[Steps]:
        """Each shot's steps with their expected seconds, by what the studio promised and kept."""
        promised = forecast.steps if forecast else ({},) * len(series.shots)
        pairs = zip(series.shots, promised, strict=True)
        return [self.estimator.expect(shot.operation, steps, shot.scale) for shot, steps in pairs]

    def candidate(self, record: Record) -> Candidate:
        """What is missing of a job, as batches see it.

        It ends before a shot that shows one which is not made yet. Whoever has lost a worker goes
        on alone, so that a shot that kills its worker takes nobody along twice.
        """
        seconds = [sum(steps.values()) for steps in self.expected(record)]
        missing = record.missing()
        ready = [n for i, n in enumerate(missing) if not i or _is_ready(record, n)]
        words = record.forecast.abreast if record.forecast else ("",) * len(seconds)
        return Candidate(
            record.job.id,
            tuple(words[n] if n in ready else "" for n in missing),
            tuple(seconds[n] for n in missing),
            alone=record.attempt > 1,
        )

    def estimate(self, series: Series, forecast: Forecast, places: int) -> Estimate:
        """How long a series takes, with as many shots abreast as the studio can make."""
        pairs = zip(series.shots, forecast.steps, strict=True)
        ranges = [self.estimator.range(s.operation, steps, s.scale) for s, steps in pairs]
        seconds = tuple(map(sum, map(dict.values, self.expected_of(series, forecast))))
        together = self.crowding.seconds(Candidate("", forecast.abreast, seconds), places)
        share = together / max(sum(seconds), 1e-6) if places > 1 else 1.0
        total = sum(ranges, Estimate(0.0, 0.0))
        return Estimate(share * total.least, share * total.most)


def resolved(shot: Shot, blobs: Mapping[int, str]) -> Shot:
    """The shot with each "#3" among its frames replaced by the blob of shot 3."""
    frames = tuple(
        structs.replace(f, source=blobs[int(f.source[1:])]) if f.source.startswith("#") else f
        for f in shot.frames
    )
    return structs.replace(shot, frames=frames)


def _is_ready(record: Record, number: int) -> bool:
    """Whether everything that a shot shows is made."""
    frames = record.job.series.shots[number].frames
    shown = (int(f.source[1:]) for f in frames if f.source.startswith("#"))
    return all(n in record.blobs for n in shown)
