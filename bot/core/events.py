"""What happens in the studio, told to whoever counts it. No clock here: the observer has one."""

from collections import Counter
from typing import Protocol

from msgspec import Struct

from bot.core.session import DeliveryState, JobStatus


class TurnTaken(Struct, frozen=True):
    """A person's turn was answered."""

    platform: str


class WentWrong(Struct, frozen=True):
    """A turn or a job ended in an apology with this code."""

    code: str


class JobQueued(Struct, frozen=True):
    """A job was written down, or found again after a restart."""

    job: str


class JobStarted(Struct, frozen=True):
    """A studio has taken it."""

    job: str


class JobEnded(Struct, frozen=True):
    """It is over; `cause` is the code of a failure."""

    job: str
    status: JobStatus
    cause: str = ""


class DeliveryMoved(Struct, frozen=True):
    """What became of a result on its way to a chat."""

    platform: str
    state: DeliveryState


class WordsRead(Struct, frozen=True):
    """A sentence was read; `fell_back` when the language model failed and the lexicon stood in."""

    fell_back: bool


Event = TurnTaken | WentWrong | JobQueued | JobStarted | JobEnded | DeliveryMoved | WordsRead


class Observer(Protocol):
    """Hears what happens. Must neither block nor raise."""

    def saw(self, event: Event) -> None:
        """Take note."""
        ...


class Tally:
    """Counts since the start, for `/stats` and for tests; passes everything on to `others`."""

    def __init__(self, *others: Observer) -> None:
        self._others = others
        self._waiting: set[str] = set()
        self._running: set[str] = set()
        self.counts: Counter[str] = Counter()

    def saw(self, event: Event) -> None:
        """Count, then pass on."""
        self._count(event)
        for other in self._others:
            other.saw(event)

    @property
    def waiting(self) -> int:
        """Jobs that no studio has taken yet."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Jobs a studio is working on."""
        return len(self._running)

    def of(self, prefix: str) -> dict[str, int]:
        """Counts whose name begins with `prefix.`, without it."""
        found = {k.removeprefix(f"{prefix}."): n for k, n in sorted(self.counts.items())}
        return {k: n for k, n in found.items() if f"{prefix}.{k}" in self.counts}

    def _count(self, event: Event) -> None:
        match event:
            case TurnTaken(platform=platform):
                self.counts[f"turns.{platform}"] += 1
            case WentWrong(code=code):
                self.counts[f"failures.{code}"] += 1
            case JobQueued(job=job):
                self._waiting.add(job)
            case JobStarted(job=job):
                self._waiting.discard(job)
                self._running.add(job)
            case JobEnded(job=job, status=status):
                self._waiting.discard(job)
                self._running.discard(job)
                self.counts[f"jobs.{status}"] += 1
            case DeliveryMoved(state=state):
                self.counts[f"deliveries.{state}"] += 1
            case WordsRead(fell_back=fell_back):
                self.counts["reading.fallback" if fell_back else "reading.ok"] += 1


def platform_of(session: str) -> str:
    """The front-end in a session's or a person's id.

    >>> platform_of("telegram:7")
    'telegram'
    """
    return session.partition(":")[0]
