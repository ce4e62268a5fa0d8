"""One living worker process, seen from the bot's event loop."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from engine.base import Capabilities
from engine.dispatch.executor import Exposure, Tell, WorkerDied
from engine.dispatch.wire import (
    Answer,
    Ask,
    CallOff,
    Draw,
    Hello,
    Ping,
    Plan,
    Progressed,
    Receive,
    Refusal,
    Request,
    Setup,
    Shoot,
    Together,
    to_error,
    to_line,
    to_reply,
)
from engine.errors import StudioFailed

log = logging.getLogger(__name__)
worker_log = logging.getLogger("engine.worker")

T = TypeVar("T")
LINE_LIMIT = 8_000
_ANSWER_LIMIT = 2**24
_NOISE_S = 1.0
_LEVELS = {name.encode(): level for name, level in logging.getLevelNamesMapping().items()}


class Call:
    """A question on its way: its answer, and when the worker last said anything about it."""

    def __init__(self, number: int, tell: Tell | None) -> None:
        self.number = number
        self.answer: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
        self._tell = tell
        self.touch()

    def touch(self) -> None:
        """Begin counting silence anew."""
        self._heard = asyncio.get_running_loop().time()

    def progressed(self, step: str, fraction: float, preview: str) -> None:
        """The worker reported progress on this call."""
        self.touch()
        if self._tell:
            self._tell(step, fraction, preview)

    def silence_s(self) -> float:
        """Seconds since the worker last said anything about this call."""
        return asyncio.get_running_loop().time() - self._heard

    def result(self, kind: type[T]) -> T:
        """The settled answer. Raises what the studio raised, or `WorkerDied`."""
        try:
            return msgspec.json.decode(self.answer.result(), type=kind)
        except msgspec.DecodeError as error:
            raise StudioFailed(f"the studio's answer is not {kind}: {error}") from error


class Worker:
    """A worker process that has said hello. Make one with `Worker.spawn`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._calls: dict[int, Call] = {}
        self._count = 0
        self._hello: asyncio.Future[Capabilities] = asyncio.get_running_loop().create_future()
        self._dead = False
        self._stop_wanted = False
        self._tasks = [
            asyncio.create_task(self._listen(), name="engine-worker-answers"),
            asyncio.create_task(self._log_noise(), name="engine-worker-noise"),
        ]

    @classmethod
    async def spawn(cls, setup: Setup, env: Mapping[str, str], start_s: float) -> "Worker":
        """Start a process and wait until its studio is built. Raises `WorkerDied`."""
        worker = cls(await _launch(env))
        worker._send(setup)
        try:
            async with asyncio.timeout(start_s):
                await asyncio.shield(worker._hello)
        except TimeoutError:
            await worker.close(0.0)
            raise WorkerDied(f"the worker was not ready within {start_s:.0f} s") from None
        except BaseException:
            await worker.close(0.0)
            raise
        return worker

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return not self._dead

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def capabilities(self) -> Capabilities:
        """What its studio said it honours."""
        return self._hello.result()

    def ask(self, what: Plan | Receive | Draw | Shoot | Ping, tell: Tell | None = None) -> Call:
        """Put a question. Raises `WorkerDied`."""
        if self._dead:
            raise WorkerDied("the worker is gone")
        self._count += 1
        call = self._calls[self._count] = Call(self._count, tell)
        self._send(Ask(call.number, what))
        return call

    def shoot(self, exposures: Sequence[Exposure]) -> list[Call]:
        """Have these made at once, each as a call of its own. Raises `WorkerDied`."""
        if len(exposures) == 1:
            (only,) = exposures
            return [self.ask(Shoot(only.job, only.shot), only.tell)]
        if self._dead:
            raise WorkerDied("the worker is gone")
        numbers = range(self._count + 1, self._count + 1 + len(exposures))
        self._count += len(exposures)
        calls = {n: Call(n, e.tell) for n, e in zip(numbers, exposures, strict=True)}
        self._calls |= calls
        asks = (Ask(n, Shoot(e.job, e.shot)) for n, e in zip(numbers, exposures, strict=True))
        self._send(Together(tuple(asks)))
        return [*calls.values()]

    def call_off(self, call: Call) -> None:
        """Let this call end at the studio's next report."""
        self._send(CallOff(call.number))

    def kill(self) -> None:
        """End it and its children at once; its calls fail with `WorkerDied`."""
        if self._dead:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    async def close(self, grace_s: float) -> None:
        """Ask it to leave, make it leave after `grace_s` seconds, and release its pipes."""
        self._stop_wanted = True
        if self._process.stdin:
            self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await asyncio.shield(self._tasks[0])
        self.kill()
        await asyncio.wait({self._tasks[0]})
        # A grandchild in a session of its own may hold stderr open: do not wait for it.
        await asyncio.wait({self._tasks[1]}, timeout=_NOISE_S)
        self._tasks[1].cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._process._transport.close()  # type: ignore[attr-defined] # Process has no close

    def _send(self, request: Request) -> None:
        # Not drained: requests are small, and a dead reader is noticed by the end of its answers.
        if self._process.stdin and not self._process.stdin.is_closing():
            self._process.stdin.write(to_line(request))

    async def _listen(self) -> None:
        assert self._process.stdout
        try:
            while line := await self._process.stdout.readline():
                self._hear(line)
        except ValueError:
            log.exception("the worker's answer is over %d bytes", _ANSWER_LIMIT)
        finally:
            self.kill()
            await self._process.wait()
            self._bury()

    def _hear(self, line: bytes) -> None:
        try:
            reply = to_reply(line)
        except msgspec.DecodeError:
            worker_log.warning("not an answer: %.200r", line)
            return
        if isinstance(reply, Hello):
            if not self._hello.done():
                self._hello.set_result(reply.capabilities)
        elif isinstance(reply, Progressed):
            if call := self._calls.get(reply.call):
                call.progressed(reply.step, reply.fraction, reply.preview)
        elif (call := self._calls.pop(reply.call, None)) and not call.answer.done():
            _settle(call, reply)

    def _bury(self) -> None:
        self._dead = True
        error = WorkerDied(f"the worker ended with status {self._process.returncode}")
        if not self._stop_wanted:
            log.warning("worker %d: %s", self.pid, error.detail)
        for future in [self._hello, *(call.answer for call in self._calls.values())]:
            if not future.done():
                future.set_exception(error)
                future.exception()  # noted, so that an asker who left does not make it a leak

    async def _log_noise(self) -> None:
        assert self._process.stderr
        rest = b""
        while chunk := await self._process.stderr.read(2**16):
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[:LINE_LIMIT]
            for line in lines:
                _log_line(self.pid, line)
        _log_line(self.pid, rest)


async def _launch(env: Mapping[str, str]) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "engine.dispatch.worker",
            stdin=pipe, stdout=pipe, stderr=pipe, limit=_ANSWER_LIMIT,
            env={**os.environ, **env}, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise WorkerDied(f"no worker can be started: {error}") from error


def _settle(call: Call, reply: Answer | Refusal) -> None:
    if isinstance(reply, Answer):
        call.answer.set_result(reply.result)
    else:
        call.answer.set_exception(to_error(reply))
        call.answer.exception()  # noted, so that an asker who left does not make it a leak


def _log_line(pid: int, line: bytes) -> None:
    if line := line.strip():
        level = _LEVELS.get(line.split(b" ", 1)[0], logging.INFO)
        worker_log.log(level, "%d: %s", pid, line[:LINE_LIMIT].decode(errors="replace"))
