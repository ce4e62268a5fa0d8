"""One colour or scene in the place of another: 'navy instead of cream', 'swap grey for olive'."""

import re

from bot.core.spec import PortraitSpec
from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Text, words
from prompts import Prompts

ORDINARY = ("normal", "plain", "simple", "classic", "regular", "standard", "ordinary")
_SWAPS = ("swap", "change", "replace", "switch", "the")
_SCENE_SWAP = re.compile(
    r"\b(?:swap|change|replace|switch|trade)(?: out)? (?:the |this |that |my )?(?P<old>[a-z]+?)s?"
    r"(?: wall| background| backdrop)? (?:out )?(?:for|to|with|by|into)"
    r" (?:a |an |some )?(?P<new>[a-z ]+)"
)


class Exchanges:
    """Reads what takes the place of something the brief already has."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts
        self._colours = {words(name): name for name in prompts.scenery.colours}
        clothes = prompts.lexicon.clothes
        self._garments = clothes.garments

    def swapped(self, spec: PortraitSpec, text: Text) -> Hit | None:
        """The new colour of "navy instead of cream" or "swap grey for olive"."""
        tokens = text.words
        if better := self._preferred(spec, text) or self._other_scene(spec, text):
            return better
        for size in (2, 1):
            for first in range(len(tokens) - size - 1):
                last = first + size
                if tuple(tokens[first:last]) not in self._colours or not text.free(first, last):
                    continue
                new = self._colours[tuple(tokens[first:last])]
                if _turn(text, last):
                    return self._exchange(spec, text, (first, last), new, last + 1)
                if tokens[last] in ("for", "to", "with") and first and tokens[first - 1] in _SWAPS:
                    return self._swap(spec, text, first, last)
        return None

    def _preferred(self, spec: PortraitSpec, text: Text) -> Hit | None:
        """'The grey one was better, not the navy': a colour preferred to the one there is."""
        if set(text.words) & self._garments:
            return None
        tones = [(i, tone) for i in range(len(text.words)) if (tone := self._tone(text, i))]
        tones = [
            (i, t)
            for n, (i, t) in enumerate(tones)
            if not n or i >= tones[n - 1][0] + len(tones[n - 1][1])
        ]
        if len(tones) != 2 or not {"better", "preferred", "prefer", "nicer", "liked"} & set(
            text.words
        ):
            return None
        (at, new), (other, old) = tones
        if not {"not", "than", "to", "instead"} & set(text.words[at + 1 : other]):
            return None
        was, entry = self._prompts.backdrop(" ".join(old)), self._prompts.backdrop(" ".join(new))
        behind = was is not None and spec.value("backdrop") == was.id
        return Hit("backdrop", entry.id, at, at + len(new)) if entry and behind else None

    def _other_scene(self, spec: PortraitSpec, text: Text) -> Hit | None:
        """'Swap the brick for plain black': the scene behind is named, and another one."""
        found = _SCENE_SWAP.search(text.folded)
        place = text.span(*found.span("new")) if found else None
        if not found or not place or found["old"] not in str(spec.value("backdrop")):
            return None
        named = " ".join(w for w in found["new"].split() if w not in ORDINARY)
        entry = self._prompts.backdrop(named)
        return Hit("backdrop", entry.id, *place) if entry else None

    def _swap(self, spec: PortraitSpec, text: Text, first: int, last: int) -> Hit | None:
        for size in (2, 1):
            new = self._colours.get(tuple(text.words[last + 1 : last + 1 + size]))
            if new:
                return self._exchange(spec, text, (last + 1, last + 1 + size), new, first)
        return None

    def _exchange(
        self, spec: PortraitSpec, text: Text, place: tuple[int, int], new: str, olds: int
    ) -> Hit | None:
        """The new colour where the old one, at `olds` or later, is: in the clothes or behind."""
        skip = next((i for i in range(olds, len(text.words)) if self._tone(text, i)), None)
        old = " ".join(self._tone(text, skip)) if skip is not None else ""
        worn = str(spec.value("wardrobe") or "")
        if old and _says(worn, old):
            return Hit("wardrobe", _recoloured(worn, old, new), *place)
        entry, was = self._prompts.backdrop(new), self._prompts.backdrop(old) if old else None
        behind = was is not None and spec.value("backdrop") == was.id
        return Hit("backdrop", entry.id, *place) if entry and behind else None

    def _tone(self, text: Text, index: int) -> tuple[str, ...]:
        for size in (2, 1):
            key = tuple(text.words[index : index + size])
            if key in self._colours:
                return key
        return ()

    def toned(self, spec: PortraitSpec, text: Text, core: tuple[str, ...]) -> Hit | None:
        """A bare colour belongs to the backdrop, or to clothes when only they have a colour."""
        worn = str(spec.value("wardrobe") or "")
        name, places = self._colours[core], [i for i, w in enumerate(text.words) if w in core]
        place = (places[0], places[-1] + 1)
        old = next(
            (c for c in sorted(self._prompts.scenery.colours, key=len)[::-1] if _says(worn, c)), ""
        )
        if old and not spec.said("backdrop"):
            return Hit("wardrobe", _recoloured(worn, old, name), *place)
        entry = self._prompts.backdrop(name)
        return Hit("backdrop", entry.id, *place) if entry else None


def _says(worn: str, colour: str) -> bool:
    return re.search(rf"\b{re.escape(colour)}\b", worn) is not None


def _recoloured(worn: str, old: str, new: str) -> str:
    return re.sub(rf"\b{re.escape(old)}\b", new, worn, count=1)


def _turn(text: Text, at: int) -> bool:
    """'navy instead of cream', 'rather navy than cream', 'navy, not cream'."""
    after = tuple(text.words[at : at + 2])
    if after[:1] == ("not",):
        return True
    said = after in (("instead", "of"), ("rather", "than")) or after[:1] == ("than",)
    return said and text.joined(at - 1, at + 1)
