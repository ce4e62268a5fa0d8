"""What the manifest promises, shipped or read."""

from itertools import groupby

from engine.weights import load_manifest


def test_the_shipped_manifest_is_sound() -> None:
    """Names are unique, hashes are sha256, origins are HTTPS, carriers are names and no address."""
    models = load_manifest().models
    files = [file for model in models for file in model.files]
    assert len({model.name for model in models}) == len(models) >= 9
    assert all(len(bytes.fromhex(file.sha256)) == 32 for file in files)
    assert all(file.size > 0 for file in files)
    assert all(file.origin is None or file.origin.startswith("https://") for file in files)
    assert not any("/" in m.carrier.package.lstrip("@") for m in models if m.carrier)


def test_the_face_sampler_is_marked_non_commercial() -> None:
    """Nobody can use the sampler's weights without having been told."""
    manifest = load_manifest()
    for name in ("random-face-mapping", "random-face-synthesis"):
        assert not manifest.find(name).commercial
        assert "non-commercial" in manifest.find(name).licence


def test_models_with_one_carrier_stand_together() -> None:
    """The fetcher keeps one package at a time, so order decides what is downloaded twice."""
    runs = [
        label for label, _ in groupby(m.carrier.label for m in load_manifest().models if m.carrier)
    ]
    assert len(runs) == len(set(runs))
