"""One job's events, told to one person: progress where it stands, and the end once."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from msgspec import structs

from bot.core.apologies import apology, apology_for_job
from bot.core.desk import Offer
from bot.core.events import JobEnded, JobStarted, WentWrong
from bot.core.gallery import AFTERWARDS, gallery
from bot.core.ports import Channel
from bot.core.replies import Apology, Entry, Posted, Progress, Say
from bot.core.session import Action, Delivery, JobRecord, JobStatus, RenderRecord, Session
from bot.core.set_ends import SetEnd
from bot.core.set_jobs import frame_count, frames_of, is_set, made_of
from engine.jobs import Cancelled, Done, Failed, Job, JobEvent, Queued, Rendered, Started, Step

if TYPE_CHECKING:
    from bot.core.shooting import Shooting

WAIT_WORTH_SAYING_S = 1.0


class Watch:
    """One job's events, told to one person."""

    def __init__(
        self, shooting: "Shooting", record: JobRecord, progress: Progress, channel: Channel
    ) -> None:
        """`progress` is the job's entry as it stands."""
        self._desk, self._locks = shooting.desk, shooting.locks
        self._shooting, self._discard = shooting, shooting.discard
        self._record, self._progress, self._channel = record, progress, channel
        self._renders: list[RenderRecord] = []
        self._ended = False
        self._set = SetEnd(self._desk, self._discard, record, channel, self._conclude)

    @property
    def job(self) -> str:
        """Whose events these are."""
        return self._record.job.id

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

    async def broke(self, error: Exception) -> None:
        """Something went wrong on this side of the engine."""
        await self._given_up(apology(self._desk.explain, error, "job"))

    async def _failed(self, event: Failed) -> None:
        explain = self._desk.explain
        await self._given_up(apology_for_job(explain, event.code, event.detail, event.facts))

    async def _given_up(self, sorry: Apology) -> None:
        submit, code = self._shooting.submit_job, sorry.code
        self._shooting.observer.saw(WentWrong(code))
        if await self._as_set(lambda session: self._set.failed(session, submit, code)):
            return
        if await self._as_set(lambda session: self._set.partly(session, "failed", sorry.text)):
            return
        job = self._record.job
        again = Action("table", slot="rest", job=job.id) if is_set(job.series) else Action("shoot")
        retry = [Offer("btn_retry", again, "primary")]
        choices = await self._desk.offer(self._record.session, retry)
        await self._conclude("failed", structs.replace(sorry, choices=choices), code)

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
