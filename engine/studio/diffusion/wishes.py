"""What a studio with a generative model honours: nearly all that can be said in words."""

import msgspec

from engine.base import Capabilities
from engine.profiles import Profile
from engine.shots import Scalar
from engine.studio.diffusion.assignment import NEEDS, able

Slots = dict[str, tuple[Scalar, ...] | None]

SPOKEN = (
    "look", "subject", "age", "gender", "hair", "skin_tone", "glasses", "expression", "pose",
    "wardrobe", "shot", "backdrop", "lighting", "key_side", "softness", "warmth", "lens_mm",
    "aperture", "skin", "film", "count",
)  # fmt: skip
"""Slots that the prompt carries; the model takes any value of them."""


def capabilities(embedded: Capabilities, profile: Profile, batch: int) -> Capabilities:
    """The embedded studio's, with drawing done by the model, and what only a model can do."""
    spoken: Slots = dict.fromkeys(SPOKEN)
    spoken["aspect"] = tuple(profile.sizes)
    honours = dict(embedded.honours)
    for operation in NEEDS:
        honours.pop(operation, None)
        if able(profile, operation):
            honours[operation] = spoken
    return msgspec.structs.replace(
        embedded,
        studio=profile.name,
        honours=honours,
        notice=None if profile.commercial else "notice_noncommercial_model",
        batch=batch,
    )
