"""The sitter alone: a transparent picture the size of the photo."""

from typing import TYPE_CHECKING

from engine.studio.colour import to_linear, to_srgb
from engine.studio.foreground import estimate_foreground

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.subject import Cutout


def transparent(cutout: "Cutout") -> "np.ndarray":
    """Straight-alpha RGBA, uint8 HxWx4: edge colours without the old background, nothing beyond."""
    import numpy as np

    clean = estimate_foreground(to_linear(cutout.rgb), cutout.alpha, cutout.anatomy.width)
    alpha = (np.clip(cutout.alpha, 0, 1) * 255 + 0.5).astype(np.uint8)
    rgb = (to_srgb(clean) * 255 + 0.5).astype(np.uint8)
    rgb[alpha == 0] = 0
    return np.dstack([rgb, alpha])
