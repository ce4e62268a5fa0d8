"""The fast guided filter with a colour guide (He, Sun and Tang 2013; He and Sun 2015)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def guided_filter(
    guide: "np.ndarray",
    target: "np.ndarray",
    radius: int,
    eps: float,
    fine_guide: "np.ndarray | None" = None,
) -> "np.ndarray":
    """Make `target` follow the edges of `guide`: float32 HxW from HxW and uint8 HxWx3.

    `radius` is in pixels and `eps` in squared levels 0..1. With `fine_guide` (larger, same field
    of view) the result has its size: joint upsampling.
    """
    import cv2
    import numpy as np

    small = guide.astype(np.float32) / 255
    slope, shift = _coefficients(small, target.astype(np.float32), radius, eps)
    fine = guide if fine_guide is None else fine_guide
    size = (fine.shape[1], fine.shape[0])
    if fine is not guide:
        slope = cv2.resize(slope, size, interpolation=cv2.INTER_LINEAR)
        shift = cv2.resize(shift, size, interpolation=cv2.INTER_LINEAR)
    followed = (slope * (fine.astype(np.float32) / 255)).sum(2) + shift
    return np.clip(followed, 0, 1)


def _coefficients(
    guide: "np.ndarray", target: "np.ndarray", radius: int, eps: float
) -> "tuple[np.ndarray, np.ndarray]":
    """Local linear model target = slope . guide + shift, averaged over windows."""
    import cv2
    import numpy as np

    window = (2 * radius + 1, 2 * radius + 1)
    mean_guide, mean = cv2.blur(guide, window), cv2.blur(target, window)
    covariance = cv2.blur(guide * target[..., None], window) - mean_guide * mean[..., None]
    slope = _solve(_variance(guide, mean_guide, window, eps), covariance)
    shift = mean - (slope * mean_guide).sum(2)
    return cv2.blur(slope, window), cv2.blur(np.ascontiguousarray(shift), window)


def _variance(
    guide: "np.ndarray", mean: "np.ndarray", window: tuple[int, int], eps: float
) -> "dict[str, np.ndarray]":
    """The six entries of each window's 3x3 colour covariance, `eps` added to the diagonal."""
    import cv2

    entries = {}
    for name, a, b in (
        ("rr", 0, 0),
        ("rg", 0, 1),
        ("rb", 0, 2),
        ("gg", 1, 1),
        ("gb", 1, 2),
        ("bb", 2, 2),
    ):
        product = cv2.blur(guide[..., a] * guide[..., b], window) - mean[..., a] * mean[..., b]
        entries[name] = product + eps if a == b else product
    return entries


def _solve(v: "dict[str, np.ndarray]", covariance: "np.ndarray") -> "np.ndarray":
    """Solve the symmetric 3x3 systems by cofactors."""
    import numpy as np

    rr = v["gg"] * v["bb"] - v["gb"] ** 2
    rg = v["gb"] * v["rb"] - v["rg"] * v["bb"]
    rb = v["rg"] * v["gb"] - v["gg"] * v["rb"]
    gg = v["rr"] * v["bb"] - v["rb"] ** 2
    gb = v["rb"] * v["rg"] - v["rr"] * v["gb"]
    bb = v["rr"] * v["gg"] - v["rg"] ** 2
    det = v["rr"] * rr + v["rg"] * rg + v["rb"] * rb
    r, g, b = covariance[..., 0], covariance[..., 1], covariance[..., 2]
    rows = (rr * r + rg * g + rb * b, rg * r + gg * g + gb * b, rb * r + gb * g + bb * b)
    return (np.stack(rows, 2) / np.maximum(det, 1e-12)[..., None]).astype(np.float32)
