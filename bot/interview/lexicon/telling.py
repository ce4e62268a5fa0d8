"""What is told of others, of earlier times and of other things, and so is no wish.

A message is cut into pieces at its pauses and before "but I", "and make" and the like. A piece
tells when somebody else is its subject and its verb is past or says what they think or do, or when
it speaks of another time. Where the sitter clearly is the speaker ("I'm 58", "a picture of me"),
whatever is said of somebody else tells, too.
"""

import re
from collections.abc import Iterable, Iterator

from bot.interview.lexicon.tokens import Text
from prompts import Prompts

_LEADS = frozenset(
    {"and", "but", "so", "well", "oh", "ha", "haha", "lol", "btw", "anyway", "honestly", "omg",
     "ugh", "ok", "okay", "then", "because", "cos", "cause", "although", "though", "since",
     "also", "plus", "yeah", "hi", "hello", "hey", "sorry", "apparently", "usually", "normally",
     "sometimes", "yesterday", "today", "when", "while", "even", "where", "that", "basically",
     "obviously", "fyi", "tbh", "actually", "only", "except", "unlike", "hiya", "right", "look"}
)  # fmt: skip
_OWNERS = frozenset(
    {"my", "our", "his", "her", "their", "the", "a", "an", "your", "this", "that", "some", "every",
     "each", "most", "all", "both", "half", "one", "two", "these", "those", "another"}
)  # fmt: skip
_POSSESSED = frozenset({"my", "our", "his", "her", "their", "your"})
_THIRD = frozenset(
    {"he", "she", "they", "everyone", "everybody", "someone", "somebody", "nobody", "he'd", "she'd",
     "they'd", "he'll", "she'll", "they've", "they're", "he's", "she's", "who", "whose", "who's"}
)  # fmt: skip
_IS = frozenset({"is", "are", "was", "were", "has", "isn't", "hasn't", "will", "does", "have"})
_ADVERBS = frozenset(
    {"just", "also", "still", "always", "never", "once", "only", "even", "already", "usually",
     "recently", "finally", "often", "all", "both", "had", "kind", "of", "really"}
)  # fmt: skip
_OWN = frozenset({"i", "i'm", "im", "i'd", "i'll", "ill", "i've", "ive", "me", "mine", "myself"})
_ORDERS = frozenset(
    {"leave", "keep", "make", "give", "put", "use", "please", "can", "could", "just", "let", "no",
     "don't", "not", "take", "try", "go", "shoot", "i", "i'm", "i'd", "i'll", "im", "i've", "my",
     "we", "we'd", "you'll", "you're", "today", "now", "this"}
)  # fmt: skip
_GOING_ON = frozenset(
    {"and", "who", "whose", "which", "where", "when", "he", "she", "they", "his", "her", "their",
     "he's", "she's", "they're", "always", "never", "because", "then", "got", "we", "that"}
)  # fmt: skip
_IS_NEXT = frozenset(
    {
        "a",
        "an",
        "the",
        "after",
        "so",
        "very",
        "always",
        "not",
        "been",
        "got",
        "in",
        "on",
        "at",
        "also",
    }
)
_STANDING = frozenset({"sat", "stood", "lit", "left", "shot", "cut", "put", "set"})
"""Past forms that describe a sitter as well: 'my dad sat by a window'."""
_OF_SITTER = frozenset({"her", "his", "my", "it's", "she's", "he's", "i'm"})
_LIMBS = frozenset({"hand", "hands", "star", "face", "head", "body"})
_TALES = frozenset({"my", "no", "not", "this", "now", "we", "today", "don't", "i", "just", "go"})
"""Words that begin a wish after a remark, yet not within a story."""
_FARTHEST = 7
"""Words a subject may be long: 'the professor I work for'."""
_REMARK = 3
"""Words of a remark about somebody told of: 'Lovely fellow.'"""
_LIKENS = re.compile(r"(?:the (?:sort|kind|type)|something|like|as if|as in|behind)\b")
_OTHER, _TIME, _WHOLE, _NOTHING = "other", "time", "whole", ""
"""What a piece tells of; after `_WHOLE` the rest of its sentence tells, too."""
_REPORTS = frozenset(
    {"said", "told", "suggested", "recommended", "mentioned", "thought", "booked", "bought", "sent",
     "wanted", "gave", "asked", "got", "insisted", "made", "found", "let"}
)  # fmt: skip
"""Past forms after which a wish may follow without another word: 'my wife bought me this, …'."""
_LOOKING = frozenset(
    {"wears", "looks", "stands", "sits", "smiles", "likes", "dresses", "comes", "wants"}
)


class Telling:
    """Finds the pieces of a message that only tell."""

    def __init__(self, prompts: Prompts) -> None:
        self._words, people = prompts.telling, prompts.lexicon.people
        jobs = {job.split()[-1] for job in people.occupations} - _LIMBS
        kin = people.women | people.men | people.young
        self._persons = frozenset(kin | jobs | people.groups | self._words.others)
        self._names = frozenset(kin | {"uncle", "auntie", "aunty", "granny", "grandad"})
        lexicon = prompts.lexicon
        self._wanting = lexicon.portrait_talk | lexicon.pictures | lexicon.naming.wanting
        self._describing = self._words.describing | _STANDING

    def of_self(self, text: Text) -> bool:
        """Whether the speaker is the sitter, and nobody else is."""
        own = _any(self._words.self, text.folded)
        return own and not _any(self._words.about_other, text.folded)

    def spans(self, text: Text) -> list[tuple[int, int]]:
        """The pieces that tell; where the speaker is the sitter, also the others they name."""
        return self._stories(text, self.of_self(text), naming=True)

    def _stories(self, text: Text, own: bool, naming: bool) -> list[tuple[int, int]]:
        found, told = list[tuple[int, int]](), _NOTHING
        for first, last in text.sentences():
            told = self._carried(text, first, told, own)
            pieces = list(_pieces(text, first, last))
            apposed = self._apposed(text, pieces)
            for at, end in pieces:
                told = self._tells(text, at, end, _WHOLE if at == apposed else told, own)
                if told:
                    found.append((at, end))
                elif own and naming:
                    found += self._named(text, at, end)
                    told = _OTHER if found and found[-1][1] == end else told
        return found

    def of_sitters(self, text: Text) -> Text:
        """The text; where the speaker is the only sitter, without what tells of others.

        What wants something, or speaks of a picture, stays: it may be a child who is to be shown.
        """
        if not self.of_self(text):
            return text
        stories = self._stories(text, own=True, naming=False)
        spans = [s for s in stories if not self._wanting & set(text.words[slice(*s)])]
        told = {at for first, last in spans for at in range(first, last)}
        left = [word if at not in told else "." for at, word in enumerate(text.words)]
        return Text(" ".join(left)) if told else text

    def _apposed(self, text: Text, pieces: list[tuple[int, int]]) -> int:
        """Where 'My neighbour, a retired colonel, keeps leaving buckets' begins; else -1."""
        for number, (at, end) in enumerate(pieces[:-1]):
            verbs = (text.words[first] for first, _ in pieces[number + 1 :])
            named = self._possessed(text, _led(text, at, end), end)
            if named and any(self._tale(verb) for verb in verbs):
                return at
        return -1

    def _tale(self, verb: str) -> bool:
        told = self._words.past | self._words.present
        return verb in told and verb not in self._describing

    def _carried(self, text: Text, first: int, told: str, own: bool) -> str:
        """What a new sentence goes on about: "He's 52 …" after somebody was told of."""
        more = text.words[first] in _THIRD or text.words[first] in ("his", "her", "their")
        size = text.clause_of(first)[1] - first
        if told and size <= _REMARK and self._persons & set(text.words[first : first + size]):
            return _WHOLE
        wanted = _any(self._words.about_other, text.folded)
        return _OTHER if told in (_OTHER, _WHOLE) and more and (own or not wanted) else _NOTHING

    def _tells(self, text: Text, first: int, last: int, told: str, own: bool) -> str:
        said = text.folded[text.tokens[first].start : text.tokens[last - 1].end]
        if _any(self._words.wish, said):
            return _NOTHING
        at = _led(text, first, last)
        earlier = _any(self._words.when, said) and not _LIKENS.match(said)
        if at < last and text.words[at] in _OWN:
            past = self._is_past(text, at + 1, last)
            kind = _WHOLE if past and earlier else _TIME if earlier else told if past else _NOTHING
        elif kind := self._of_others(text, (at, last), told or (_TIME if earlier else ""), own):
            pass
        elif earlier:
            tale = told or self._words.past & set(text.words[at:last]) - _IS
            kind = _WHOLE if tale else _TIME
        else:
            kind = told if self._goes_on(text, first, last, told, own) else _NOTHING
        return kind

    def _of_others(self, text: Text, piece: tuple[int, int], told: str, own: bool) -> str:
        """What a piece tells whose subject is somebody else."""
        verb = self._verb(text, *piece, own)
        if verb is None:
            return _OTHER if own and self._possessed(text, *piece) else _NOTHING
        if not (own or told or self._tells_of(text, piece[0], verb)):
            return _NOTHING
        past = told in (_TIME, _WHOLE) or self._finite_past(text.words[verb])
        return _WHOLE if past else _OTHER

    def _tells_of(self, text: Text, at: int, verb: int) -> bool:
        """Whether a verb says more than what somebody is, or they are only 'a friend of mine'."""
        mine = {"mine", "ours"} & set(text.words[at:verb])
        return bool(mine) or not self._only_is(text.words[verb])

    def _finite_past(self, word: str) -> bool:
        past = word in self._words.past or _ed(word)
        return past and word not in self._describing | _REPORTS | _IS

    def _goes_on(self, text: Text, first: int, last: int, told: str, own: bool) -> bool:
        """Whether a piece without a subject of its own belongs to what was told before it."""
        word, at = text.words[first], _led(text, first, last)
        if not told or at == last:
            return False
        today = "now" in text.words[first:last] and text.words[at] in _OF_SITTER
        if today and not self._words.past & set(text.words[first:last]):
            return False
        if told == _WHOLE:
            return text.words[at] not in _ORDERS - _TALES
        if text.words[at] in _ORDERS:
            return False
        if told == _OTHER and word == "the" and self._persons & set(text.words[first : first + 3]):
            return True
        about = {"his", "her", "their", "he", "she", "they"} & set(text.words[first:last])
        return word in _GOING_ON or (told == _OTHER and (own or bool(about)))

    def _is_past(self, text: Text, at: int, last: int) -> bool:
        while at < last and text.words[at] in _ADVERBS:
            at += 1
        word = text.words[at] if at < last else ""
        return word not in self._words.wishing and (word in self._words.past or _ed(word))

    def _verb(self, text: Text, at: int, last: int, own: bool) -> int | None:
        """Where the verb stands of which somebody else is the subject."""
        if at >= last:
            return None
        if text.words[at] in _THIRD:
            return self._third(text, at, last)
        named = text.words[at] in self._names or text.words[at] == "people"
        if not named and text.words[at] not in _OWNERS:
            return None
        for index in range(at + (not named), min(last, at + _FARTHEST)):
            word = text.words[index]
            if self._is_short(text, index, last):
                return index
            subject = {w.removesuffix("'s") for w in text.words[at:index]}
            finite = self._finite(word) or (own and word in _LOOKING)
            if finite and subject & self._persons:
                return index
        return None

    @staticmethod
    def _only_is(word: str) -> bool:
        """'She's 44', 'my wife is 44': as good as said of the sitter, where nobody else is one."""
        return word in _IS or "'" in word

    def _third(self, text: Text, at: int, last: int) -> int | None:
        """The verb of he, she, they, everyone."""
        if "'" in text.words[at]:
            return at
        at += 1
        while at < last and text.words[at] in _ADVERBS:
            at += 1
        return at if at < last and self._finite(text.words[at]) else None

    def _is_short(self, text: Text, index: int, last: int) -> bool:
        """'My girlfriend's a makeup artist'."""
        word = text.words[index]
        follows = text.words[index + 1] if index + 1 < last else ""
        return (
            word.endswith("'s")
            and word[:-2] in self._persons
            and (follows in _IS_NEXT or follows.endswith("ing") or follows.isdecimal())
        )

    def _finite(self, word: str) -> bool:
        if word in self._describing:
            return False
        return word in _IS or word in self._words.past | self._words.present or _ed(word)

    def _possessed(self, text: Text, at: int, last: int) -> bool:
        """'My publisher', 'a friend of mine': a piece that only names somebody else."""
        words = text.words[at:last]
        owned = words[:1] and (words[0] in _POSSESSED or words[-1:] in (["mine"], ["ours"]))
        return bool(owned) and len(words) < _FARTHEST and bool(set(words) & self._persons)

    def _named(self, text: Text, first: int, last: int) -> list[tuple[int, int]]:
        """The 'my mother' of 'a present for my mother'."""
        return [
            (at, at + 2)
            for at in range(first, last - 1)
            if text.words[at] in _POSSESSED and text.words[at + 1] in self._persons
        ]


def _pieces(text: Text, first: int, last: int) -> Iterator[tuple[int, int]]:
    """A sentence cut at its pauses, and where a wish begins without one: 'but leave my skin'."""
    start = first
    for at in range(first + 1, last):
        joint = text.words[at] in ("and", "but", "so") and at + 1 < last
        if _parted(text, at) or (joint and text.words[at + 1] in _ORDERS):
            yield start, at
            start = at
    yield start, last


def _parted(text: Text, at: int) -> bool:
    """Whether a pause stands before a token that is none of 'f/2.8'."""
    gap = text.mark(at)
    return text.tokens[at].pause and bool(gap.strip() != gap or "-" in gap)


def _led(text: Text, first: int, last: int) -> int:
    """Where a piece begins without 'and', 'so', 'apparently'."""
    while first < last and (text.words[first] in _LEADS or not text.free(first, first + 1)):
        first += 1
    return first


def _ed(word: str) -> bool:
    return word.endswith("ed") and len(word) > 4


def _any(patterns: Iterable[re.Pattern[str]], folded: str) -> bool:
    return any(pattern.search(folded) for pattern in patterns)
