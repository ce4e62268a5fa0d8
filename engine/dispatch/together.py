"""Shots on a studio's own thread: one as ever, several as one batch, each with its own outcome."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.base import Report, Studio
from engine.dispatch.executor import translated
from engine.errors import EngineError, JobCancelled, StudioFailed
from engine.jobs import Render
from engine.shots import Shot

Outcome = Render | EngineError


@dataclass(frozen=True, slots=True)
class Member:
    """One shot of a batch: whose it is, how it reports, and who is to hear its outcome."""

    job: str
    shot: Shot
    report: Report
    settle: Callable[[Outcome], None]


def make(studio: Studio, members: Sequence[Member]) -> None:
    """Make the members' pictures at once and settle each of them exactly once.

    A member that is called off is settled then and there, while the others are still being made.
    """
    if len(members) == 1:
        members[0].settle(_outcome(studio, members[0]))
        return
    open_ = [_Open(member) for member in members]
    try:
        with translated(f"jobs {', '.join(m.job for m in members)}"):
            outcomes = _all(studio, open_)
    except EngineError as error:
        outcomes = [error] * len(open_)
    for member, outcome in zip(open_, outcomes, strict=True):
        member.settle(_checked(member.member, outcome))


class _Open:
    """A member until it is settled; also its `Report`."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self._settled = False

    def __call__(self, step: str, fraction: float = 0.0, preview: str = "") -> None:
        try:
            self.member.report(step, fraction, preview)
        except JobCancelled as called_off:
            self.settle(called_off)
            raise

    def settle(self, outcome: Outcome) -> None:
        if not self._settled:
            self._settled = True
            self.member.settle(outcome)


def _outcome(studio: Studio, member: Member) -> Outcome:
    try:
        with translated(f"job {member.job}"):
            return studio.render(member.shot, member.report)
    except EngineError as error:
        return error


def _all(studio: Studio, members: Sequence[_Open]) -> list[Outcome]:
    render_all: Callable[..., list[Outcome]] | None = getattr(studio, "render_all", None)
    if render_all is None:
        raise StudioFailed("a studio with a batch of several has no render_all")
    outcomes = list(render_all([m.member.shot for m in members], list(members)))
    if len(outcomes) != len(members):
        raise StudioFailed(f"{len(outcomes)} outcomes for {len(members)} shots")
    return outcomes


def _checked(member: Member, outcome: object) -> Outcome:
    """The outcome, also where a studio hands back an exception that is not the engine's."""
    if isinstance(outcome, Render | EngineError):
        return outcome
    try:
        with translated(f"job {member.job}"):
            raise outcome if isinstance(outcome, BaseException) else TypeError(type(outcome))
    except EngineError as error:
        return error
