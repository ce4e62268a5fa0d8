"""One job's events, buffered so that any number of readers may come, go and come back."""

import asyncio
from collections.abc import AsyncIterator

from engine.jobs import JobEvent, Rendered, Step, Terminal

STEP_INTERVAL_S = 0.1


class Feed:
    """A condensed history: the newest event of each kind and every Rendered, in order.

    A reader who comes late is told the same story as one who was there from the start, only
    shorter. Steps reach a reader at most every `STEP_INTERVAL_S`; the newest one always arrives,
    and so does each first look, which readers have to delete.
    """

    def __init__(self) -> None:
        self._events: list[tuple[int, JobEvent]] = []
        self._count = 0
        self._changed = asyncio.Event()
        self._closed = False

    def publish(self, event: JobEvent) -> None:
        """Append an event for present and future readers."""
        self._count += 1
        self._events = [e for e in self._events if not _supersedes(event, e[1])]
        self._events.append((self._count, event))
        self._wake()

    def close(self) -> None:
        """End every reader's iteration once it has read what there is."""
        self._closed = True
        self._wake()

    async def read(self) -> AsyncIterator[JobEvent]:
        """Replay what happened so far, then follow; ends after the terminal event or `close`."""
        now, seen, due = asyncio.get_running_loop().time, 0, 0.0
        looks = {""}
        while True:
            changed = self._changed
            fresh = [e for e in self._events if e[0] > seen]
            if not fresh:
                if self._closed:
                    return
                await changed.wait()
                continue
            number, event = fresh[0]
            if isinstance(event, Step) and event.preview in looks:
                if len(fresh) == 1 and now() < due:
                    await _wait(changed, due - now())
                    continue
                seen, early = number, now() < due
                if early:
                    continue
                due = now() + STEP_INTERVAL_S
            elif isinstance(event, Step):
                looks.add(event.preview)
            seen = number
            yield event
            if isinstance(event, Terminal):
                return

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _supersedes(new: JobEvent, old: JobEvent) -> bool:
    if isinstance(new, Step) and isinstance(old, Step):
        return old.preview in ("", new.preview)
    return type(new) is type(old) and not isinstance(new, Rendered)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
