"""What a model drew says so, whatever is made of it afterwards."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.blobs import DiskBlobs
from engine.shots import Shot
from engine.studio.embedded import EmbeddedStudio
from engine.studio.encode import SourceType, source_type_of, to_png
from engine.studio.photo import decode_photo


def silent(step: str, fraction: float = 0.0, preview: str = "") -> None:
    """A report that nobody reads."""


@pytest.mark.parametrize(
    "kind", ["trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia"]
)
def test_an_invented_portrait_that_is_cut_out_stays_known_as_one(
    weights: Callable[[str], Path], astronaut: Path, tmp_path: Path, kind: SourceType
) -> None:
    """In both its files."""
    blobs = DiskBlobs(tmp_path)
    drawn = blobs.put(to_png(decode_photo(astronaut.read_bytes())[:320, 60:380], kind), "png")
    studio = EmbeddedStudio(blobs, weights, "u2netp")
    render = studio.render(Shot("cutout", 1, source=drawn), silent)
    assert [source_type_of(blobs.get(b)) for b in (render.blob, render.preview)] == [kind] * 2
