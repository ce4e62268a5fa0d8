"""The engine without a process of its own: the twin for tests and for one-shot commands."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from engine.base import Capabilities, Drawing, Photo, Report, Studio
from engine.dispatch.dispatcher import Dispatcher
from engine.dispatch.executor import Tell, steps_of, translated
from engine.errors import JobCancelled
from engine.jobs import Render
from engine.shots import LightPlan, Shot

T = TypeVar("T")
CLOSE_S = 3.0


class InProcessEngine(Dispatcher):
    """Runs jobs in a thread of this process. A studio's crash takes the process with it.

    `receiver` takes the uploads, in another thread; needed where a studio serves one thread at a
    time and photos may come while a job runs.
    """

    def __init__(self, studio: Studio, receiver: Studio | None = None) -> None:
        super().__init__(ThreadExecutor(studio, receiver or studio))


class ThreadExecutor:
    """An `Executor` with one thread for shots and one for everything quick."""

    def __init__(self, studio: Studio, receiver: Studio) -> None:
        self._studio, self._receiver = studio, receiver
        self._camera = ThreadPoolExecutor(1, "camera")
        self._counter = ThreadPoolExecutor(1, "counter")
        self._shooting: tuple[str, threading.Event, Future[Render]] | None = None

    async def start(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Let the shot in hand stop at its studio's next report."""
        if self._shooting:
            _, called_off, shot = self._shooting
            called_off.set()
            await asyncio.to_thread(wait, {shot}, CLOSE_S)
        self._camera.shutdown(wait=False, cancel_futures=True)
        self._counter.shutdown(wait=False, cancel_futures=True)

    def capabilities(self) -> Capabilities:
        """What the studio honours."""
        return self._studio.capabilities()

    async def plan(self, shots: tuple[Shot, ...]) -> tuple[dict[str, float], ...]:
        """Each shot's steps with their expected seconds."""
        work = self._counter.submit(_do, "plan", lambda: steps_of(self._receiver, shots))
        return await asyncio.wrap_future(work)

    async def receive(self, data: bytes) -> Photo:
        """Store an upload. Raises `PhotoRejected`."""
        work = self._counter.submit(_do, "receive", lambda: self._receiver.receive(data))
        return await asyncio.wrap_future(work)

    async def draw(self, plan: LightPlan) -> Drawing:
        """Draw a light plan."""
        work = self._counter.submit(_do, "draw", lambda: self._receiver.draw(plan))
        return await asyncio.wrap_future(work)

    async def render(self, job_id: str, shot: Shot, tell: Tell) -> Render:
        """Make a picture in the camera's thread."""
        called_off = threading.Event()
        report = _reporter(asyncio.get_running_loop(), tell, called_off)
        work = self._camera.submit(_do, f"job {job_id}", lambda: self._studio.render(shot, report))
        self._shooting = (job_id, called_off, work)
        return await asyncio.wrap_future(work)

    def call_off(self, job_id: str) -> None:
        """Raise the flag that the studio's next report looks at."""
        if self._shooting and self._shooting[0] == job_id:
            self._shooting[1].set()


def _do(what: str, work: Callable[[], T]) -> T:
    with translated(what):
        return work()


def _reporter(loop: asyncio.AbstractEventLoop, tell: Tell, called_off: threading.Event) -> Report:
    def report(step: str, fraction: float = 0.0, preview: str = "") -> None:
        if called_off.is_set() or loop.is_closed():
            raise JobCancelled
        loop.call_soon_threadsafe(tell, step, fraction, preview)

    return report
