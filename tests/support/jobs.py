"""Making jobs for a `CardStudio` and reading their events, with a limit on patience."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

from engine.jobs import Job, JobEvent, Step
from engine.shots import Series, Shot

TIMEOUT_S = 60.0
PNG = b"\x89PNG and the rest"
E = TypeVar("E", bound=JobEvent)


def make_job(job_id: str, *prompts: str, owner: str = "ann") -> Job:
    """A job with one shot per prompt, seeds counting from 100."""
    shots = tuple(Shot("generate", 100 + n, prompt=p) for n, p in enumerate(prompts or ("",)))
    return Job(job_id, owner, Series(shots))


async def collect(events: AsyncIterator[JobEvent]) -> list[JobEvent]:
    """Every event until they end."""
    async with asyncio.timeout(TIMEOUT_S):
        return [event async for event in events]


async def reach(events: AsyncIterator[JobEvent], kind: type[E]) -> E:
    """The first event of this kind; the ones before it are read and dropped."""
    async with asyncio.timeout(TIMEOUT_S):
        async for event in events:
            if isinstance(event, kind):
                return event
    raise AssertionError(f"the events ended before {kind.__name__}")


def kinds(events: list[JobEvent]) -> list[str]:
    """Names of the events, without the steps, whose number depends on the machine."""
    return [type(e).__name__ for e in events if not isinstance(e, Step)]


def release(blobs: Path) -> None:
    """Let every held or hanging shot go on."""
    blobs.mkdir(parents=True, exist_ok=True)
    (blobs / "release").touch()
