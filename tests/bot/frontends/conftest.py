"""What the chats' tests share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.sittings import Sitting, reading, sitting

READINGS = {
    "a woman": reading(subject="a woman", gender="woman"),
    "a man": reading(subject="a man", gender="man", backdrop="canvas-dark"),
    "shoot": reading("shoot"),
    "help": reading("help"),
    "history": reading("history"),
    "blue": reading(backdrop="gradient-blue"),
    "canvas": reading("skip", gender="woman", backdrop="canvas-dark"),
}


@pytest.fixture
async def guest(tmp_path: Path) -> AsyncIterator[Sitting]:
    """A studio that has worked before.

    The simulation waits for whatever the bot begins, and the engine's worker, begun with the first
    job, never ends.
    """
    async with sitting(tmp_path, READINGS) as guest:
        await guest.say("shoot")
        await guest.pictures()
        yield guest
