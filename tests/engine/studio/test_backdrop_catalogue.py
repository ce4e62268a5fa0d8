"""Every ready-made backdrop is complete, paintable, and found by words that are its own."""

import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.shots import Backdrop
from engine.studio.backdrop import render_backdrop
from engine.studio.light import Light

FOLDER = Path(__file__).parents[3] / "prompts" / "backdrops"
FILES = sorted(FOLDER.glob("*.toml"))
REQUIRED = {"id", "kind", "colour", "label", "words", "reason"}


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_studio_owns_its_eighteen_backdrops() -> None:
    assert len(FILES) >= 18


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_has_exactly_the_fields_of_a_backdrop(path: Path) -> None:
    data = read(path)
    assert set(data) - {"accent"} == REQUIRED
    assert data["id"] == path.stem
    for colour in (data["colour"], data.get("accent", "#000000")):
        assert re.fullmatch("#[0-9a-f]{6}", colour)
    assert all(word == word.lower().strip() for word in data["words"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_painted_backdrop_can_be_painted(path: Path) -> None:
    data = read(path)
    if data["kind"] == "blur":
        return
    backdrop = Backdrop(data["id"], data["kind"], data["colour"], data.get("accent"))
    assert np.ptp(render_backdrop(backdrop, 60, 80, Light(side=0.5), 1)) > 0


def test_no_word_means_two_backdrops() -> None:
    counts = Counter(word for path in FILES for word in read(path)["words"])
    assert [word for word, count in counts.items() if count > 1] == []
