"""What stands behind: backdrops and colours, where the words around them speak of a backdrop."""

from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import HEX_TOKEN, Text, words
from prompts import BackdropEntry, Prompts

_BEHIND = ("on", "against", "auf", "vor", "sobre", "sur")
_SKIPPED = frozenset(
    {"a", "an", "the", "plain", "some", "pure", "very", "nice", "simple", "soft", "big", "infinity"}
)
_LINKS = (
    "is", "be", "to", "in", "of", "should", "would", "a", "an", "the", "as", "with", "please",
    "colour", "color", "into", "for", "may", "can", "could", "quite", "must", "go", "stay",
    "rather", "now", "happily", "all", "completely", "just",
)  # fmt: skip
_BEFORE_IT = ("in", "front", "of")
_PLACES = ("foliage", "city", "library")
_AS_BACKGROUND = (("in", "the"), ("as", "the"), ("as", "a"), ("for", "the"), ("as", "my"))
_TONED = frozenset({"canvas", "brick", "bricks", "marble", "plaster", "gradient", "seamless"})
_TO_TONE = frozenset({"in", "the", "a", "kind", "please", "but", "of"})
_REACH = 4
_AROUND = frozenset({"at", "night", "all", "blurry", "blurred", "out", "focus", "soft", "softly"})
_SCENES = frozenset(
    {"canvas", "brick", "bricks", "marble", "plaster", "library", "city", "leaves", "trees",
     "foliage", "wall", "window", "books", "bookshelves"}
)  # fmt: skip
_PLAINLY = frozenset({"plain", "solid", "simple"})
_SURFACES = frozenset({"canvas", "seamless", "gradient"})
_LONGEST = 4


class Scenes:
    """Reads backdrops out of a message."""

    def __init__(self, prompts: Prompts) -> None:
        self._scenery = prompts.scenery
        named = {name: name for name in prompts.scenery.colours} | prompts.scenery.named
        self._named = {words(name): value for name, value in named.items()}
        self._nouns = prompts.lexicon.background
        self._hues = {words(name) for name in prompts.scenery.colours}
        self._plain = prompts.lexicon.common | prompts.lexicon.fillers | prompts.lexicon.bridges
        worn = prompts.lexicon.clothes
        self._cloths = worn.materials
        self._not_behind = worn.garments | worn.vague | worn.materials | {"hair", "skin", "film"}

    def vocabulary(self) -> set[str]:
        """Every word that backdrops are read from."""
        names = (*self._scenery.named, *self._scenery.colours)
        return {word for name in names for word in name.replace("-", " ").split()}

    def find(self, text: Text) -> list[Hit]:
        """Backdrops in the text; claims their tokens."""
        hits: list[Hit] = []
        for index, word in enumerate(text.words):
            if not text.free(index, index + 1):
                continue
            hit = self._hex(text, index) or self._around(text, index) if word else None
            if hit:
                text.take(hit.first, hit.last)
                hits.append(hit)
        return hits or self._alone(text) or self._plainly(text)

    def _plainly(self, text: Text) -> list[Hit]:
        """The 'plain pale grey', the 'dark library' that is a clause of its own."""
        for first, last in text.clauses():
            if last - first < 2 or not text.free(first, last):
                continue
            paper = text.words[first] in _PLAINLY
            if not paper and not _SCENES & set(text.words[first:last]):
                continue
            entry = self.named(text, first + paper, last)
            if entry and (entry.kind == "seamless") == paper and entry.kind != "gradient":
                text.take(first, last)
                return [Hit("backdrop", entry.id, first, last)]
        return []

    def _alone(self, text: Text) -> list[Hit]:
        """'City lights at night, all blurry': a scene that is all of the message's first clause."""
        first, last = text.clauses()[0]
        plain = [i for i in range(first, last) if text.words[i] not in _SKIPPED | _AROUND]
        if not plain or not text.free(first, last):
            return []
        start, end = plain[0], plain[-1] + 1
        around = bool(_AROUND & set(text.words[first:last]))
        scene = end - start > 1 or around or text.words[start] in _TONED
        entry = self.named(text, start, end) if scene else None
        if entry is None or (entry.kind in ("seamless", "gradient") and end - start < 2 + around):
            return []
        hit = self._toned(text, Hit("backdrop", entry.id, start, end))
        text.take(hit.first, hit.last)
        return [hit]

    def instead(self, text: Text, start: int) -> Hit | None:
        """A backdrop named loosely after another was turned down: 'a charcoal one'."""
        for index in range(start, len(text.words)):
            if text.words[index] not in _SKIPPED and (hit := self._widest(text, index)):
                text.take(hit.first, hit.last)
                return hit
        return None

    def named(self, text: Text, first: int, last: int) -> BackdropEntry | None:
        """The backdrop these tokens name exactly."""
        said = text.words[first:last]
        bare = [w for w in said if w not in _SKIPPED and w not in self._nouns and w != "my"]
        value = self._named.get(tuple(said)) or self._named.get(tuple(bare))
        return self._scenery.find(value, fuzzy=False) if value else None

    def _hex(self, text: Text, index: int) -> Hit | None:
        word = text.words[index]
        if not HEX_TOKEN.fullmatch(word):
            return None
        entry = self._scenery.find(word)
        return Hit("backdrop", entry.id, index, index + 1) if entry else None

    def _around(self, text: Text, index: int) -> Hit | None:
        word = text.words[index]
        if word in self._nouns or word in _SURFACES:
            return self._before(text, index) or self._after(text, index)
        if word in _BEHIND or tuple(text.words[max(0, index - 2) : index + 1]) == _BEFORE_IT:
            return self._behind(text, index)
        if word in ("in", "among"):
            hit = self._behind(text, index)
            entry = self._scenery.find(str(hit.value), fuzzy=False) if hit else None
            return hit if entry and entry.kind in _PLACES else None
        return self._before(text, index) if word == "behind" else None

    def _before(self, text: Text, index: int) -> Hit | None:
        """'sage green backdrop', 'dark canvas', 'books in the background': the noun stands last."""
        last, until = self._end(text, index), index
        if tuple(text.words[max(0, index - 2) : index]) in _AS_BACKGROUND:
            until = index - 2
        for first in range(max(0, until - _LONGEST), until):
            if text.joined(first, last) and text.free(first, last):
                entry = self.named(text, first, last) or self.named(text, first, until)
                if entry:
                    return self._toned(text, Hit("backdrop", entry.id, first, last))
        return None

    def _toned(self, text: Text, hit: Hit) -> Hit:
        """'Canvas backdrop in brown', 'brick wall, white': the tone is said after the surface."""
        surface = next((w for w in text.words[hit.first : hit.last] if w in _TONED), "")
        at = hit.last
        while surface and at < min(len(text.words), hit.last + _REACH) and text.free(at, at + 1):
            for tone in (tuple(text.words[at : at + 2]), tuple(text.words[at : at + 1])):
                found = self._named.get((*tone, surface))
                if found and self._ends(text, at + len(tone)):
                    entry = self._scenery.find(found, fuzzy=False)
                    return Hit("backdrop", entry.id, hit.first, at + len(tone)) if entry else hit
            if text.words[at] not in _TO_TONE:
                break
            at += 1
        return hit

    @staticmethod
    def _ends(text: Text, index: int) -> bool:
        """Whether a tone stands alone, not before what it colours."""
        follows = text.words[index : index + 1]
        return not follows or text.tokens[index].pause or follows[0] in ("one", "kind", "please")

    def _after(self, text: Text, index: int) -> Hit | None:
        """'seamless pale grey', 'background: teal', 'the backdrop should be grey'."""
        start = index + 1
        if text.words[index] == "studio" or not self._goes_on(text, start):
            return None
        if text.words[index] not in _SURFACES:
            while start < len(text.words) and text.words[start] in _LINKS:
                start += 1
        else:
            start += text.words[start : start + 1] == ["paper"]
        if toned := self._surface(text, index):
            return toned
        hit = self._widest(text, start)
        if hit is None and text.words[index] in ("canvas", "gradient"):
            entry = self.named(text, index, index + 1)
            last = self._end(text, index)
            return self._toned(text, Hit("backdrop", entry.id, index, last)) if entry else None
        return Hit("backdrop", hit.value, index, self._end(text, hit.last - 1)) if hit else None

    def _surface(self, text: Text, index: int) -> Hit | None:
        """'Gradient grey background': the tone is said after the surface, the noun after both."""
        tone, surface = tuple(text.words[index + 1 : index + 2]), text.words[index]
        noun = set(text.words[index + 2 : index + 3]) & self._nouns
        found = self._named.get((*tone, surface)) if noun and surface in _TONED else None
        entry = self._scenery.find(found, fuzzy=False) if found else None
        last = self._end(text, index + 1)
        return Hit("backdrop", entry.id, index, last) if entry else None

    def _goes_on(self, text: Text, index: int) -> bool:
        """Whether nothing but a colon parts this token from the one before."""
        if index >= len(text.words):
            return False
        gap = text.folded[text.tokens[index - 1].end : text.tokens[index].start]
        return not text.tokens[index].pause or gap.strip() in (":", "-")

    def _behind(self, text: Text, index: int) -> Hit | None:
        """'on charcoal', 'against a sage green wall'."""
        start = index + 1
        while start < len(text.words) and text.words[start] in _SKIPPED:
            start += 1
        hit = self._widest(text, start) if text.joined(index, start + 1) else None
        if hit is None or self._coloured(text, hit.last):
            return None
        if hit.last - start == 1 and text.words[start] in self._cloths:
            return None
        return Hit("backdrop", hit.value, start, hit.last)

    def _coloured(self, text: Text, index: int) -> bool:
        """Whether a thing of its own follows: 'dark' of 'dark wood' is no backdrop."""
        follows = text.words[index : index + 1]
        return bool(follows) and not text.tokens[index].pause and follows[0] not in self._plain

    def _widest(self, text: Text, start: int) -> Hit | None:
        for last in range(min(len(text.words), start + _LONGEST), start, -1):
            if not text.joined(start, last) or not text.free(start, last):
                continue
            entry = self.named(text, start, last)
            follows = text.words[last : last + 1]
            if entry and text.joined(start, last + 1) and tuple(follows) in self._hues:
                return self._widest(text, last)
            if entry and not (
                follows and follows[0] in self._not_behind and text.joined(start, last + 1)
            ):
                return Hit("backdrop", entry.id, start, self._end(text, last - 1))
        return None

    def _end(self, text: Text, index: int) -> int:
        """Past the nouns that only repeat it: 'canvas backdrop', 'seamless paper background'."""
        last = index + 1
        while last < len(text.words) and text.words[last] in self._nouns | _SURFACES:
            if not text.joined(index, last + 1) or not text.free(last, last + 1):
                break
            last += 1
        return last
