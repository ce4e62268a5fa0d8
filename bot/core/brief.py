"""The brief card: what will be shot, who decided it, and what this studio cannot do."""

from bot.core.plan import OWN_PICTURE, backdrop_of
from bot.core.replies import Brief, BriefLine
from bot.core.spec import Field, PortraitSpec
from engine.base import Capabilities
from engine.shots import Operation, Scalar
from prompts import Prompts
from prompts.library import WORDED
from prompts.speaking import speaking

SHOWN: dict[Operation, tuple[str, ...]] = {
    "generate": (
        "look", "subject", "age", "hair", "skin_tone", "glasses", "expression", "wardrobe", "pose",
        "shot", "backdrop", "lighting", "key_side", "softness", "lens_mm", "aperture", "skin",
        "film", "warmth", "aspect", "count",
    ),
    "swap": (
        "look", "wardrobe", "shot", "backdrop", "lighting", "key_side", "softness", "lens_mm",
        "aperture", "film", "warmth", "aspect",
    ),
    "upscale": (),
    "cutout": (),
    "print": (),
    "contact-sheet": (),
    "edit": (
        "look", "expression", "wardrobe", "pose", "hair", "glasses", "shot", "backdrop",
        "lighting", "key_side", "softness", "lens_mm", "aperture", "film", "warmth", "aspect",
    ),
}  # fmt: skip
QUIET = {"warmth": 0, "count": 1, "softness": "", "glasses": "no", "skin": "natural"}


def brief_card(
    spec: PortraitSpec, version: int, operation: Operation, can: Capabilities, prompts: Prompts
) -> Brief:
    """The card for a completed spec. Assumed fields that cannot be honoured are left out."""
    missed = can.not_honoured(operation, spec.values())
    lines = [
        _line(slot, spec.fields[slot], slot in missed, can, prompts)
        for slot in _visible(spec, operation)
        if slot not in missed or spec.said(slot)
    ]
    swatch = backdrop_of(spec, prompts, picture=OWN_PICTURE)  # only its kind is looked at
    say = prompts.say
    lines = [_with_swatch(line, swatch.colour, swatch.kind) for line in lines]
    notes = (say(can.notice),) if can.notice and operation == "generate" else ()
    return Brief(say("brief_title"), tuple(lines), version, notes)


def own_words(prompts: Prompts, slot: str, quote: str) -> str:
    """A sitter's free words as they wrote them, where that is not English; else "".

    A brief keeps them in English, for that is what pictures are made from.
    """
    return quote if slot in WORDED and speaking() in prompts.locales else ""


def value_label(prompts: Prompts, slot: str, value: Scalar, quote: str = "") -> str:
    """A value as people read it, their own picture and their own words (`quote`) included."""
    if said := own_words(prompts, slot, quote):
        return said[0].upper() + said[1:]
    own = slot == "backdrop" and value == OWN_PICTURE
    return prompts.say("label_own_picture") if own else prompts.label(slot, value)


def _visible(spec: PortraitSpec, operation: Operation) -> list[str]:
    fields = spec.fields
    return [
        slot
        for slot in SHOWN.get(operation, SHOWN["generate"])
        if slot in fields and (spec.said(slot) or fields[slot].value != QUIET.get(slot))
    ]


def _line(slot: str, field: Field, missed: bool, can: Capabilities, prompts: Prompts) -> BriefLine:
    note = prompts.say(can.reasons.get(slot, "cannot_honour")) if missed else ""
    return BriefLine(
        slot=slot,
        label=prompts.slot_label(slot),
        value=value_label(prompts, slot, field.value, field.quote),
        source=field.source,
        quote=field.quote,
        honoured=not missed,
        note=note,
    )


def _with_swatch(line: BriefLine, colour: str, kind: str) -> BriefLine:
    if line.slot != "backdrop" or kind in ("blur", "picture"):
        return line
    return BriefLine(
        line.slot, line.label, line.value, line.source, line.quote, line.honoured, line.note, colour
    )
