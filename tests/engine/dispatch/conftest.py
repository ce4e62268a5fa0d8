"""An engine over worker processes, made as each module here says by its `make_engine`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.dispatch.local import LocalEngine


@pytest.fixture
def blobs(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
async def engine(request: pytest.FixtureRequest, blobs: Path) -> AsyncIterator[LocalEngine]:
    engine: LocalEngine = request.module.make_engine(blobs)
    await engine.start()
    yield engine
    await engine.close()
