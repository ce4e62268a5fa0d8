"""How a set ends: handed over whole, shot once more where frames stand apart, or in part."""

from collections.abc import Awaitable, Callable

from msgspec import structs

from bot.core.desk import Desk, Discard
from bot.core.ports import Channel
from bot.core.replies import Entry, Say
from bot.core.session import JobRecord, JobStatus, Session
from bot.core.set_jobs import (
    AGAIN,
    SHEET,
    Frames,
    again_words,
    frame_count,
    frames_of,
    left_out,
    made_of,
    replaced,
    second_run,
    set_gallery,
    without_failed,
    zip_gallery,
)
from engine.jobs import Job

Conclude = Callable[[JobStatus, Entry], Awaitable[bool]]
"""Ends the job with its last entry; False when it had already ended."""
Submit = Callable[[Session, Job, Channel], Awaitable[None]]


class SetEnd:
    """Ends one set's job. The session's lock is held by whoever calls."""

    def __init__(
        self, desk: Desk, discard: Discard, record: JobRecord, channel: Channel, conclude: Conclude
    ) -> None:
        self._desk, self._discard, self._record = desk, discard, record
        self._channel, self._conclude = channel, conclude

    async def done(self, session: Session, submit: Submit) -> None:
        """Hand the set over, or shoot what stands apart once more first."""
        frames = await frames_of(self._desk.history, self._record)
        if (job := second_run(self._record, frames)) and await self._begun(session, job, submit):
            await self._conclude("done", Say(again_words(self._desk, job)))
            return
        single = _single(frames)
        if not single:
            return
        entry = await set_gallery(self._desk, session, self._record, frames)
        if not await self._conclude("done", entry):
            return
        await self._go_on_with(session, single)
        await self._drop_replaced()
        sheet = list(frames.values())[-1]
        if session.likes.delivery == "both" and sheet.shot.operation == SHEET:
            await self._desk.post(session.id, zip_gallery(self._desk, sheet), self._channel)

    async def failed(self, session: Session, submit: Submit, code: str) -> bool:
        """Go on without the frame that failed; False where that cannot be."""
        frames = await frames_of(self._desk.history, self._record)
        if self._record.job.id.endswith(AGAIN):
            return await self._kept(session, frames)
        job = without_failed(self._record, frames, code)
        if job is None:
            return False
        if not await self._begun(session, job, submit):
            return False
        failed = job.made.keys() - made_of(self._record, frames).keys()
        number = min(failed) + 1
        await self._conclude("failed", Say(self._desk.words("set_goes_on", number=number)))
        return True

    async def _begun(self, session: Session, job: Job, submit: Submit) -> bool:
        """Submit the job that goes on with the set: written down before this one ends, so that a
        crash in between loses neither. False where its person has to be asked first.
        """
        await submit(session, job, self._channel)
        return await self._desk.history.job(job.id) is not None

    async def _kept(self, session: Session, frames: Frames) -> bool:
        """A frame that stood apart and could not be shot again stays as it came out first."""
        single = _single(frames)
        expected = frame_count(self._record.job.series) - len(left_out(self._record.job))
        if not len(single) == expected < len(frames):
            return False
        entry = await set_gallery(self._desk, session, self._record, frames)
        if await self._conclude("done", entry):
            await self._go_on_with(session, single)
        return True

    async def partly(self, session: Session, status: JobStatus, ended: str) -> bool:
        """Hand over what there is; False when there is nothing."""
        frames = await frames_of(self._desk.history, self._record)
        single = _single(frames)
        if not single:
            return False
        count = frame_count(self._record.job.series)
        said = f"{ended} {self._desk.words('set_partly', done=len(single), count=count)}"
        entry = await set_gallery(self._desk, session, self._record, frames, said)
        if await self._conclude(status, entry):
            await self._go_on_with(session, single)
        return True

    async def _go_on_with(self, session: Session, single: Frames) -> None:
        first = next(iter(single.values()))
        await self._desk.history.save(structs.replace(session, current=first.id))

    async def _drop_replaced(self) -> None:
        renders = await self._desk.history.renders(self._record.session)
        for gone in replaced(self._record, renders):
            await self._discard(await self._desk.history.delete_render(gone.id))


def _single(frames: Frames) -> Frames:
    return {n: r for n, r in frames.items() if r.shot.operation != SHEET}
