"""Fixtures every test folder shares."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.guard import forbid_the_internet

from bot.config import load_settings
from engine.errors import WeightsMissing
from engine.weights import Weights

forbid_the_internet()
DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def models_dir() -> Path:
    """The folder of the machine's models, as the studio finds it."""
    return load_settings().models_dir


@pytest.fixture(scope="session")
def weights(models_dir: Path) -> Callable[[str], Path]:
    """Resolve a model's name; skip aloud (fail where CI=true) when it is not on this machine."""
    store = Weights(models_dir)

    def resolve(name: str) -> Path:
        try:
            return store.path(name)
        except WeightsMissing as missing:
            _without(missing.detail)
            raise

    return resolve


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Pictures with clear licences."""
    return DATA


@pytest.fixture(scope="session")
def astronaut() -> Path:
    """A real portrait: Eileen Collins, NASA, public domain; 512x512 PNG."""
    return DATA / "astronaut.png"


def _without(reason: str) -> None:
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
