"""Numbers a photographer would name, read from one picture and its 468-point face mesh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.studio.generate.nets import Pixels

Points = NDArray[np.float32]

INNER_LIPS = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178)
CHEEKS = (50, 101, 205, 280, 330, 425)
FOREHEAD = (151, 108, 337, 9)
LIDS = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
)
LEFT_EYE, RIGHT_EYE = (33, 133, 159, 145), (263, 362, 386, 374)


@dataclass(frozen=True)
class Look:
    """Measures of one portrait; lengths are in units of the eye distance.

    Attributes:
        width: Mouth width over eye distance, about .9 closed to 1.4 in a grin.
        lift: Mouth corners above the middle of the lips, about -.1 to .2.
        gap: Opening between the inner lips, 0 or more.
        teeth: Bright, colourless share of the inner mouth, 0..1, times the gap.
        yaw: Head turn in degrees, 0 straight at the lens.
        roll: Head tilt in degrees.
        eyes: Relative difference between the two eyes' openings, 0..1.
        sharp: Detail at the eyes: standard deviation of the Laplacian over that of the luma.
        light: L* of the whites of the darker eye: how well the face is lit, whatever its skin.
        skin: L*, a*, b* of cheeks and forehead.
        hair: L*, a*, b* of the zone above the forehead, bare skin left out.
        bare: Share of that zone that looks like skin, 0..1.
        backdrop: L*, a*, b* of the upper corners.
        mottle: Standard deviation of the corners' L*, 0 for a plain backdrop.
        bridge: Edge energy between the eyes, high where spectacles sit.
        eyeline: Height of the eyes as a share of the picture, 0 at the top.
        edge: Share of the side edges that is skin-coloured: another person's face or hand.
    """

    width: float
    lift: float
    gap: float
    teeth: float
    yaw: float
    roll: float
    eyes: float
    sharp: float
    light: float
    skin: tuple[float, float, float]
    hair: tuple[float, float, float]
    bare: float
    backdrop: tuple[float, float, float]
    mottle: float
    bridge: float
    eyeline: float
    edge: float = 0.0

    @property
    def tone(self) -> float:
        """Individual typology angle of the skin in degrees: over 41 light, under 10 dark."""
        return float(np.degrees(np.arctan2(self.skin[0] - 50.0, max(self.skin[2], 1e-3))))


def look_of(picture: Pixels, mesh: Points) -> Look:
    """Measure a square RGB picture with its mesh (468, 3) in pixels."""
    import cv2

    scaled = picture.astype(np.float32) / 255.0
    lab = np.asarray(cv2.cvtColor(scaled, cv2.COLOR_RGB2LAB), np.float32)
    unit = float(np.linalg.norm(_middle(mesh, RIGHT_EYE) - _middle(mesh, LEFT_EYE)))
    backdrop, mottle = _backdrop(lab)
    skin = _median(_patches(lab, mesh[list(CHEEKS + FOREHEAD), :2], unit * 0.08))
    hair, bare = _hair(lab, mesh, unit, skin)
    return Look(
        **_mouth(picture, mesh, unit),
        **_pose(mesh),
        eyes=_eye_difference(mesh),
        sharp=_eye_detail(lab[:, :, 0], mesh, unit),
        light=_eye_white(lab[:, :, 0], mesh),
        skin=skin,
        hair=hair,
        bare=bare,
        backdrop=backdrop,
        mottle=mottle,
        bridge=_bridge(lab[:, :, 0], mesh, unit),
        eyeline=float(_middle(mesh, LEFT_EYE + RIGHT_EYE)[1] / picture.shape[0]),
        edge=_edge_skin(lab, skin, backdrop),
    )


def _middle(mesh: Points, points: tuple[int, ...]) -> NDArray[np.float32]:
    return mesh[list(points), :2].mean(0)


def _median(values: NDArray[np.float32]) -> tuple[float, float, float]:
    if not len(values):
        return (0.0, 0.0, 0.0)
    middle = np.median(values.reshape(-1, 3), axis=0)
    return (float(middle[0]), float(middle[1]), float(middle[2]))


def _mouth(picture: Pixels, mesh: Points, unit: float) -> dict[str, float]:
    corners, centre = mesh[[61, 291], :2], mesh[[13, 14], :2]
    gap = float(np.linalg.norm(centre[1] - centre[0])) / unit
    return {
        "width": float(np.linalg.norm(corners[1] - corners[0])) / unit,
        "lift": float(centre.mean(0)[1] - corners.mean(0)[1]) / unit,
        "gap": gap,
        "teeth": _teeth(picture, mesh) * gap,
    }


def _teeth(picture: Pixels, mesh: Points) -> float:
    """Share of the inner mouth that is brighter than 110 and nearly colourless."""
    import cv2

    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(mesh[list(INNER_LIPS), :2]).astype(np.int32)], (1,))
    inside = picture[mask > 0].astype(np.float32)
    if len(inside) < 20:
        return 0.0
    peak = inside.max(1)
    grey = (peak - inside.min(1)) / (peak + 1.0)
    return float(((peak > 110) & (grey < 0.35)).mean())


def _pose(mesh: Points) -> dict[str, float]:
    across = mesh[list(RIGHT_EYE)].mean(0) - mesh[list(LEFT_EYE)].mean(0)
    return {
        "yaw": float(np.degrees(np.arctan2(across[2], across[0]))),
        "roll": float(np.degrees(np.arctan2(across[1], across[0]))),
    }


def _eye_difference(mesh: Points) -> float:
    openings = [
        float(np.linalg.norm(mesh[e[2], :2] - mesh[e[3], :2])) for e in (LEFT_EYE, RIGHT_EYE)
    ]
    return abs(openings[0] - openings[1]) / max(*openings, 1.0)


def _window(plane: NDArray[Any], centre: NDArray[np.float32], half: float) -> NDArray[Any]:
    x, y, r = int(centre[0]), int(centre[1]), max(2, int(half))
    return plane[max(0, y - r) : max(0, y + r), max(0, x - r) : max(0, x + r)]


def _patches(lab: NDArray[np.float32], centres: Points, half: float) -> NDArray[np.float32]:
    return np.concatenate([_window(lab, c, half).reshape(-1, 3) for c in centres])


def _eye_detail(luma: NDArray[np.float32], mesh: Points, unit: float) -> float:
    import cv2

    ratios: list[float] = []
    for eye in (LEFT_EYE, RIGHT_EYE):
        patch = np.ascontiguousarray(_window(luma, _middle(mesh, eye), unit * 0.22))
        if patch.size < 64:
            return 0.0
        ratios.append(float(cv2.Laplacian(patch, cv2.CV_32F).std() / (patch.std() + 1.0)))
    return min(ratios)


def _eye_white(luma: NDArray[np.float32], mesh: Points) -> float:
    """L* that a twelfth of the area between the lids exceeds, in the darker eye."""
    import cv2

    whites: list[float] = []
    for contour in LIDS:
        mask = np.zeros(luma.shape, np.uint8)
        cv2.fillPoly(mask, [np.round(mesh[list(contour), :2]).astype(np.int32)], (1,))
        inside = luma[mask > 0]
        whites.append(float(np.percentile(inside, 92)) if inside.size else 0.0)
    return min(whites)


def _hair(
    lab: NDArray[np.float32], mesh: Points, unit: float, skin: tuple[float, float, float]
) -> tuple[tuple[float, float, float], float]:
    """Median colour of a cap over the hairline without bare skin, and the share of bare skin."""
    top, middle = float(mesh[10, 1]), float(mesh[10, 0])
    rows = slice(max(0, int(top - 0.72 * unit)), max(1, int(top - 0.15 * unit)))
    columns = slice(max(0, int(middle - 0.6 * unit)), int(middle + 0.6 * unit))
    cap = lab[rows, columns].reshape(-1, 3)
    away = cap - np.array(skin, np.float32)
    bare = (away[:, 0] > -15.0) & (np.hypot(away[:, 1], away[:, 2]) < 10.0)
    share = float(bare.mean()) if len(cap) else 1.0
    return _median(cap[~bare] if share < 0.8 else cap), share


def _backdrop(lab: NDArray[np.float32]) -> tuple[tuple[float, float, float], float]:
    height, width = lab.shape[:2]
    rows, edge = slice(0, int(height * 0.3)), int(width * 0.09)
    zone = np.concatenate([lab[rows, :edge].reshape(-1, 3), lab[rows, -edge:].reshape(-1, 3)])
    return _median(zone), float(zone[:, 0].std())


def _edge_skin(
    lab: NDArray[np.float32], skin: tuple[float, float, float], backdrop: tuple[float, float, float]
) -> float:
    """Larger of the two sides' shares of pixels like the skin and unlike the backdrop."""
    height, width = lab.shape[:2]
    rows, edge = slice(int(height * 0.08), int(height * 0.75)), int(width * 0.07)
    shares: list[float] = []
    for side in (lab[rows, :edge], lab[rows, -edge:]):
        away = side - np.array(skin, np.float32)
        alike = (np.abs(away[..., 0]) < 20.0) & (np.hypot(away[..., 1], away[..., 2]) < 9.0)
        apart = np.linalg.norm(side - np.array(backdrop, np.float32), axis=-1) > 14.0
        shares.append(float((alike & apart).mean()))
    return max(shares)


def _bridge(luma: NDArray[np.float32], mesh: Points, unit: float) -> float:
    """Mean vertical gradient on the upper nose: a spectacle bridge crosses it."""
    import cv2

    centre = mesh[[6, 168, 197], :2].mean(0)
    patch = np.ascontiguousarray(_window(luma, centre, unit * 0.16))
    if patch.size < 64:
        return 0.0
    smooth = cv2.GaussianBlur(patch, (0, 0), max(1.0, unit * 0.01))
    return float(np.abs(cv2.Sobel(smooth, cv2.CV_32F, 0, 1)).mean())
