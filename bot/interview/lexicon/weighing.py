"""From hits to a patch: negations, alternatives, and what was said last."""

from bot.core.spec import PortraitSpec, SetSlot, SpecPatch
from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Text, words
from prompts import SLOTS, Prompts

_REACH = 6
_PLAIN_NO = ("no", "kein", "keine", "nothing")
_DECLINING = frozenset({"no", "nah", "nope", "not", "really", "thanks", "please", "rather"})
_UNTRUE = frozenset(
    {
        "plastic",
        "plasticky",
        "waxy",
        "fake",
        "doll",
        "airbrushed",
        "airbrush",
        "retouch",
        "smooth",
        "photoshop",
    }
)
"""Words of natural skin that say themselves what is not wanted."""
_SHINE = frozenset({"shiny", "shine", "oily", "greasy", "sweaty", "glossy", "shining"})
"""The same of matte skin."""
_PASSIVE = ("facing", "standing")
"""Poses that go along with another."""
_STILL = ("smile", "soft-smile", "laughing")


class Weighing:
    """Decides which hits stand."""

    def __init__(self, prompts: Prompts) -> None:
        self._negators = {words(phrase) for phrase in prompts.lexicon.negators}
        self._bridges = prompts.lexicon.bridges

    def patch(self, text: Text, hits: list[Hit], spec: PortraitSpec) -> SpecPatch:
        """The change these hits make; what was said last wins, what was only offered falls."""
        found = [self._judged(text, hit) for hit in sorted(hits, key=lambda hit: hit.first)]
        chosen: dict[str, SetSlot] = {}
        refused: dict[str, Hit] = {}
        for slot, all_standing in _by_slot([hit for hit in found if not hit.negated]).items():
            standing = _specific(text, all_standing)
            if not _alternatives(text, all_standing):
                hit = _together(text, standing) if slot == "wardrobe" else standing[-1]
                chosen[slot] = SetSlot(slot, hit.value, text.quote(hit.first, hit.last))
        for hit in found:
            if hit.negated and hit.slot not in chosen:
                refused[hit.slot] = hit
        if "skin" in chosen and "filter" in (
            chosen["film"].quote.lower() if "film" in chosen else ""
        ):
            del chosen["film"]
        opposites = [o for h in refused.values() if (o := self._opposite(text, h))]
        chosen |= {change.slot: change for change in opposites}
        clear = [s for s, hit in refused.items() if s not in chosen and _clears(hit, spec)]
        return SpecPatch(
            tuple(chosen[slot] for slot in SLOTS if slot in chosen),
            tuple(slot for slot in SLOTS if slot in clear),
        )

    def turned_down(self, text: Text, hits: list[Hit]) -> Hit | None:
        """The last value the message turned down, if any."""
        turned = [hit for hit in hits if self._negator(text, hit) is not None]
        return turned[-1] if turned else None

    def stands(self, text: Text, hits: list[Hit], slot: str) -> bool:
        """Whether some value of this slot was not turned down."""
        return any(hit.slot == slot and self._negator(text, hit) is None for hit in hits)

    def _judged(self, text: Text, hit: Hit) -> Hit:
        if self._negator(text, hit) is None:
            return hit
        return Hit(hit.slot, hit.value, hit.first, hit.last, negated=True)

    def _negator(self, text: Text, hit: Hit) -> int | None:
        """Where the word stands that turns this hit around."""
        if _declined(text, hit) or _too_much(text, hit):
            return hit.first
        if hit.slot == "skin" and _denies_itself(text, hit):
            return None
        if hit.slot == "key_side" and (start := self._side_denied(text, hit)) is not None:
            return start
        return self._led_by(text, hit)

    def _led_by(self, text: Text, hit: Hit) -> int | None:
        """The negator before a hit, with nothing but bridges between them."""
        at = hit.first
        for _ in range(_REACH):
            if at == 0 or text.tokens[at].pause:
                return None
            for size in (2, 1):
                if at >= size and tuple(text.words[at - size : at]) in self._negators:
                    plain = text.words[at - 1] in _PLAIN_NO and at < hit.first
                    return None if plain and not self._near(text, at, hit) else at - size
            at -= 1
            if text.words[at] not in self._bridges:
                return None
        return None

    def _side_denied(self, text: Text, hit: Hit) -> int | None:
        """'I don't want the light coming from the left'."""
        first, _ = text.clause_of(hit.first)
        lead = text.words[first : hit.first]
        denied = [at for at, word in enumerate(lead) if word in ("don't", "not", "never", "avoid")]
        return first + denied[-1] if denied and "but" not in lead[denied[-1] :] else None

    def _near(self, text: Text, at: int, hit: Hit) -> bool:
        """'No more glasses', 'nothing too serious', yet not 'no make it butterfly'."""
        return all(w in ("more", "too", "such", "so", "very") for w in text.words[at : hit.first])

    def _opposite(self, text: Text, hit: Hit) -> SetSlot | None:
        """Where turning one value down leaves a single other."""
        at = self._negator(text, hit)
        quote = text.quote(hit.first if at is None else at, hit.last)
        if hit.slot == "glasses":
            return SetSlot("glasses", "yes" if hit.value == "no" else "no", quote)
        if hit.slot == "expression" and hit.value in _STILL:
            return SetSlot("expression", "neutral", quote)
        if hit.slot == "key_side":
            return SetSlot("key_side", "right" if hit.value == "left" else "left", quote)
        if hit.slot == "softness" and hit.value == "crisp":
            return SetSlot("softness", "soft", quote)
        if hit.slot == "skin" and hit.value == "polished":
            return SetSlot("skin", "natural", quote)
        return None


def _denies_itself(text: Text, hit: Hit) -> bool:
    """'No airbrush', 'don't make it shiny': the words name what is not wanted."""
    said = set(text.words[hit.first : hit.last])
    return bool(_SHINE & said) or (hit.value == "natural" and bool(_UNTRUE & said))


def _too_much(text: Text, hit: Hit) -> bool:
    """'Rembrandt light is too dramatic.'"""
    if hit.slot in ("look", "lighting") and text.words[hit.first - 1 : hit.first] == ["too"]:
        return True
    likened = text.words[max(0, hit.first - 3) : hit.first]
    if hit.slot == "warmth" and likened in (["looks", "like", "a"], ["look", "like", "a"]):
        return True
    at = hit.last + (text.words[hit.last : hit.last + 1] in (["me"], ["him"], ["her"], ["it"]))
    after = text.words[at : at + 2]
    complains = after in (["is", "too"], ["looks", "too"], ["was", "too"], ["feels", "too"])
    return complains and hit.slot not in ("expression", "wardrobe", "subject", "gender")


def _declined(text: Text, hit: Hit) -> bool:
    """'Smile? Nah.'"""
    if hit.last >= len(text.words) or not text.tokens[hit.last].pause:
        return False
    first, last = text.clause_of(hit.last)
    asked = "?" in text.raw[text.tokens[hit.last - 1].end : text.tokens[hit.last].start]
    return asked and set(text.words[first:last]) <= _DECLINING


def _specific(text: Text, hits: list[Hit]) -> list[Hit]:
    """Without a plain 'smile' where the same clause says which: 'subtle closed-lip smile'."""
    if len({hit.value for hit in hits}) > 1 and hits[0].slot == "pose":
        return [hit for hit in hits if hit.value not in _PASSIVE] or hits
    plain = [
        h for h in hits if h.slot == "expression" and h.value == "smile" and h.last - h.first == 1
    ]
    told = {text.clause_of(hit.first) for hit in hits if hit not in plain}
    return [hit for hit in hits if hit not in plain or text.clause_of(hit.first) not in told]


def _by_slot(hits: list[Hit]) -> dict[str, list[Hit]]:
    slots: dict[str, list[Hit]] = {}
    for hit in hits:
        slots.setdefault(hit.slot, []).append(hit)
    return slots


def _alternatives(text: Text, hits: list[Hit]) -> bool:
    """'Rembrandt or butterfly': a choice not made yet."""
    if len(hits) < 2 or hits[-1].value == hits[-2].value:
        return False
    if sum(text.words[hit.first - 1 : hit.first] == ["one"] for hit in hits if hit.first) > 1:
        return True
    return "or" in text.words[hits[-2].last : hits[-1].first]


def _together(text: Text, hits: list[Hit]) -> Hit:
    """Clothes said in one list belong together; said again later, the later ones stand."""
    last = hits[-1]
    for hit in reversed(hits[:-1]):
        if last.first - hit.last > 1 or "." in _between(text, hit, last):
            break
        last = Hit("wardrobe", f"{hit.value}, {last.value}", hit.first, last.last)
    return last


def _between(text: Text, one: Hit, other: Hit) -> str:
    return text.raw[text.tokens[one.last - 1].end : text.tokens[other.first].start]


def _clears(hit: Hit, spec: PortraitSpec) -> bool:
    if hit.slot != "wardrobe":
        return True
    return str(hit.value).split()[-1] in str(spec.value("wardrobe") or "")
