"""The channel that keeps what it is given: the twin of every chat, for `shoot` and for tests."""

import asyncio
from collections.abc import Callable

from bot.core.replies import Apology, Entry, Gallery, Posted, Progress

Ending = Gallery | Apology | Progress


class CollectingChannel:
    """Keeps entries by place, as an append-and-edit chat would show them.

    `on_post` hears every posting as it comes, such as progress for a terminal.
    """

    def __init__(self, on_post: Callable[[Posted], None] | None = None) -> None:
        self.posted: dict[int, Entry] = {}
        self._unkept: list[Entry] = []
        self._on_post = on_post
        self._news = asyncio.Condition()

    async def send(self, posted: Posted) -> None:
        """Keep an entry; the same place again replaces it. Place 0 is shown but has no place."""
        if posted.seq:
            self.posted[posted.seq] = posted.entry
        else:
            self._unkept.append(posted.entry)
        if self._on_post:
            self._on_post(posted)
        async with self._news:
            self._news.notify_all()

    @property
    def entries(self) -> list[Entry]:
        """What a person would see, in order."""
        return [self.posted[seq] for seq in sorted(self.posted)] + self._unkept

    @property
    def last(self) -> int:
        """The highest place so far; 0 before the first."""
        return max(self.posted, default=0)

    async def ended(self, after: int = 0) -> Ending:
        """Wait for pictures, an apology, or a job called off, at a place greater than `after`."""
        async with self._news:
            await self._news.wait_for(lambda: self._ending(after) is not None)
        ending = self._ending(after)
        assert ending is not None
        return ending

    async def until(self, holds: Callable[[list[Entry]], bool]) -> None:
        """Wait until something holds of the entries."""
        async with self._news:
            await self._news.wait_for(lambda: holds(self.entries))

    def _ending(self, after: int) -> Ending | None:
        later = [self.posted[seq] for seq in sorted(self.posted) if seq > after]
        return next((e for e in later + self._unkept if _is_ending(e)), None)  # type: ignore[return-value]  # narrowed by _is_ending


def _is_ending(entry: Entry) -> bool:
    called_off = isinstance(entry, Progress) and entry.state == "cancelled"
    return called_off or isinstance(entry, Gallery | Apology)
