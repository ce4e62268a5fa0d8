"""Where the light on a face comes from."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Light:
    """The key light as seen in the picture.

    `side` is -1 (key from image left) .. 1 (from image right), 0 when flat; `height` is -1 (below)
    .. 1 (above); `hardness` 0 (overcast) .. 1 (bare bulb); `confidence` 0..1.
    """

    side: float = 0.0
    height: float = 0.4
    hardness: float = 0.4
    confidence: float = 0.0
