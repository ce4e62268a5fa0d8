"""Things that break, for the tests of what happens then."""

from typing import Any, NoReturn

from bot.core.replies import Posted
from bot.errors import HistoryUnavailable
from bot.history.memory import MemoryHistory
from engine.base import Box, Capabilities, Drawing, Photo, Report
from engine.errors import EngineUnavailable
from engine.jobs import Render
from engine.shots import LightPlan, Shot


class FailingStudio:
    """A studio whose every picture fails with one code."""

    def __init__(self, code: str) -> None:
        self._code = code

    def capabilities(self) -> Capabilities:
        """Everything about the backdrop."""
        return Capabilities("failing", {"generate": {"backdrop": None}})

    def steps(self, shot: Shot) -> dict[str, float]:
        """One quick step."""
        return {"step_light": 0.01}

    def receive(self, data: bytes) -> Photo:
        """No photos here."""
        raise EngineUnavailable(code=self._code)

    def draw(self, plan: LightPlan) -> Drawing:
        """No drawings."""
        raise EngineUnavailable(code=self._code)

    def render(self, shot: Shot, report: Report) -> Render:
        """No pictures either."""
        raise EngineUnavailable("asked for", code=self._code)


class CrowdStudio(FailingStudio):
    """A studio that finds this many faces in every photo."""

    def __init__(self, faces: int) -> None:
        super().__init__("studio_failed")
        self._faces = faces

    def receive(self, data: bytes) -> Photo:
        """The photo with its faces."""
        boxes = tuple(Box(10 * n, 10, 8, 8) for n in range(self._faces))
        return Photo("0" * 64 + ".png", 640, 480, boxes)


class FaultyHistory(MemoryHistory):
    """A history that refuses the calls named in `cannot`, for as long as they stand there."""

    def __init__(self, *cannot: str, code: str = "history_broken") -> None:
        super().__init__()
        self.cannot, self.code = set(cannot), code

    def __getattribute__(self, name: str) -> Any:
        """The method, or one that fails."""
        found = super().__getattribute__
        return found("_refuse") if name in found("__dict__").get("cannot", ()) else found(name)

    async def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise HistoryUnavailable("asked for", code=self.code)


class LockedHistory(MemoryHistory):
    """A database that another process holds."""

    async def first_time(self, session_id: str, client_id: str) -> NoReturn:
        """Locked."""
        raise HistoryUnavailable("database is locked", code="history_locked")

    async def post(self, session_id: str, entry: object) -> NoReturn:
        """Locked too."""
        raise HistoryUnavailable("database is locked", code="history_locked")


class DeadChannel:
    """A chat that is gone."""

    async def send(self, posted: Posted) -> None:
        """Nobody there."""
        raise ConnectionError("gone")
