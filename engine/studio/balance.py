"""Sitter and backdrop as one exposure: the photo's cast and its veil, gently taken back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

NEUTRAL = 0.22
"""How far, in natural logarithms, a pixel's red and blue may lie from green to pass for grey."""
ENOUGH = 0.15
HALF, MOST_CAST = 0.5, 0.045
MOST_VEIL, LIFTED = 0.016, 0.004


@dataclass(frozen=True, slots=True)
class Agreement:
    """What brings a photo to the studio's light: `gain` per channel, and the `veil` to subtract.

    Both in linear light; gains lie within 5 % of 1, the veil under .016. The default does nothing.
    """

    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)
    veil: float = 0.0

    def applied(self, linear: "np.ndarray", amount: float = 1.0) -> "np.ndarray":
        """The sitter, float32 HxWx3 linear light, in the studio's light; `amount` 0..1."""
        import numpy as np

        veil = self.veil * amount
        gain = np.array(self.gain, np.float32) ** amount
        if veil == 0 and (gain == 1).all():
            return linear
        out = linear - np.float32(veil)
        out *= (gain / np.float32(1 - veil)).astype(np.float32)
        return np.clip(out, 0, 1, out=out)


NOTHING_TO_AGREE = Agreement()


def agree(photo: "np.ndarray") -> Agreement:
    """Read cast and veil off the whole photo, float32 linear HxWx3 (a small copy will do).

    The cast is the median colour of near-neutral pixels of middling brightness (a robust grey
    world); where less than 15 % of the photo is near neutral, nothing is known and nothing done.
    Half of it is taken back, at most 4.5 %, luminance kept: the rest may be the room's own charm.
    The veil is what even the photo's darkest half per cent holds: haze, flare, a reflection.
    """
    import numpy as np

    pixels = photo.reshape(-1, 3)
    tone = pixels.mean(1)
    return Agreement(_gain(pixels[(tone > 0.04) & (tone < 0.85)]), _veil(np.sort(tone)))


def _gain(pixels: "np.ndarray") -> tuple[float, float, float]:
    import numpy as np

    if len(pixels) < 100:
        return (1.0, 1.0, 1.0)
    logs = np.log(np.maximum(pixels, 1e-4))
    red, blue = logs[:, 0] - logs[:, 1], logs[:, 2] - logs[:, 1]
    near = (np.abs(red) < NEUTRAL) & (np.abs(blue) < NEUTRAL)
    if near.mean() < ENOUGH:
        return (1.0, 1.0, 1.0)
    shift = np.clip(HALF * np.array([np.median(red[near]), np.median(blue[near])]), *_CAST)
    gain = np.exp([-shift[0], 0.0, -shift[1]])
    gain /= gain @ np.array((0.2126, 0.7152, 0.0722))
    return (float(gain[0]), float(gain[1]), float(gain[2]))


_CAST = (-MOST_CAST, MOST_CAST)


def _veil(tones: "np.ndarray") -> float:
    darkest = float(tones[int(0.005 * len(tones))])
    return min(MOST_VEIL, 0.6 * max(0.0, darkest - LIFTED))
