"""Jobs from the conversation's side: written down, submitted, watched, delivered once, resumed."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from contextlib import aclosing

from bot.core.deliveries import Deliveries
from bot.core.desk import Desk, Discard, Offer
from bot.core.door import Door
from bot.core.events import JobQueued, Observer
from bot.core.locks import Locks
from bot.core.looks import Looks
from bot.core.ports import Channel
from bot.core.replies import Progress
from bot.core.session import Action, JobRecord, Session
from bot.core.set_jobs import frames_of, rest
from bot.core.watching import Watch
from bot.logs import log_ids
from engine.base import Engine
from engine.jobs import Cancelled, Failed, Job
from engine.shots import Series
from prompts.speaking import speak

log = logging.getLogger(__name__)
ChannelFor = Callable[[str], Channel]
MAX_ATTEMPTS = 3
"""Starts of the studio after which a job that always takes it down is given up."""


class Shooting:
    """Runs jobs beside the conversation; nothing here holds the session's lock for long."""

    def __init__(  # noqa: PLR0913 - the last two by keyword only
        self,
        engine: Engine,
        desk: Desk,
        locks: Locks,
        discard: Discard,
        deliveries: Deliveries,
        *,
        door: Door,
        observer: Observer,
    ) -> None:
        self._engine, self.can = engine, engine.capabilities
        self.discard, self.deliveries = discard, deliveries
        self.desk = desk
        self._history = desk.history
        self._door, self.observer = door, observer
        self.locks = locks
        self._watchers: dict[asyncio.Task[None], Watch] = {}
        self._called_off: set[str] = set()
        self.looks = Looks(discard)

    async def submit(self, session: Session, series: Series, channel: Channel) -> None:
        """Write the job down with its progress entry, then hand it to the engine."""
        await self.submit_job(session, Job(secrets.token_hex(8), session.person, series), channel)

    async def submit_rest(self, session: Session, job_id: str, channel: Channel) -> bool:
        """Make what a set called off or failed is missing; False when that set is unknown."""
        record = await self._history.job(job_id)
        if record is None or record.session != session.id:
            return False
        done = await frames_of(self._history, record)
        await self.submit_job(session, rest(record, done, secrets.token_hex(8)), channel)
        return True

    async def submit_job(self, session: Session, job: Job, channel: Channel) -> None:
        """Submit a job that has its id; a known one is under way already."""
        if await self._history.job(job.id):
            return
        choices = await self.desk.offer(
            session.id, [Offer("btn_cancel", Action("cancel", job=job.id))]
        )
        progress = Progress(job.id, self.desk.words("shooting"), choices=choices)
        seq = await self.desk.post(session.id, progress, channel)
        record = JobRecord(job, session.id, session.person, seq, session.draft.version)
        await self._history.add_job(record)
        self._begin(record, progress, channel)

    async def cancel(self, session_id: str, channel: Channel, job_id: str = "") -> bool:
        """Call off one job, or every unfinished job of the session; False when there is none."""
        jobs = await self._history.jobs(session_id)
        wanted = [r for r in jobs if job_id in ("", r.job.id)]
        for record in wanted:
            if not await self._engine.cancel(record.job.id):
                # Written down, but the engine has not heard of it yet: its watcher will tell.
                self._called_off.add(record.job.id)
                await self._door.tell()
                self._see_to(record, channel)
        return bool(wanted)

    def _see_to(self, record: JobRecord, channel: Channel) -> None:
        """Watch a job whose end could not be written down, so that it is now."""
        if not any(watch.job == record.job.id for watch in self._watchers.values()):
            progress = Progress(record.job.id, self.desk.words("shooting"))
            self._begin(record, progress, channel)

    async def resume(self, channel_for: ChannelFor, session_id: str | None = None) -> int:
        """Run again what a crash left unfinished, and tell; returns how many jobs that were."""
        records = await self._history.jobs(session_id)
        for record in records:
            channel = channel_for(record.session)
            likes = await self._history.preferences(record.person)
            speak(likes.language or likes.seen_language)
            choices = await self.desk.offer(
                record.session, [Offer("btn_cancel", Action("cancel", job=record.job.id))]
            )
            await self.desk.say(record.session, channel, "resumed")
            progress = Progress(record.job.id, self.desk.words("shooting"), choices=choices)
            await self.desk.amend(record.session, record.seq, progress, channel)
            self._begin(record, progress, channel)
        return len(records)

    async def close(self) -> None:
        """Stop watching; unfinished jobs stay in history for the next start, their owners hear."""
        interrupted = dict(self._watchers)
        for task in interrupted:
            task.cancel()
        await asyncio.gather(*interrupted, return_exceptions=True)
        for task, watch in interrupted.items():
            if task.cancelled():
                await watch.interrupted()

    def _begin(self, record: JobRecord, progress: Progress, channel: Channel) -> None:
        watch = Watch(self, record, progress, channel)
        task = asyncio.create_task(self._watch(record, watch, channel))
        self._watchers[task] = watch
        task.add_done_callback(self._watchers.pop)

    async def _watch(self, record: JobRecord, watch: Watch, channel: Channel) -> None:
        with log_ids(session=record.session, job=record.job.id):
            await self._watch_out(record, watch, channel)

    async def _watch_out(self, record: JobRecord, watch: Watch, channel: Channel) -> None:
        self.observer.saw(JobQueued(record.job.id))
        try:
            if not await self._may_begin(record, watch):
                return
            if await self._history.begin_attempt(record.job.id) > MAX_ATTEMPTS:
                await watch.on(Failed("worker_died", "gave up after repeated crashes"))
                return
            job = await watch.taken_up()
            async with aclosing(self._engine.run(job)) as events:  # type: ignore[type-var]  # every engine's run is an async generator
                async for event in events:
                    if record.job.id in self._called_off:
                        self._called_off.discard(record.job.id)
                        await self._engine.cancel(record.job.id)
                    await watch.on(event)
        except Exception as error:
            await self._broke(record, watch, error, channel)
        finally:
            self._called_off.discard(record.job.id)
            await self.looks.drop(record.job.id)

    async def _broke(
        self, record: JobRecord, watch: Watch, error: Exception, channel: Channel
    ) -> None:
        """End the job, for nobody works on it any more; where not even that can be, say so."""
        try:
            await watch.broke(error)
        except Exception as worse:
            await self.desk.apologise(record.session, worse, channel)

    async def _may_begin(self, record: JobRecord, watch: Watch) -> bool:
        """Wait while shots are held; False when the job was called off meanwhile."""
        job = record.job.id
        if self._door.holds_shots:
            await watch.held()
            await self._door.until(lambda: not self._door.holds_shots or job in self._called_off)
        if job not in self._called_off:
            return True
        self._called_off.discard(job)
        await watch.on(Cancelled())
        return False
