"""The soft alpha of the person: rembg's U2-Net, mended where it fails and refined to hair."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engine.studio.crop import SOLID
from engine.studio.guided import guided_filter
from engine.studio.leftover import leftover
from engine.studio.mend import disc, mend, only_the_sitter
from engine.studio.person import PersonFinder, agree, sure_core, unlikely

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.faces import Anatomy

Profile = Literal["u2net", "u2netp"]

NET_SIDE = 1024
FACE_SHARE = 0.37
FEATHER = 0.035
EPS = 4e-4
HAZE, FULL = 0.10, 0.94


class Matter:
    """Cuts people out of uint8 HxWx3 RGB pictures. Loads its network on first use."""

    def __init__(self, weights: Callable[[str], Path], profile: Profile = "u2net") -> None:
        self._weights = weights
        self._profile: Profile = profile
        self._session: Any = None
        self._person = PersonFinder()

    def alpha(self, rgb: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
        """The matte of the person with this face, float32 HxW 0..1. Raises `WeightsMissing`.

        The network sees 320² pixels, so a person who fills little of the photo is looked at
        twice: the second time from near by.
        """
        import numpy as np

        rough = self._predict_with_air(rgb, anatomy)
        left, top, right, low = _person_box(rough, anatomy, rgb.shape)
        if (right - left) * (low - top) < 0.6 * rough.size:
            near = np.zeros_like(rough)
            near[top:low, left:right] = self._predict_with_air(rgb[top:low, left:right], anatomy)
            rough = near
        person = self._person.find(rgb, anatomy)
        mended = mend(rgb, agree(rough, person, anatomy), anatomy)
        stale = leftover(rgb, mended, anatomy.width) * unlikely(person)
        return refine(rgb, mended * (1 - stale), anatomy.width, sure_core(person, anatomy))

    def _predict_with_air(self, rgb: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
        """Predict a tight portrait with its rim repeated around it.

        Where a face fills the frame the network takes the face alone for the subject and drops
        the hair; with air around it, it sees a head.
        """
        import cv2

        width = rgb.shape[1]
        air = max(0, round((anatomy.width / FACE_SHARE - width) / 2))
        if not air:
            return self._predict(rgb)
        airy = cv2.copyMakeBorder(rgb, air, 0, air, air, cv2.BORDER_REPLICATE)
        return self._predict(airy)[air:, air : air + width]

    def _predict(self, rgb: "np.ndarray") -> "np.ndarray":
        import cv2
        import numpy as np
        from PIL import Image

        scale = min(1.0, NET_SIDE / max(rgb.shape[:2]))
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
        mask = self._load().predict(Image.fromarray(small))[0]
        alpha = np.asarray(mask, np.float32) / 255
        whole = (rgb.shape[1], rgb.shape[0])
        return cv2.resize(alpha, whole, interpolation=cv2.INTER_LINEAR)

    def _load(self) -> Any:  # noqa: ANN401  rembg is untyped
        if self._session is None:
            self._session = _open_session(self._weights(self._profile), self._profile)
        return self._session


def refine(
    rgb: "np.ndarray", alpha: "np.ndarray", face_width: float, core: "np.ndarray"
) -> "np.ndarray":
    """Let the edge follow the photo: float32 HxW. Only a band around the edge can change.

    `core` (0..1) is surely the sitter: nothing is taken away there.
    """
    import cv2
    import numpy as np

    radius = max(2, round(FEATHER * face_width))
    followed = guided_filter(rgb, alpha, radius, EPS)
    followed = np.clip((followed - HAZE) / (FULL - HAZE), 0, 1)
    inside = cv2.erode((alpha > 0.95).astype(np.uint8), disc(radius))
    around = cv2.dilate((alpha > 0.05).astype(np.uint8), disc(radius))
    edge = np.where(inside > 0, np.float32(1), np.where(around > 0, followed, np.float32(0)))
    return np.maximum(edge, core)


def _open_session(path: Path, profile: Profile) -> Any:  # noqa: ANN401  rembg is untyped
    """A rembg session on our own file, so that it never looks for a download."""
    session_class = _session_class(profile)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    # The arena keeps 2.3 GB for a network that needs 0.6.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    local = type("LocalSession", (session_class,), {"download_models": lambda *_, **__: str(path)})
    return local(profile, options, providers=["CPUExecutionProvider"])


def _session_class(profile: Profile) -> Any:  # noqa: ANN401  rembg is untyped
    """Import rembg without compiling pymatting, which we do not use: 80 CPU-seconds saved."""
    before = os.environ.get("NUMBA_DISABLE_JIT")
    os.environ["NUMBA_DISABLE_JIT"] = "1"
    try:
        from rembg.sessions.u2net import U2netSession
        from rembg.sessions.u2netp import U2netpSession
    finally:
        if before is None:
            del os.environ["NUMBA_DISABLE_JIT"]
        else:
            os.environ["NUMBA_DISABLE_JIT"] = before
    return U2netSession if profile == "u2net" else U2netpSession


def _person_box(
    alpha: "np.ndarray", anatomy: "Anatomy", shape: tuple[int, ...]
) -> tuple[int, int, int, int]:
    """Left, top, right, low of the sitter with 12 % of air, never less than the bust."""
    import numpy as np

    rows, columns = np.nonzero(only_the_sitter(alpha, anatomy) > SOLID)
    x, y, face = anatomy.eyes[0], anatomy.eyes[1], anatomy.width
    xs = np.append(columns, [x - 1.6 * face, x + 1.6 * face])
    ys = np.append(rows, [y - 1.2 * face, y + 2.5 * face])
    air = 0.12 * max(float(np.ptp(xs)), float(np.ptp(ys)))
    left, top = max(0, round(float(xs.min()) - air)), max(0, round(float(ys.min()) - air))
    right = min(shape[1], round(float(xs.max()) + air))
    return left, top, right, min(shape[0], round(float(ys.max()) + air))
