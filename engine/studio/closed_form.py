"""Closed-form matting (Levin, Lischinski and Weiss 2008) in a narrow band, with a prior.

Alpha is taken to be an affine function of colour in every 3x3 window; the sparse system has one
unknown per pixel of the band and is solved by conjugate gradients from the prior.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from scipy.sparse import csr_matrix

EPS = 1e-5
TRUST = 1e-2
ROUNDS = 30
RTOL = 1e-3
NEAR = range(-2, 3)


def closed_form(
    rgb: "np.ndarray",
    prior: "np.ndarray",
    unknown: "np.ndarray",
    trust: "float | np.ndarray" = TRUST,
) -> "np.ndarray":
    """Solve for alpha where `unknown`: float32 HxW 0..1, elsewhere `prior` unchanged.

    `rgb` is uint8 HxWx3, `prior` float32 HxW 0..1 and `unknown` bool HxW. `trust` (a number, or
    float32 HxW) is the weight of the prior in the band: a data term like that of Wang and Cohen
    (2007), without which busy backgrounds leak in. Pixels within 2 of the rim are never solved.
    """
    import numpy as np

    band = unknown.copy()
    band[:2], band[-2:], band[:, :2], band[:, -2:] = False, False, False, False
    if not band.any():
        return prior
    rows, columns = _window(band)
    part = np.ascontiguousarray(rgb[rows, columns])
    start, where = np.ascontiguousarray(prior[rows, columns]), band[rows, columns]
    solved = prior.copy()
    weight = np.broadcast_to(np.float32(trust), prior.shape)[rows, columns]
    solved[rows, columns] = _solve(part.astype(np.float32) / 255, start, where, weight)
    return solved


def _window(band: "np.ndarray") -> tuple[slice, slice]:
    """The smallest part of the picture that holds the band and two pixels around it."""
    import numpy as np

    rows, columns = np.flatnonzero(band.any(1)), np.flatnonzero(band.any(0))
    return slice(rows[0] - 2, rows[-1] + 3), slice(columns[0] - 2, columns[-1] + 3)


def _solve(
    rgb: "np.ndarray", prior: "np.ndarray", band: "np.ndarray", trust: "np.ndarray"
) -> "np.ndarray":
    import numpy as np
    from scipy.sparse import diags
    from scipy.sparse.linalg import cg

    inside = np.flatnonzero(band)
    matrix, known = _system(rgb, prior, band, inside)
    weight = trust.ravel()[inside]
    diagonal = matrix.diagonal() + weight
    matrix.setdiag(diagonal)
    jacobi = diags(1 / diagonal)
    start = prior.ravel()[inside]
    found, _ = cg(matrix, known + weight * start, start, rtol=RTOL, maxiter=ROUNDS, M=jacobi)
    solved = prior.ravel().copy()
    solved[inside] = np.clip(found, 0, 1)
    return solved.reshape(prior.shape)


def _system(
    rgb: "np.ndarray", prior: "np.ndarray", band: "np.ndarray", inside: "np.ndarray"
) -> "tuple[csr_matrix, np.ndarray]":
    """The Laplacian among the band's pixels, and the pull of their known neighbours."""
    import numpy as np
    from scipy.sparse import csr_matrix

    stride = band.shape[1]
    bands = _laplacian(rgb, band)
    steps = np.array([dy * stride + dx for dy in NEAR for dx in NEAR])
    columns = inside[:, None] + steps
    number = np.full(band.size, -1, np.int32)
    number[inside] = np.arange(len(inside), dtype=np.int32)
    among = number[columns]
    known = -np.where(among < 0, bands * prior.ravel()[columns], 0).sum(1)
    ends = np.concatenate([[0], np.cumsum((among >= 0).sum(1))])
    values = bands[among >= 0], among[among >= 0], ends
    return csr_matrix(values, shape=(len(inside), len(inside))), known.astype(np.float32)


def _laplacian(rgb: "np.ndarray", band: "np.ndarray") -> "np.ndarray":
    """The 25 entries of each band pixel's row, float32 (N,25), in the order of `NEAR` squared."""
    import cv2
    import numpy as np

    centres = np.flatnonzero(cv2.dilate(band.astype(np.uint8), np.ones((3, 3), np.uint8)))
    stride = band.shape[1]
    offsets = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    flat = rgb.reshape(-1, 3)
    colours = np.stack([flat[centres + dy * stride + dx] for dy, dx in offsets], 1)
    colours -= colours.mean(1, keepdims=True)
    shares = (1 + colours @ _inverse_covariance(colours) @ colours.transpose(0, 2, 1)) / 9
    shares = np.eye(9, dtype=np.float32)[..., None] - shares.transpose(1, 2, 0)
    entries = np.zeros((25, band.size), np.float32)
    for i, (ay, ax) in enumerate(offsets):
        at = centres + ay * stride + ax
        for j, (by, bx) in enumerate(offsets):
            entries[(by - ay + 2) * 5 + bx - ax + 2][at] += shares[i, j]
    return np.ascontiguousarray(entries[:, np.flatnonzero(band)].T)


def _inverse_covariance(centred: "np.ndarray") -> "np.ndarray":
    """The inverse of each window's 3x3 colour covariance, float32 (N,3,3), regularised."""
    import numpy as np

    covariance = centred.transpose(0, 2, 1) @ centred / 9
    return np.linalg.inv(covariance + np.eye(3, dtype=np.float32) * (EPS / 9))
