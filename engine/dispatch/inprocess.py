"""The engine without a process of its own: the twin for tests and for one-shot commands."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from engine.base import Capabilities, Drawing, Photo, Report, Studio
from engine.dispatch.dispatcher import Dispatcher
from engine.dispatch.executor import Exposure, Forecast, Tell, forecast, translated
from engine.dispatch.together import Member, make
from engine.errors import EngineError, EngineUnavailable, JobCancelled
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
        self._shooting: tuple[list[threading.Event], Future[None]] | None = None

    async def start(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Let the shot in hand stop at its studio's next report."""
        if self._shooting:
            flags, work = self._shooting
            for called_off in flags:
                called_off.set()
            await asyncio.to_thread(wait, {work}, CLOSE_S)
        self._camera.shutdown(wait=False, cancel_futures=True)
        self._counter.shutdown(wait=False, cancel_futures=True)

    def capabilities(self) -> Capabilities:
        """What the studio honours."""
        return self._studio.capabilities()

    async def plan(self, shots: tuple[Shot, ...]) -> Forecast:
        """What to expect of each shot."""
        work = self._counter.submit(_do, "plan", lambda: forecast(self._receiver, shots))
        return await asyncio.wrap_future(work)

    async def receive(self, data: bytes) -> Photo:
        """Store an upload. Raises `PhotoRejected`."""
        work = self._counter.submit(_do, "receive", lambda: self._receiver.receive(data))
        return await asyncio.wrap_future(work)

    async def draw(self, plan: LightPlan) -> Drawing:
        """Draw a light plan."""
        work = self._counter.submit(_do, "draw", lambda: self._receiver.draw(plan))
        return await asyncio.wrap_future(work)

    async def render(self, exposures: Sequence[Exposure]) -> None:
        """Make the pictures in the camera's thread."""
        loop = asyncio.get_running_loop()
        flags = [threading.Event() for _ in exposures]
        members = [_member(loop, e, flag) for e, flag in zip(exposures, flags, strict=True)]
        try:
            work = self._camera.submit(make, self._studio, members)
        except RuntimeError as error:  # closed meanwhile
            raise EngineUnavailable("the engine is closed") from error
        self._shooting = (flags, work)
        await asyncio.wrap_future(work)


def _do(what: str, work: Callable[[], T]) -> T:
    with translated(what):
        return work()


def _member(
    loop: asyncio.AbstractEventLoop, exposure: Exposure, called_off: threading.Event
) -> Member:
    """The exposure as the camera's thread sees it: its call-off is a flag that reports look at."""
    if exposure.called_off:
        called_off.set()
    exposure.when_called_off(called_off.set)

    def settle(outcome: Render | EngineError) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(exposure.settle, outcome)

    report = _reporter(loop, exposure.tell, called_off)
    return Member(exposure.job, exposure.shot, report, settle)


def _reporter(loop: asyncio.AbstractEventLoop, tell: Tell, called_off: threading.Event) -> Report:
    def report(step: str, fraction: float = 0.0, preview: str = "") -> None:
        if called_off.is_set() or loop.is_closed():
            raise JobCancelled
        loop.call_soon_threadsafe(tell, step, fraction, preview)

    return report
