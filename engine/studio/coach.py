"""The selfie coach: what would make the next photo better, most important first.

Measuring is one thing and judging another: `measure` reads figures off the photo, `RULES` says
which figure beyond which bound earns which sentence. Bounds come from copies of real and sampled
faces, made worse step by step; exposure is judged by a face's own highlights (eyes, teeth, sheen)
and not by its skin, so that nobody is too dark or too light to be photographed.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.studio.colour import LUMINANCE, to_linear
from engine.studio.faces import BROW_TOP, CHIN, Anatomy, Face, anatomy, pose
from engine.studio.light import FLAT, Light

if TYPE_CHECKING:
    import numpy as np

MOST = 2
EYES_AT = 96.0
"""Distance of the eyes in pixels at which sharpness is compared."""
REACH = 1.6
CHEEKS = ((50, 101, 36, 205), (280, 330, 266, 425))
LENSES = ((27, 29, 23, 110, 230), (257, 259, 253, 339, 450))
"""Mesh points on the lids and under the eyes, which dark glasses cover."""
SKIN_POINTS = (50, 101, 205, 280, 330, 425, 151, 9)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the coach measured on a photo with a face. Luma is 0..255, ratios are of linear light.

    `median` and `highlight` (98th percentile) are the face's luma; `burnt` is the share of the face
    at the top of the scale; `glow` is the surroundings' light over the face's highlights; `cheeks`
    is the brighter cheek over the darker. `eye_distance` is in pixels, `yaw` in degrees.
    `sharpness` and `blocks` are ratios of contrast (see `_sharpness`, `_blocks`). `headroom`,
    `below` and `beside` are the room above the hair line, under the chin and next to the head, in
    faces. `glasses` is the light round the eyes over the skin's. `chroma` is the picture's mean
    distance from grey in levels.
    """

    people: int = 1
    eye_distance: float = 200.0
    median: float = 128.0
    highlight: float = 200.0
    burnt: float = 0.0
    glow: float = 1.0
    cheeks: float = 1.0
    yaw: float = 0.0
    sharpness: float = 1.0
    blocks: float = 1.0
    headroom: float = 1.0
    below: float = 1.0
    beside: float = 1.0
    glasses: float = 1.0
    chroma: float = 20.0


@dataclass(frozen=True, slots=True)
class Rule:
    """Say `key` when every named figure lies outside its bounds: under `below`, over `above`."""

    key: str
    below: dict[str, float] = field(default_factory=dict)
    above: dict[str, float] = field(default_factory=dict)

    def applies(self, figures: Figures) -> bool:
        """Whether this photo earns the sentence."""
        return all(getattr(figures, name) < bound for name, bound in self.below.items()) and all(
            getattr(figures, name) > bound for name, bound in self.above.items()
        )


RULES = (
    Rule("photo_several_people", above={"people": 1}),
    Rule("coach_much_closer", below={"eye_distance": 40}),
    Rule("coach_light_behind", below={"median": 100}, above={"glow": 3.5}),
    Rule("coach_more_light", below={"median": 60, "highlight": 82}),
    Rule("coach_less_sun", above={"burnt": 0.12}),
    Rule(
        "coach_hold_still", below={"sharpness": 0.14}, above={"eye_distance": 40, "highlight": 60}
    ),
    Rule("coach_face_camera", above={"yaw": 30}),
    Rule("coach_turn_to_window", above={"cheeks": 5.0}),
    Rule("coach_closer", below={"eye_distance": 90}),
    Rule("coach_sunglasses", below={"glasses": 0.25}),
    Rule("coach_room_above", below={"headroom": 0.2}),
    Rule("coach_shoulders", below={"below": 0.45}),
    Rule("coach_shoulders", below={"beside": 0.25}),
    Rule("coach_original_file", above={"blocks": 1.7}),
    Rule("coach_stays_grey", below={"chroma": 1.5}),
)


def advise(figures: Figures | None) -> tuple[str, ...]:
    """At most two replies keys, most important first; None for a photo without a face."""
    if figures is None:
        return ("photo_no_person",)
    keys = [rule.key for rule in RULES if rule.applies(figures)]
    return tuple(dict.fromkeys(keys))[:MOST]


def measure(
    rgb: "np.ndarray", faces: tuple[Face, ...], people: int, landmarks: "np.ndarray", light: Light
) -> Figures | None:
    """Figures of the largest face; None when there is none.

    uint8 HxWx3 sRGB, faces largest first, how many of them matter, the largest one's landmarks
    float32 (468,3) in pixels, and its light.
    """
    if not faces:
        return None
    body = anatomy(landmarks)
    tone = _tones(rgb, landmarks)
    return Figures(
        people=people,
        eye_distance=body.eye_distance,
        median=tone.median,
        highlight=tone.highlight,
        burnt=tone.burnt,
        glow=_glow(rgb, body, landmarks, tone.highlight),
        cheeks=_cheeks(rgb, landmarks) if abs(light.side) >= FLAT else 1.0,
        yaw=abs(pose(landmarks).yaw),
        sharpness=_sharpness(rgb, body),
        blocks=_blocks(rgb, body),
        glasses=_glasses(rgb, landmarks),
        chroma=_chroma(rgb),
        **_room(rgb.shape, body, landmarks),
    )


@dataclass(frozen=True, slots=True)
class _Tones:
    median: float
    highlight: float
    burnt: float


def _tones(rgb: "np.ndarray", landmarks: "np.ndarray") -> _Tones:
    """Luma inside the face's hull."""
    import cv2
    import numpy as np

    rows, columns = _window(landmarks, rgb.shape, 0.0)
    part = _luma(_reduced(rgb[rows, columns], 256))
    scale = part.shape[1] / max(1, columns.stop - columns.start)
    hull = cv2.convexHull((landmarks[:, :2] - (columns.start, rows.start)).astype(np.float32))
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillConvexPoly(mask, np.rint(hull * scale).astype(np.int32), 1)
    inside = part[mask > 0]
    if not inside.size:
        return _Tones(128.0, 200.0, 0.0)
    median, high = np.percentile(inside, (50, 98))
    return _Tones(float(median), float(high), float(np.mean(inside >= 250)))


def _glow(rgb: "np.ndarray", body: Anatomy, landmarks: "np.ndarray", highlight: float) -> float:
    """Light beside and above the head, over the face's own highlights."""
    import numpy as np

    rows, columns = _window(landmarks, rgb.shape, 1.2)
    part = _luma(_reduced(rgb[rows, columns], 256))
    scale = part.shape[1] / max(1, columns.stop - columns.start)
    y, x = np.mgrid[0 : part.shape[0], 0 : part.shape[1]] / scale
    aside = np.abs(x + columns.start - body.eyes[0]) > 0.85 * body.width
    around = part[
        (aside | (y + rows.start < body.eyes[1] - 1.3 * body.width)) & (y + rows.start < body.chin)
    ]
    if around.size < 50:
        return 1.0
    return _light(float(np.percentile(around, 60))) / max(_light(highlight), 1e-3)


def _cheeks(rgb: "np.ndarray", landmarks: "np.ndarray") -> float:
    """Linear light of the brighter cheek over the darker one."""
    left, right = (_patch(rgb, landmarks, points) + 1e-3 for points in CHEEKS)
    return max(left, right) / min(left, right)


def _glasses(rgb: "np.ndarray", landmarks: "np.ndarray") -> float:
    skin = _patch(rgb, landmarks, SKIN_POINTS)
    lenses = max(_patch(rgb, landmarks, points) for points in LENSES)
    return lenses / max(skin, 1e-3)


def _patch(rgb: "np.ndarray", landmarks: "np.ndarray", points: tuple[int, ...]) -> float:
    """Median linear light of small squares round mesh points."""
    import numpy as np

    half = max(1, round(0.02 * float(np.ptp(landmarks[:, 0]))))
    height, width = rgb.shape[:2]
    found: list[float] = []
    for x, y in np.rint(landmarks[list(points), :2]).astype(int):
        if half <= x < width - half and half <= y < height - half:
            square = rgb[y - half : y + half + 1, x - half : x + half + 1]
            found.append(float(np.mean(to_linear(square) @ np.array(LUMINANCE))))
    return float(np.median(found)) if found else 0.5


def _sharpness(rgb: "np.ndarray", body: Anatomy) -> float:
    """Fine contrast of the eyes over their coarse contrast, at equal face size.

    Differences of Gaussians at sigma 1 and 5 once the eyes are 96 pixels apart; a ratio, so that
    neither exposure nor the colour of skin matters. Noise of a level or two is taken off first.
    """
    import cv2
    import numpy as np

    x, y, reach = *body.eyes, 0.8 * body.eye_distance
    top, left = max(0, round(y - 0.4 * reach)), max(0, round(x - reach))
    part = rgb[top : max(top + 1, round(y + 0.4 * reach)), left : max(left + 1, round(x + reach))]
    if part.size == 0 or min(part.shape[:2]) < 8:
        return 1.0
    scale = min(1.0, EYES_AT / body.eye_distance)
    part = _luma(_reduced(part, max(8, round(part.shape[1] * scale)))).astype(np.float32)
    blurred = [cv2.GaussianBlur(part, (0, 0), sigma) for sigma in (1.0, 5.0)]
    fine, coarse = float(np.std(part - blurred[0])), float(np.std(part - blurred[1]))
    return float(np.sqrt(max(0.0, fine**2 - 0.5))) / max(coarse, 1.0)


def _blocks(rgb: "np.ndarray", body: Anatomy) -> float:
    """Mean step across the 8-pixel JPEG grid over the mean step elsewhere, round the face."""
    import numpy as np

    reach = REACH * body.width
    top, left = (max(0, int(v - reach)) // 8 * 8 for v in (body.eyes[1], body.eyes[0]))
    low, right = int(body.eyes[1] + reach) // 8 * 8, int(body.eyes[0] + reach) // 8 * 8
    part = _luma(np.ascontiguousarray(rgb[top:low, left:right][:1024, :1024])).astype(np.float32)
    if min(part.shape) < 32:
        return 1.0
    ratios = [_grid_step(np.abs(np.diff(part, axis=axis)).mean(1 - axis)) for axis in (0, 1)]
    return min(ratios)


def _grid_step(steps: "np.ndarray") -> float:
    import numpy as np

    phase = np.arange(len(steps)) % 8
    beside = float(steps[phase != 7].mean())
    return float(steps[phase == 7].mean() + 0.3) / (beside + 0.3)


def _chroma(rgb: "np.ndarray") -> float:
    import numpy as np

    step = max(1, max(rgb.shape) // 300)
    small = rgb[::step, ::step].astype(np.int16)
    return float(np.mean(small.max(2) - small.min(2)))


def _room(shape: tuple[int, ...], body: Anatomy, landmarks: "np.ndarray") -> dict[str, float]:
    """Room round the head in face heights (`headroom`, `below`) and widths (`beside`)."""
    import numpy as np

    tall = max(float(landmarks[CHIN, 1] - landmarks[BROW_TOP, 1]), 1.0)
    left, right = float(landmarks[:, 0].min()), float(np.max(landmarks[:, 0]))
    return {
        "headroom": float(landmarks[BROW_TOP, 1]) / tall,
        "below": (shape[0] - body.chin) / tall,
        "beside": min(left, shape[1] - right) / max(body.width, 1.0),
    }


def _window(landmarks: "np.ndarray", shape: tuple[int, ...], margin: float) -> tuple[slice, slice]:
    """Rows and columns of the face with `margin` face widths of its surroundings."""
    import numpy as np

    (left, top), (right, low) = landmarks[:, :2].min(0), landmarks[:, :2].max(0)
    air = margin * float(right - left)
    rows = slice(max(0, int(top - air)), max(1, min(shape[0], int(np.ceil(low + air)))))
    return rows, slice(max(0, int(left - air)), max(1, min(shape[1], int(np.ceil(right + air)))))


def _reduced(rgb: "np.ndarray", width: int) -> "np.ndarray":
    import cv2

    scale = width / max(1, rgb.shape[1])
    if scale >= 1 or not rgb.size:
        return rgb
    size = (width, max(1, round(rgb.shape[0] * scale)))
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def _luma(rgb: "np.ndarray") -> "np.ndarray":
    import cv2
    import numpy as np

    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) if rgb.size else np.zeros((1, 1), np.uint8)


def _light(luma: float) -> float:
    import numpy as np

    return float(to_linear(np.array([luma / 255], np.float32))[0])
