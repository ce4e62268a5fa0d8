"""Misspelt words of the vocabulary. Careful: a word that exists is never corrected."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from rapidfuzz.distance import OSA

from bot.interview.lexicon.tokens import Text

SHORTEST = 5
SHORTEST_SHUFFLED = 4
"""Letters from which two neighbours that changed places are put back."""
FAR_FROM = 8
"""Letters from which two slips in a word are mended."""
_TITLES = frozenset(
    {"dr", "mr", "mrs", "ms", "miss", "prof", "professor", "sir", "dame", "lord", "lady", "called"}
)
"""Words before a name, which is never a slip."""
MOST = 40
"""Words of one message that are looked up; more than that is no typing slip."""


class Speller:
    """Maps a misspelt word to the word of the vocabulary it was meant to be."""

    def __init__(  # noqa: PLR0913 (lists of words, each said by name)
        self,
        vocabulary: Iterable[str],
        spelt_right: Iterable[str],
        shortest: int = SHORTEST,
        *,
        short: Iterable[str] = (),
        exists: Set[str] = frozenset(),
        slips: Mapping[str, str] = {},
        common: Iterable[str] = (),
    ) -> None:
        """`short` are short words mended too: so frequent that hardly another is ever meant.

        `slips` are what likeness cannot mend: "hare" for hair. `common` words are meant only where
        none of the vocabulary is as near.
        `exists` are all words of the language: where they are known, shorter slips are mended too.
        """
        self._short, self._slips = tuple(short), slips
        self._vocabulary, self._shortest = frozenset(vocabulary), shortest
        known = self._vocabulary | set(common)
        self._right, self._exists = known | set(spelt_right), exists
        longer = SHORTEST_SHUFFLED - 1 if exists else SHORTEST
        self._by_letter: defaultdict[str, list[str]] = defaultdict(list)
        self._shuffled: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(known):
            if len(word) > longer and word.isalpha():
                self._by_letter[word[0]].append(word)
            if SHORTEST_SHUFFLED <= len(word) <= SHORTEST and word.isalpha():
                self._shuffled["".join(sorted(word))].append(word)

    def correct(self, text: Text) -> list[str]:
        """The text's words, with slips mended; names are left alone."""
        mended = self.mended(text.words)
        return [
            word if self._exists and _named(text, at) else better
            for at, (word, better) in enumerate(zip(text.words, mended, strict=True))
        ]

    def mended(self, heard: Sequence[str]) -> list[str]:
        """These words, with slips mended."""
        budget = MOST
        mended = []
        for before, word in zip(("", *heard), heard, strict=False):
            if word in self._slips and before not in _TITLES:
                mended.append(self._slips[word])
            elif budget and self._strange(word) and before not in _TITLES:
                budget -= 1
                mended.append(self._nearest(word))
            else:
                mended.append(word)
        return mended

    def _strange(self, word: str) -> bool:
        return (
            len(word) >= min(self._shortest, SHORTEST_SHUFFLED)
            and word.isalpha()
            and word not in self._right
            and not any(stem in self._exists for stem in _stems(word))
            and word.removesuffix("s") not in self._right
        )

    def _nearest(self, word: str) -> str:
        """The one word within reach, else the word itself."""
        if len(word) <= SHORTEST and self._shortest == SHORTEST:
            swapped = self._shuffled.get("".join(sorted(word)), ())
            near = [known for known in swapped if OSA.distance(word, known) == 1]
            if len(near) == 1 and near[0][0] == word[0]:
                return near[0]
        close = [s for s in self._short if s[0] == word[0] and abs(len(s) - len(word)) < 2]
        close = [s for s in close if OSA.distance(word, s, score_cutoff=1) <= 1]
        if len(close) == 1:
            return close[0]
        if len(word) < (SHORTEST_SHUFFLED if self._exists else self._shortest):
            return word
        reach = 2 if len(word) >= FAR_FROM + (not self._exists) else 1
        near = [
            (OSA.distance(word, known, score_cutoff=reach), known)
            for known in self._by_letter[word[0]]
            if abs(len(known) - len(word)) <= reach
        ]
        near = sorted(pair for pair in near if pair[0] <= reach)
        nearest = [known for far, known in near if far == near[0][0]]
        nearest = [known for known in nearest if known in self._vocabulary] or nearest
        whole = [known for known in nearest if _within(word, known)]
        whole = whole or [known for known in nearest if _within(known, word)]
        best = nearest if len(nearest) == 1 else whole
        return best[0] if len(best) == 1 else word


def _stems(word: str) -> Iterator[str]:
    """A word, and what it may be a form of: "flatters" of flatter."""
    yield word
    for ending in ("s", "es", "d", "ed", "ing", "er", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            yield word.removesuffix(ending)


def _within(short: str, long: str) -> bool:
    """Whether letters were only left out: "crosed" of crossed, and not of closed."""
    letters = iter(long)
    return all(letter in letters for letter in short)


def _named(text: Text, at: int) -> bool:
    """A capital within a sentence that is not all capitals: "Yusuf", "Priya"."""
    if not at or text.mark(at).strip() or text.raw.isupper():
        return False
    return text.raw[text.tokens[at].start].isupper()
