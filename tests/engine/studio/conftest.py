"""The embedded studio with its real networks, for the modules that render with it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.benches import Bench

from engine.blobs import DiskBlobs
from engine.studio.embedded import EmbeddedStudio


@pytest.fixture(scope="module")
def bench(
    weights: Callable[[str], Path], astronaut: Path, tmp_path_factory: pytest.TempPathFactory
) -> Bench:
    """A studio that has received the astronaut; its cut-out is shared by the tests."""
    blobs = DiskBlobs(tmp_path_factory.mktemp("blobs"))
    studio = EmbeddedStudio(blobs, weights, "u2netp")
    return studio, blobs, studio.receive(astronaut.read_bytes())
