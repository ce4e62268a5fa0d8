"""Where a dispatcher's work is carried out, and how a studio's failures are told apart there."""

import asyncio
import errno
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from msgspec import Struct

from engine.base import Capabilities, Drawing, Photo, Studio
from engine.errors import EngineError, EngineUnavailable, StudioFailed
from engine.jobs import Render
from engine.shots import LightPlan, Shot

log = logging.getLogger(__name__)

Tell = Callable[[str, float, str], None]
"""Called on the event loop with a step's name, the fraction (0..1) of it that is done, and the blob
of a first look at the picture, "" where there is none."""


class WorkerDied(EngineUnavailable):
    """The process that carried out the work is gone, or was so silent that it was killed."""

    code = "worker_died"


class Forecast(Struct, frozen=True):
    """What a studio says of shots before they are made: each one's steps with their expected
    seconds, and the word it shares with those that can be made at once ("" for none)."""

    steps: tuple[dict[str, float], ...]
    abreast: tuple[str, ...]


class Exposure:
    """A shot on its way through an executor: what is told of it, its outcome, and its call-off."""

    def __init__(self, job: str, shot: Shot, tell: Tell) -> None:
        self.job, self.shot, self.tell = job, shot, tell
        self.outcome: asyncio.Future[Render] = asyncio.get_running_loop().create_future()
        self.called_off = False
        self._hook: Callable[[], None] | None = None

    def call_off(self) -> None:
        """Let it end at its studio's next report."""
        self.called_off = True
        if self._hook and not self.outcome.done():
            self._hook()

    def when_called_off(self, hook: Callable[[], None]) -> None:
        """Have `hook` called by a `call_off` from now on."""
        self._hook = hook

    def settle(self, outcome: Render | EngineError) -> None:
        """Make the outcome known; the first word counts."""
        if self.outcome.done():
            return
        if isinstance(outcome, EngineError):
            self.outcome.set_exception(outcome)
            self.outcome.exception()  # noted, so that a reader who left does not make it a leak
        else:
            self.outcome.set_result(outcome)


class Executor(Protocol):
    """Carries out shots, one or several at a time. Implementations: a worker process, a thread."""

    async def start(self) -> None:
        """Get ready; idempotent. Raises `EngineUnavailable` when that is impossible."""
        ...

    async def close(self) -> None:
        """Stop, also in mid-shot, within seconds; idempotent."""
        ...

    def capabilities(self) -> Capabilities:
        """What the studio honours. Raises `EngineUnavailable` before `start`."""
        ...

    async def plan(self, shots: tuple[Shot, ...]) -> Forecast:
        """What to expect of each shot."""
        ...

    async def receive(self, data: bytes) -> Photo:
        """Store an upload, also while a shot is being made. Raises `PhotoRejected`."""
        ...

    async def draw(self, plan: LightPlan) -> Drawing:
        """Draw a light plan, also while a shot is being made."""
        ...

    async def render(self, exposures: Sequence[Exposure]) -> None:
        """Make these pictures at once; returns when the studio is free for the next.

        Each outcome is settled as soon as it is known: a render, `JobCancelled` after a call-off,
        `WorkerDied`, or another `EngineError`. A failure never concerns the others.
        """
        ...


def steps_of(studio: Studio, shots: Sequence[Shot]) -> tuple[dict[str, float], ...]:
    """Each shot's steps, as the studio plans them in a row where it can, else one by one."""
    plan: Callable[[Sequence[Shot]], Sequence[dict[str, float]]] | None
    plan = getattr(studio, "plan", None)
    return tuple(plan(shots) if plan else map(studio.steps, shots))


def forecast(studio: Studio, shots: Sequence[Shot]) -> Forecast:
    """What the studio says of these shots; one that makes one at a time has no word for any."""
    several = studio.capabilities().batch > 1
    word: Callable[[Shot], str] = getattr(studio, "abreast", _alone) if several else _alone
    return Forecast(steps_of(studio, shots), tuple(map(word, shots)))


def _alone(shot: Shot) -> str:
    return ""


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turn foreign exceptions into an `EngineError`; their traceback goes to the log only."""
    try:
        yield
    except EngineError:
        raise
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise EngineUnavailable(str(error), code="disk_full") from error
        raise _failed(what, error) from error
    except BaseException as error:
        raise _failed(what, error) from error


def _failed(what: str, error: BaseException) -> StudioFailed:
    log.error("%s failed: %s", what, error, exc_info=error)
    return StudioFailed(type(error).__name__)
