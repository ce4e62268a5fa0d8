"""First looks at pictures in the making: their owner's, for as long as the job runs."""

import logging

from bot.core.desk import Discard
from bot.core.session import JobRecord
from bot.errors import HistoryUnavailable

log = logging.getLogger(__name__)


class Looks:
    """Blobs of first looks, by job; never in the transcript."""

    def __init__(self, discard: Discard) -> None:
        self._discard = discard
        self._shown: dict[str, tuple[str, set[str]]] = {}

    def shows(self, session_id: str, blob: str) -> bool:
        """Whether a blob is a first look at a picture this session is waiting for."""
        return any(s == session_id and blob in blobs for s, blobs in self._shown.values())

    def keep(self, record: JobRecord, blob: str) -> None:
        """Keep a first look for as long as its job runs."""
        self._shown.setdefault(record.job.id, (record.session, set()))[1].add(blob)

    async def drop(self, job: str) -> None:
        """Delete the first looks of a job that has ended, unless another job shows the same."""
        _, blobs = self._shown.pop(job, ("", set[str]()))
        shown = {b for _, others in self._shown.values() for b in others}
        try:
            await self._discard(sorted(blobs - shown))
        except HistoryUnavailable:
            log.warning("first looks stay where they are", exc_info=True)
