"""Where lights and camera stand: each lighting pattern as a photographer would set it up."""

from pathlib import Path
from typing import Literal

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml
from prompts.vocab import Slot


class Pattern(Struct, frozen=True, forbid_unknown_fields=True):
    """One key and its fill. `aside` and `above` in degrees, `fill` in stops under the key.

    `fill` 0 is none; `behind` is how many lights are on the backdrop.
    """

    aside: float
    above: float
    fill: float
    fill_from: Literal["opposite", "below", "camera"]
    source: Literal["softbox", "window"] = "softbox"
    behind: int = 0


class Lights(Struct, frozen=True, forbid_unknown_fields=True):
    """Patterns by lighting, widths (m) by softness, heights in the frame (m) by shot."""

    patterns: dict[str, Pattern]
    sizes: dict[str, float]
    heights: dict[str, float]


def load_lights(path: Path, slots: dict[str, Slot]) -> Lights:
    """The file's lights; raises `PromptError` unless each value of the three slots is there."""
    lights = read_toml(path, Lights)
    tables = {"lighting": lights.patterns, "softness": lights.sizes, "shot": lights.heights}
    for slot, table in tables.items():
        if wrong := sorted(set(table) ^ {str(value) for value in slots[slot].values}):
            raise PromptError(path.name, wrong[0], f"is missing here, or no {slot}")
    return lights
