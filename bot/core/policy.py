"""What happens next: pure decisions over the spec and what the studio can do."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, structs

from bot.core.session import Session
from bot.core.spec import Field, PortraitSpec, Scalar, assume
from engine.base import Capabilities
from engine.shots import Operation
from prompts import Prompts, Rule

STUDIO_SLOTS = ("shot", "backdrop", "softness", "film", "warmth", "aspect")
LIKED_LIGHT = ("lighting", "key_side", "lens_mm", "aperture")
"""Of a photo never presumed by the house, only where the person always wants it so."""
ONE_QUESTION = {"subject": "gender", "gender": "subject"}
"""Who is in the picture is asked once, as one or the other."""


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
    From a photo only what the studio decides is assumed: the sitter is who they are. An assumption
    that contradicts what was said gives way at once; only what was said is worth a warning.
    """
    bundle = _bundle(spec, prompts, likes or {})
    if operation != "generate":
        own = set(STUDIO_SLOTS) | (set(likes or {}) & set(LIKED_LIGHT))
        bundle = {slot: value for slot, value in bundle.items() if slot in own}
    elif spec.said("gender") and not spec.said("subject"):
        bundle["subject"] = str(spec.value("gender"))
    return _give_way(assume(spec, bundle), prompts)


def contradictions(spec: PortraitSpec, prompts: Prompts) -> tuple[Warn, ...]:
    """What in a completed brief works against itself, worst first, each with its way out.

    Locked fields are not touched: a way out that leads through a free one comes first.
    """
    values, rules = spec.values(), prompts.contradictions
    return tuple(
        Warn(f"warn_{rule.id}", _way_out(rule, spec, prompts))
        for rule in rules.found(values, prompts.scenery)
        if any(spec.said(slot) for slot in rule.slots)
    )


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
    if urgency == "ask" and (slot := _question(session, capabilities, prompts)):
        return AskSlot(slot)
    return _warning(session, prompts) or Confirm()


def _missing_photo(session: Session) -> NextStep | None:
    if session.photo is None:
        return NeedPhoto()
    if session.photo.blob not in session.consented:
        return NeedConsent()
    return NeedSitter() if len(session.photo.faces) > 1 and session.sitter is None else None


def _question(session: Session, capabilities: Capabilities, prompts: Prompts) -> str | None:
    """The missing slot that weighs most, unless enough was asked or nothing weighs enough."""
    if len(session.asked) >= prompts.asking.most:
        return None
    honours = capabilities.honours.get(session.mode, {})
    weighed = {
        slot: weight
        for slot, weight in weights(session, prompts).items()
        if weight >= prompts.asking.least and _worth_asking(session, slot, honours)
    }
    return max(weighed, key=weighed.__getitem__, default=None)


def weights(session: Session, prompts: Prompts) -> dict[str, float]:
    """How much knowing each slot would change this session's picture, 0..1.

    The look's weight is the share of its fields that are still open: whoever said light, backdrop
    and film has said most of a look.
    """
    spec = session.draft.spec
    look = prompts.looks.get(str(spec.value("look") or ""))
    found = prompts.asking.weights(session.mode, look.weights if look else {})
    if "look" not in found:
        return found
    decided = prompts.looks[str(prompts.defaults["look"])].fields
    open_ = sum(not spec.said(slot) for slot in decided) / len(decided)
    return {**found, "look": found["look"] * open_}


def _worth_asking(session: Session, slot: str, honours: dict) -> bool:
    spec = session.draft.spec
    if slot in session.asked or spec.said(slot) or ONE_QUESTION.get(slot) in session.asked:
        return False
    if slot == "subject":
        return not spec.said("gender")
    if slot == "gender":
        return slot in honours and spec.said("subject")
    return slot in honours


def _warning(session: Session, prompts: Prompts) -> Warn | None:
    spec = complete(session.draft.spec, prompts, session.mode, session.likes.tastes())
    return next((w for w in contradictions(spec, prompts) if w.key not in session.told), None)


def _bundle(spec: PortraitSpec, prompts: Prompts, likes: Mapping[str, Scalar]) -> dict[str, Scalar]:
    look = prompts.looks.get(str(spec.value("look") or prompts.defaults["look"]))
    fields = look.fields if look else {}
    bundle = prompts.defaults | fields | dict(likes)
    if spec.said("look"):
        bundle |= {s: v for s, v in fields.items() if v != prompts.defaults.get(s)}
    return bundle


def _give_way(spec: PortraitSpec, prompts: Prompts) -> PortraitSpec:
    rules = prompts.contradictions
    for rule in rules.rules:
        free = _free_fixes(rule, spec)
        if free and rules.holds(rule, spec.values(), prompts.scenery):
            freely = structs.replace(rule, fixes=free)
            slot, value = rules.fix(freely, spec.values(), prompts.scenery)
            spec = PortraitSpec({**spec.fields, slot: Field(value, "assumed")})
    return spec


def _free_fixes(rule: Rule, spec: PortraitSpec) -> tuple[tuple[str, Scalar], ...]:
    return tuple(f for f in rule.fixes if f[0] in spec.fields and not spec.said(f[0]))


def _way_out(rule: Rule, spec: PortraitSpec, prompts: Prompts) -> tuple[str, Scalar]:
    free = tuple(f for f in rule.fixes if spec.source(f[0]) != "locked")
    rule = structs.replace(rule, fixes=free or rule.fixes)
    return prompts.contradictions.fix(rule, spec.values(), prompts.scenery)
