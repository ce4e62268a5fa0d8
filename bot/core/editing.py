"""What a spoken edit of a picture comes to: done, there already, or not possible, and why."""

from msgspec import Struct, structs

from bot.core.brief import value_label
from bot.core.heard import named_value
from bot.core.series_plan import SITTER
from bot.core.ways import MODEL, has_model
from engine.base import Capabilities, KeyLight
from engine.shots import Operation, Scalar, Shot
from prompts import Prompts

FACE = ("gender", "hair", "skin_tone", "glasses")
"""What makes an invented sitter somebody else when it changes."""
OWN = {"expression": "cannot_expression", "hair": "cannot_hair", "glasses": "cannot_glasses"}
"""Why a photo's sitter stays as they are, where the studio's own reason speaks of invented ones."""
WAYS: dict[Operation, str] = {
    "inpaint": "edit_inpaint",
    "edit": "edit_person_kept",
    "vary": "edit_vary",
    "outpaint": "edit_outpaint",
}
"""What is said of the ways that only a picture model goes."""
SIDE_SEEN = 0.1
LADDER = ("serious", "neutral", "soft-smile", "smile", "laughing")


class Edit(Struct, frozen=True):
    """Changes by what becomes of them; `nearest` is what could be done instead of a value.

    `quotes` are the person's own words for them.
    """

    done: dict[str, Scalar]
    already: dict[str, Scalar]
    cannot: dict[str, str]
    nearest: dict[str, Scalar]
    quotes: dict[str, str] = {}


def sort_edit(
    shot: Shot,
    changes: dict[str, Scalar],
    can: Capabilities,
    light: KeyLight | None = None,
    to: Operation | None = None,
) -> Edit:
    """Sort the changes to a picture; `light` is the key in the photo it was made from.

    `to` is the model's operation that is to carry them out (see `ways`), None for the shot's own.
    """
    shot = structs.replace(shot, operation=to) if to else shot
    missed = set(can.not_honoured(shot.operation, changes))
    stays = {slot for slot, value in changes.items() if _stays(shot, slot, value, light)}
    already = {s: v for s, v in changes.items() if s not in missed and _is(shot, s, v, can)}
    done = {s: v for s, v in changes.items() if s not in missed | stays and s not in already}
    cannot = {
        slot: _reason(shot, slot, can, slot in stays) for slot in changes if slot in missed | stays
    }
    nearest = {
        slot: value
        for slot in missed
        if (value := _nearest(shot, slot, changes[slot], can)) is not None
    }
    return Edit(done, already, cannot, nearest)


def says_edit(
    edit: Edit, shot: Shot, prompts: Prompts, can: Capabilities, to: Operation | None = None
) -> list[str]:
    """Which of it is done and how, and what cannot be: one sentence each."""
    drawn, shot = has_model(can), structs.replace(shot, operation=to) if to else shot
    said = []
    if edit.done:
        said += [
            prompts.say(key, what=_labels(edit, done, prompts))
            for key, done in _ways(shot, edit.done, drawn).items()
        ]
    elif edit.already and not edit.cannot:
        said.append(prompts.say("edit_already", what=_labels(edit, edit.already, prompts)))
    for slot, value in edit.nearest.items():
        what, near = prompts.amid(value_label(prompts, slot, value)), shot.spec.get(slot)
        key = "edit_nearest_now" if near == value else "edit_nearest"
        said.append(prompts.say(key, what=what))
    said += dict.fromkeys(
        prompts.say(reason) for slot, reason in edit.cannot.items() if slot not in edit.nearest
    )
    return said


def drawn_as(shot: Shot, changes: dict[str, Scalar]) -> dict[str, Scalar]:
    """How the face was first drawn, where it stays that person under these changes (see `Shot`)."""
    if shot.operation in MODEL:
        return shot.drawn_as
    if shot.operation != "generate" or any(slot in changes for slot in FACE):
        return {}
    first = shot.drawn_as or {s: shot.spec[s] for s in SITTER if s in shot.spec}
    spec = shot.spec | changes
    return first if any(spec.get(slot) != value for slot, value in first.items()) else {}


def _is(shot: Shot, slot: str, value: Scalar, can: Capabilities) -> bool:
    """Whether a picture is that already, be it that its studio has no other way."""
    honoured = can.honours.get(shot.operation, {}).get(slot)
    return shot.spec.get(slot) == value or honoured == (value,)


def _ways(shot: Shot, done: dict[str, Scalar], drawn: bool) -> dict[str, dict[str, Scalar]]:
    """What is done by the sentence that says how; `drawn` is whether a picture model draws.

    The light of a sampled face is its own: from the other side it falls in a mirror.
    """
    key = _way(shot, done, drawn)
    side = done.get("key_side", shot.spec.get("key_side")) != shot.spec.get("key_side")
    if not side or key not in ("edit_developed", "edit_same_face"):
        return {key: done}
    rest = {slot: value for slot, value in done.items() if slot != "key_side"}
    return {"edit_mirrored": {"key_side": done["key_side"]}} | ({key: rest} if rest else {})


def _way(shot: Shot, done: dict[str, Scalar], drawn: bool) -> str:
    if key := WAYS.get(shot.operation):
        return key
    if shot.operation == "swap":
        return "edit_photo"
    if any(slot in done for slot in FACE):
        return "edit_other_face"
    if drawn:
        return "edit_redrawn"
    return "edit_same_face" if any(slot in done for slot in SITTER) else "edit_developed"


def _labels(edit: Edit, changes: dict[str, Scalar], prompts: Prompts) -> str:
    # "50s" says it; the subject's own words follow from that.
    told = {s: v for s, v in changes.items() if s != "subject"} or changes
    said = edit.quotes
    return ", ".join(named_value(prompts, s, v, said.get(s, "")) for s, v in told.items())


def _reason(shot: Shot, slot: str, can: Capabilities, stays: bool) -> str:
    if stays:
        return "cannot_key_side"
    if shot.operation == "swap" and slot in OWN:
        return OWN[slot]
    return can.reasons.get(slot, "cannot_honour")


def _stays(shot: Shot, slot: str, value: Scalar, light: KeyLight | None) -> bool:
    """Whether the light would have to cross the face of a photo."""
    if shot.operation != "swap" or slot != "key_side" or light is None:
        return False
    return abs(light.side) >= SIDE_SEEN and (light.side > 0) != (value == "right")


def _nearest(shot: Shot, slot: str, value: Scalar, can: Capabilities) -> Scalar | None:
    """The rung of an expression nearest to one the studio cannot draw."""
    allowed = can.honours.get(shot.operation, {}).get(slot, ())
    if slot != "expression" or value not in LADDER or not allowed:
        return None
    at = LADDER.index(str(value))
    rungs = [rung for rung in LADDER if rung in allowed]
    return min(rungs, key=lambda rung: abs(LADDER.index(rung) - at), default=None)
