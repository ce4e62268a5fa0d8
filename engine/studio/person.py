"""Where a person surely is: MediaPipe's selfie segmentation, as a second opinion on the matte.

`person.tflite` is `selfie_segmentation.tflite` of MediaPipe (Google, Apache-2.0, commercial use
allowed) in which `tools/plain_person_net.py` replaced the one custom operator, a transposed
convolution with bias, by the standard operator of the same meaning. 250 kB, 6 ms.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.studio.mend import disc, only_the_sitter

if TYPE_CHECKING:
    import numpy as np

    from engine.studio.faces import Anatomy

NET = Path(__file__).with_name("person.tflite")
SIDE = 256
REACH = 2.4
SURE, PERHAPS = 0.9, 0.06
CORE, AROUND = 0.03, 0.16


class PersonFinder:
    """Finds the person around a face. Loads its network on first use."""

    def __init__(self) -> None:
        self._net: Any = None

    def find(self, rgb: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
        """How surely each pixel is the person: float32 HxW 0..1, 0.5 where nobody looked.

        The network knows selfies: it is shown `REACH` face widths around the face.
        """
        import cv2
        import numpy as np

        left, top, right, low = _window(anatomy, rgb.shape)
        part = cv2.resize(rgb[top:low, left:right], (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        seen = self._run((part.astype(np.float32) / 255)[None])
        found = np.full(rgb.shape[:2], 0.5, np.float32)
        size = (right - left, low - top)
        found[top:low, left:right] = cv2.resize(seen, size, interpolation=cv2.INTER_LINEAR)
        return found

    def _run(self, tensor: "np.ndarray") -> "np.ndarray":
        import numpy as np
        import openvino

        if self._net is None:
            self._net = openvino.Core().compile_model(str(NET), "CPU", {"INFERENCE_NUM_THREADS": 1})
        return np.array(self._net(tensor)[0]).reshape(SIDE, SIDE)


def sure_core(person: "np.ndarray", anatomy: "Anatomy") -> "np.ndarray":
    """Float32 HxW, 1 well inside the person who owns the face, with a soft rim."""
    import cv2
    import numpy as np

    sure = only_the_sitter((person > SURE).astype(np.float32), anatomy) > 0.5
    closed = cv2.morphologyEx(sure.astype(np.uint8), cv2.MORPH_CLOSE, disc(3))
    # Beyond the frame the person goes on: its edge is no edge of theirs.
    rim = max(2, round(CORE * anatomy.width))
    grown = cv2.copyMakeBorder(closed, rim, rim, rim, rim, cv2.BORDER_REPLICATE)
    core = cv2.erode(grown, disc(rim))[rim:-rim, rim:-rim]
    return cv2.GaussianBlur(core.astype(np.float32), (0, 0), rim / 3)


def unlikely(person: "np.ndarray") -> "np.ndarray":
    """Where no person is to be expected: float32 HxW 0..1."""
    import numpy as np

    return np.clip((0.7 - person) / 0.4, 0, 1)


def agree(alpha: "np.ndarray", person: "np.ndarray", people: "list[Anatomy]") -> "np.ndarray":
    """The matte, held to the second opinion: float32 HxW.

    What is surely person is kept whatever the matte lost (dark hair on a dark wall); what is far
    from any person is dropped unless the matte is certain of it (a hat, a guitar).
    """
    import numpy as np

    cores = [sure_core(person, one) for one in people]
    kept = np.maximum.reduce([alpha, *cores, _lost(alpha, person, cores, people)])
    allowed = _surroundings(person, AROUND * max(one.width for one in people))
    return np.where(alpha > 0.95, kept, kept * allowed)


def _lost(
    alpha: "np.ndarray",
    person: "np.ndarray",
    cores: "list[np.ndarray]",
    people: "list[Anatomy]",
) -> "np.ndarray":
    """The second opinion up to its own edge where the matte missed a whole part (a headscarf)."""
    import cv2
    import numpy as np

    face = max(one.width for one in people)
    missed = ((np.maximum.reduce(cores) > 0.9) & (alpha < 0.5)).astype(np.uint8)
    parts = cv2.morphologyEx(missed, cv2.MORPH_OPEN, np.ones((2 * max(1, round(0.05 * face)),) * 2))
    if not parts.any():
        return np.zeros_like(alpha)
    reach = np.ones((2 * max(1, round(0.12 * face)) + 1,) * 2, np.uint8)
    return person * (cv2.dilate(parts, reach) > 0) * (person > 0.5)


def _surroundings(person: "np.ndarray", reach: float) -> "np.ndarray":
    """Where a person may be, `reach` pixels wider, with a soft rim; on a copy of 512 pixels."""
    import cv2
    import numpy as np

    scale = min(1.0, 2 * SIDE / max(person.shape))
    size = (max(1, round(person.shape[1] * scale)), max(1, round(person.shape[0] * scale)))
    small = cv2.resize((person > PERHAPS).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    radius = max(2, round(reach * scale))
    near = cv2.dilate((small > 0).astype(np.uint8), disc(radius)).astype(np.float32)
    soft = cv2.GaussianBlur(near, (0, 0), radius / 3)
    whole = (person.shape[1], person.shape[0])
    return cv2.resize(soft, whole, interpolation=cv2.INTER_LINEAR)


def _window(anatomy: "Anatomy", shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    x, face = anatomy.eyes[0], anatomy.width
    left, right = max(0, round(x - REACH * face)), min(shape[1], round(x + REACH * face))
    top = max(0, round(anatomy.eyes[1] - 1.6 * face))
    low = min(shape[0], round(anatomy.chin + 1.6 * face))
    return left, top, right, max(top + 1, low)
