"""The worker's factory: settings in, a studio out; mistakes are told before anything is loaded."""

import pytest

from engine.studio.factory import blobs_dir, embedded, hosted


def test_an_unknown_matte_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown matte"):
        embedded({"data_dir": "data", "models_dir": "models", "matte": "scissors"})


def test_a_missing_folder_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="data_dir"):
        embedded({"models_dir": "models"})


def test_a_hosted_studio_without_its_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NORTHLIGHT_IMAGES_API_KEY", raising=False)
    with pytest.raises(ValueError, match="NORTHLIGHT_IMAGES_API_KEY is not set"):
        hosted({"images_base_url": "http://localhost/v1", "images_model": "m"})


def test_pictures_lie_beside_the_rest_of_the_data() -> None:
    assert blobs_dir({"data_dir": "data"}).as_posix() == "data/blobs"
