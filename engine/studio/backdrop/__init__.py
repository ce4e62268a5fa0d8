"""What stands behind the sitter, rendered in linear light at any size."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import StudioFailed
from engine.shots import LONGEST_SIDE

if TYPE_CHECKING:
    from engine.shots import Backdrop
    from engine.studio.backdrop.lens import Lens
    from engine.studio.light import Light

Painter = Callable[["Backdrop", int, int, "Light", int, "Lens"], np.ndarray]


def render_backdrop(
    backdrop: "Backdrop",
    width: int,
    height: int,
    light: "Light",
    seed: int,
    lens: "Lens | None" = None,
) -> np.ndarray:
    """Paint a backdrop: float32 height x width x 3, linear light 0..1.

    The same (backdrop, seed, light, lens) looks the same at every size and has the same bytes at
    the same size; the lit side is `light.side`. `lens` blurs what has a texture, 85 mm at f/2.8
    where none is given. Raises StudioFailed for a size outside 1..8196, a colour that is no
    "#rrggbb", or the kinds "blur" and "picture", which need a photo.
    """
    from engine.studio.backdrop import fields
    from engine.studio.backdrop.lens import Lens

    if not (1 <= width <= LONGEST_SIDE and 1 <= height <= LONGEST_SIDE):
        raise StudioFailed(f"a backdrop of {width}x{height} pixels cannot be painted")
    painted = _painter(backdrop.kind)(backdrop, width, height, light, seed, lens or Lens())
    return fields.lean(painted, light)


def _painter(kind: str) -> "Painter":
    from engine.studio.backdrop import (
        bokeh,
        brick,
        canvas,
        gradient,
        library,
        marble,
        plaster,
        seamless,
        window,
    )

    painters: dict[str, Painter] = {
        "seamless": seamless.paint,
        "canvas": canvas.paint,
        "gradient": gradient.paint,
        "brick": brick.paint,
        "marble": marble.paint,
        "plaster": plaster.paint,
        "foliage": bokeh.foliage,
        "city": bokeh.city,
        "window": window.paint,
        "library": library.paint,
    }
    if kind not in painters:
        raise StudioFailed(f"a {kind} backdrop is made from a photo, not painted")
    return painters[kind]


def blurred_original(
    photo: np.ndarray,
    alpha: np.ndarray,
    width: int,
    height: int,
    crop: tuple[float, float, float, float],
    lens: "Lens | None" = None,
) -> np.ndarray:
    """See `engine.studio.backdrop.original.blurred_original`."""
    from engine.studio.backdrop import original
    from engine.studio.backdrop.lens import Lens

    return original.blurred_original(photo, alpha, width, height, crop, lens or Lens(aperture=2.0))
