"""The engine of a single machine: worker processes beside the bot, one per graphics card."""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from engine.base import Capabilities, Drawing, Photo
from engine.cards import alone
from engine.dispatch.dispatcher import Dispatcher
from engine.dispatch.estimate import Estimator
from engine.dispatch.executor import Exposure, Forecast, WorkerDied
from engine.dispatch.process import Call, Worker
from engine.dispatch.wire import Draw, Ping, Plan, Receive, Setup
from engine.errors import EngineError, EngineUnavailable, JobCancelled
from engine.jobs import Render
from engine.shots import LightPlan, Shot

log = logging.getLogger(__name__)

T = TypeVar("T")
_STALE_UPLOAD_S = 3600.0


class Limits(Struct, frozen=True):
    """How patient to be with a worker, in seconds.

    `start_s` until its studio is built; `hang_s` of silence about a call before it is killed,
    `hang_called_off_s` once the job was called off; `close_s` to leave by itself; `backoff_s` the
    pause before the second start in a row, doubling up to `backoff_most_s`.
    """

    start_s: float = 120.0
    hang_s: float = 300.0
    hang_called_off_s: float = 30.0
    close_s: float = 3.0
    backoff_s: float = 0.5
    backoff_most_s: float = 10.0


class LocalEngine(Dispatcher):
    """Runs jobs in worker processes, each of which is replaced when it dies or hangs.

    `factory` is "package.module:function", importable by the worker; it is called with `settings`
    and returns the `Studio`. `uploads` is a folder for photos on their way to the worker (they lie
    there for as long as `receive` runs). `env` overrides the worker's environment. With `warm`, a
    studio that has a `warm()` method loads its models before the first job asks for them. `cards`
    are graphics cards by number: each has a worker of its own, which sees that card alone. Without
    any there is one worker, which sees what this process does. `pace` is a file that keeps what was
    learned of this machine's pace from start to start.
    """

    def __init__(  # noqa: PLR0913 - all but two by keyword only
        self,
        factory: str,
        settings: dict[str, str],
        *,
        uploads: Path,
        env: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        warm: bool = True,
        cards: Sequence[int] = (),
        pace: Path | None = None,
    ) -> None:
        setup = Setup(factory, settings, warm)
        envs = [{**_share(len(cards)), **(env or {}), **alone(card)} for card in cards]
        envs = envs or [dict(env or {})]
        workers = [ProcessExecutor(setup, uploads, e, limits or Limits()) for e in envs]
        self._process = workers[0]
        super().__init__(*workers, estimator=Estimator(pace))

    async def ping(self) -> float:
        """Seconds a round trip to the first worker takes. Raises `EngineUnavailable`."""
        return await self._process.ping()


class ProcessExecutor:
    """An `Executor` over one worker process at a time."""

    def __init__(self, setup: Setup, uploads: Path, env: Mapping[str, str], limits: Limits) -> None:
        self._setup, self._uploads, self._env, self._limits = setup, uploads, env, limits
        self._worker: Worker | None = None
        self._starting: asyncio.Task[Worker] | None = None
        self._capabilities: Capabilities | None = None
        self._deaths = 0
        self._closed = False

    async def start(self) -> None:
        """Have a worker with a built studio. Raises `EngineUnavailable` when none can be had."""
        await asyncio.to_thread(_prepare_uploads, self._uploads)
        await self._living()

    async def close(self) -> None:
        """Let the worker leave, or make it."""
        self._closed = True
        if self._starting:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        worker, self._worker = self._worker, None
        if worker:
            await worker.close(self._limits.close_s)

    def capabilities(self) -> Capabilities:
        """What the last worker's studio said. Raises `EngineUnavailable` before `start`."""
        if self._capabilities is None:
            raise EngineUnavailable("the engine has not been started")
        return self._capabilities

    async def ping(self) -> float:
        """Seconds a round trip takes."""
        worker, begun = await self._living(), time.perf_counter()
        await self._answered(worker, worker.ask(Ping()), bool)
        return time.perf_counter() - begun

    async def plan(self, shots: tuple[Shot, ...]) -> Forecast:
        """What to expect of each shot."""
        worker = await self._living()
        return await self._answered(worker, worker.ask(Plan(shots)), Forecast)

    async def receive(self, data: bytes) -> Photo:
        """Have the worker store an upload. Raises `PhotoRejected`, or `EngineUnavailable`.

        Asked again once when the worker dies, since it may have died of the job beside it.
        """
        path = await asyncio.to_thread(_lay_down, self._uploads, data)
        try:
            try:
                return await self._receive(path)
            except WorkerDied:
                return await self._receive(path)
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def draw(self, plan: LightPlan) -> Drawing:
        """Have the worker draw a light plan."""
        worker = await self._living()
        return await self._answered(worker, worker.ask(Draw(plan)), Drawing)

    async def render(self, exposures: Sequence[Exposure]) -> None:
        """Have the worker make the pictures."""
        try:
            worker = await self._living()
            wanted = [e for e in exposures if not e.called_off]
            calls = worker.shoot(wanted) if wanted else []
        except EngineError as error:
            _settle_all(exposures, error)
            return
        _settle_all([e for e in exposures if e.called_off], JobCancelled())
        for exposure, call in zip(wanted, calls, strict=True):
            _tie(exposure, worker, call)
        await self._finished(worker, calls, lambda: self._patience_s(wanted))
        if worker.alive:
            self._deaths = 0

    async def _receive(self, path: Path) -> Photo:
        worker = await self._living()
        return await self._answered(worker, worker.ask(Receive(str(path))), Photo)

    async def _living(self) -> Worker:
        """The worker, started if need be; whoever stops waiting leaves the start to the others."""
        if self._closed:
            raise EngineUnavailable("the engine is closed")
        if self._worker and self._worker.alive:
            return self._worker
        if self._starting is None:
            self._starting = asyncio.create_task(self._replace(), name="engine-worker-start")
            self._starting.add_done_callback(self._started)
        try:
            return await asyncio.shield(self._starting)
        except asyncio.CancelledError:
            if self._closed:
                raise EngineUnavailable("the engine is closed") from None
            raise

    def _started(self, start: "asyncio.Task[Worker]") -> None:
        self._starting = None
        if not start.cancelled():
            start.exception()  # noted, so that an asker who left does not make it a leak

    async def _replace(self) -> Worker:
        former, self._worker = self._worker, None
        if former:
            self._deaths += 1
            await former.close(0.0)
        await asyncio.sleep(self._pause_s())
        try:
            worker = await Worker.spawn(self._setup, self._env, self._limits.start_s)
        except WorkerDied:
            self._deaths += 1
            raise
        log.info("worker %d is ready", worker.pid)
        self._worker, self._capabilities = worker, worker.capabilities
        return worker

    def _pause_s(self) -> float:
        """The first replacement comes at once; then each waits twice as long as the one before."""
        if self._deaths < 2:
            return 0.0
        doubled = self._limits.backoff_s * 2.0 ** min(self._deaths - 2, 30)
        return min(doubled, self._limits.backoff_most_s)

    async def _answered(self, worker: Worker, call: Call, kind: type[T]) -> T:
        """The answer, unless the worker is silent for too long and has to be killed."""
        await self._finished(worker, (call,), lambda: self._limits.hang_s)
        return call.result(kind)

    @staticmethod
    async def _finished(
        worker: Worker, calls: Sequence[Call], patience_s: Callable[[], float]
    ) -> None:
        """Wait for all the answers; silence is when nothing is said about any of them."""
        while waiting := {call.answer for call in calls if not call.answer.done()}:
            left = patience_s() - min(call.silence_s() for call in calls)
            if left <= 0:
                log.error("worker %d is silent and is killed", worker.pid)
                worker.kill()
            await asyncio.wait(waiting, timeout=max(min(left, 1.0), 0.1))

    def _patience_s(self, exposures: Sequence[Exposure]) -> float:
        """Shorter once everything was called off: somebody is waiting for that to show."""
        if all(exposure.called_off for exposure in exposures):
            return self._limits.hang_called_off_s
        return self._limits.hang_s


def _tie(exposure: Exposure, worker: Worker, call: Call) -> None:
    """Let the exposure's call-off reach the worker, and the worker's answer the exposure."""

    def call_off() -> None:
        call.touch()
        worker.call_off(call)

    def settle(_: object) -> None:
        if call.answer.cancelled():
            return
        try:
            exposure.settle(call.result(Render))
        except EngineError as error:
            exposure.settle(error)

    exposure.when_called_off(call_off)
    call.answer.add_done_callback(settle)


def _settle_all(exposures: Sequence[Exposure], error: EngineError) -> None:
    for exposure in exposures:
        exposure.settle(error)


def _share(workers: int) -> dict[str, str]:
    """Each worker's part of the processor."""
    return {"OMP_NUM_THREADS": str(max((os.cpu_count() or 1) // workers, 1))}


def _prepare_uploads(folder: Path) -> None:
    """Make the folder, and clear what a killed bot left in it, as other workers' starts may, too.

    Raises `EngineUnavailable` (disk_full) where there is no room for it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in folder.glob("*.upload"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _STALE_UPLOAD_S:
                    path.unlink()
    except OSError as error:
        raise EngineUnavailable(str(error), code="disk_full") from error


def _lay_down(folder: Path, data: bytes) -> Path:
    path = folder / f"{os.urandom(16).hex()}.upload"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_bytes(data)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise EngineUnavailable(str(error), code="disk_full") from error
    return path
