"""One executor's turns: a job, and whoever may share its batches, carried through to their ends."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable

from engine.dispatch.batching import Outlook, gather
from engine.dispatch.executor import Executor, Exposure, WorkerDied
from engine.dispatch.ledger import Ledger, Record
from engine.dispatch.standing import Standing
from engine.errors import EngineError, EngineUnavailable, JobCancelled
from engine.jobs import Cancelled, Done, Failed, JobEvent, Render, Rendered, Started

log = logging.getLogger(__name__)

ATTEMPTS = 2
HEARTBEAT_S = 1.0
PLANS_S = 0.1


class Camera:
    """Serves one job at a time, or up to `Capabilities.batch` shots of several abreast.

    `held` are the profiles of the models it has worked with since its worker began; `down` says
    that its worker is gone and being replaced while others go on. `moved` is called when somebody
    who waited has joined a batch.
    """

    def __init__(self, executor: Executor, ledger: Ledger, moved: Callable[[], None]) -> None:
        self.executor = executor
        self.held: set[str] = set()
        self.down = False
        self.died = False
        self._ledger, self._moved = ledger, moved
        self._begun: list[Record] = []
        self._leader: Record | None = None

    @property
    def idle(self) -> bool:
        """Whether it could take a job."""
        return not self._begun

    @property
    def free(self) -> bool:
        """Whether it is idle, or will be in a moment, since all it served has ended."""
        return all(record.ended for record in self._begun)

    @property
    def places(self) -> int:
        """How many shots it makes at once."""
        try:
            return self.executor.capabilities().batch
        except EngineUnavailable:
            return 1

    def take(self, record: Record) -> None:
        """From now on this job is served here; `turn` does it."""
        self._begun, self._leader, self.died = [record], record, False

    async def turn(self) -> None:
        """Serve the job taken, and whoever joins it, until all have ended or lost their worker."""
        try:
            while self._begun and not self.died:
                await self._round()
                self._begun = [r for r in self._begun if not r.ended]
        except Exception:
            log.exception("jobs %s: the dispatcher failed", [r.job.id for r in self._begun])
            for record in self._begun:
                self._ledger.end(record, Failed(EngineError.code))
        self._ledger.again.extendleft(r for r in reversed(self._begun) if not r.ended)
        self._begun, self._leader = [], None

    def call_off(self, record: Record) -> bool:
        """Call off a job that is served here; False when it is not."""
        if record not in self._begun:
            return False
        record.call_off()
        if record.standing and not record.flying:  # it waits for a place in a later batch
            self._ledger.end(record, Cancelled())
        return True

    def outlook(self) -> Outlook:
        """When it will be free, and for whom it will be busy until then."""
        open_ = [r for r in self._begun if not r.ended]
        under_way = [r.standing for r in open_ if r.standing and r.flying]
        begun = [self._ledger.candidate(r) for r in open_ if not _has_all(r)]
        free_s = max((standing.busy_s() for standing in under_way), default=0.0)
        leader = self._leader.job.id if self._leader else ""
        return Outlook(free_s, self.places, begun, leader)

    async def _round(self) -> None:
        """Make one batch."""
        first = self._begun[0]
        if not await self._is_wanted(first):
            return
        await self._let_plans_arrive()
        if first.ended:
            return
        picks = self._gather()
        joining = [r for r in self._ledger.waiting() if r.job.id in picks]
        for record in joining:
            self._ledger.take(record)
            self._begun.append(record)
            self._start(record)
        if joining:
            self._moved()
        await self._expose([(r, picks[r.job.id]) for r in self._begun if r.job.id in picks])

    async def _is_wanted(self, record: Record) -> bool:
        """Whether there is anything to make of a job, which has then been told to have started."""
        if record.planning:
            await record.planning
        if record.called_off:
            self._ledger.end(record, Cancelled())
            return False
        self._start(record)
        if not record.missing():
            self._ledger.end(record, Done())
        return not record.ended

    async def _let_plans_arrive(self) -> None:
        """Whoever came a moment ago may share this batch, once it is known what they want."""
        waiting = self._ledger.waiting() if self.places > 1 else []
        plans = {r.planning for r in waiting if r.planning and not r.planning.done()}
        if plans:
            await asyncio.wait(plans, timeout=PLANS_S)

    def _start(self, record: Record) -> None:
        if record.standing:
            return
        record.standing = Standing(self._ledger.expected(record), record.blobs)
        total = self._ledger.crowding.seconds(self._ledger.candidate(record), self.places)
        record.feed.publish(Started(record.attempt, total))

    def _gather(self) -> Counter[str]:
        begun = [self._ledger.candidate(r) for r in self._begun]
        waiting = [self._ledger.candidate(r) for r in self._ledger.waiting() if r.forecast]
        led = self._leader in self._begun
        return Counter(gather(self.places, begun, waiting, led=led))

    async def _expose(self, shares: list[tuple[Record, int]]) -> None:
        company = sum(count for _, count in shares)
        exposures: list[Exposure] = []
        followers: list[asyncio.Task[None]] = []
        for record, count in shares:
            for number in record.missing()[:count]:
                exposure = self._exposure(record, number, company, count)
                exposures.append(exposure)
                follow = self._follow(record, number, exposure, company)
                followers.append(asyncio.create_task(follow))
        try:
            await _carried_out(self.executor, exposures)
            await asyncio.gather(*followers)
        finally:
            for follower in followers:
                follower.cancel()

    def _exposure(self, record: Record, number: int, company: int, own: int) -> Exposure:
        standing = record.standing
        assert standing

        def tell(step: str, fraction: float, preview: str) -> None:
            record.feed.publish(standing.report(number, step, fraction, preview))

        exposure = Exposure(record.job.id, record.shot(number), tell)
        stretch = self._ledger.crowding.stretch(company)
        standing.begin(number, stretch, company=company, own=own)
        record.flying[number] = exposure
        return exposure

    async def _follow(self, record: Record, number: int, exposure: Exposure, company: int) -> None:
        heartbeat = asyncio.create_task(_keep_telling(record, number))
        try:
            await self._landed(record, number, await exposure.outcome, company)
        except EngineError as error:
            record.trouble = _weightier(record.trouble, error)
            self.died = self.died or isinstance(error, WorkerDied)
            if record.standing:
                record.standing.give_up(number)
        finally:
            heartbeat.cancel()
        del record.flying[number]
        if not record.flying:
            self._conclude(record)

    async def _landed(self, record: Record, number: int, render: Render, company: int) -> None:
        """Tell of it, also where it was called off too late: who reads owns what was stored."""
        assert record.standing
        shot = record.job.series.shots[number]
        taken = record.standing.finish(number)
        promised = record.forecast.steps[number] if record.forecast else {}
        if company == 1:
            self._ledger.estimator.learn(shot.operation, promised, taken, shot.scale)
        else:
            alone = sum(
                self._ledger.estimator.expect(shot.operation, promised, shot.scale).values()
            )
            self._ledger.crowding.learn(company, sum(taken.values()) / max(alone, 1e-6))
        self.held.add(shot.profile)
        record.blobs[number] = render.preview
        record.feed.publish(Rendered(number, render))
        await asyncio.to_thread(self._ledger.estimator.save)

    def _conclude(self, record: Record) -> None:
        """After a batch: the job's end, a second attempt, or nothing while shots are missing."""
        trouble, record.trouble = record.trouble, None
        if record.called_off or isinstance(trouble, JobCancelled):
            self._ledger.end(record, Cancelled())
        elif isinstance(trouble, WorkerDied) and record.attempt < ATTEMPTS:
            log.warning("job %s: attempt %d: %s", record.job.id, record.attempt, trouble.detail)
            record.attempt, record.standing = record.attempt + 1, None
        elif trouble:
            self._ledger.end(record, _failed(trouble))
        elif not record.missing():
            self._ledger.end(record, Done())


def _has_all(record: Record) -> bool:
    """Whether what is under way of a job stands for all of it."""
    alone = record.standing is not None and record.standing.is_alone
    return not record.missing() or (alone and bool(record.flying))


async def _carried_out(executor: Executor, exposures: list[Exposure]) -> None:
    """Every outcome is settled after this, whatever the executor does."""
    try:
        await executor.render(exposures)
    except EngineError as error:
        for exposure in exposures:
            exposure.settle(error)
    except Exception:
        log.exception("jobs %s: the executor failed", [e.job for e in exposures])
        for exposure in exposures:
            exposure.settle(EngineError())


async def _keep_telling(record: Record, number: int) -> None:
    """Go on telling, by the clock, while a studio works in silence."""
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        if record.standing and (step := record.standing.advance(number)):
            record.feed.publish(step)


def _weightier(one: EngineError | None, other: EngineError) -> EngineError:
    """Of two troubles of a job the one that decides: a failure, then a death, then a call-off."""
    ranks = (JobCancelled, WorkerDied)
    return min(filter(None, (other, one)), key=lambda e: isinstance(e, ranks))


def _failed(error: EngineError) -> JobEvent:
    return Failed(error.code, error.detail, error.facts)
