"""Small things of a finished picture, named in words: the tie, the wall, the mouth. Pure.

Heard where a reader found nothing in a sentence: no slot of the spec means "put a hat on". What is
worn is added to what is worn already; what no slot holds is repainted in its place.
"""

import re
from collections.abc import Iterator

from msgspec import Struct, structs

from bot.core.session import RenderRecord
from bot.core.spec import SetSlot
from bot.core.ways import first_drawn
from engine.shots import Shot
from prompts import Prompts

WORN = (
    "bow tie", "tie", "necktie", "scarf", "necklace", "pendant", "brooch", "collar", "lapel",
    "lapels", "pocket square", "watch", "badge", "lanyard", "vest", "waistcoat", "apron", "belt",
)  # fmt: skip
REGIONS = {
    "hair": ("hair", "fringe", "bangs", "hat", "cap", "beanie", "headband", "earrings", "earring"),
    "eyes": ("eyes", "eye", "gaze"),
    "mouth": ("mouth", "lips", "teeth", "lipstick"),
    "skin": ("skin", "wrinkles", "blemishes", "blemish", "pimple", "pimples", "spots", "shine"),
    "background": ("background", "backdrop", "wall", "behind me", "behind her", "behind him"),
}
SAME_CLOTHES = "the same clothes"
SAME = {"whiten": "white", "brighten": "bright", "close": "closed", "open": "open",
        "smooth": "smooth", "tidy": "tidy", "fix": "tidy", "clean": "clean"}  # fmt: skip
"""What a verb alone makes of the thing it is said of."""
_NOUNS = {noun: region for region, nouns in REGIONS.items() for noun in nouns} | dict.fromkeys(
    WORN, "wardrobe"
)
_NOUN = "|".join(sorted(_NOUNS, key=len, reverse=True))
_HIS = r"(?:(?:the|my|her|his|their|that|this|a|an|some|any) )?"
_GONE = re.compile(
    rf"\b(?:remove|delete|erase|lose|drop|ditch|no|without|get rid of|take (?:off|away|out)) {_HIS}"
    rf"(?P<noun>{_NOUN})\b|\btake {_HIS}(?P<late>{_NOUN}) (?:off|away|out)\b"
)
_NEW = re.compile(
    rf"\b(?:add|put on|put|give \w+|wear(?:ing)?|with|want|need) "
    rf"(?P<what>(?:an? |some )?(?:[\w-]+ ){{0,3}}?(?P<noun>{_NOUN}))\b"
)
_INTO = re.compile(
    rf"\b(?:make|turn|paint|colou?r|change|swap|replace|switch|have|want) {_HIS}(?P<noun>{_NOUN})"
    rf"(?: behind \w+)?(?: should be| (?:in)?to| for| with| into)?(?P<rest>(?: [\w-]+){{1,4}})$"
)
_BE = re.compile(
    rf"\b(?P<noun>{_NOUN})(?: behind \w+)? (?:should|must|could) be(?P<rest>(?: [\w-]+){{1,4}})$"
)
_DO = re.compile(
    rf"\b(?P<verb>{'|'.join(SAME)}|redo|repaint|redraw|change|retouch|another|new|different)"
    rf"(?: up)? {_HIS}(?P<noun>{_NOUN})\b"
)
_MORE = re.compile(
    rf"\b(?P<how>shorter|longer|curlier|straighter|tidier|neater|wavier|fuller) {_HIS}"
    rf"(?P<noun>{_NOUN})\b"
)
_ONE = re.compile(r"^(?:an? )?(?:in )?|(?: ones?| please| instead)+$")


class Touch(Struct, frozen=True):
    """The region to repaint, and in words what shall be there ("" for the same, drawn anew)."""

    region: str
    words: str
    noun: str
    gone: bool = False


def touch_in(text: str) -> Touch | None:
    """What of a picture a sentence wants changed in its place; None where it names no such thing.

    >>> touch_in("change the tie to a red one").words, touch_in("remove the hat").words
    ('red tie', 'no hat')
    """
    words = " ".join(re.sub(r"[^\w\s'-]", " ", text.casefold()).split())
    words = re.sub(r"\b(?: ?please|can you|could you|just)\b", "", words).strip()
    return next(_touches(words), None)


def as_slot(touch: Touch, shot: Shot, prompts: Prompts) -> SetSlot | None:
    """The touch as a change of the spec, where a slot holds it: clothes, and what stands behind."""
    if touch.region == "background" and touch.words:
        entry = prompts.backdrop(touch.words.removesuffix(f" {touch.noun}"))
        return SetSlot("backdrop", entry.id) if entry else None
    if touch.region != "wardrobe" or not touch.words:
        return None
    worn = str(shot.spec.get("wardrobe") or SAME_CLOTHES).split(" with ")[0].split(" without ")[0]
    how = f"without a {touch.noun}" if touch.gone else f"with a {touch.words}"
    return SetSlot("wardrobe", f"{worn} {how}")


def touched(record: RenderRecord, touch: Touch, taken: int) -> Shot:
    """The picture with that place painted anew; `taken` pictures so far give it a seed of its own
    where nothing else is asked for."""
    shot = record.shot
    seed = shot.seed if touch.words else shot.seed + taken
    said = touch.words[:1].upper() + touch.words[1:]
    dialects = {
        **shot.dialects,
        "prose": f"{said}. {shot.dialects.get('prose', shot.prompt)}",
        "clip": f"({touch.words}:1.2), {shot.dialects.get('clip', shot.prompt)}",
    }
    return structs.replace(
        shot,
        operation="inpaint",
        source=record.render.blob,
        region=touch.region,
        mask=None,
        change="",
        sitter=0,
        seed=seed,
        prompt=f"{touch.words}, {shot.prompt}" if touch.words else shot.prompt,
        dialects=dialects if touch.words else shot.dialects,
        drawn_as=first_drawn(shot),
    )


def _touches(words: str) -> Iterator[Touch]:
    if found := _GONE.search(words):
        noun = found["noun"] or found["late"]
        clear = "clear skin" if _NOUNS[noun] == "skin" else f"no {noun}"
        yield Touch(_NOUNS[noun], clear, noun, gone=True)
    for pattern in (_INTO, _BE):
        if found := pattern.search(words):
            rest = _ONE.sub("", _ONE.sub("", found["rest"].strip()))
            noun = found["noun"]
            said = rest if noun in rest.split() else f"{rest} {_shown(noun)}"
            yield Touch(_NOUNS[noun], said, noun)
    if (found := _NEW.search(words)) and _NOUNS[found["noun"]] in ("wardrobe", "hair"):
        what = re.sub(r"^(?:an?|some|the|my) ", "", found["what"])
        yield Touch(_NOUNS[found["noun"]], what, found["noun"])
    if found := _MORE.search(words):
        yield Touch(_NOUNS[found["noun"]], f"{found['how']} {found['noun']}", found["noun"])
    if found := _DO.search(words):
        same = SAME.get(found["verb"], "")
        said = f"{same} {found['noun']}" if same else ""
        yield Touch(_NOUNS[found["noun"]], said, found["noun"])


def _shown(noun: str) -> str:
    """ "behind me" is where, and not what."""
    return "background" if noun.startswith("behind") else noun
