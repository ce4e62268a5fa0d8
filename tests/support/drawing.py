"""What tests of the drawing studio share: a shot, a judge by appointment, ears."""

from collections.abc import Callable

from engine.errors import EngineError, JobCancelled
from engine.jobs import Render
from engine.profiles import Profile
from engine.shots import Shot
from engine.studio.diffusion.judge import Verdict
from engine.studio.diffusion.studio import DiffusionStudio

Families = Callable[[str], Profile]


Make = Callable[..., DiffusionStudio]


BLAZER = Shot("generate", 7, {"wardrobe": "navy blazer"}, prompt="a (woman:1.2)", scale=1)


class Judgement:
    """Gives the verdicts it was told to, then passes everything."""

    def __init__(self, *verdicts: Verdict) -> None:
        self.left, self.asked = list(verdicts), 0

    def __call__(self, rgb: object) -> Verdict:
        self.asked += 1
        return self.left.pop(0) if self.left else ""


class Heard:
    """A report that remembers, and calls off when told to."""

    def __init__(self, call_off_at: str = "", after: float = 0.0) -> None:
        self.steps: list[str] = []
        self.looks: list[str] = []
        self._call_off_at, self._after = call_off_at, after

    def __call__(self, step: str, fraction: float = 0.0, preview: str = "") -> None:
        if step == self._call_off_at and fraction > self._after:
            raise JobCancelled
        if step not in self.steps:
            self.steps.append(step)
        if preview and preview not in self.looks:
            self.looks.append(preview)


def unheard(step: str, fraction: float = 0.0, preview: str = "") -> None:
    """Nobody listens."""


def rendered(result: Render | EngineError) -> Render:
    assert isinstance(result, Render), result
    return result
