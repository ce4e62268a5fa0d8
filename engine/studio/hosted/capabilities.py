"""What can be asked of the server, said honestly: it is told in words, and follows as it likes."""

import msgspec

from engine.base import Capabilities, Outside
from engine.shots import Operation, Scalar
from engine.studio.hosted.settings import Server
from engine.studio.wish import ASPECTS

Slots = dict[str, tuple[Scalar, ...] | None]
Honours = dict[Operation, Slots]
NAME = "hosted"
OPERATIONS: tuple[Operation, ...] = ("generate", "vary", "edit", "inpaint")
SAID = (
    "look", "subject", "age", "gender", "hair", "expression", "skin_tone", "glasses", "skin",
    "wardrobe", "pose", "shot", "backdrop", "lighting", "key_side", "softness", "lens_mm",
    "aperture", "film", "warmth", "count",
)  # fmt: skip
"""Slots that the prompt carries."""


def capabilities(here: Capabilities, server: Server) -> Capabilities:
    """`here` is what the embedded studio honours: it makes the rest, and all without a yes."""
    words: Slots = {**dict.fromkeys(SAID), "aspect": ASPECTS}
    honours = here.honours | dict.fromkeys(OPERATIONS, words)
    own: Honours = {each: here.honours[each] for each in OPERATIONS if each in here.honours}
    outside = Outside(server.host, OPERATIONS, server.price, own, here.notice)
    return msgspec.structs.replace(here, studio=NAME, honours=honours, notice=None, outside=outside)
