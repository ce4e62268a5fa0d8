"""Which way a wish about a finished picture goes, where a generative model can do more than one.

Pure. Without a model every wish goes the picture's own way: the shot again, under another spec.
"""

from collections.abc import Iterable

from msgspec import structs

from bot.core.plan import SEED_STRIDE, changed
from bot.core.policy import complete
from bot.core.series_plan import SITTER
from bot.core.session import RenderRecord, Session
from bot.core.spec import Field, PortraitSpec
from engine.base import Capabilities
from engine.shots import Change, Operation, Scalar, Shot
from prompts import Prompts

MODEL: tuple[Operation, ...] = ("vary", "inpaint", "edit", "outpaint")
"""Operations that only a generative model carries out."""
REGIONS = {
    "wardrobe": "wardrobe",
    "backdrop": "background",
    "hair": "hair",
    "glasses": "glasses",
    "skin": "skin",
}
"""What is repainted in place, by slot; everything else of the picture stays."""
WHOLE = ("expression", "age", "pose")
"""What cannot be repainted in one place without the rest: a new picture of the same person."""
LIGHT = ("lighting", "key_side", "softness")
"""What falls on all of a picture, and so is not repainted in one place either."""
PARTS: tuple[Operation, ...] = ("inpaint", "outpaint")
"""Operations that touch a part of a picture: made once more, they change no more than that part."""
ROOM = ("close-up", "medium", "three-quarter", "full-body")
"""How much a frame shows, from little to all."""
THEIRS = (
    "subject", "gender", "age", "hair", "skin_tone", "glasses", "expression", "wardrobe", "pose",
    "count",
)  # fmt: skip
"""What a photo's sitter brings along, unless they say otherwise."""
GAINED = ("wardrobe", "pose", "expression", "hair", "glasses", "shot")
"""What a picture model adds to a studio without one."""
FIRST = ("subject", "gender")
"""What makes another person, who is drawn from the brief."""


def way(shot: Shot, changes: dict[str, Scalar], can: Capabilities) -> Operation | None:
    """The model's operation that carries these changes out; None for the picture's own way.

    A photo's own way (another backdrop, another light) comes first: it invents nothing.
    """
    if shot.operation == "swap" and not can.not_honoured("swap", changes):
        return None
    if any(slot in FIRST and shot.spec.get(slot) != changes[slot] for slot in changes):
        return None
    for operation in _fitting(shot, changes):
        if operation in can.honours and not can.not_honoured(operation, changes):
            return operation
    return None


def reworked(
    record: RenderRecord, to: Operation, changes: dict[str, Scalar], prompts: Prompts
) -> Shot:
    """The shot of a finished picture with these changes made by an operation of `MODEL`.

    An edit of a photo starts from the photo, so that nothing is lost by being drawn twice.
    """
    shot = record.shot
    fields = {slot: Field(value) for slot, value in (shot.spec | changes).items()}
    fresh = changed(shot, PortraitSpec(fields), prompts)
    photo = to == "edit" and not invented(shot)
    region = next((REGIONS[slot] for slot in changes if slot in REGIONS), "")
    return structs.replace(
        fresh,
        operation=to,
        source=shot.source if photo and shot.operation in ("swap", "edit") else record.render.blob,
        sitter=shot.sitter if photo else 0,
        region=region if to == "inpaint" else "",
        mask=None,
        change="strong" if to == "vary" else "",
        drawn_as=first_drawn(shot),
    )


def varied(record: RenderRecord, change: Change, taken: int) -> Shot:
    """The picture drawn anew near itself; `taken` pictures so far give every try its own seed."""
    shot = record.shot
    return structs.replace(
        shot,
        operation="vary",
        source=record.render.blob,
        change=change,
        seed=shot.seed + SEED_STRIDE * taken,
        region="",
        mask=None,
        sitter=0,
        profile="",
        drawn_as=first_drawn(shot),
    )


def wider(shot: Shot) -> str:
    """The next frame that shows more; "" where there is none."""
    frame = str(shot.spec.get("shot", "medium"))
    at = ROOM.index(frame) + 1 if frame in ROOM else len(ROOM)
    return ROOM[at] if at < len(ROOM) else ""


def invented(shot: Shot) -> bool:
    """Whether the sitter was never photographed: drawn, or made of a picture that was."""
    return shot.operation == "generate" or bool(shot.drawn_as)


def first_drawn(shot: Shot) -> dict[str, Scalar]:
    """What an invented sitter was first drawn from (see `Shot`); nothing for a photo's."""
    if not invented(shot):
        return {}
    known = {slot: shot.spec[slot] for slot in (*FIRST, *SITTER) if slot in shot.spec}
    return shot.drawn_as or known or {"subject": "person"}


def operation_of(session: Session, can: Capabilities) -> Operation:
    """What the session's brief is shot as: a photo's wish may be for a whole new portrait."""
    if session.mode == "generate" or "edit" not in can.honours:
        return session.mode
    whole = session.then == "portrait" or portrait_of(session.draft.spec, can)
    return "edit" if whole else "swap"


def completed(session: Session, prompts: Prompts, can: Capabilities) -> PortraitSpec:
    """The session's spec with every empty slot assumed; of a photo's sitter never who they are."""
    likes, draft = session.likes.tastes(), session.draft.spec
    if operation_of(session, can) != "edit":
        return complete(draft, prompts, session.mode, likes)
    spec = complete(draft, prompts, "generate", likes)
    kept = {slot: f for slot, f in spec.fields.items() if spec.said(slot) or slot not in THEIRS}
    return PortraitSpec(kept)


def has_model(can: Capabilities) -> bool:
    """Whether a picture model draws in this studio."""
    return any(operation in can.honours for operation in MODEL)


def gains(slots: Iterable[str], can: Capabilities) -> bool:
    """Whether a picture model would do what this studio cannot; never so where there is one."""
    return not has_model(can) and any(slot in GAINED for slot in slots)


def portrait_of(spec: PortraitSpec, can: Capabilities) -> bool:
    """Whether a photo's wish is for a whole portrait: something said that only an edit can do."""
    said = {slot: value for slot, value in spec.values().items() if spec.said(slot)}
    beyond = can.not_honoured("swap", said)
    wanted = {slot: said[slot] for slot in beyond if slot not in ("count", "aspect")}
    return bool(wanted) and "edit" in can.honours and not can.not_honoured("edit", wanted)


def _fitting(shot: Shot, changes: dict[str, Scalar]) -> tuple[Operation, ...]:
    """Operations that could carry these changes out, best first."""
    places = [slot for slot in changes if slot in REGIONS]
    anew: tuple[Operation, ...] = ("edit", "vary") if invented(shot) else ("edit",)
    if any(slot in WHOLE for slot in changes) or len(places) > 1:
        return anew
    if places:
        return ("inpaint", "edit")
    if _needs_room(shot, changes):
        return ("outpaint",)
    if shot.operation in PARTS:
        return anew
    return ("edit",) if any(slot in LIGHT for slot in changes) else ()


def _needs_room(shot: Shot, changes: dict[str, Scalar]) -> bool:
    """Whether the picture has to show more than it does; closer is only a crop."""
    now, then = str(shot.spec.get("shot", "medium")), str(changes.get("shot", ""))
    if then in ROOM and now in ROOM:
        return ROOM.index(then) > ROOM.index(now)
    return "aspect" in changes and changes["aspect"] != shot.aspect and not then
