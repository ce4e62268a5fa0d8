"""What the sitter wears: a garment with the colours, cloths and cuts said beside it."""

from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Text, words
from prompts import Prompts

_JOINS = ("and", "n", "over", "with", "under")
_SKIPPED = ("a", "an", "the", "his", "her", "my", "some")
_WORN = (
    ("wearing",),
    ("wears",),
    ("wear",),
    ("dressed", "in"),
    ("clothed", "in"),
    ("outfit", "in"),
    ("dressed", "all", "in"),
    ("dressed", "head", "to", "toe", "in"),
    ("all", "in"),
    ("she's", "in"),
    ("he's", "in"),
    ("woman", "in"),
    ("man", "in"),
    ("lady", "in"),
    ("me", "in"),
    ("her", "in"),
    ("him", "in"),
    ("guy", "in"),
)
_NEVER_ALONE = frozenset(
    {"cord", "mesh", "jersey", "felt", "patent", "fur", "lace", "cotton", "nylon", "sequin"}
)
_IS = ("should", "must", "is", "be", "in", "to", "into", "a")
_LONGEST = 7
_SHADES = (("deep",), ("dark",), ("light",), ("pale",), ("bright",), ("rich",), ("soft",))
_COLOUR = frozenset({"colour", "color", "coloured", "colored"})
_PUTTING = (["wear"], ["wears"], ["add"], ["with"], ["in"], ["on"])
_ONLY_WORN = frozenset(
    {"pearls", "earrings", "hat", "gloves", "veil", "sash", "boots", "heels", "tie"}
)
_UNKNOWN = 3
"""Words that may name a garment beside colours, cloths and cuts: 'fishing hat'."""
_INTRODUCING = frozenset(
    {
        "a",
        "an",
        "my",
        "his",
        "her",
        "their",
        "our",
        "in",
        "wearing",
        "wears",
        "and",
        "with",
        "over",
        "under",
        "some",
        "the",
        "plus",
    }
)
_KINDS = frozenset(
    {"fishing", "wedding", "riding", "hunting", "cycling", "dancing", "running", "sailing",
     "walking", "hiking", "boxing", "skiing", "training", "gardening", "cooking", "morning",
     "evening", "driving", "flying", "swimming", "climbing"}
)  # fmt: skip
_NO_NAMES = frozenset(
    {"favourite", "favorite", "best", "usual", "own", "same", "normal", "everyday", "lucky",
     "trusty", "beloved", "lovely", "cool", "fancy", "proper", "decent", "certain", "different",
     "matching", "signature", "sort", "kind", "type", "pair", "lot", "couple", "full", "whole",
     "typical", "gorgeous", "beautiful", "pretty", "cute", "comfy", "comfortable", "amazing",
     "awesome", "better", "prefer", "choose", "pick", "suggest", "add", "bring", "include",
     "show", "use", "whatever", "stunning", "famous", "current", "latest", "only", "or", "and",
     "than", "as", "is", "are", "plus", "minus", "without", "under", "over", "hair", "beard",
     "glasses", "light", "lighting", "smile", "look", "style", "mood", "wet", "matchy",
     "suitable", "appropriate", "respectable"}
)  # fmt: skip
_NOT_AFTER_SUIT = ("me", "you", "him", "her", "us", "them")


class Wardrobe:
    """Reads clothes out of a message."""

    def __init__(self, prompts: Prompts) -> None:
        clothes = prompts.lexicon.clothes
        self._garments, self._vague = clothes.garments, clothes.vague
        self._cloths = clothes.materials - clothes.garments - clothes.vague - _NEVER_ALONE
        self._colours = {words(name) for name in prompts.scenery.colours}
        tones = {word for name in self._colours for word in name}
        self._tones = tones | {"tan", "nude", "colourful"}
        self._beside = clothes.materials | clothes.descriptions | self._tones
        self._cloth = clothes.materials | self._tones
        self._background = prompts.lexicon.background
        people = prompts.lexicon.people
        self._plain = (
            (prompts.lexicon.common - {"book", "work", "school", "party"})
            | people.women | people.men | prompts.telling.past | prompts.telling.present
            | prompts.lexicon.fillers | prompts.lexicon.background | prompts.lexicon.pictures
            | _NO_NAMES
        )  # fmt: skip

    def vocabulary(self) -> set[str]:
        """Every word that clothes are read from."""
        return set(self._garments | self._cloth | self._vague | self._beside)

    def find(self, text: Text) -> list[Hit]:
        """Clothes in the text, joined where they are said together; claims their tokens."""
        spans = self._joined(text, self._single(text))
        spans = spans or self._worn_colour(text)
        for span in spans:
            text.take(*span)
        hits = [Hit("wardrobe", canonical(text, *span), *span) for span in spans]
        return [self._recoloured(text, hit) for hit in hits]

    def _recoloured(self, text: Text, hit: Hit) -> Hit:
        """'The blazer should be navy': the colour is said after the garment."""
        at = hit.last
        if text.words[at : at + 1] == ["from"] and "to" in text.words[at : at + 4]:
            at = text.words.index("to", at)
        while at < len(text.words) and text.words[at] in _IS:
            at += 1
        for size in (3, 2, 1):
            key = tuple(text.words[at : at + size])
            alone = " and " not in f" {hit.value} "
            named = set(text.words[at + size : at + size + 1]) & _COLOUR
            told = at > hit.last or (alone and (named or self._closes(text, at + size)))
            listed = text.pause(hit.last) == ":" and at == hit.last
            if not self._is_tone(key) or not (listed or told):
                continue
            if listed or text.joined(hit.first, at + len(key)):
                text.take(hit.first, at + len(key))
                return Hit("wardrobe", f"{' '.join(key)} {hit.value}", hit.first, at + len(key))
        return hit

    def _is_tone(self, key: tuple[str, ...]) -> bool:
        """'Teal', 'deep teal'."""
        return key in self._colours or (key[:1] in _SHADES and key[1:] in self._colours)

    @staticmethod
    def _closes(text: Text, index: int) -> bool:
        """Whether a clause ends before this token: the burgundy of 'make the jacket burgundy'."""
        rest = text.words[index : index + 1]
        return index <= len(text.words) and (
            not rest or text.tokens[index].pause or rest[0] in ("please", "instead", "now")
        )

    def _single(self, text: Text) -> list[tuple[int, int]]:
        spans = []
        for index, word in enumerate(text.words):
            if not text.free(index, index + 1) or not self._is_garment(text, index, word):
                continue
            first = self._named_by(text, self._leftmost(text, index))
            lone = first == index and not (self._goes_with(text, index) or _stands(text, index))
            if word in self._vague and lone:
                continue
            if word in self._cloths and not self._alone(text, first, index):
                continue
            spans.append((first, index + 1))
        return _merged(text, spans)

    def _named_by(self, text: Text, first: int) -> int:
        """The 'footy' of 'in her footy scarf': whatever stands between an owner and a garment."""
        for at in range(first - 1, max(-1, first - 1 - _UNKNOWN), -1):
            if text.words[at] in _INTRODUCING and text.joined(at, first + 1):
                return at + 1
            if not (self._names(text, at) or text.words[at] in self._beside):
                return first
            if at == text.clause_of(first)[0]:
                return at
        return first

    def _names(self, text: Text, at: int) -> bool:
        word = text.words[at]
        plain = word in self._plain or (word.endswith(("ing", "ly")) and word not in _KINDS)
        return text.free(at, at + 1) and word.isalpha() and not plain

    def _is_garment(self, text: Text, index: int, word: str) -> bool:
        if word == "jacket" and _of_a_book(text, index):
            return False
        if word == "square":
            return text.words[index - 1 : index] == ["pocket"]
        if word == "neck":
            return text.words[max(0, index - 1) : index] in (
                ["roll"],
                ["polo"],
                ["turtle"],
                ["crew"],
                ["mock"],
            )
        if word == "shirt" or word in self._vague:
            return True
        after = text.words[index + 1 : index + 2]
        if word in ("suit", "dress") and after and after[0] in _NOT_AFTER_SUIT:
            return False
        return (
            word in self._garments
            or word in self._cloths
            or word.removesuffix("s") in self._garments
        )

    def _alone(self, text: Text, first: int, index: int) -> bool:
        """The tweed of 'three piece tweed' and of 'tortoiseshell glasses, tweed.'"""
        start, last = text.clause_of(index)
        closes = index + 1 == last or text.words[index + 1] in ("and", "with", "please")
        worn = text.words[first - 1 : first] in (["in"], ["wearing"], ["wears"])
        described = first < index and any(
            w in self._beside - self._tones for w in text.words[first:index]
        )
        return closes and (worn or described or (first == start and len(text.clauses()) > 1))

    def _goes_with(self, text: Text, index: int) -> bool:
        """The tie of 'suit and tie', the cap of 'wearing a cap'."""
        before = text.words[max(0, index - 2) : index]
        if before == ["and", "the"]:
            before = text.words[max(0, index - 3) : index - 1]
        after = text.words[index + 1 : index + 3]
        if len(after) == 2 and after[0] == "and" and after[1] in self._garments:
            return True
        put = before[:1] in _PUTTING and before[1:] in (["a"], ["an"], ["my"], ["his"], ["her"])
        if (
            put
            or before[-1:] == ["wearing"]
            or before
            in (
                ["wearing", "a"],
                ["wearing", "my"],
                ["wearing", "his"],
                ["wearing", "her"],
            )
        ):
            return True
        return len(before) == 2 and before[0] in self._garments and before[1] == "and"

    def _leftmost(self, text: Text, index: int) -> int:
        first = index
        while first and index - first < _LONGEST and text.joined(first - 1, index + 1):
            word = text.words[first - 1]
            if word in self._beside or (word == "and" and self._between_tones(text, first - 1)):
                if not text.free(first - 1, first):
                    break
                first -= 1
            else:
                break
        while first < index and text.words[first] in ("and", "up", "down", "off"):
            first += 1
        return first

    def _between_tones(self, text: Text, index: int) -> bool:
        sides = (*text.words[max(0, index - 1) : index], *text.words[index + 1 : index + 2])
        return len(sides) == 2 and all(side in self._tones for side in sides)

    def _joined(self, text: Text, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        joined: list[tuple[int, int]] = []
        for span in spans:
            between = text.words[joined[-1][1] : span[0]] if joined else []
            plain = [word for word in between if word not in _SKIPPED]
            if joined and len(plain) == 1 and plain[0] in _JOINS:
                joined[-1] = (joined[-1][0], span[1])
            else:
                joined.append(span)
        return joined

    def _worn_colour(self, text: Text) -> list[tuple[int, int]]:
        """'dressed in black': a colour or cloth alone, where it is said to be worn."""
        for lead in _WORN:
            for index in range(len(text.words) - len(lead)):
                start = index + len(lead)
                if tuple(text.words[index:start]) != lead or not text.joined(index, start + 1):
                    continue
                while start < len(text.words) and text.words[start] in (*_SKIPPED, "all"):
                    start += 1
                last = start
                while last < len(text.words) and text.words[last] in self._cloth:
                    last += 1
                followed = text.words[last : last + 1]
                toned = text.words[start : last + 2]
                if (
                    "black" in toned
                    and "and" in toned
                    and "white" in toned
                    and lead[0] != "dressed"
                ):
                    continue
                if (
                    last > start
                    and text.free(start, last)
                    and not set(followed)
                    & (self._background | {"hair", "glasses", "light", "tones"})
                ):
                    return [(start, last)]
        return []


def _stands(text: Text, index: int) -> bool:
    """'Pearls, butterfly lighting': a clause of its own, of what can only be worn."""
    first, last = text.clause_of(index)
    return last - first == 1 and len(text.clauses()) > 1 and text.words[index] in _ONLY_WORN


def _of_a_book(text: Text, index: int) -> bool:
    """'A jacket photo', 'the dust jacket'."""
    before, after = text.words[index - 1 : index], text.words[index + 1 : index + 2]
    return before in (["book"], ["dust"], ["cookbook"], ["novel's"], ["book's"]) or after in (
        ["photo"], ["picture"], ["portrait"], ["photograph"], ["pic"], ["shot"]
    )  # fmt: skip


def canonical(text: Text, first: int, last: int) -> str:
    """The clothes in plain words: lower case, as the vocabulary spells them, no articles."""
    said = text.raw[text.tokens[first].start : text.tokens[last - 1].end].lower().split()
    fixed = []
    for word in said:
        fixed.append(word.strip("\"'()[]"))
    spelt = _respelt(" ".join(fixed), text, first, last)
    plain = (word for word in spelt.split() if word not in _SKIPPED)
    return " ".join("and" if word == "n" else word for word in plain)


def _respelt(said: str, text: Text, first: int, last: int) -> str:
    for index in range(first, last):
        heard, meant = text.tokens[index].word, text.words[index]
        if heard != meant:
            said = said.replace(heard, meant, 1)
    return said


def _merged(text: Text, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Garments that overlap or touch ('polo shirt') are one."""
    merged: list[tuple[int, int]] = []
    for first, last in spans:
        if merged and first <= merged[-1][1] and text.joined(merged[-1][0], last):
            merged[-1] = (merged[-1][0], last)
        else:
            merged.append((first, last))
    return merged
