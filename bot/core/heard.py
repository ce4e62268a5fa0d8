"""What was understood, said back in a few words before the next question. Pure."""

from collections.abc import Iterator

from bot.core.brief import own_words, value_label
from bot.core.spec import PortraitSpec, SetSlot, SpecPatch
from engine.shots import Scalar
from prompts import Prompts

NAMED = frozenset({"key_side", "softness", "expression", "skin", "age", "aspect", "count", "pose"})
"""Slots whose values say little without the slot's name."""
SMALL = frozenset({"hair", "backdrop", "shot", "glasses", "gender", "skin_tone", "warmth"})
"""Slots whose values hold no proper name."""
SAID_AT_MOST = 4


def heard_words(prompts: Prompts, before: PortraitSpec, patch: SpecPatch, asked: int) -> str:
    """A half sentence about a change, "" where there is none; `asked` questions went before it.

    >>> import prompts
    >>> known, navy = prompts.load(), SetSlot("wardrobe", "navy blazer")
    >>> heard_words(known, PortraitSpec(), SpecPatch((navy,)), asked=0)
    'Navy blazer: good.'
    """
    parts = [*_set(prompts, before, patch), *_cleared(prompts, before, patch)][:SAID_AT_MOST]
    what = ", ".join(parts)
    if not what:
        return ""
    changed = [s.slot for s in patch.set if before.value(s.slot) != s.value]
    turned = bool(changed) and all(before.said(slot) for slot in changed)
    key = "heard_instead" if turned else ("heard", "heard_then", "heard_nearly")[min(asked, 2)]
    return prompts.say(key, what=what[0].upper() + what[1:])


def heard_list(prompts: Prompts, patch: SpecPatch) -> str:
    """The values of a change, as a list in words."""
    return ", ".join(list(_set(prompts, PortraitSpec(), patch))[:SAID_AT_MOST])


def _set(prompts: Prompts, before: PortraitSpec, patch: SpecPatch) -> Iterator[str]:
    new = {s.slot: s for s in patch.set if before.value(s.slot) != s.value}
    who = new.get("subject", SetSlot("subject", ""))
    subject = str(who.value)
    for slot, change in new.items():
        if slot == "gender" and subject:
            continue
        if slot == "age" and (str(change.value) in subject or _place(change, who) > 0):
            continue
        yield named_value(prompts, change.slot, change.value, change.quote)


def _place(change: SetSlot, within: SetSlot) -> int:
    """How many letters of one's words stand before the other's; 0 where they are not among them."""
    return max(0, within.quote.find(change.quote)) if change.quote else 0


def named_value(prompts: Prompts, slot: str, value: Scalar, quote: str = "") -> str:
    """A value in the middle of a sentence, after its slot's name where it says little alone."""
    if own := own_words(prompts, slot, quote):
        return own
    label = value_label(prompts, slot, value)
    small = prompts.amid(label)
    if slot in NAMED:
        return f"{prompts.amid(prompts.slot_label(slot))} {small}"
    return small if slot in SMALL else label


def _cleared(prompts: Prompts, before: PortraitSpec, patch: SpecPatch) -> Iterator[str]:
    gone = [slot for slot in patch.clear if before.said(slot)]
    return (
        prompts.say("heard_open", field=prompts.amid(prompts.slot_label(slot))) for slot in gone
    )
