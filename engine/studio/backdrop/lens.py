"""What a lens makes of a wall behind the sitter: the size of its blur discs, and the blur."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

SENSOR = 24.0
"""Short side of a full-frame sensor held upright, millimetres."""
COARSE = 32
"""Discs are drawn at most this wide, pixels: larger ones on a smaller copy."""


@dataclass(frozen=True, slots=True)
class Lens:
    """A portrait lens before a sitter and a wall; all distances in millimetres."""

    focal: float = 85.0
    aperture: float = 2.8
    subject: float = 1800.0
    wall: float = 3300.0

    def disc_share(self) -> float:
        """Diameter of the wall's blur disc as a share of the frame's width.

        Thin lens: f² (wall - subject) / (N wall (subject - f)), over a sensor 24 mm wide.
        """
        blur = self.focal**2 * (self.wall - self.subject)
        return blur / (self.aperture * self.wall * (self.subject - self.focal)) / SENSOR


WIDE_OPEN, STOPPED = 1.8, 2.8


def lens_from(spec: Mapping[str, str | int | float], kind: str = "") -> Lens:
    """The lens a spec asks for (`lens_mm`, `aperture`); 85 mm at f/2.8 where it says nothing.

    Lights and leaves are photographed wide open. The camera moves so that the sitter stays as
    large; the wall stays 1.5 m behind them.
    """
    focal = float(spec.get("lens_mm", 85))
    usual = WIDE_OPEN if kind in ("foliage", "city") else STOPPED
    subject = 1800.0 * focal / 85
    return Lens(focal, float(spec.get("aperture", usual)), subject, subject + 1500)


def lens_blur(linear: np.ndarray, diameter: float) -> np.ndarray:
    """Convolve float32 linear light with a disc of `diameter` pixels; edges are reflected.

    Discs over 32 pixels are laid on a smaller copy: what they would cut off is not there any more.
    """
    import cv2

    if diameter < 1.5:
        return linear
    shrink = max(1.0, diameter / COARSE)
    size = (max(1, round(linear.shape[1] / shrink)), max(1, round(linear.shape[0] / shrink)))
    small = linear if shrink == 1 else cv2.resize(linear, size, interpolation=cv2.INTER_AREA)
    disc = disc_kernel(diameter / shrink)
    soft = cv2.filter2D(small, -1, disc, borderType=cv2.BORDER_REFLECT_101)
    if shrink == 1:
        return soft
    whole = (linear.shape[1], linear.shape[0])
    return cv2.resize(soft, whole, interpolation=cv2.INTER_CUBIC).clip(0)


def disc_kernel(diameter: float) -> np.ndarray:
    """A disc with a soft rim whose weights sum to 1, float32."""
    radius = max(0.5, diameter / 2)
    reach = math.ceil(radius)
    line = np.arange(-reach, reach + 1, dtype=np.float32)
    disc = np.clip(radius + 0.5 - np.hypot(line[None], line[:, None]), 0, 1)
    return (disc / disc.sum()).astype(np.float32)
