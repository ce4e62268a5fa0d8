"""Who shares a batch with whom, how much longer several take than one, and who waits how long.

Pure: no clock, no loop, no I/O.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

LOOK_AHEAD = 64
"""Batches that are played through to tell waiting times; after that, seconds are added up."""
_EASING = 0.3
_CROWD = 0.7


@dataclass(frozen=True, slots=True)
class Candidate:
    """A job's shots yet to be made: each one's word ("" = alone) and expected seconds alone.

    `alone` keeps all of its shots to themselves.
    """

    job: str
    words: tuple[str, ...]
    seconds: tuple[float, ...]
    alone: bool = False

    def run(self, word: str) -> int:
        """How many of its next shots go by this word, without leaving one out."""
        count = 0
        for own in self.words:
            if own != word:
                break
            count += 1
        return count

    def less(self, count: int) -> "Candidate":
        """The same without its next `count` shots."""
        return Candidate(self.job, self.words[count:], self.seconds[count:], self.alone)


def gather(
    places: int, begun: Sequence[Candidate], waiting: Sequence[Candidate], *, led: bool = True
) -> list[str]:
    """The jobs of the next batch, one entry per shot; the first of `begun` leads it.

    Everybody whose next shot goes by the leader's word gets a place, then those with more of them
    a second, and so on. Jobs that have begun come before those that wait, which are in the order
    of their turns. While the turn is `led` by the job it began with, anybody who waits may join.
    After that only those whom nobody of another word precedes, so that nobody waits for ever.
    """
    leader = begun[0]
    word = leader.words[0]
    if not word or leader.alone or places < 2:
        return [leader.job]
    joining = [c for c in waiting if not c.alone and c.words] if led else _first(waiting, word)
    crowd = [c for c in (*begun, *joining) if not c.alone]
    runs = {c.job: c.run(word) for c in crowd}
    rounds = range(max(runs.values()))
    return [job for lap in rounds for job, run in runs.items() if lap < run][:places]


class Crowding:
    """How many times as long a batch of n takes as one shot, learned while working.

    Before anything is known a further shot costs 0.7 of the first, about what diffusion models
    gain; then an exponentially weighted mean per n.
    """

    def __init__(self) -> None:
        self._stretch: dict[int, float] = {}

    def stretch(self, count: int) -> float:
        """Seconds of a batch of `count` as a multiple of one shot's, never below 1."""
        return 1.0 if count < 2 else self._stretch.get(count, 1.0 + _CROWD * (count - 1))

    def learn(self, count: int, ratio: float) -> None:
        """A shot among `count` took `ratio` times what it was expected to take alone."""
        if count > 1:
            ratio = min(max(ratio, 1.0), 4.0 * count)
            self._stretch[count] = (1 - _EASING) * self.stretch(count) + _EASING * ratio

    def seconds(self, shots: Candidate, places: int) -> float:
        """Expected seconds of one job's shots, as many abreast as there are places."""
        total = 0.0
        while shots.words:
            count = len(gather(places, [shots], []))
            total += self.stretch(count) * max(shots.seconds[:count])
            shots = shots.less(count)
        return total


@dataclass(slots=True)
class Outlook:
    """A camera's near future: seconds until it is free, and the jobs it has begun."""

    free_s: float
    places: int = 1
    begun: list[Candidate] = field(default_factory=list)
    leader: str = ""


def waits(
    cameras: Sequence[Outlook], waiting: Sequence[Candidate], crowding: Crowding
) -> dict[str, float]:
    """Seconds until each waiting job begins, if nobody else came."""
    return dict(_played(list(cameras), list(waiting), crowding))


def _played(
    cameras: list[Outlook], waiting: list[Candidate], crowding: Crowding
) -> Iterator[tuple[str, float]]:
    for _ in range(LOOK_AHEAD if any(c.places > 1 for c in cameras) else 0):
        camera = min(cameras, key=lambda c: c.free_s)
        if not camera.begun:
            if not waiting:
                return
            camera.begun, camera.leader = [waiting.pop(0)], ""
            camera.leader = camera.begun[0].job
            yield camera.leader, camera.free_s
        yield from _next_batch(camera, waiting, crowding)
    yield from _added_up(cameras, waiting, crowding)


def _next_batch(
    camera: Outlook, waiting: list[Candidate], crowding: Crowding
) -> Iterator[tuple[str, float]]:
    camera.begun = [c for c in camera.begun if c.words]
    if not camera.begun:
        return
    led = any(c.job == camera.leader for c in camera.begun)
    picks = gather(camera.places, camera.begun, waiting, led=led)
    for joined in [c for c in waiting if c.job in picks]:
        yield joined.job, camera.free_s
        waiting.remove(joined)
        camera.begun.append(joined)
    longest = max(max(c.seconds[: picks.count(c.job)], default=0.0) for c in camera.begun)
    camera.free_s += crowding.stretch(len(picks)) * longest
    camera.begun = [c.less(picks.count(c.job)) for c in camera.begun]
    camera.begun = [c for c in camera.begun if c.words]


def _added_up(
    cameras: list[Outlook], waiting: Sequence[Candidate], crowding: Crowding
) -> Iterator[tuple[str, float]]:
    """One job after the other, each on the camera that is free first."""
    for camera in cameras:
        camera.free_s += sum(crowding.seconds(c, camera.places) for c in camera.begun)
    for job in waiting:
        camera = min(cameras, key=lambda c: c.free_s)
        yield job.job, camera.free_s
        camera.free_s += crowding.seconds(job, camera.places)


def _first(waiting: Sequence[Candidate], word: str) -> list[Candidate]:
    """Those at the head of the queue whose next shot goes by this word."""
    first: list[Candidate] = []
    for candidate in waiting:
        if candidate.alone or not candidate.run(word):
            break
        first.append(candidate)
    return first
