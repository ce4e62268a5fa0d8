"""A drawn face lit from the front has no side; that is said, and never of a photo."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from engine.shots import Operation, Shot
from engine.studio.light import Light
from engine.studio.portrait import flat_notes


def cutout(side: float) -> Any:
    return SimpleNamespace(light=replace(Light(), side=side))


@pytest.mark.parametrize(
    ("operation", "side", "spec", "told"),
    [
        ("generate", 0.0, {"key_side": "right"}, True),
        ("generate", 0.4, {"key_side": "right"}, False),
        ("generate", 0.0, {}, False),
        ("swap", 0.0, {"key_side": "right"}, False),
    ],
)
def test_only_a_side_that_cannot_be_given_is_told(
    operation: Operation, side: float, spec: dict[str, str | int | float], told: bool
) -> None:
    notes = flat_notes(Shot(operation, 1, spec), cutout(side))
    assert notes == (("note_light_frontal",) if told else ())
