"""Clothes taken off again, or put on beside others: 'lose the flat cap', 'add a scarf to that'."""

import re

from msgspec import structs

from bot.core.spec import PortraitSpec, SetSlot, SpecPatch
from bot.interview.lexicon.tokens import Text
from prompts import SLOTS

_PARTS = re.compile(r",\s*|\s+(?:and|with|over|under)\s+(?:an?\s+)?")
_ADDS = re.compile(
    r"\b(?:add|adding|plus|put on|throw on|and also|on top)\b(?! (?:some|more) light)"
)
_SWAP = re.compile(
    r"\b(?:swap|change|replace|trade|switch) (?:out )?(?:the |that |my |his |her )?"
    r"(?P<old>(?:[a-z-]+ ){0,2}?[a-z-]+) (?:for|with|to|by) "
)
_OFF = (
    r"(?:lose|ditch|drop|remove|scrap|bin|skip|no|without|minus|not|get rid of|take off|take away"
    r"|leave out|leave off|forget|no need for|don'?t (?:want|need))"
)


def dressed(text: Text, patch: SpecPatch, spec: PortraitSpec) -> SpecPatch:
    """The patch, with all the clothes that are worn after it: not only those it names."""
    return _added(text, _exchanged(text, _undressed(text, patch, spec), spec), spec)


def _exchanged(text: Text, patch: SpecPatch, spec: PortraitSpec) -> SpecPatch:
    """'Swap the tie for a bow tie': one of the garments for another."""
    parts = [part for part in _PARTS.split(str(spec.value("wardrobe") or "")) if part]
    found = _SWAP.search(text.folded)
    old = [part for part in parts if found and _within(found["old"], part)]
    changes = [
        SetSlot("wardrobe", ", ".join(change.value if p in old else p for p in parts), change.quote)
        if change.slot == "wardrobe" and old and isinstance(change.value, str)
        else change
        for change in patch.set
    ]
    return structs.replace(patch, set=tuple(changes))


def _added(text: Text, patch: SpecPatch, spec: PortraitSpec) -> SpecPatch:
    worn = str(spec.value("wardrobe") or "")
    changes = [
        SetSlot("wardrobe", f"{worn}, {change.value}", change.quote)
        if change.slot == "wardrobe" and worn and _ADDS.search(text.folded)
        else change
        for change in patch.set
    ]
    return structs.replace(patch, set=tuple(changes))


def _undressed(text: Text, patch: SpecPatch, spec: PortraitSpec) -> SpecPatch:
    worn = str(spec.value("wardrobe") or "")
    parts = [part for part in _PARTS.split(worn) if part]
    off = [part for part in parts if _taken_off(text, part)]
    new = next((change for change in patch.set if change.slot == "wardrobe"), None)
    if not off or len(off) == len(parts) or (new and not _within(str(new.value), worn)):
        return patch
    left = ", ".join(part for part in parts if part not in off)
    kept = {change.slot: change for change in patch.set}
    kept["wardrobe"] = SetSlot("wardrobe", left, text.quote(0, len(text.words)))
    return structs.replace(
        patch,
        set=tuple(kept[slot] for slot in SLOTS if slot in kept),
        clear=tuple(slot for slot in patch.clear if slot != "wardrobe"),
    )


def _taken_off(text: Text, part: str) -> bool:
    noun = re.escape(part.rsplit(maxsplit=1)[-1].lower())
    before = rf"\b{_OFF} (?:the |that |my |his |her |a |any )?(?:[a-z-]+ ){{0,2}}?{noun}\b"
    after = (
        rf"\b(?:take|leave) (?:the |that |my |his |her )?(?:[a-z-]+ ){{0,2}}?{noun}"
        r" (?:off|out|away)\b"
    )
    return bool(re.search(f"{before}|{after}", text.folded))


def _within(said: str, worn: str) -> bool:
    return said.rsplit(maxsplit=1)[-1] in re.findall(r"[\w'-]+", worn)
