"""The selfie coach: what would make the next photo better, most important first.

Measuring is one thing and judging another: `measure` reads figures off the photo, `RULES` says
which figure beyond which bound earns which sentence. Bounds come from copies of real and sampled
faces, made worse step by step; exposure is judged by a face's own highlights (eyes, teeth, sheen)
and not by its skin, so that nobody is too dark or too light to be photographed.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.studio.clarity import blocks, sharpness
from engine.studio.eyelids import openness
from engine.studio.faces import BROW_TOP, CHIN, Anatomy, Face, anatomy, pose
from engine.studio.light import FLAT, Light
from engine.studio.screen import screen_pattern
from engine.studio.tones import cheeks, chroma, glasses, glow, tones

if TYPE_CHECKING:
    import numpy as np

MOST = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """What the coach measured on a photo with a face. Luma is 0..255, ratios are of linear light.

    `median` and `highlight` (98th percentile) are the face's luma; `burnt` is the share of the face
    at the top of the scale; `glow` is the surroundings' light over the face's highlights; `cheeks`
    is the brighter cheek over the darker. `eye_distance` is in pixels, `yaw` in degrees.
    `sharpness` and `blocks` are ratios of contrast (see `engine.studio.clarity`). `headroom`,
    `below` and `beside` are the room above the hair line, under the chin and next to the head, in
    faces. `glasses` is the light round the eyes over the skin's. `eyes` is how open they are and
    `screen` how periodic the skin is (see `engine.studio.eyelids`, `engine.studio.screen`).
    `chroma` is the picture's mean distance from grey in levels.
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
    eyes: float = 0.8
    screen: float = 1.0
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
    Rule("coach_no_screen", above={"screen": 180}),
    Rule("coach_closer", below={"eye_distance": 90}),
    Rule("coach_sunglasses", below={"glasses": 0.25}),
    Rule(
        "coach_open_eyes",
        below={"eyes": 0.52, "yaw": 30},
        above={"glasses": 0.25, "eye_distance": 60, "highlight": 60, "chroma": 1.5},
    ),
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
    tone = tones(rgb, landmarks)
    return Figures(
        people=people,
        eye_distance=body.eye_distance,
        median=tone.median,
        highlight=tone.highlight,
        burnt=tone.burnt,
        glow=glow(rgb, body, landmarks, tone.highlight),
        cheeks=cheeks(rgb, landmarks) if abs(light.side) >= FLAT else 1.0,
        yaw=abs(pose(landmarks).yaw),
        sharpness=sharpness(rgb, body),
        blocks=blocks(rgb, body),
        glasses=glasses(rgb, landmarks),
        eyes=openness(rgb, landmarks),
        screen=screen_pattern(rgb, faces[0].box),
        chroma=chroma(rgb),
        **_room(rgb.shape, body, landmarks),
    )


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
