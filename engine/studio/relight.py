"""A gentle relight of the sitter: their own light, pushed a little towards what they asked for.

The picture is multiplied by wanted over actual shading, both of first order in the face's normals
(the ratio image of Liu, Shan and Zhang, 2001), in linear light. The ratio is wider than a nostril
and the same for all three channels: shape, pores, catchlights and hue stay what they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.studio.light import Light, Shading, skin_triangles

if TYPE_CHECKING:
    import numpy as np

MOST = 0.5
"""Stops between the most and the least lit side of the head that a push may add."""
SIDE = 256
"""Long side of the copy on which the field is drawn, pixels."""
SMOOTH, HEAD = 0.12, 0.45
"""How soft the field is on the face, and how far the face speaks for the head; face widths."""
NEAR, FADE = 0.30, 0.75
"""How far around the face the push keeps its strength, and how softly it ends; face widths."""
LEAST_SHADE = 0.40
"""Shade over the mean below which the fit is not trusted: deep shadow is never multiplied up."""
FIRM = 1.4
"""How far a strong wish is driven into the limit, so that cheeks take part and not only ears."""
HEADROOM = (0.70, 0.97)
"""Local brightness from which lightening ends, so that no highlight burns out."""
STRIP = 64


@dataclass(frozen=True, slots=True)
class Push:
    """Own `shading` and the `wanted` one; `amount` 0..0.5 stops between sides is the most done.

    `note` is the replies key of what the sitter should hear of it, "" for nothing.
    """

    shading: Shading
    wanted: Shading
    amount: float = 0.0
    note: str = ""

    def gentled(self, share: float) -> "Push":
        """The push of a second attempt, `share` 0..1 of this one; given up, its note says so."""
        if not self.amount or share >= 1:
            return self
        note = self.note if share > 0 else "note_light_kept"
        return replace(self, amount=self.amount * share, note=note)

    def asked(self, landmarks: "np.ndarray") -> "np.ndarray":
        """Exposure wished for on each skin triangle of a face, stops, float64 (n,), mean 0."""
        import numpy as np

        _, normals, areas = skin_triangles(landmarks)
        own, wanted = (
            np.maximum(one.at(normals), LEAST_SHADE) for one in (self.shading, self.wanted)
        )
        stops = np.log2(wanted / own)
        return stops - np.average(stops, weights=areas)

    def light(self, landmarks: "np.ndarray", warmth: float) -> Light:
        """The light on the face once pushed: what backdrop and shadow must agree with."""
        import numpy as np

        _, normals, areas = skin_triangles(landmarks)
        shade = np.maximum(self.shading.at(normals), LEAST_SHADE)
        moved = shade * (2 ** _limited(self.asked(landmarks), self.amount) - 1)
        design = np.column_stack([np.ones(len(normals)), normals]) * np.sqrt(areas)[:, None]
        base, right, up, front = np.linalg.lstsq(design, moved * np.sqrt(areas), rcond=None)[0]
        own = self.shading
        pushed = replace(
            own,
            base=own.base + float(base),
            right=own.right + float(right),
            up=own.up + float(up),
            front=own.front + float(front),
        )
        return replace(pushed.as_light(), warmth=warmth)


def relight(
    linear: "np.ndarray",
    alpha: "np.ndarray",
    faces: "Sequence[np.ndarray]",
    push: Push,
) -> "np.ndarray":
    """The sitter under pushed light: float32 HxWx3 linear light in 0..1, changed in place.

    `alpha` uint8 HxW is the matte, outside of which nothing changes; `faces` are the landmarks
    (468,3) of everybody in it, in pixels. About 40 ms at 2049x2732 on two cores.
    """
    import cv2
    import numpy as np

    field = shading_field(linear, faces, push)
    if field is None:
        return linear
    height, width = alpha.shape
    low = cv2.resize((2**field - 1).astype(np.float32), (width // 4, height // 4), interpolation=3)
    gain = cv2.resize(low, (width, height), interpolation=cv2.INTER_LINEAR)
    for top in range(0, height, STRIP):
        rows = slice(top, top + STRIP)
        part = cv2.multiply(gain[rows], alpha[rows], scale=1 / 255, dtype=cv2.CV_32F)
        part += 1
        lit = linear[rows]
        cv2.multiply(lit, cv2.merge([part] * 3), dst=lit)
        # A specular highlight may already have been at the end of the scale.
        np.minimum(lit, 1, out=lit)
    return linear


def shading_field(
    linear: "np.ndarray", faces: "Sequence[np.ndarray]", push: Push
) -> "np.ndarray | None":
    """Stops that `relight` adds, float32, `linear` shrunk to a long side of `SIDE`; None for 0."""
    import cv2
    import numpy as np

    amount = min(push.amount, MOST)
    if not faces or amount <= 0:
        return None
    scale = min(1.0, SIDE / max(linear.shape[:2]))
    size = (max(1, round(linear.shape[1] * scale)), max(1, round(linear.shape[0] * scale)))
    field, seen = np.zeros((2, size[1], size[0]), np.float32)
    for landmarks in faces:
        _draw(field, seen, landmarks * np.float32(scale), push.asked(landmarks))
    if not seen.any():
        return None
    face = scale * max(float(np.ptp(points[:, 0])) for points in faces)
    field = _limited(_extended(field, seen, face), amount)
    low = cv2.resize(linear, size, interpolation=cv2.INTER_AREA)
    return np.minimum(field, field * _headroom(low, face))


def _limited(stops: "np.ndarray", amount: float) -> "np.ndarray":
    """Stops brought within `amount` from end to end: scaled until few exceed it, then rounded."""
    import numpy as np

    half = max(0.5 * amount, 1e-6)
    reach = float(np.percentile(np.abs(stops), 99))
    return half * np.tanh(stops * min(1 / half, FIRM / max(reach, 1e-6)))


def _draw(
    field: "np.ndarray", seen: "np.ndarray", points: "np.ndarray", stops: "np.ndarray"
) -> None:
    """Each triangle's stops, drawn to a sixteenth of a pixel; what faces away is left out."""
    import cv2
    import numpy as np

    corners, normals, _ = skin_triangles(points)
    places = np.rint(corners[:, :, :2] * 16).astype(np.int32)
    for place, front, value in zip(places, normals[:, 2], stops, strict=True):
        if front > 0.15:
            cv2.fillConvexPoly(field, place, float(value), shift=4)
            cv2.fillConvexPoly(seen, place, 1.0, shift=4)


def _extended(field: "np.ndarray", seen: "np.ndarray", face: float) -> "np.ndarray":
    """Smooth on the face and over its features, carried on over head and neck, then faded out."""
    import cv2
    import numpy as np

    def spread(sigma: float) -> "tuple[np.ndarray, np.ndarray]":
        weight = cv2.GaussianBlur(seen, (0, 0), max(0.8, sigma * face))
        mean = cv2.GaussianBlur(field, (0, 0), max(0.8, sigma * face))
        return mean / (weight + np.float32(1e-4)), weight

    near, sure = spread(SMOOTH)
    far, _ = spread(HEAD)
    share = np.clip(2 * sure, 0, 1)
    closed = cv2.morphologyEx(
        seen, cv2.MORPH_CLOSE, np.ones((max(3, round(0.3 * face) | 1),) * 2, np.uint8)
    )
    away = cv2.distanceTransform((closed < 0.5).astype(np.uint8), cv2.DIST_L2, 5) / face
    fade = np.exp(-((np.maximum(away - NEAR, 0) / FADE) ** 2))
    return (share * near + (1 - share) * far) * fade


def _headroom(low: "np.ndarray", face: float) -> "np.ndarray":
    """How much lightening fits, 0..1, by the local brightness of the fullest channel."""
    import cv2
    import numpy as np

    bright = cv2.GaussianBlur(low.max(2), (0, 0), max(0.8, 0.5 * SMOOTH * face))
    room = np.clip((HEADROOM[1] - bright) / (HEADROOM[1] - HEADROOM[0]), 0, 1)
    return cv2.GaussianBlur(room, (0, 0), max(0.8, SMOOTH * face))
