"""The photo's own noise: measured, and calmed before the photo is enlarged.

Super-resolution takes noise for texture and draws wrinkles from it; so what a small sensor added in
poor light goes first. A quarter of it stays, as grain, for skin without any looks like plastic.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

BLOCK, QUIET, LEAST_BLOCKS = 8, 20, 24
TONES = (20, 235)
UNBIASED = 1.1
"""A fifth of the blocks of pure noise measure less than .91 of its true spread."""
CLEAN = 1.4
"""What skin, cloth and a sharp lens alone measure: 24 photographs, 1.1 to 2.5."""
DOUBTFUL, SEEN, PLAIN = 2.2, 2.6, 4.0
COLOUR_SEEN, COLOUR_PLAIN = 1.6, 2.6
KEPT = 0.25
LARGE = 4_000_000


@dataclass(frozen=True, slots=True)
class Noise:
    """Standard deviations in 8-bit levels: of brightness, and of the two colour differences."""

    light: float = 0.0
    colour: float = 0.0

    @property
    def share(self) -> float:
        """How much of it should go: 0 where nobody sees it, .75 where everybody does."""
        light = (self.light - SEEN) / (PLAIN - SEEN)
        colour = (self.colour - COLOUR_SEEN) / (COLOUR_PLAIN - COLOUR_SEEN)
        return (1 - KEPT) * min(1.0, max(0.0, light, colour))

    @property
    def left(self) -> float:
        """Brightness noise that stays and is seen, without what detail alone would measure."""
        own = max(0.0, self.light**2 - CLEAN**2) ** 0.5
        return (1 - self.share) * own * min(1.0, max(0.0, self.light - DOUBTFUL))


def noise_of(rgb: "np.ndarray") -> Noise:
    """Measure uint8 HxWx3. Nothing is measured where too little of the picture has middle tones.

    The quietest fifth of all 8-pixel blocks, after low frequencies are taken out: detail raises a
    block's spread, so the quiet ones show what is everywhere.
    """
    import cv2
    import numpy as np

    if min(rgb.shape[:2]) < BLOCK:
        return Noise()
    planes = cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb).astype(np.float32)
    rest = planes - cv2.GaussianBlur(planes, (0, 0), 2.5)
    tone = _block_means(planes[..., :1])[..., 0]
    middle = (tone > TONES[0]) & (tone < TONES[1])
    if middle.sum() < LEAST_BLOCKS:
        return Noise()
    spread = np.sqrt(_block_means(rest**2)[middle])
    light, red, blue = UNBIASED * np.percentile(spread, QUIET, axis=0)
    return Noise(float(light), float(red + blue) / 2)


def calm(rgb: "np.ndarray", noise: Noise) -> "np.ndarray":
    """uint8 HxWx3 with `noise.share` of its noise gone; the same array where that is nothing.

    Non-local means (Buades et al. 2005). Colour noise goes altogether, what stays is grey.
    """
    import cv2
    import numpy as np

    if not noise.share:
        return rgb
    patch, search = (3, 7) if rgb.shape[0] * rgb.shape[1] > LARGE else (7, 15)
    strength = (0.75 * noise.light, 2.3 * noise.colour)
    calmed = cv2.fastNlMeansDenoisingColored(rgb, None, *strength, patch, search)
    before, after = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float32) for p in (rgb, calmed))
    grain = (1 - noise.share) * (before - after)
    return np.clip(calmed + grain[..., None] + 0.5, 0, 255).astype(np.uint8)


def _block_means(planes: "np.ndarray") -> "np.ndarray":
    """Means of whole 8-pixel blocks: float32 HxWxC to (H/8)x(W/8)xC."""
    rows, columns = planes.shape[0] // BLOCK, planes.shape[1] // BLOCK
    whole = planes[: rows * BLOCK, : columns * BLOCK]
    return whole.reshape(rows, BLOCK, columns, BLOCK, -1).mean((1, 3))
