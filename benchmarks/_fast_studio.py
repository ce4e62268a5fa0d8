"""A studio that takes no time: everything of a conversation is real but its pictures."""

from collections.abc import Mapping

from engine.base import Box, Capabilities, Drawing, Photo, Report
from engine.jobs import Render
from engine.shots import LightPlan, Operation, Scalar, Shot

Honours = Mapping[str, tuple[Scalar, ...] | None]


class FastStudio:
    """Answers at once with a picture of no bytes. `honours` says which slots it takes."""

    def __init__(self, honours: Honours) -> None:
        self._honours = dict(honours)

    def capabilities(self) -> Capabilities:
        slots: dict[Operation, dict[str, tuple[Scalar, ...] | None]]
        slots = {"generate": self._honours, "swap": self._honours, "upscale": {}}
        return Capabilities("fast", slots)

    def steps(self, shot: Shot) -> dict[str, float]:
        return {"step_light": 0.01}

    def receive(self, data: bytes) -> Photo:
        return Photo("p.png", 900, 1200, (Box(300, 200, 300, 400),))

    def draw(self, plan: LightPlan) -> Drawing:
        return Drawing("l.png", "l.svg", 480, 360)

    def render(self, shot: Shot, report: Report) -> Render:
        report("step_light", 0.5)
        blob = f"{shot.seed}.png"
        return Render(blob, f"{shot.seed}.jpg", 900, 1200, shot.seed, "fast")
