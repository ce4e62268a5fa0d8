"""The print operation, on real pictures and their files."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from engine.blobs import DiskBlobs
from engine.errors import StudioFailed
from engine.shots import Backdrop, Shot
from engine.studio.embedded import EmbeddedStudio
from engine.studio.encode import source_type_of

GREY = Backdrop("seamless-grey", "seamless", "#9a9a9c")


def silent(step: str, fraction: float = 0.0, preview: str = "") -> None:
    """A report that nobody reads."""


@pytest.fixture(scope="module")
def bench(
    weights: Callable[[str], Path], astronaut: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[EmbeddedStudio, DiskBlobs, str, str]:
    """A studio, its files, an original photo with room around the head, and a finished picture."""
    blobs = DiskBlobs(tmp_path_factory.mktemp("blobs"))
    studio = EmbeddedStudio(blobs, weights, "u2netp")
    photo = Image.open(astronaut).convert("RGB").resize((1024, 1024), Image.Resampling.LANCZOS)
    roomy = Image.new("RGB", (1024, 1324), (150, 150, 150))
    roomy.paste(photo, (0, 300))
    file = io.BytesIO()
    roomy.save(file, "PNG")
    original = studio.receive(file.getvalue()).blob
    shot = Shot("swap", 1, backdrop=GREY, source=original, scale=1)
    return studio, blobs, original, studio.render(shot, silent).blob


def printed(bench: tuple, source: str, **spec: str) -> tuple:
    studio, blobs, *_ = bench
    render = studio.render(Shot("print", 1, dict(spec), source=source), silent)
    return render, blobs.get(render.blob)


@pytest.mark.parametrize(("size", "wide", "tall"), [("4x6", 4, 6), ("a4", 8.27, 11.69)])
def test_a_print_has_its_size_at_the_resolution_it_claims(
    bench: tuple, size: str, wide: float, tall: float
) -> None:
    render, data = printed(bench, bench[3], size=size)
    picture = Image.open(io.BytesIO(data))
    dpi = float(picture.info["dpi"][0])
    bleed = 2 * 3 / 25.4
    assert picture.width / dpi == pytest.approx(wide + bleed, abs=0.03)
    assert picture.height / dpi == pytest.approx(tall + bleed, abs=0.03)
    assert picture.info["icc_profile"] and source_type_of(data) == "algorithmicallyEnhanced"
    assert ("card_print_dpi" in render.notes) == (dpi < 300)
    assert "card_print" in render.notes and render.facts["width"]


def test_a_sheet_is_a_pdf_with_a_picture_to_look_at(bench: tuple) -> None:
    render, data = printed(bench, bench[3], size="4x6", sheet="yes")
    assert data.startswith(b"%PDF") and render.blob.endswith(".pdf")
    look = Image.open(io.BytesIO(bench[1].get(render.preview)))
    assert look.size == (render.width, render.height)


def test_an_identity_photo_comes_from_the_original_alone(bench: tuple) -> None:
    render, data = printed(bench, bench[2], size="35x45")
    assert "card_print_id" in render.notes and source_type_of(data) == "humanEdits"
    with pytest.raises(StudioFailed) as refusal:
        printed(bench, bench[3], size="35x45")
    assert refusal.value.code == "cannot_print_id"


def test_an_unknown_size_is_a_typed_error(bench: tuple) -> None:
    with pytest.raises(StudioFailed):
        printed(bench, bench[3], size="poster")
