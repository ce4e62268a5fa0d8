"""A history of each kind, opened again as after a restart; and an engine of each kind."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from support.engines import make_inprocess, make_local, running
from support.records import Reopen

from bot.core.ports import History
from bot.history.memory import MemoryHistory
from bot.history.sqlite import SqliteHistory
from engine.base import Engine


@pytest.fixture(params=["memory", "sqlite"])
async def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Reopen]:
    """Opens the history; again, after a restart where there is something to restart."""
    histories: list[MemoryHistory | SqliteHistory] = []

    async def opened() -> History:
        if request.param == "memory" and histories:
            return histories[0]
        if histories:
            await histories[-1].close()
        new = MemoryHistory() if request.param == "memory" else SqliteHistory(tmp_path / "n.db")
        histories.append(new)
        await new.open()
        return new

    yield opened
    for history in histories:
        await history.close()


@pytest.fixture
async def history(reopen: Reopen) -> History:
    return await reopen()


@pytest.fixture(params=[make_local, make_inprocess], ids=["local", "inprocess"])
def make(request: pytest.FixtureRequest) -> Callable[[Path], Engine]:
    return request.param


@pytest.fixture
def blobs(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
async def engine(make: Callable[[Path], Engine], blobs: Path) -> AsyncIterator[Engine]:
    async with running(make(blobs)) as engine:
        yield engine
