"""What stands behind the sitter, rendered in linear light at any size."""

from typing import TYPE_CHECKING

import numpy as np

from engine.errors import StudioFailed

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.light import Light

LONGEST_SIDE = 6000


def render_backdrop(
    backdrop: "Backdrop", width: int, height: int, light: "Light", seed: int
) -> np.ndarray:
    """Paint a backdrop: float32 height x width x 3, linear light 0..1.

    The same (backdrop, seed, light) looks the same at every size and has the same bytes at the
    same size; the lit side is `light.side`. Raises StudioFailed for a size outside 1..6000, a
    colour that is no "#rrggbb", or the kind "blur", which needs the photo (`blurred_original`).
    """
    from engine.studio.backdrop import canvas, gradient, seamless

    if not (1 <= width <= LONGEST_SIDE and 1 <= height <= LONGEST_SIDE):
        raise StudioFailed(f"a backdrop of {width}x{height} pixels cannot be painted")
    painters = {"seamless": seamless.paint, "canvas": canvas.paint, "gradient": gradient.paint}
    if backdrop.kind not in painters:
        raise StudioFailed(f"a {backdrop.kind} backdrop is made from the photo, not painted")
    return painters[backdrop.kind](backdrop, width, height, light, seed)


def blurred_original(
    photo: np.ndarray,
    alpha: np.ndarray,
    width: int,
    height: int,
    crop: tuple[float, float, float, float],
    aperture: float = 2.0,
) -> np.ndarray:
    """See `engine.studio.backdrop.original.blurred_original`."""
    from engine.studio.backdrop import original

    return original.blurred_original(photo, alpha, width, height, crop, aperture)
