"""Every engine there is, over a studio that draws test cards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from engine.base import Engine
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.dispatch.local import LocalEngine
from support.studios import FACTORY, CardStudio, worker_env


def make_local(blobs: Path) -> Engine:
    return LocalEngine(FACTORY, {"blobs": str(blobs)}, uploads=blobs / "uploads", env=worker_env())


def make_inprocess(blobs: Path) -> Engine:
    return InProcessEngine(CardStudio(DiskBlobs(blobs)))


@asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[Engine]:
    await engine.start()
    try:
        yield engine
    finally:
        await engine.close()
