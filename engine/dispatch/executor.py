"""Where a dispatcher's work is carried out, and how a studio's failures are told apart there."""

import errno
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

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


class Executor(Protocol):
    """Carries out one shot at a time. Implementations: a worker process, and a thread."""

    async def start(self) -> None:
        """Get ready; idempotent. Raises `EngineUnavailable` when that is impossible."""
        ...

    async def close(self) -> None:
        """Stop, also in mid-shot, within seconds; idempotent."""
        ...

    def capabilities(self) -> Capabilities:
        """What the studio honours. Raises `EngineUnavailable` before `start`."""
        ...

    async def plan(self, shots: tuple[Shot, ...]) -> tuple[dict[str, float], ...]:
        """Each shot's steps with their expected seconds."""
        ...

    async def receive(self, data: bytes) -> Photo:
        """Store an upload, also while a shot is being made. Raises `PhotoRejected`."""
        ...

    async def draw(self, plan: LightPlan) -> Drawing:
        """Draw a light plan, also while a shot is being made."""
        ...

    async def render(self, job_id: str, shot: Shot, tell: Tell) -> Render:
        """Make a picture. Raises `JobCancelled` after `call_off`, `WorkerDied`, `EngineError`."""
        ...

    def call_off(self, job_id: str) -> None:
        """Let the shot being made for this job end at its studio's next report."""
        ...


def steps_of(studio: Studio, shots: Sequence[Shot]) -> tuple[dict[str, float], ...]:
    """Each shot's steps, as the studio plans them in a row where it can, else one by one."""
    plan: Callable[[Sequence[Shot]], Sequence[dict[str, float]]] | None
    plan = getattr(studio, "plan", None)
    return tuple(plan(shots) if plan else map(studio.steps, shots))


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
