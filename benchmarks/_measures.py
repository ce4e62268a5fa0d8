"""How far a cut-out is from the truth: the errors the matting literature reports, and spill.

SAD, MSE and gradient error: Rhemann et al., "A perceptually motivated online benchmark for image
matting" (CVPR 2009).
"""

import cv2
import numpy as np

from benchmarks._sitters import Sitter
from engine.studio.colour import to_linear

SIGMA = 1.4
EDGE = (0.05, 0.95)


def sad(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Sum of absolute differences of two mattes, float32 HxW 0..1, in thousands of pixels."""
    return float(np.abs(alpha - truth).sum(dtype=np.float64) / 1000)


def mse(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Mean squared difference of two mattes over the whole picture, in thousandths."""
    return float(np.square(alpha - truth).mean(dtype=np.float64) * 1000)


def gradient_error(alpha: np.ndarray, truth: np.ndarray) -> float:
    """Summed squared difference of gradient magnitudes (Gaussian derivatives), in thousands."""
    return float(np.square(_steepness(alpha) - _steepness(truth)).sum(dtype=np.float64) / 1000)


def _steepness(alpha: np.ndarray) -> np.ndarray:
    reach = np.arange(-5, 6, dtype=np.float32)
    bell = np.exp(-(reach**2) / (2 * SIGMA**2)) / (SIGMA * np.sqrt(2 * np.pi))
    slope = -reach * bell / SIGMA**2
    scale = np.linalg.norm(np.outer(bell, slope))
    across = cv2.sepFilter2D(alpha, cv2.CV_32F, slope, bell) / scale
    along = cv2.sepFilter2D(alpha, cv2.CV_32F, bell, slope) / scale
    return cv2.magnitude(across, along)


def spill(
    clean: np.ndarray, alpha: np.ndarray, foreground: np.ndarray, truth: np.ndarray, old: np.ndarray
) -> float:
    """Share of the old background's colour left in the edge: 0 is clean, 1 all of it.

    `clean` is the estimated colour and `alpha` the estimated matte; `foreground`, `truth` and `old`
    (the background) are known. Pictures are uint8 HxWx3 sRGB, mattes float32 HxW. In linear light,
    the error along the line from subject to background, as a share of its length, by least squares
    over the true matte's half-transparent pixels; a pixel counts as much as it will show.
    """
    band = (truth > EDGE[0]) & (truth < EDGE[1]) & (alpha > 0.02)
    if not band.any():
        return 0.0
    own, back, found = (_linear(layer, band) for layer in (foreground, old, clean))
    away = back - own
    weight = alpha[band, None]
    return float((weight * (found - own) * away).sum() / max(1e-9, (weight * away**2).sum()))


def _linear(picture: np.ndarray, band: np.ndarray) -> np.ndarray:
    return to_linear(picture[band][None])[0].astype(np.float64)


def all_measures(alpha: np.ndarray, clean: np.ndarray, sitter: Sitter) -> dict[str, float]:
    """Every measure of one cut-out of a sitter. Raises ValueError for one without truth."""
    truth, own, old = sitter.alpha, sitter.foreground, sitter.background
    if truth is None or own is None or old is None:
        raise ValueError(f"nothing is known of {sitter.name}")
    return {
        "sad": sad(alpha, truth),
        "mse": mse(alpha, truth),
        "gradient": gradient_error(alpha, truth),
        "spill": spill(clean, alpha, own, truth, old),
    }
