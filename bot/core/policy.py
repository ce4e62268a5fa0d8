"""What happens next: pure decisions over the spec and what the studio can do."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from bot.core.session import Session
from bot.core.spec import PortraitSpec, Scalar, assume
from engine.base import Capabilities
from engine.shots import Operation
from prompts import Prompts

MAX_QUESTIONS = 2
QUESTIONS: dict[Operation, tuple[str, ...]] = {
    "generate": ("subject", "backdrop", "expression", "hair"),
    "swap": ("backdrop",),
    "upscale": (),
    "cutout": (),
    "print": (),
    "contact-sheet": (),
}
STUDIO_SLOTS = ("shot", "backdrop", "softness", "film", "warmth", "aspect")
LIKED_LIGHT = ("lighting", "key_side", "lens_mm", "aperture")
"""Of a photo never presumed by the house, only where the person always wants it so."""
WHITE_WORDS = ("white", "ivory", "off-white")


class AskSlot(Struct, frozen=True, tag="ask_slot"):
    """Ask for the one missing thing that would change the picture most."""

    slot: str


class Warn(Struct, frozen=True, tag="warn"):
    """Name a contradiction; `fix` is the slot and value that would resolve it in one tap."""

    key: str
    fix: tuple[str, Scalar]


class NeedPhoto(Struct, frozen=True, tag="need_photo"):
    """The sitter wants their own picture, and there is none."""


class NeedConsent(Struct, frozen=True, tag="need_consent"):
    """There is a face whose owner has not agreed yet."""


class NeedSitter(Struct, frozen=True, tag="need_sitter"):
    """There are several people in the photo, and nobody said whom to portray."""


class Confirm(Struct, frozen=True, tag="confirm"):
    """Show the brief and offer to shoot."""


class Shoot(Struct, frozen=True, tag="shoot"):
    """Enough is known and asked for: make the picture."""


NextStep = AskSlot | Warn | NeedPhoto | NeedConsent | NeedSitter | Confirm | Shoot
Urgency = Literal["ask", "confirm", "now"]


def complete(
    spec: PortraitSpec,
    prompts: Prompts,
    operation: Operation = "generate",
    likes: Mapping[str, Scalar] | None = None,
) -> PortraitSpec:
    """Fill empty slots from the look, then from the house defaults, marked as assumed.

    `likes` are the person's own defaults; only what makes a look they asked for stands above those.
    From a photo only what the studio decides is assumed: the sitter is who they are.
    """
    look = prompts.looks.get(str(spec.value("look") or prompts.defaults["look"]))
    bundle = prompts.defaults | (look.fields if look else {}) | dict(likes or {})
    if look and spec.said("look"):
        bundle |= {s: v for s, v in look.fields.items() if v != prompts.defaults.get(s)}
    if operation != "generate":
        own = set(STUDIO_SLOTS) | (set(likes or {}) & set(LIKED_LIGHT))
        bundle = {slot: value for slot, value in bundle.items() if slot in own}
    return assume(spec, bundle)


def contradictions(spec: PortraitSpec) -> tuple[Warn, ...]:
    """What in a completed brief works against itself, worst first."""
    rules = (_white_on_white, _low_key_on_white, _tri_x_warm, _full_body_wide_open)
    return tuple(found for rule in rules if (found := rule(spec)))


def next_step(
    session: Session, capabilities: Capabilities, prompts: Prompts, urgency: Urgency = "ask"
) -> NextStep:
    """The next step for a session: pure, total, and never the same question twice.

    `urgency` "now" means the person said to shoot; "confirm" that they answered enough.
    """
    if session.mode == "swap" and (need := _missing_photo(session)):
        return need
    if urgency == "now":
        return Shoot()
    if urgency == "ask" and (slot := _question(session, capabilities)):
        return AskSlot(slot)
    return _warning(session, prompts) or Confirm()


def _missing_photo(session: Session) -> NextStep | None:
    if session.photo is None:
        return NeedPhoto()
    if session.photo.blob not in session.consented:
        return NeedConsent()
    return NeedSitter() if len(session.photo.faces) > 1 and session.sitter is None else None


def _question(session: Session, capabilities: Capabilities) -> str | None:
    if len(session.asked) >= MAX_QUESTIONS:
        return None
    honours = capabilities.honours.get(session.mode, {})
    return next((s for s in QUESTIONS[session.mode] if _worth_asking(session, s, honours)), None)


def _worth_asking(session: Session, slot: str, honours: dict) -> bool:
    if slot in session.asked or session.draft.spec.said(slot):
        return False
    if slot == "subject":
        return not session.draft.spec.said("gender")
    return slot in honours


def _warning(session: Session, prompts: Prompts) -> Warn | None:
    spec = complete(session.draft.spec, prompts, session.mode, session.likes.tastes())
    return next((w for w in contradictions(spec) if w.key not in session.told), None)


def _white_on_white(spec: PortraitSpec) -> Warn | None:
    worn = str(spec.value("wardrobe") or "").lower()
    white = spec.said("wardrobe") and any(w in worn.split() for w in WHITE_WORDS)
    on_white = spec.value("backdrop") in ("white", "seamless-white")
    return (
        Warn("warn_white_on_white", ("backdrop", "seamless-grey")) if white and on_white else None
    )


def _low_key_on_white(spec: PortraitSpec) -> Warn | None:
    if spec.value("lighting") == "low-key" and spec.value("backdrop") in (
        "white",
        "seamless-white",
    ):
        return Warn("warn_low_key_on_white", ("backdrop", "seamless-charcoal"))
    return None


def _tri_x_warm(spec: PortraitSpec) -> Warn | None:
    warm = spec.said("warmth") and int(spec.value("warmth") or 0) != 0
    if spec.value("film") == "tri-x-400" and warm:
        return Warn("warn_tri_x_warm", ("film", "portra-400"))
    return None


def _full_body_wide_open(spec: PortraitSpec) -> Warn | None:
    aperture = float(spec.value("aperture") or 8)
    if spec.value("shot") == "full-body" and aperture < 2 and spec.said("aperture"):
        return Warn("warn_full_body_wide_open", ("aperture", 4.0))
    return None
