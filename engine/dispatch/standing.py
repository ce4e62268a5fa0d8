"""Where one attempt at a job stands, also while several of its shots are made at once."""

from collections.abc import Collection, Sequence

from engine.dispatch.estimate import Progress, Steps
from engine.jobs import Step


class Standing:
    """A job's progress, told shot by shot.

    A shot made alone is judged as part of the whole job (`Progress`). Shots that are made beside
    others have a progress of their own each, over expectations stretched by the company; the job's
    fraction is then what is made and the parts under way, weighted by their expected seconds.
    """

    def __init__(self, expected: Sequence[Steps], made: Collection[int]) -> None:
        self._seconds = [sum(steps.values()) for steps in expected]
        self._expected, self._made = expected, set(made)
        self._whole = Progress(expected, self._first_missing())
        self._beside: dict[int, Progress] = {}
        self._stretch, self._lap = 1.0, 1
        self._told = 0.0

    def begin(self, number: int, stretch: float = 1.0, *, company: int = 1, own: int = 1) -> None:
        """Shot `number` (from 0) starts now, as one of `company` abreast, `own` of this job."""
        self._stretch, self._lap = stretch, own
        if company == 1:
            self._whole.begin(number)
            return
        steps = {name: stretch * seconds for name, seconds in self._expected[number].items()}
        self._beside[number] = Progress([steps])
        self._beside[number].begin(0)

    def report(self, number: int, step: str, fraction: float, preview: str) -> Step:
        """`step` of this shot runs and `fraction` (0..1) of it is done."""
        self._of(number).report(step, fraction, preview)
        return self._step(number)

    def advance(self, number: int) -> Step | None:
        """Where the shot is by the clock; None while it has not said anything."""
        self._of(number).advance()
        return self._step(number) if self._of(number).step else None

    def finish(self, number: int) -> Steps:
        """The shot is finished; returns the seconds each of its steps took."""
        taken = self._of(number).finish()
        self._made.add(number)
        if self._beside.pop(number, None) and not self._beside:
            self._whole.begin(self._first_missing())
        return taken

    def give_up(self, number: int) -> None:
        """The shot will not be finished in this attempt."""
        self._beside.pop(number, None)

    def remaining(self) -> float:
        """Expected seconds until the job ends."""
        if not self._beside:
            return self._whole.remaining()
        return self.busy_s() + self._stretch * self._later() / self._lap

    def busy_s(self) -> float:
        """Expected seconds until what is under way is finished: alone, the whole job."""
        if not self._beside:
            return self._whole.remaining()
        return max(progress.remaining() for progress in self._beside.values())

    @property
    def is_alone(self) -> bool:
        """Whether the shot under way has no company."""
        return not self._beside

    def _of(self, number: int) -> Progress:
        return self._beside.get(number, self._whole)

    def _step(self, number: int) -> Step:
        shown = self._of(number)
        self._told = max(self._told, self._fraction())
        return Step(number, shown.step, self._told, self.remaining(), shown.preview)

    def _fraction(self) -> float:
        if not self._beside:
            return self._whole.fraction
        done = sum(self._seconds[n] for n in self._made)
        done += sum(self._seconds[n] * p.fraction for n, p in self._beside.items())
        return done / max(sum(self._seconds), 1e-6)

    def _later(self) -> float:
        started = self._made | self._beside.keys()
        return sum(s for n, s in enumerate(self._seconds) if n not in started)

    def _first_missing(self) -> int:
        numbers = range(len(self._seconds))
        return next((n for n in numbers if n not in self._made), len(self._seconds))
