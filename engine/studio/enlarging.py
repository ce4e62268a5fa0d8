"""A framed sitter brought to output size: what is worth it by the network, edges kept sharp."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.studio.crop import Frame
from engine.studio.deblock import deblock
from engine.studio.faces import anatomy
from engine.studio.guided import guided_filter
from engine.studio.upscale import Tick, Upscaler

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.subject import Cutout

ENLARGE_BY_2, ENLARGE_BY_4 = 1.1, 2.1
BUDGET = 900_000
"""Input pixels the network is given at most: about four seconds on two cores."""
EDGE_RADIUS, EDGE_EPS = 2, 1e-4


def at_output_size(
    cutout: "Cutout",
    window: Frame,
    size: tuple[int, int],
    enlarge: "Callable[[np.ndarray, np.ndarray, float], np.ndarray]",
) -> "tuple[np.ndarray, np.ndarray]":
    """The frame's part of the photo and its matte at output size."""
    import cv2

    rows, columns = _inside(window, cutout.alpha.shape)
    rgb, alpha = cutout.rgb[rows, columns], cutout.alpha[rows, columns]
    ratio = size[1] / window.height
    fine = enlarge(rgb, alpha, ratio)
    inner = (max(1, round(rgb.shape[1] * ratio)), max(1, round(rgb.shape[0] * ratio)))
    method = cv2.INTER_AREA if inner[0] < fine.shape[1] else cv2.INTER_CUBIC
    fine = cv2.resize(fine, inner, interpolation=method)
    edge = _enlarge_alpha(rgb, alpha, fine)
    left, top = round((columns.start - window.x) * ratio), round((rows.start - window.y) * ratio)
    return _placed(fine, left, top, size, cv2.BORDER_REPLICATE), _placed(
        edge, left, top, size, cv2.BORDER_CONSTANT
    )


def super_resolve(
    rgb: "np.ndarray",
    masks: "tuple[np.ndarray, np.ndarray]",
    ratio: float,
    detail: float,
    upscaler: Upscaler,
    tick: Tick,
) -> "np.ndarray":
    """Enlarge where the first of the bool `masks` holds; where the second does, exactly."""
    import cv2
    import numpy as np

    if ratio <= ENLARGE_BY_2:
        return rgb
    where, face = (mask.astype(np.uint8) for mask in masks)
    if detail < 1:
        # What is finer than the real detail is a pattern, and would be taken for texture.
        size = (round(rgb.shape[1] * detail), round(rgb.shape[0] * detail))
        rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        where, face = (cv2.resize(m, size, interpolation=cv2.INTER_NEAREST) for m in (where, face))
    factor = 2 if ratio / detail <= ENLARGE_BY_4 else 4
    return upscaler.enlarge(deblock(rgb), factor, tick, where > 0, face > 0)


def worth(cutout: "Cutout", alpha: "np.ndarray", window: Frame) -> "tuple[np.ndarray, np.ndarray]":
    """Where super-resolution is worth its time, and where faces and hair are: bool like `alpha`.

    All of the sitter, as long as that is at most `BUDGET` pixels; else face and hair, and clothes
    are interpolated: a photo that large needs little more.
    """
    import cv2
    import numpy as np

    faces = np.zeros(alpha.shape, np.uint8)
    left, top = max(0, int(window.x)), max(0, int(window.y))
    for body in (cutout.anatomy, *(anatomy(points) for points in cutout.others)):
        centre = (round(body.eyes[0] - left), round(body.eyes[1] - top))
        axes = (round(0.95 * body.width), round(1.2 * body.width))
        cv2.ellipse(faces, centre, axes, 0, 0, 360, 1, -1)
    sitter = alpha > 0.01
    small = cutout.detail**2 * np.count_nonzero(sitter) <= BUDGET
    return (sitter if small else sitter & (faces > 0)), faces > 0


def _enlarge_alpha(rgb: "np.ndarray", alpha: "np.ndarray", fine: "np.ndarray") -> "np.ndarray":
    """Bring the matte to the size of `fine`, following its edges when it grows."""
    import cv2
    import numpy as np

    size = (fine.shape[1], fine.shape[0])
    if fine.shape[1] <= ENLARGE_BY_2 * rgb.shape[1]:
        return cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    plain = cv2.resize(alpha, size, interpolation=cv2.INTER_CUBIC).clip(0, 1)
    sharp = guided_filter(rgb, alpha, EDGE_RADIUS, EDGE_EPS, fine_guide=fine)
    # Interpolation widens an edge; drawing it in takes the old background's rim along.
    tight = min(0.05, 0.02 * (fine.shape[1] / rgb.shape[1] - 1))
    sharp = np.clip((sharp - 0.03 - tight) / (0.94 - 2 * tight), 0, 1)
    plain = np.clip((plain - tight) / (1 - 2 * tight), 0, 1)
    band = cv2.blur(((plain > 0.02) & (plain < 0.98)).astype(np.float32), (5, 5))
    return plain + np.minimum(1, 2 * band) * (sharp - plain)


def _inside(window: Frame, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The whole photo pixels that the frame covers."""
    top, left = max(0, int(window.y)), max(0, int(window.x))
    low = min(shape[0], round(window.y + window.height + 0.5))
    right = min(shape[1], round(window.x + window.width + 0.5))
    return slice(top, low), slice(left, right)


def _placed(
    layer: "np.ndarray", left: int, top: int, size: tuple[int, int], border: int
) -> "np.ndarray":
    """Lay a layer at (left, top) of a canvas of `size`, cut or extended by `border`.

    A gap of up to 3 pixels is rounding, not free space, and is closed by repeating the rim.
    """
    import cv2

    right, low = size[0] - left - layer.shape[1], size[1] - top - layer.shape[0]
    cut = layer[max(0, -top) : layer.shape[0] + min(0, low)]
    cut = cut[:, max(0, -left) : layer.shape[1] + min(0, right)]
    for reach, method in ((3, cv2.BORDER_REPLICATE), (None, border)):
        gaps = [max(0, gap) for gap in (top, low, left, right)]
        a, b, c, d = (gap if reach is None or gap <= reach else 0 for gap in gaps)
        cut = cv2.copyMakeBorder(cut, a, b, c, d, method)
        top, low, left, right = top - a, low - b, left - c, right - d
    return cut
