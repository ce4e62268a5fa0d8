"""What sets a frame apart is measured on real pictures: each measure sees its own fault."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs
from PIL import Image

from engine.blobs import DiskBlobs
from engine.errors import StudioFailed
from engine.jobs import Check
from engine.shots import Backdrop, Frame, Shot
from engine.studio.drift import Look, Looker
from engine.studio.embedded import EmbeddedStudio
from engine.studio.faces import FaceFinder
from engine.studio.identity import Identity

GREY = Backdrop("seamless-grey", "seamless", "#9a9a9c")
LIGHTER = Backdrop("lighter", "seamless", "#b4b4b6")
ALL = ("backdrop", "key_side", "skin", "likeness")


def silent(step: str, fraction: float = 0.0, preview: str = "") -> None:
    """A report that nobody reads."""


class Bench:
    """A studio with four small pictures of the astronaut, and something to look at them with."""

    def __init__(self, weights: Callable[[str], Path], astronaut: Path, folder: Path) -> None:
        self.blobs = DiskBlobs(folder)
        self.studio = EmbeddedStudio(self.blobs, weights, "u2netp")
        self.looker = Looker(FaceFinder(weights), Identity(weights))
        self.source = self.studio.receive(astronaut.read_bytes()).blob
        self.first = self.shoot(GREY, shot="medium")
        self.closer = self.shoot(GREY, shot="close-up")
        self.lighter = self.shoot(LIGHTER, shot="medium")

    def shoot(self, backdrop: Backdrop, **spec: str) -> str:
        shot = Shot("swap", 5, dict(spec), backdrop, source=self.source, scale=1)
        return self.studio.render(shot, silent).preview

    def pixels(self, blob: str) -> np.ndarray:
        return np.asarray(Image.open(self.blobs.path(blob)).convert("RGB"))

    def look(self, rgb: np.ndarray) -> Look | None:
        return self.looker.read(np.ascontiguousarray(rgb))

    def drift(self, other: np.ndarray) -> dict[str, Check]:
        looks = [self.look(self.pixels(self.first)), self.look(other)]
        frames = (Frame("a"), Frame("b", anchor=0, same=ALL))
        return {check.name: check for check in self.looker.drift(looks, frames)[1]}


@pytest.fixture(scope="module")
def bench(
    weights: Callable[[str], Path], astronaut: Path, tmp_path_factory: pytest.TempPathFactory
) -> Bench:
    weights("face-identity")
    return Bench(weights, astronaut, tmp_path_factory.mktemp("drift"))


def failed(drift: dict[str, Check]) -> set[str]:
    return {name for name, check in drift.items() if not check.passed}


def test_another_crop_of_the_same_set_agrees(bench: Bench) -> None:
    """All four are measured, and none fails."""
    drift = bench.drift(bench.pixels(bench.closer))
    assert set(drift) == set(ALL)
    assert not failed(drift)
    assert drift["backdrop"].value < 2


def test_another_grey_is_seen(bench: Bench) -> None:
    """A shade lighter behind, and nothing else."""
    assert failed(bench.drift(bench.pixels(bench.lighter))) == {"backdrop"}


def test_mirrored_light_is_seen(bench: Bench) -> None:
    """The key from the other side."""
    assert failed(bench.drift(bench.pixels(bench.first)[:, ::-1])) == {"key_side"}


def test_tinted_skin_is_seen(bench: Bench) -> None:
    """A cast over everything drifts in skin and backdrop alike."""
    cast = bench.pixels(bench.first).astype(np.float32) * (1.1, 0.95, 0.8)
    assert {"skin", "backdrop"} <= failed(bench.drift(np.clip(cast, 0, 255).astype(np.uint8)))


def test_somebody_else_is_seen(bench: Bench, astronaut: Path) -> None:
    """Likeness is a matter of the face alone."""
    other = Image.open(astronaut.with_name("grace_hopper.jpg")).convert("RGB")
    assert "likeness" in failed(bench.drift(np.asarray(other)))


def test_without_a_face_or_network_nothing_is_claimed(bench: Bench) -> None:
    """What cannot be measured is left out, never passed."""
    nobody = bench.look(np.full((300, 300, 3), 128, np.uint8))
    assert nobody is None
    frames = (Frame("a"), Frame("b", anchor=0, same=ALL))
    looks = [bench.look(bench.pixels(bench.first)), nobody]
    assert bench.looker.drift(looks, frames) == [(), ()]
    blind = Looker(bench.looker._finder)
    same = [looks[0], looks[0]]
    assert "likeness" not in {c.name for c in blind.drift(same, frames)[1]}


def test_only_what_is_asked_is_compared(bench: Bench) -> None:
    """A frame before another backdrop is not measured against this one."""
    look = bench.look(bench.pixels(bench.first))
    frames = (Frame("a"), Frame("b", anchor=0, same=("skin",)))
    assert [c.name for c in bench.looker.drift([look, look], frames)[1]] == ["skin"]


def test_a_contact_sheet_holds_frames_archive_and_report(bench: Bench) -> None:
    """One operation: a page to look at, a ZIP to keep, and what sets each frame apart."""
    frames = (
        Frame(bench.first, "Waist up", "01-waist-up"),
        Frame(bench.lighter, "Lighter", "02-lighter", 0, ALL),
    )
    shot = Shot("contact-sheet", 1, {"title": "Two"}, frames=frames)
    steps: list[str] = []

    def report(step: str, fraction: float = 0.0, preview: str = "") -> None:
        steps.append(step)

    render = bench.studio.render(shot, report)
    assert set(steps) <= set(bench.studio.steps(shot))
    assert render.blob.endswith(".zip")
    with zipfile.ZipFile(io.BytesIO(bench.blobs.get(render.blob))) as packed:
        names = packed.namelist()
        assert names == ["01-waist-up.jpg", "02-lighter.jpg", "contact-sheet.jpg"]
        assert packed.read(names[0]) == bench.blobs.get(bench.first)
    assert bench.pixels(render.preview).shape[:2] == (render.height, render.width)
    assert render.drift[0] == ()
    assert {c.name for c in render.drift[1] if not c.passed} == {"backdrop"}
    assert bench.studio.render(shot, silent).blob == render.blob


def test_a_contact_sheet_of_nothing_is_an_error(bench: Bench) -> None:
    """A mistake of the caller's, said as one."""
    with pytest.raises(StudioFailed):
        bench.studio.render(structs.replace(Shot("contact-sheet", 1)), silent)
