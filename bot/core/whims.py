"""Surprise me: tasteful choices for what nobody decided, the same for the same draw."""

import random

from msgspec import structs

from bot.core.session import Session
from bot.core.spec import SetSlot, SpecPatch, merge
from prompts import Prompts

OPEN_TO_CHANCE = ("gender", "backdrop", "expression", "hair")


def surprise(session: Session, prompts: Prompts, seed: int) -> Session:
    """Fill the slots that shape a picture most and that the sitter left open, as assumptions."""
    rng = random.Random(seed)
    slots = OPEN_TO_CHANCE if session.mode == "generate" else ("backdrop",)
    spec = session.draft.spec
    picks = [
        SetSlot(slot, rng.choice(prompts.choices(slot)).id) for slot in slots if not spec.said(slot)
    ]
    draft = merge(session.draft, SpecPatch(tuple(picks)), "assumed")
    return structs.replace(session, draft=draft)
