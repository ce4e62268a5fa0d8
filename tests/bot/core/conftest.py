"""A guest in a studio that is quick, and one in a studio that takes its time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.sittings import SCRIPT, Sitting, sitting


@pytest.fixture
async def guest(tmp_path: Path) -> AsyncIterator[Sitting]:
    async with sitting(tmp_path, SCRIPT) as opened:
        yield opened


@pytest.fixture
async def slow(tmp_path: Path) -> AsyncIterator[Sitting]:
    async with sitting(tmp_path, SCRIPT, delay=0.15) as opened:
        yield opened
