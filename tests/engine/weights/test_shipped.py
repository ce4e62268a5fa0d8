"""Weights that lie in the package have their licence in the manifest like all others."""

import hashlib
from pathlib import Path

import engine
from engine.weights.manifest import load_manifest

PACKAGE = Path(engine.__file__).parent
KINDS = {".tflite", ".npz", ".npy", ".onnx", ".bin", ".param"}


def test_every_weight_in_the_package_is_in_the_manifest() -> None:
    """Nothing ships without a licence and a commercial-use flag."""
    found = {str(p.relative_to(PACKAGE)) for p in PACKAGE.rglob("*") if p.suffix in KINDS}
    assert len(found) >= 3
    assert found == {shipped.path for shipped in load_manifest().shipped}


def test_what_the_manifest_says_ships_is_what_ships() -> None:
    """A changed file is a changed hash, and a look at its licence."""
    for shipped in load_manifest().shipped:
        data = (PACKAGE / shipped.path).read_bytes()
        assert hashlib.sha256(data).hexdigest() == shipped.sha256, shipped.name


def test_the_atlas_is_marked_non_commercial() -> None:
    """It was drawn from the sampler, so it is bound as the sampler is."""
    marks = {shipped.name: shipped.commercial for shipped in load_manifest().shipped}
    assert marks["face-atlas"] is False


def test_a_changed_apache_work_comes_with_its_licence() -> None:
    """Apache-2.0, section 4: a copy of the licence, and word of the change."""
    changed = next(s for s in load_manifest().shipped if s.name == "person")
    assert "changed by us" in changed.licence
    assert "Apache License" in (PACKAGE.parent / "LICENSES/Apache-2.0.txt").read_text()
