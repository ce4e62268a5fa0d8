"""Jobs from the conversation's side: written down, submitted, watched, delivered once, resumed."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from msgspec import structs

from bot.core.apologies import apology_for_job
from bot.core.deliveries import Deliveries
from bot.core.desk import Desk, Discard, Offer
from bot.core.door import Door
from bot.core.events import JobEnded, JobQueued, JobStarted, Observer, WentWrong
from bot.core.gallery import AFTERWARDS, gallery
from bot.core.locks import Locks
from bot.core.looks import Looks
from bot.core.ports import Channel
from bot.core.replies import Entry, Posted, Progress, Say
from bot.core.session import Action, Delivery, JobRecord, JobStatus, RenderRecord, Session
from bot.core.set_ends import SetEnd
from bot.core.set_jobs import frame_count, frames_of, is_set, made_of, rest
from bot.logs import log_ids
from engine.base import Engine
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
from engine.shots import Series
from prompts.speaking import speak

log = logging.getLogger(__name__)
ChannelFor = Callable[[str], Channel]
WAIT_WORTH_SAYING_S = 1.0
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
        self._watchers: dict[asyncio.Task[None], _Watch] = {}
        self._called_off: set[str] = set()
        self.looks = Looks(desk.history, discard)

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

    async def cancel(self, session_id: str, job_id: str = "") -> bool:
        """Call off one job, or every unfinished job of the session; False when there is none."""
        jobs = [r.job.id for r in await self._history.jobs(session_id)]
        wanted = [j for j in jobs if job_id in ("", j)]
        for job in wanted:
            if not await self._engine.cancel(job):
                # Written down, but the engine has not heard of it yet: its watcher will tell.
                self._called_off.add(job)
                await self._door.tell()
        return bool(wanted)

    async def resume(self, channel_for: ChannelFor) -> int:
        """Run again what a crash left unfinished, and tell; returns how many jobs that were."""
        records = await self._history.jobs()
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
        watch = _Watch(self, record, progress, channel)
        task = asyncio.create_task(self._watch(record, watch, channel))
        self._watchers[task] = watch
        task.add_done_callback(self._watchers.pop)

    async def _watch(self, record: JobRecord, watch: "_Watch", channel: Channel) -> None:
        with log_ids(session=record.session, job=record.job.id):
            await self._watch_out(record, watch, channel)

    async def _watch_out(self, record: JobRecord, watch: "_Watch", channel: Channel) -> None:
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
            await self.desk.apologise(record.session, error, channel)
        finally:
            await self.looks.drop(record.job.id)

    async def _may_begin(self, record: JobRecord, watch: "_Watch") -> bool:
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


class _Watch:
    """One job's events, told to one person."""

    def __init__(
        self, shooting: Shooting, record: JobRecord, progress: Progress, channel: Channel
    ) -> None:
        self._desk, self._locks = shooting.desk, shooting.locks
        self._shooting, self._discard = shooting, shooting.discard
        self._record, self._progress, self._channel = record, progress, channel
        self._renders: list[RenderRecord] = []
        self._ended = False
        self._set = SetEnd(self._desk, self._discard, record, channel, self._conclude)

    async def taken_up(self) -> Job:
        """The job less what an earlier run has finished, which is then known here."""
        job, frames = self._record.job, await frames_of(self._desk.history, self._record)
        self._renders = [r for r in frames.values() if r.job == job.id]
        return structs.replace(job, made=made_of(self._record, frames))

    async def on(self, event: JobEvent) -> None:
        """Tell one event."""
        match event:
            case Queued():
                await self._waiting(event)
            case Started():
                self._shooting.observer.saw(JobStarted(self._record.job.id))
                await self._keep(
                    state="working", remaining_s=event.total_s, position=None, preview=None
                )
            case Step():
                await self._step(event)
            case Rendered():
                await self._rendered(event)
            case Done():
                await self._done()
            case Failed():
                await self._failed(event)
            case Cancelled():
                await self._cancelled()

    async def held(self) -> None:
        """The studio is paused: the job waits its turn."""
        await self._keep(text=self._desk.words("held"))

    async def interrupted(self) -> None:
        """The studio closes: the job is taken up at the next start."""
        if self._ended:
            return
        text = self._desk.words("job_interrupted")
        await self._keep(text=text, state="waiting", remaining_s=None, position=None, preview=None)

    async def _waiting(self, event: Queued) -> None:
        # The engine counts who waits; whoever is in front of the camera is ahead as well.
        ahead = event.position + (event.wait_s >= WAIT_WORTH_SAYING_S)
        if ahead:
            text = self._desk.words("queued", position=ahead)
            await self._show(text=text, position=ahead, remaining_s=event.wait_s)

    async def _step(self, event: Step) -> None:
        text = self._step_words(event)
        shown = event.preview and await self._likes_looks()
        if event.preview:
            self._shooting.looks.keep(self._record, event.preview)
        await self._show(
            text=text,
            state="working",
            fraction=event.fraction,
            remaining_s=event.remaining_s,
            position=None,
            preview=event.preview if shown else None,
        )

    async def _likes_looks(self) -> bool:
        likes = await self._desk.history.preferences(self._record.person)
        return likes.first_looks

    def _step_words(self, event: Step) -> str:
        text, series = self._desk.step_words(event.name), self._record.job.series
        count = frame_count(series)
        if count < 2 or event.shot >= count:
            return text
        return self._desk.words("frame_step", number=event.shot + 1, count=count, step=text)

    async def _rendered(self, event: Rendered) -> None:
        job, session = self._record.job, self._record.session
        shot = job.series.shots[event.shot]
        made = RenderRecord(f"{job.id}-{event.shot}", session, job.id, shot, event.render)
        kept = await self._desk.history.add_render(made)
        if kept.number:
            self._renders.append(kept)
        else:
            # The person was forgotten while the picture was made: so is the picture.
            made_of = (event.render.blob, event.render.preview, event.render.truth)
            await self._discard([blob for blob in made_of if blob])

    async def _done(self) -> None:
        async with self._locks(self._record.session):
            session = await self._desk.history.session(self._record.session, self._record.person)
            if is_set(self._record.job.series):
                await self._set.done(session, self._shooting.submit_job)
                return
            if not self._renders:
                return
            entry = await gallery(self._desk, session, self._renders, self._shooting.can())
            last = self._renders[-1].shot.operation
            if await self._conclude("done", entry) and last not in AFTERWARDS:
                current = structs.replace(session, current=self._renders[-1].id)
                await self._desk.history.save(current)

    async def _as_set(self, end: Callable[[Session], Awaitable[bool]]) -> bool:
        """End a set in its own way; False where it is none, or that way is not open."""
        if not is_set(self._record.job.series):
            return False
        async with self._locks(self._record.session):
            session = await self._desk.history.session(self._record.session, self._record.person)
            return await end(session)

    async def _failed(self, event: Failed) -> None:
        sorry = apology_for_job(self._desk.explain, event.code, event.detail, event.facts)
        self._shooting.observer.saw(WentWrong(event.code))
        submit, code = self._shooting.submit_job, event.code
        if await self._as_set(lambda session: self._set.failed(session, submit, code)):
            return
        if await self._as_set(lambda session: self._set.partly(session, "failed", sorry.text)):
            return
        job = self._record.job
        again = Action("table", slot="rest", job=job.id) if is_set(job.series) else Action("shoot")
        retry = [Offer("btn_retry", again, "primary")]
        choices = await self._desk.offer(self._record.session, retry)
        await self._conclude("failed", structs.replace(sorry, choices=choices), event.code)

    async def _cancelled(self) -> None:
        said = self._desk.words("set_called_off")
        if await self._as_set(lambda session: self._set.partly(session, "cancelled", said)):
            return
        await self._conclude("cancelled", Say(self._desk.words("cancelled")))

    async def _conclude(self, status: JobStatus, entry: Entry, cause: str = "") -> bool:
        self._ended = True
        ended = self._progress_with(
            text=self._desk.words(f"progress_{status}"),
            state=status,
            remaining_s=None,
            choices=(),
            preview=None,
        )
        job = self._record.job.id
        seq = await self._desk.history.conclude(job, status, entry, ended)
        self._shooting.observer.saw(JobEnded(job, status, cause))
        await self._desk.show(self._record.seq, ended, self._channel)
        if seq is not None:
            delivery = Delivery(self._record.job.id, self._record.session, Posted(seq, entry))
            await self._shooting.deliveries.hand_over(delivery, self._channel)
        return seq is not None

    async def _show(self, **changes: object) -> None:
        await self._desk.show(self._record.seq, self._progress_with(**changes), self._channel)

    async def _keep(self, **changes: object) -> None:
        entry = self._progress_with(**changes)
        await self._desk.amend(self._record.session, self._record.seq, entry, self._channel)

    def _progress_with(self, **changes: object) -> Progress:
        self._progress = structs.replace(self._progress, **changes)
        return self._progress
