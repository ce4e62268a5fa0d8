"""A whole slot given up again: 'never mind the skin', 'forget about the glasses'."""

from msgspec import structs

from bot.core.spec import PortraitSpec, SpecPatch
from bot.interview.lexicon.tokens import Phrases, Text
from prompts import SLOTS, Prompts

_BETWEEN = 2
"""Words between "what I said about" and its topic: 'red hair'."""
_WHAT_WAS_SAID = 4
"""Words of "scrap the bit about", which speaks of what was said; "forget about" does not."""
_SKIPPED = frozenset({"the", "my", "about", "that", "of", "all", "her", "his"})


class Dismissals:
    """Finds slots that the sitter no longer cares for."""

    def __init__(self, prompts: Prompts) -> None:
        self._scenery = prompts.scenery
        self._leads = Phrases(prompts.lexicon.dismissals)
        self._topics = {slot: Phrases(said) for slot, said in prompts.lexicon.topics.items()}

    def added(self, text: Text, patch: SpecPatch, spec: PortraitSpec) -> SpecPatch:
        """The patch, and with it what was dismissed of the brief, unless it was said anew."""
        spoken_of = self._dismissed(text, about=True)
        kept = tuple(change for change in patch.set if change.slot not in spoken_of)
        patch = structs.replace(patch, set=kept)
        told = {change.slot for change in patch.set}
        gone = {s for s in self._dismissed(text) | spoken_of if s in spec.fields and s not in told}
        if "backdrop" in spec.fields and "backdrop" not in told and self._names(text, spec):
            gone.add("backdrop")
        if not gone:
            return patch
        clear = gone | set(patch.clear)
        return structs.replace(patch, clear=tuple(slot for slot in SLOTS if slot in clear))

    def _names(self, text: Text, spec: PortraitSpec) -> bool:
        """Whether the backdrop there is was dismissed by its own name."""
        return self.backdrop_ends(text, spec) > 0

    def backdrop_ends(self, text: Text, spec: PortraitSpec) -> int:
        """Where the name of the dismissed backdrop ends; 0 when it was not."""
        for _, at in self._leads.find(text):
            start = at + (text.words[at : at + 1] in (["the"], ["those"], ["that"], ["a"]))
            for size in (3, 2, 1):
                entry = self._scenery.find(" ".join(text.words[start : start + size]), fuzzy=False)
                if entry and entry.id == spec.value("backdrop"):
                    return start + size
        return 0

    def _dismissed(self, text: Text, about: bool = False) -> set[str]:
        """Slots given up; with `about`, only where what was said of them is: 'the bit about'."""
        found = set()
        for first, last in self._leads.find(text):
            if about and (last - first < _WHAT_WAS_SAID or text.words[last - 1] != "about"):
                continue
            at = last
            while text.words[at : at + 1] and text.words[at] in _SKIPPED:
                at += 1
            reach = range(at, min(at + 1 + _BETWEEN * about, len(text.words)))
            found |= {
                s for s, said in self._topics.items() if any(said.at(text.words, i) for i in reach)
            }
        return found
