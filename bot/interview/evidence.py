"""What of a model's reading stands: checked against the sitter's words, the vocabulary and the
lexicon's own reading."""

import re
import unicodedata

from msgspec import structs

from bot.core.ports import Intent, Reading
from bot.core.spec import SLOTS, Scalar, SetSlot, SpecPatch
from bot.interview.understood import Change, Understood
from prompts.ages import ADULT, age_range
from prompts.library import Prompts

MAX_REPLY = 400
MAX_QUOTE = 300
REFUSED_MINOR = "minors_refused"

# Words that look alike, one character for one, so that places in the text stay where they are.
_ALIKE = str.maketrans("‘’‛`´“”„«»‐‑–—\u00a0", "'''''\"\"\"\"\"---- ")
_EDGES = " \t\n.,;:!?\"'()[]…"
_TALK = frozenset({"ask", "help", "undo", "privacy", "forget", "history", "cancel", "restart"})
_SPOKEN = frozenset({"ask", "smalltalk", "brief"})
_LINK = re.compile(r"\(?(?:https?://|www\.)\S+")
_MARKS = re.compile(r"[*_`#<>\[\]|~]+|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def reading(heard: Understood, found: Reading, text: str, prompts: Prompts) -> Reading:
    """The model's reading of `text`, with what `found` (the lexicon) adds to it."""
    changes = {c.slot: c for c in (_verified(c, text, prompts) for c in heard.set) if c}
    if any(_is_minor(c, text) for c in heard.set):
        return structs.replace(found, refused=REFUSED_MINOR, patch=SpecPatch())
    clear = tuple(dict.fromkeys(s for s in heard.clear if s in SLOTS and s not in changes))
    if heard.intent not in _TALK:
        missed = (c for c in found.patch.set if c.slot not in clear)
        changes = {**{c.slot: c for c in missed}, **changes}
        clear = (*clear, *(s for s in found.patch.clear if s not in (*clear, *changes)))
    patch = SpecPatch(tuple(changes[s] for s in SLOTS if s in changes), clear)
    topic = _topic(heard.topic or found.topic, prompts)
    return Reading(
        intent=_intent(heard, found),
        patch=patch,
        topic=topic,
        reply=_plain(heard.reply or "") if heard.intent in _SPOKEN and not topic else "",
        wants_photo=found.wants_photo,
    )


def standing(quote: str, text: str) -> str:
    """The sitter's own words that `quote` repeats, or "" when they never said so.

    Case, white space and the shape of quotation marks do not matter; half a word is no quote.
    """
    words = quote.translate(_ALIKE).strip(_EDGES).split()
    if not words or len(quote) > MAX_QUOTE:
        return ""
    pattern = r"\s+".join(map(re.escape, words))
    for found in re.finditer(pattern, text.translate(_ALIKE), re.IGNORECASE):
        if not (_cuts_a_word(text, found.start()) or _cuts_a_word(text, found.end())):
            return text[found.start() : found.end()]
    return ""


def _cuts_a_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and _joined(text[at - 1]) and _joined(text[at])


def _joined(char: str) -> bool:
    """Letters without case are left out: Chinese, Japanese and Thai put no spaces between words."""
    return char.isalnum() and unicodedata.category(char) != "Lo"


def _verified(change: Change, text: str, prompts: Prompts) -> SetSlot | None:
    quote = standing(change.quote, text)
    if not quote:
        return None
    value = prompts.normalise(change.slot, _own_words(change, quote, text, prompts))
    return None if value is None else SetSlot(change.slot, value, quote)


def _own_words(change: Change, quote: str, text: str, prompts: Prompts) -> Scalar:
    """Free words are the sitter's, never the model's."""
    if prompts.slots[change.slot].kind != "words":
        return change.value
    return standing(str(change.value), text) or quote


def _is_minor(change: Change, text: str) -> bool:
    years = age_range(str(change.value)) if change.slot == "age" else None
    return bool(years and years[0] < ADULT and standing(change.quote, text))


def _intent(heard: Understood, found: Reading) -> Intent:
    """The model's, unless it made nothing of words that the lexicon knows."""
    made_nothing = heard.intent in ("brief", "smalltalk") and not heard.set and not heard.clear
    return found.intent if made_nothing and found.intent != "brief" else heard.intent


def _topic(topic: str, prompts: Prompts) -> str:
    """A topic the vocabulary can explain, or ""."""
    slot, _, raw = topic.strip().partition(":")
    if slot not in SLOTS:
        return ""
    value = prompts.normalise(slot, raw) if raw else None
    return slot if value is None else f"{slot}:{value}"


def _plain(reply: str) -> str:
    """Plain text of a bounded length: no links, no mark-up, no control characters."""
    text = " ".join(_MARKS.sub(" ", _LINK.sub(" ", reply[: 8 * MAX_REPLY])).split())
    if len(text) <= MAX_REPLY:
        return text
    return text[: MAX_REPLY - 1].rsplit(" ", 1)[0] + "…"
