"""An edit's last steps: what was drawn is joined with the rest, and the person's face guarded."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.studio.clock import Clock
from engine.studio.diffusion.assignment import Finished, Kit
from engine.studio.diffusion.likeness import Guarded, better, guard
from engine.studio.identity import Identity

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


@dataclass(slots=True)
class Ending:
    """An edit's last steps. Remembers the best of several tries, so that none is lost.

    `landmarks` are the face to keep in pixels of `original`; None where there is nobody to keep.
    `told` is whether there is somebody who should hear what became of their face. `best` is what
    `drawn` became.
    """

    original: "np.ndarray"
    landmarks: "np.ndarray | None"
    join: "Callable[[np.ndarray], np.ndarray]"
    kit: Kit
    told: bool = True
    best: Guarded | None = None
    drawn: "np.ndarray | None" = None
    _judged: "list[tuple[np.ndarray, Guarded]]" = field(default_factory=list)

    def verdict(self, drawn: "np.ndarray") -> str:
        """ "unlike" where another seed should be tried, "" where the picture can be shown."""
        return "unlike" if self._guarded(drawn).action == "redo" else ""

    def __call__(self, drawn: "np.ndarray", clock: Clock) -> Finished:
        """The best of what was judged, or this picture: joined, guarded, with its note."""
        with clock.step("step_check"):
            self._guarded(drawn)
        best = self.best
        assert best is not None
        return Finished(best.picture, best.checks, (best.note,) if best.note and self.told else ())

    def _guarded(self, drawn: "np.ndarray") -> Guarded:
        for seen, known in self._judged:
            if seen is drawn:
                return known
        joined = self.join(drawn)
        if self.landmarks is None:
            found = Guarded(joined, "kept")
        else:
            identity = self.kit.once("identity", lambda: Identity(self.kit.weights))
            found = guard(self.original, self.landmarks, joined, self.kit.finder, identity)
        self._judged[:] = [(drawn, found)]
        if self.best is None or better(self.best, found) is found:
            self.best, self.drawn = found, drawn
        return found
