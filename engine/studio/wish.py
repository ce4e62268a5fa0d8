"""What a spec's slots mean to this studio: the face to draw, and how each slot is honoured."""

import re
from typing import TYPE_CHECKING, Any, get_args

from engine.base import Capabilities
from engine.shots import Operation, Scalar, Shot
from engine.studio.pattern import PATTERNS, SIDES

if TYPE_CHECKING:
    from engine.studio.generate.critic import Reading
    from engine.studio.generate.request import FaceRequest
    from engine.studio.generate.sampler import Adjustment

_DECADE = re.compile(r"(?:(early|mid|late)[ -])?([1-9])0s")
_YEARS = re.compile(r"([1-9][0-9])(?:[-–]([1-9][0-9]))?")
_THIRDS = {None: (0, 9), "early": (0, 3), "mid": (4, 6), "late": (7, 9)}

WARMTHS = (-2, -1, 0, 1, 2)
SOFTNESS = {"very-soft": 0.9, "soft": 0.25, "crisp": -0.5}
"""How far the large-scale shading is filled (1) or deepened (-1)."""
FILMS = ("neutral", "portra-400", "portra-800", "pro-400h", "tri-x-400")
ASPECTS = ("3:4", "2:3", "4:5", "1:1")
FRAMES = ("close-up", "medium")
DRAWN_FRAMES = ("close-up",)
"""The sampler draws head and shoulders; there is nothing further down to show."""
FINISH: dict[str, tuple[Scalar, ...] | None] = {
    "backdrop": None,
    "warmth": WARMTHS,
    "softness": tuple(SOFTNESS),
    "film": FILMS,
    "aspect": ASPECTS,
    "shot": FRAMES,
    "look": None,
    "count": None,
}
LENS: dict[str, tuple[Scalar, ...] | None] = {"lens_mm": None, "aperture": None}
"""How far out of focus the backdrop lies; the sitter is as the photo shows them."""
LIGHT: dict[str, tuple[Scalar, ...] | None] = {
    "lighting": tuple(PATTERNS),
    "key_side": tuple(SIDES),
}
"""As far as the light on the sitter's own face allows; the picture says how far that was."""
FACE: dict[str, tuple[Scalar, ...] | None] = {
    "subject": None,
    "age": None,
    "gender": ("woman", "man"),
    "hair": ("black", "brown", "blond", "red", "grey"),
    "expression": ("smile", "soft-smile", "neutral", "serious"),
    "skin_tone": ("light", "medium", "dark"),
    "glasses": ("yes", "no"),
    "key_side": ("left", "right"),
}
REASONS = {
    "wardrobe": "cannot_dress",
    "pose": "cannot_pose",
    "lighting": "cannot_relight",
    "key_side": "cannot_relight",
    "skin": "cannot_retouch",
    "film": "cannot_film",
    "shot": "cannot_frame",
    "expression": "cannot_express",
    "hair": "cannot_change_sitter",
    "skin_tone": "cannot_change_sitter",
    "glasses": "cannot_change_sitter",
    "aspect": "cannot_go_wide",
}


def capabilities() -> Capabilities:
    """What the embedded studio honours. The photo decides who the sitter is in a swap."""
    honours: dict[Operation, dict[str, tuple[Scalar, ...] | None]] = {
        "generate": FACE | FINISH | LENS | {"shot": DRAWN_FRAMES},
        "swap": FINISH | LENS | LIGHT | {"subject": None, "age": None, "gender": None},
        "cutout": {},
        "print": {"size": None, "sheet": None},
        "contact-sheet": {"title": None},
        "upscale": dict.fromkeys((*FACE, *FINISH, *REASONS)),
    }
    return Capabilities("embedded", honours, REASONS, "notice_noncommercial_sampler")


def asked_side(shot: Shot) -> int:
    """-1 for a key from image left, 1 from image right, 0 when the shot does not say."""
    return SIDES.get(str(shot.spec.get("key_side")), 0)


def framing(shot: Shot) -> str:
    """How much of the sitter the shot shows."""
    return str(shot.spec.get("shot", "medium"))


def face_request(shot: Shot) -> "FaceRequest":
    """The face that a shot's spec asks for; unknown values mean no preference.

    Raises `NoAdultFound` when the age asked for is a child's.
    """
    from engine.studio.generate import request

    def known(slot: str, allowed: Any) -> Any:  # noqa: ANN401  one of a Literal's values
        value = shot.spec.get(slot)
        return value if value in get_args(allowed) else None

    return request.FaceRequest(
        gender=known("gender", request.Gender),
        age=age_range(str(shot.spec.get("age", ""))),
        hair=known("hair", request.Hair),
        expression=known("expression", request.Expression),
        skin=known("skin_tone", request.Skin),
        glasses={"yes": True, "no": False}.get(str(shot.spec.get("glasses"))),
    )


def adjustment(shot: Shot, seen: "Reading") -> "Adjustment":
    """What takes a face as the critic saw it to the expression and age the shot asks for now.

    What the shot asks for as before (`drawn_as`) is left as it came out.
    """
    from engine.studio.generate.ranking import MOUTH
    from engine.studio.generate.sampler import Adjustment
    from engine.studio.generate.traits import smile_of

    asked = {slot for slot, value in shot.drawn_as.items() if shot.spec.get(slot) != value}
    mouth = MOUTH.get(str(shot.spec.get("expression"))) if "expression" in asked else None
    years = age_range(str(shot.spec.get("age", ""))) if "age" in asked else None
    return Adjustment(
        smile=mouth[0] - smile_of(seen.look) if mouth else 0.0,
        years=(years[0] + years[1]) / 2 - seen.age if years else 0.0,
    )


def age_range(text: str) -> tuple[int, int] | None:
    """Youngest and oldest age of "45", "30-35", "30s" or "late 20s"; None for anything else."""
    if found := _DECADE.fullmatch(text.strip().lower()):
        first, last = _THIRDS[found[1]]
        return int(found[2]) * 10 + first, int(found[2]) * 10 + last
    if found := _YEARS.fullmatch(text.strip()):
        youngest, oldest = int(found[1]), int(found[2] or found[1])
        return (youngest, oldest) if youngest <= oldest else None
    return None
