"""Times the steps of a picture."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.base import Report


class Clock:
    """Times the steps and tells of them; `report` may raise to stop."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._step = ""
        self.seconds: dict[str, float] = {}

    def show(self, preview: str) -> None:
        """Tell the blob of a first look."""
        self._report(self._step, 0.0, preview)

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[float], None]]:
        """Run a step; yields a function that takes the fraction of it that is done."""
        self._step = name
        self._report(name, 0.0)
        begun = time.perf_counter()
        try:
            yield lambda fraction: self._report(name, fraction)
        finally:
            took = time.perf_counter() - begun
            self.seconds[name] = round(self.seconds.get(name, 0.0) + took, 3)
