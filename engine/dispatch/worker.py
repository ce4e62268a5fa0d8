"""The worker process: one studio, asked over stdin, answering over what was stdout.

Started as `python -m engine.dispatch.worker`. It leaves when its stdin ends, so it never outlives
the bot. Prints of chatty libraries go to stderr and cannot corrupt the answers.
"""

import ctypes
import faulthandler
import importlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec import Raw

from engine.base import Report, Studio
from engine.dispatch.executor import forecast, translated
from engine.dispatch.together import Member, make
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
    Reply,
    Setup,
    Shoot,
    Together,
    to_line,
    to_refusal,
    to_request,
)
from engine.errors import EngineError, JobCancelled, ProcessSpoiled
from engine.jobs import Render

log = logging.getLogger("engine.worker")

NICENESS = 5
FAREWELL_S = 2.0
REPORT_INTERVAL_S = 0.05
_MOST_COMPILERS = 8
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class Mouth:
    """Writes whole lines to the bot, from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def say(self, reply: Reply) -> None:
        """Write one reply. A bot that is gone is not an error: stdin's end will tell."""
        with self._lock:
            try:
                self._stream.write(to_line(reply))
                self._stream.flush()
            except BrokenPipeError:
                return


class Desk:
    """Takes calls: shots on one thread, alone or together, uploads on another, plans at once.

    A studio serves one thread at a time, so uploads have an instance of their own.
    """

    def __init__(self, studio: Studio, receiver: Studio, mouth: Mouth) -> None:
        self._studio, self._receiver, self._mouth = studio, receiver, mouth
        self._camera = ThreadPoolExecutor(1, "camera")
        self._counter = ThreadPoolExecutor(1, "counter")
        self._called_off: dict[int, threading.Event] = {}
        self._shots: set[Future[None]] = set()

    def warm(self) -> None:
        """Let a studio that has a `warm()` load what its first shot needs, before that is asked."""
        if callable(warm := getattr(self._studio, "warm", None)):
            self._camera.submit(_quietly, warm)

    def serve(self, lines: Iterable[bytes]) -> None:
        """Answer until the lines end; then let the shot in hand stop at its next report."""
        for line in lines:
            try:
                request = to_request(line)
            except msgspec.DecodeError:
                log.exception("not a request: %.200r", line)
                continue
            if isinstance(request, Ask):
                self._take(request)
            elif isinstance(request, Together):
                self._take_shots(request.asks)
            elif isinstance(request, CallOff):
                self._call_off(request.call)
        for event in list(self._called_off.values()):
            event.set()
        wait(set(self._shots), timeout=FAREWELL_S)

    def _call_off(self, call: int) -> None:
        # Asked for once: the camera's thread may settle the call in this very moment.
        if event := self._called_off.get(call):
            event.set()

    def _take(self, ask: Ask) -> None:
        match ask.what:
            case Plan(shots):
                self._answer(ask.call, "plan", lambda: forecast(self._receiver, shots))
            case Receive(path):
                self._counter.submit(self._answer, ask.call, "receive", lambda: self._store(path))
            case Draw(plan):
                self._counter.submit(
                    self._answer, ask.call, "draw", lambda: self._receiver.draw(plan)
                )
            case Shoot():
                self._take_shots((ask,))
            case Ping():
                self._answer(ask.call, "ping", lambda: True)

    def _take_shots(self, asks: Sequence[Ask]) -> None:
        members = [self._member(ask.call, ask.what) for ask in asks if isinstance(ask.what, Shoot)]
        work = self._camera.submit(make, self._studio, members)
        self._shots.add(work)
        work.add_done_callback(self._shots.discard)

    def _member(self, call: int, shoot: Shoot) -> Member:
        called_off = self._called_off[call] = threading.Event()

        def settle(outcome: Render | EngineError) -> None:
            self._called_off.pop(call, None)
            self._answer(call, f"job {shoot.job}", lambda: _or_raise(outcome))

        return Member(shoot.job, shoot.shot, reporter(self._mouth, call, called_off), settle)

    def _store(self, path: str) -> Any:  # noqa: ANN401 - becomes JSON at once
        return self._receiver.receive(Path(path).read_bytes())

    def _answer(self, call: int, what: str, work: Callable[[], Any]) -> None:
        try:
            with translated(what):
                self._mouth.say(Answer(call, Raw(msgspec.json.encode(work()))))
        except ProcessSpoiled as error:
            _leave_for_another(what, error)
        except EngineError as error:
            self._mouth.say(to_refusal(call, error))


def _leave_for_another(what: str, error: ProcessSpoiled) -> None:
    """End here and now: who asked sees a dead worker, and asks the next one."""
    log.critical("%s: this process is of no more use: %s", what, error.detail)
    logging.shutdown()
    os._exit(1)


def _or_raise(outcome: Render | EngineError) -> Render:
    if isinstance(outcome, EngineError):
        raise outcome
    return outcome


def reporter(mouth: Mouth, call: int, called_off: threading.Event) -> Report:
    """A `Report` that tells the bot: every new step, and often enough how far it is."""
    last_step, last_preview, due = "", "", 0.0

    def report(step: str, fraction: float = 0.0, preview: str = "") -> None:
        nonlocal last_step, last_preview, due
        if called_off.is_set():
            raise JobCancelled
        now = time.monotonic()
        fresh = preview not in ("", last_preview)
        if step != last_step or fresh or now >= due:
            last_step, due = step, now + REPORT_INTERVAL_S
            last_preview = preview or last_preview
            mouth.say(Progressed(call, step, fraction, preview))

    return report


class OneLine(logging.Formatter):
    """A record on one line, its traceback too, so that the bot can log it as one."""

    def format(self, record: logging.LogRecord) -> str:
        """The record with line breaks shown as a visible mark."""
        return super().format(record).replace("\n", " ⏎ ")


def main() -> None:
    """Serve until stdin ends, then leave at once, whatever is still in hand."""
    requests, answers = _claim_pipes()
    _prepare_process()
    setup = to_request(requests.readline())
    if not isinstance(setup, Setup):
        raise SystemExit("the first line must set the worker up")
    try:
        studio, receiver = _build(setup), _build(setup)
    except Exception as error:
        log.exception("the studio %s cannot be built", setup.factory)
        raise SystemExit(1) from error
    mouth = Mouth(answers)
    mouth.say(Hello(studio.capabilities()))
    desk = Desk(studio, receiver, mouth)
    if setup.warm:
        desk.warm()
    desk.serve(iter(requests.readline, b""))
    logging.shutdown()
    os._exit(0)  # a native call that never returns must not keep the process


def _build(setup: Setup) -> Studio:
    module, _, function = setup.factory.partition(":")
    return getattr(importlib.import_module(module), function)(setup.settings)


def _quietly(work: Callable[[], object]) -> None:
    try:
        with translated("warm-up"):
            work()
    except ProcessSpoiled as error:
        _leave_for_another("warm-up", error)
    except EngineError as error:
        log.info("not warmed up: %s", error.detail or error.code)


def _claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep stdin and stdout for the bot alone; everybody else gets nothing and stderr."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _prepare_process() -> None:
    faulthandler.enable()
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # rembg imports pymatting, whose numba functions cost over a minute to compile when uncached
    os.environ.setdefault("NUMBA_DISABLE_JIT", "1")
    # OpenCV 5 warns at every face detector that it ignores a setting nobody made.
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
    os.environ.setdefault("OMP_NUM_THREADS", str(_cpus()))
    # Each of inductor's processes takes half a gigabyte, and there may be a worker for each card.
    threads = min(_MOST_COMPILERS, int(os.environ["OMP_NUM_THREADS"]))
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", str(threads))
    # Pictures of several sizes leave holes in a card's memory unless its pieces can grow.
    if "PYTORCH_CUDA_ALLOC_CONF" not in os.environ:  # its older name
        os.environ.setdefault("PYTORCH_ALLOC_CONF", "expandable_segments:True")
    os.nice(NICENESS)
    _die_with_parent()


def _cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _die_with_parent() -> None:
    """On Linux, also go when the bot dies while a native call keeps stdin from being read."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main()
