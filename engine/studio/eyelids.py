"""Whether the eyes are open, read off the picture as well as off the mesh.

The mesh alone cannot tell: it gives a shut eye 70 % of an open one's lid gap, which is as much as a
laughing or narrow eye has. So two things that only an open eye shows are added: edges that stand
upright (the iris), and something paler than skin that is not dark (the white of the eye).
"""

from typing import TYPE_CHECKING

from engine.studio.faces import LIDS, features

if TYPE_CHECKING:
    import numpy as np

WIDTH, HEIGHT = 64, 48
EYE = 0.6 * WIDTH
UPRIGHT, PALE = 0.5, 0.3


def openness(rgb: "np.ndarray", landmarks: "np.ndarray") -> float:
    """The more open eye's score: 0.61 and more in open eyes, 0.36 to 0.76 in shut ones.

    uint8 HxWx3 sRGB, landmarks float32 (468,3) in pixels. Measured on 29 people of all skins, three
    of them laughing, and on the same faces with their lids drawn down. Blur, noise, JPEG and
    darkness take open eyes down to 0.54; below 0.52 lie none of them and a third of the shut.
    """
    import numpy as np

    patches = [_eye(rgb, landmarks, corners) for _, _, *corners in LIDS]
    upright = max(_upright_edges(patch) for patch in patches)
    pale = max(_paleness(patch) for patch in patches)
    return float(UPRIGHT * upright + PALE * pale + np.float32(features(landmarks).eyes_open))


def _eye(rgb: "np.ndarray", landmarks: "np.ndarray", corners: list[int]) -> "np.ndarray":
    """An eye, levelled, its corners `EYE` pixels apart in the middle of a small picture."""
    import cv2
    import numpy as np

    left, right = landmarks[corners, :2]
    across, middle = right - left, (left + right) / 2
    down = middle + np.array((-across[1], across[0])) / 2
    inset = (WIDTH - EYE) / 2
    here = np.array((left, right, down), np.float32)
    there = np.array(
        ((inset, HEIGHT / 2), (WIDTH - inset, HEIGHT / 2), (WIDTH / 2, HEIGHT / 2 + EYE / 2)),
        np.float32,
    )
    (x, y), reach = middle, max(4.0, float(np.hypot(*across)))
    top, edge = max(0, int(y - 1.2 * reach)), max(0, int(x - 1.2 * reach))
    part = rgb[top : max(top + 2, int(y + 1.2 * reach)), edge : max(edge + 2, int(x + 1.2 * reach))]
    if min(part.shape[:2]) < 2:
        return np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    scale = EYE / reach
    if scale < 1:
        part = cv2.GaussianBlur(part, (0, 0), 0.5 / scale)
    matrix = cv2.getAffineTransform(here - np.array((edge, top), np.float32), there)
    small = cv2.warpAffine(part, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    return cv2.GaussianBlur(small, (0, 0), 1.2)


def _upright_edges(patch: "np.ndarray") -> float:
    """Contrast along the eye over contrast across it: shut lids are level lines."""
    import cv2
    import numpy as np

    grey = _middle(cv2.cvtColor(patch, cv2.COLOR_RGB2GRAY).astype(np.float32), 0.22, 0.35)
    along, across = (float(np.abs(np.diff(grey, axis=axis)).mean()) for axis in (1, 0))
    return along / max(across, 0.5)


def _paleness(patch: "np.ndarray") -> float:
    """How much less colour than the skin below it something in the eye has that is not dark."""
    import cv2
    import numpy as np

    lab = cv2.cvtColor(patch.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    below, aside = round(HEIGHT / 2 + 0.35 * EYE), round(WIDTH / 2 - 0.4 * EYE)
    skin = np.median(lab[below:, aside : WIDTH - aside].reshape(-1, 3), axis=0)
    eye = _middle(lab, 0.18, 0.45)
    colour = np.hypot(eye[..., 1], eye[..., 2]) / max(4.0, float(np.hypot(*skin[1:])))
    lit = eye[..., 0] > 0.55 * skin[0]
    return float(np.percentile(np.where(lit, 1 - colour, 0), 96))


def _middle(patch: "np.ndarray", tall: float, wide: float) -> "np.ndarray":
    rows, columns = round(tall * EYE), round(wide * EYE)
    y, x = HEIGHT // 2, WIDTH // 2
    return patch[y - rows : y + rows, x - columns : x + columns]
