"""What was called off too late to be stopped is told all the same: nobody else could delete it."""

import asyncio
import threading
from pathlib import Path

from support.jobs import collect, kinds, make_job, reach
from support.studios import CardStudio

from engine.base import Report
from engine.blobs import DiskBlobs
from engine.dispatch.inprocess import InProcessEngine
from engine.jobs import Render, Step
from engine.shots import Shot


class Deaf(CardStudio):
    """Reports once, and finishes the picture whatever happens after that."""

    def __init__(self, blobs: DiskBlobs) -> None:
        super().__init__(blobs)
        self.go_on = threading.Event()

    def render(self, shot: Shot, report: Report) -> Render:
        report("step_0")
        self.go_on.wait(10)
        return super().render(shot, lambda *_, **__: None)


async def test_a_picture_finished_after_its_call_off_is_told_before_the_end(tmp_path: Path) -> None:
    studio = Deaf(DiskBlobs(tmp_path))
    engine = InProcessEngine(studio)
    events = engine.run(make_job("j", "", ""))
    await reach(events, Step)
    assert await engine.cancel("j")
    studio.go_on.set()
    async with asyncio.timeout(10):
        assert kinds(await collect(events)) == ["Rendered", "Cancelled"]
    await engine.close()
