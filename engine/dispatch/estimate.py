"""How long things take on this machine, learned while working."""

import time
from collections.abc import Callable, Sequence

from engine.shots import Operation

Steps = dict[str, float]
"""Seconds by step, in the order the steps run."""

TYPICAL_S = 30.0
_PACE_BOUNDS = (0.05, 20.0)
_EASING = 0.3
_TELLING = 0.05  # a smaller fraction of a step says too little about its pace


class Estimator:
    """Learns, per operation and step, how much slower or faster than promised this machine is.

    A studio's promise (`Studio.steps`) already depends on the shot's size, so what is learned is
    a factor on it: an exponentially weighted mean that starts at 1 and gives the newest
    observation the weight `alpha` (0..1).
    """

    def __init__(self, alpha: float = 0.3) -> None:
        self._alpha = alpha
        self._factors: dict[tuple[Operation, str], float] = {}
        self._typical: dict[Operation, float] = {}

    def expect(self, operation: Operation, promised: Steps) -> Steps:
        """Expected seconds by step. An empty promise becomes one nameless step."""
        if not promised:
            return {"": self._typical.get(operation, TYPICAL_S)}
        expected = {s: p * self._factors.get((operation, s), 1.0) for s, p in promised.items()}
        self._typical.setdefault(operation, sum(expected.values()))
        return expected

    def learn(self, operation: Operation, promised: Steps, taken: Steps) -> None:
        """Remember how many seconds each step of a finished shot took."""
        total = sum(taken.values())
        self._typical[operation] = self._blend(self._typical.get(operation, total), total)
        for step, seconds in taken.items():
            if promise := promised.get(step):
                key: tuple[Operation, str] = (operation, step)
                factor = _clamp(seconds / promise, *_PACE_BOUNDS)
                self._factors[key] = self._blend(self._factors.get(key, 1.0), factor)

    def _blend(self, old: float, new: float) -> float:
        return old + self._alpha * (new - old)


class Progress:
    """Where one attempt at a job stands, given the expected steps of each of its shots.

    `fraction` (0..1) of the job never falls. `shot` and `step` are what was last begun and
    reported; `taken` are the seconds by step of that shot, `preview` the latest first look at it.
    """

    def __init__(
        self, shots: Sequence[Steps], done: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._shots, self._clock = shots, clock
        self._total = max(sum(map(_sum, shots)), 1e-6)
        self._offset = self._ahead = sum(map(_sum, shots[:done]))
        self._begun = self._mark = clock()
        self._base = self._size = self._pace = 0.0
        self.fraction = self._ahead / self._total
        self.shot, self.step, self.preview = done, "", ""
        self.taken: Steps = {}

    def begin(self, shot: int) -> None:
        """Shot number `shot` (from 0) starts now."""
        self._lap("")
        self.shot, self.taken, self.preview = shot, {}, ""
        self._reach(sum(map(_sum, self._shots[:shot])))

    def report(self, step: str, fraction: float, preview: str = "") -> None:
        """`step` of the current shot runs and `fraction` (0..1) of it is done."""
        self.preview = preview or self.preview
        if step != self.step:
            self._lap(step)
        steps = self._shots[self.shot]
        names = list(steps)
        before = names[: names.index(step)] if step in steps else []
        self._base = sum(map(_sum, self._shots[: self.shot])) + sum(steps[n] for n in before)
        self._size = steps.get(step, 0.0)
        share = _clamp(fraction, 0.0, 1.0)
        if share >= _TELLING:
            self._pace = self._elapsed() / share
        self._reach(self._base + self._size * share)

    def advance(self) -> None:
        """Assume the current step keeps its pace, slowing near its end, as long as it is silent."""
        pace = self._pace or self._size
        if self.step and pace > 0:
            self._reach(self._base + self._size * _eased(self._elapsed() / pace))

    def finish(self) -> Steps:
        """The shot is finished; returns the seconds each of its steps took."""
        self._lap("")
        return self.taken

    def remaining(self) -> float:
        """Expected seconds until the job ends, never below zero.

        The current step is judged by the pace it reported, if it did. Everything else is what is
        left of the expectation, stretched by how far this attempt lags behind it, the more the
        further along it is.
        """
        worked, elapsed = self._ahead - self._offset, self._clock() - self._begun
        lag = max(elapsed / worked, 1.0) if worked > 1e-9 else 1.0
        share = worked / max(self._total - self._offset, 1e-6)
        stretch = 1.0 + share * (lag - 1.0)
        if not self._pace:
            return (self._total - self._ahead) * stretch
        later = max(self._total - self._base - self._size, 0.0)
        return max(self._pace - self._elapsed(), 0.05 * self._pace) + later * stretch

    def _elapsed(self) -> float:
        return self._clock() - self._mark

    def _lap(self, step: str) -> None:
        now = self._clock()
        if self.step:
            self.taken[self.step] = self.taken.get(self.step, 0.0) + now - self._mark
        self.step, self._mark, self._pace = step, now, 0.0

    def _reach(self, seconds: float) -> None:
        self._ahead = max(self._ahead, min(seconds, self._total))
        self.fraction = self._ahead / self._total


def _eased(share: float) -> float:
    """`share` itself at first, then a hyperbola that leaves it smoothly and never reaches 1."""
    late = share - (1.0 - _EASING)
    return share if late <= 0 else 1.0 - _EASING / (1.0 + late / _EASING)


def _sum(steps: Steps) -> float:
    return sum(steps.values())


def _clamp(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
