"""First looks at pictures in the making: their owner's, for as long as the job runs."""

from bot.core.desk import Discard
from bot.core.ports import History
from bot.core.session import JobRecord


class Looks:
    """Blobs of first looks, by job; never in the transcript."""

    def __init__(self, history: History, discard: Discard) -> None:
        self._history, self._discard = history, discard
        self._shown: dict[str, tuple[str, set[str]]] = {}

    def shows(self, session_id: str, blob: str) -> bool:
        """Whether a blob is a first look at a picture this session is waiting for."""
        return any(s == session_id and blob in blobs for s, blobs in self._shown.values())

    def keep(self, record: JobRecord, blob: str) -> None:
        """Keep a first look for as long as its job runs."""
        self._shown.setdefault(record.job.id, (record.session, set()))[1].add(blob)

    async def drop(self, job: str) -> None:
        """Delete the first looks of a job that has ended, unless another job shows the same."""
        session, blobs = self._shown.pop(job, ("", set[str]()))
        shown = {b for _, others in self._shown.values() for b in others}
        gone = [b for b in blobs - shown if not await self._history.owns(session, b)]
        if gone:
            await self._discard(gone)
