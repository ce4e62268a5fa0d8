"""How long things take on this machine, learned while working."""

import logging
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.base import Estimate
from engine.dispatch import pace
from engine.dispatch.pace import Learned, Pace
from engine.shots import Operation

log = logging.getLogger(__name__)

Steps = dict[str, float]
"""Seconds by step, in the order the steps run."""

TYPICAL_S = 30.0
EVERYTHING = "*"
_EASING = 0.3
_TELLING = 0.05  # a smaller fraction of a step says too little about its pace


class Estimator:
    """Learns, per operation, step and size, how much longer than promised things take here.

    A studio's promise (`Studio.steps`) depends on the shot already, so what is learned is a factor
    on it: a mean that forgets, whose newest observation weighs at least `alpha` (0..1). What was
    not seen yet is judged by the same step at another size, then by the pace of everything, which
    a quick calibration says before there is anything. `path` is the file that keeps what was
    learned, None for none; `open`, `calibrated` and `save` work on it and block.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        alpha: float = 0.3,
        calibrate: Callable[[], float] = pace.calibrate,
    ) -> None:
        self._path, self._alpha, self._calibrate = path, alpha, calibrate
        self._paces: dict[str, Pace] = {}
        self._typical: dict[str, float] = {}

    def open(self) -> None:
        """Read what was learned before; measure this machine where that is nothing. Blocks."""
        if self._path is None:
            return
        found = pace.read(self._path)
        self._paces, self._typical = dict(found.paces), dict(found.typical)
        if EVERYTHING not in self._paces:
            self._paces[EVERYTHING] = Pace(self._calibrate())

    def save(self) -> None:
        """Keep what was learned; a disk that refuses costs nothing but that. Blocks."""
        if self._path is None:
            return
        try:
            pace.write(self._path, Learned(dict(self._paces), dict(self._typical)))
        except OSError as error:
            log.warning("what was learned of this machine's pace is not kept: %s", error)

    def expect(self, operation: Operation, promised: Steps, size: int = 0) -> Steps:
        """Expected seconds by step. An empty promise becomes one nameless step."""
        if not promised:
            return {"": self._typical.get(operation, TYPICAL_S)}
        return {s: p * self._pace(operation, s, size).factor for s, p in promised.items()}

    def range(self, operation: Operation, promised: Steps, size: int = 0) -> Estimate:
        """The seconds between which a shot will probably lie."""
        if not promised:
            typical = self._typical.get(operation, TYPICAL_S)
            return Estimate(typical / 2, typical * 2)
        least = most = 0.0
        for step, seconds in promised.items():
            known = self._pace(operation, step, size)
            apart = math.exp(max(known.spread, pace.LEAST_SPREAD))
            least += seconds * known.factor / apart
            most += seconds * known.factor * apart
        return Estimate(least, most)

    def learn(self, operation: Operation, promised: Steps, taken: Steps, size: int = 0) -> None:
        """Remember how many seconds each step of a finished shot took."""
        total = sum(taken.values())
        typical = self._typical.get(operation, total)
        self._typical[operation] = typical + self._alpha * (total - typical)
        seen = {s: taken[s] for s, promise in promised.items() if promise > 0 and s in taken}
        if not seen:
            return
        before = {step: self._pace(operation, step, size) for step in seen}
        for step, seconds in seen.items():
            factor = seconds / promised[step]
            self._paces[_key(operation, step, size)] = before[step].seen(factor, self._alpha)
        everything = self._paces.get(EVERYTHING, Pace())
        factor = sum(seen.values()) / sum(promised[step] for step in seen)
        self._paces[EVERYTHING] = everything.seen(factor, self._alpha)

    def _pace(self, operation: Operation, step: str, size: int) -> Pace:
        """What is known of a step: of this size, of the size seen most, of everything."""
        if found := self._paces.get(_key(operation, step, size)):
            return found
        stem = _key(operation, step, None)
        others = [p for key, p in self._paces.items() if key.startswith(stem)]
        near = max(others, key=lambda p: p.count, default=self._paces.get(EVERYTHING, Pace()))
        # Known from elsewhere only, so it counts for no observation and may be off by more.
        return Pace(near.factor, max(near.spread, pace.SPREAD / 2))


def _key(operation: str, step: str, size: int | None) -> str:
    return f"{operation}/{step}/{'' if size is None else size}"


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
