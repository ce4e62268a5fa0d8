"""Where the light comes from and how soft it is, said in many small ways."""

from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Text
from prompts import Prompts

_SITTERS = ("my", "her", "his", "their", "sitter's", "subject's", "model's")
_OTHER = {"left": "right", "right": "left"}
_BEFORE = ("from", "camera", "on", "to", "at", "over")
_SOFT = {
    "soft": "soft", "softly": "soft", "gentle": "soft", "diffused": "soft", "diffuse": "soft",
    "hard": "crisp", "harsh": "crisp", "crisp": "crisp",
}  # fmt: skip
_REACH = 3
_WINDOW_REACH = 6
_NEAR = ("by", "near", "beside", "next", "through")
_VERY = frozenset({"very", "really", "super", "extra", "extremely", "ultra", "so"})
_FILLING = frozenset({"and", "but", "please", "nice", "quite", "all", "is", "make", "it", "keep"})


class Rays:
    """Reads the light's side and softness."""

    def __init__(self, prompts: Prompts) -> None:
        self._light = prompts.lexicon.light
        self._patterns = frozenset(prompts.slot("lighting").values) - {"window"}

    def find(self, text: Text) -> list[Hit]:
        """Side and softness in the text; claims their tokens."""
        hits = [hit for i in range(len(text.words)) if (hit := self._at(text, i))]
        for hit in hits:
            text.take(hit.first, hit.last)
        return hits

    def _at(self, text: Text, index: int) -> Hit | None:
        word = text.words[index]
        if not text.free(index, index + 1):
            return None
        if word in _OTHER:
            return self._side(text, index)
        if word == "window":
            return self._window(text, index)
        return self._soft(text, index) if word in _SOFT else None

    @staticmethod
    def _window(text: Text, index: int) -> Hit | None:
        """'beside a big north-facing window', 'light through the kitchen window'."""
        first, _ = text.clause_of(index)
        lead = range(max(first, index - _WINDOW_REACH), index)
        near = next((i for i in lead if text.words[i] in _NEAR), None)
        if near is None or not text.free(near, index + 1):
            return None
        return Hit("lighting", "window", near, index + 1)

    def _side(self, text: Text, index: int) -> Hit | None:
        first, _ = text.clause_of(index)
        lead = text.words[max(first, index - _REACH) : index]
        if text.words[index + 1 : index + 2] in (["back"], ["up"], ["down"], ["away"]):
            return None
        if "turned" in text.words[first:index] or "looking" in text.words[first:index]:
            return None
        said_from = "from" in lead or lead[-1:] == ["camera"] or self._lone(text, index)
        if not said_from and not (self._lit(text, index) and set(lead) & set(_BEFORE)):
            return None
        owner = lead[-1] if lead else ""
        value = _OTHER[text.words[index]] if owner in _SITTERS else text.words[index]
        start = next(
            (i for i in range(index - len(lead), index) if text.words[i] in _BEFORE), index
        )
        return Hit("key_side", value, start, self._end(text, index))

    def _lone(self, text: Text, index: int) -> bool:
        """The left of 'Rembrandt, left', and not that of 'right?'."""
        first, last = text.clause_of(index)
        rest = {*text.words[first:index], *text.words[index + 1 : last]}
        asked = "?" in text.mark(last)
        light = bool((self._light | self._patterns) & set(text.words))
        return not asked and light and rest <= {"camera", "side", "please", "key", "from", "the"}

    def _lit(self, text: Text, index: int) -> bool:
        first, last = text.clause_of(index)
        moved = {"put", "move", "bring"} & set(text.words[first:index])
        said = text.words if moved else text.words[first:last]
        return any(word in self._light for word in said)

    def _end(self, text: Text, index: int) -> int:
        after = text.words[index + 1 : index + 2]
        return index + 2 if after == ["side"] and text.joined(index, index + 2) else index + 1

    def _soft(self, text: Text, index: int) -> Hit | None:
        """'soft Rembrandt light', 'soft, slightly warm light': the light follows soon."""
        ahead = text.words[index + 1 : index + 1 + _REACH]
        lit = next((i for i, word in enumerate(ahead) if word in self._light), None)
        followed = lit is not None and text.joined(index, index + 2 + lit)
        if not followed and not self._alone(text, index):
            return None
        value, first = _SOFT[text.words[index]], index
        if index and text.words[index - 1] in _VERY and text.joined(index - 1, index + 1):
            first = index - 1
            value = "very-soft" if value == "soft" else value
        return Hit("softness", value, first, index + 1)

    def _alone(self, text: Text, index: int) -> bool:
        """The 'very soft' of 'window light, very soft': all of a clause, in talk of light."""
        first, last = text.clause_of(index)
        rest = {w for i, w in enumerate(text.words[first:last], first) if i != index}
        return rest <= _VERY | _FILLING and bool(self._light & set(text.words))
