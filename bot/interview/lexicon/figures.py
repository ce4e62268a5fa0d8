"""Numbers with their units: lens, aperture, format, how many pictures."""

import re
from collections.abc import Iterator

from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Text, words
from prompts import Prompts, Scalar

_LENS = re.compile(
    r"(?<![\w.])(\d{2,3}) ?-?(?:mm|millimet(?:er|re)s?)\b(?! film)|(?<![\w.])(\d{2,3}) ?lens\b"
    r"|(?<![\w.])(\d{2,3}) ?(?:mil|mils|prime)\b(?! (?:views|followers))"
    r"|\blens:? (?:to |of |at |is )?(\d{2,3})(?!\w|[.:/]\d)"
    r"|\b(?:an?|use|try|with|on|go) (?:an? |the |for the )?(35|50|85|105|135|200)"
    r"(?=$|[,;!.]| (?:at|wide|instead|please|lens)\b)"
    r"|\bthe (35|50|85|105|135)(?=$|[,;!.]| (?:at|wide|instead|please|lens|not)\b)"
    r"|\bat (85|105|135)(?=$|[,;!.]| wide)"
)
_UNITS = "zero|one|two|three|four|five|six|seven|eight|nine"
_SPOKEN_STOP = re.compile(
    rf"\b(?:(?:f|at|aperture|stop|around|like|open)[- ]?(?:stop )?(?:to |of |at )?(?:f )?)?"
    rf"(?P<whole>{_UNITS}|eleven|\d{{1,2}}) point (?P<part>{_UNITS}|\d)\b"
)
_SPOKEN_F = re.compile(
    rf"\bf[- ]?(?:stop )?(?:of )?(?P<whole>{_UNITS}|eleven|sixteen)\b(?! (?:point|pictures|of))"
)
_MM = r"(?:mm|mil|mils|mill?imet(?:er|re)s?|lens|prime)"
_SPOKEN_LENS = re.compile(
    rf"\b(?P<tens>twenty|thirty|fifty|eighty)[- ]?(?P<unit>four|five|eight)?[- ]?{_MM}\b"
    r"|\b(?:lens|mm|on an|with an|use an),? (?P<tens2>eighty)[- ](?P<unit2>five)\b"
    r"|\blens:? (?:of |at )?(?P<tens3>fifty|thirty|eighty)(?:[- ](?P<unit3>five))?(?=$|[.,;!?])"
    r"|\b(?:use|with|on|try|take) (?:an?|the) (?P<tens4>fifty|eighty"
    r"|thirty)(?:[- ](?P<unit4>five))?\b(?! (?:year|odd|something))"
    rf"|\bone (?P<hundred>thirty[- ]five|oh five|hundred)[- ]?{_MM}\b"
)
_TELLING = re.compile(
    r"\b(?:like|at|around|say|about|maybe) (\d\.\d)\b(?! ?(?:m|km|kg|k|%|x|x\b|million))"
)
_BESIDE_STOP = re.compile(
    r"(?:^|, ?|\b(?:the|an?|on|with) )(24|28|35|50|85|100|105|135|200)(?=,| ?f ?/? ?\d| at f)"
)
_STOP = re.compile(
    r"(?<!\w)(?:f|t)(?:[- ]?stop)?(?: of)? ?/? ?(\d{1,2}(?:[.,]\d(?!\d))?)(?![\w.]?\d)(?!\w)"
)
_AFTER_LENS = re.compile(r"(?:mm|\b(?:35|50|85|105|135)),? (?:at )?(\d\.\d)(?!\d)")
_WARMTH = re.compile(
    r"\bwarmth:? (?:at |of |to |is )?(?:(?P<sign>plus|minus|\+|-) ?)?(?P<by>one|two|1|2)\b"
)
_BEFORE_LENS = re.compile(r"(?<![\d.])(\d\.\d) on (?:the|an?|my) (?=\d{2,3}\b)")
_APERTURE = re.compile(
    r"\b(?:aperture|stop(?:ped|ping)? (?:it )?down|open(?:ed|ing)? (?:it )?up):? (?:of |at "
    r"|to )?f?/?(\d{1,2}(?:[.,]\d)?)(?![\d.,]*\d)"
)
_RATIO = re.compile(
    r"(?<![\w:./])(\d{1,2}) ?(?::|x|by) ?(\d{1,2})(?![\w:]|\.\d)(?! (?:train|bus|flight|tram))"
)
_GIVE = (
    ("give", "me"),
    ("show", "me"),
    ("get", "me"),
    ("i", "want"),
    ("i", "need"),
    ("i'd", "like"),
)
_DO = (("make",), ("do",), ("shoot",), ("gimme",))
_FOR_ME = (("do", "me"), ("shoot", "me"), ("take", "me"), ("send", "me"))
_MAKE = (
    ("i'll", "take"), ("make", "that"), ("let's", "say"), ("make", "it"), ("lets", "say"),
    ("just", "do"), ("plan", "a"),
    ("make", "me"), ("go", "for"), ("let's", "do"), ("need", "about"),
    ("take", "about"),
)  # fmt: skip
_SETS = ("set", "series", "batch", "bunch", "pack", "lot", "sheet")


class Figures:
    """Reads what is said in figures."""

    def __init__(self, prompts: Prompts) -> None:
        self._prompts = prompts
        self._aspects = {
            key: value.id
            for value in prompts.slot("aspect").values.values()
            for key in (words(w) for w in (*value.words, str(value.id)))
        }
        self._numbers = prompts.lexicon.numbers
        self._pictures = prompts.lexicon.pictures

    def find(self, text: Text) -> list[Hit]:
        """Every figure with a unit; claims its tokens."""
        hits = []
        for slot, raw, start, end in (
            *self._matches(text.folded),
            *self._spoken(text.folded),
            *self._warmth(text.folded),
        ):
            span = text.span(start, end)
            value = self._prompts.normalise(slot, raw)
            if span and value is not None and text.free(*span):
                text.take(*span)
                hits.append(Hit(slot, value, *span))
        return [*hits, *self._aspect_words(text), *self._counts(text), *self._portra(text)]

    @staticmethod
    def _portra(text: Text) -> Iterator[Hit]:
        """'Kodak Portra, the 800 one': the speed is said apart from the name."""
        if "portra" in text.words and "800" in text.words:
            first, last = sorted((text.words.index("portra"), text.words.index("800")))
            if last - first > 1 and text.free(first, last + 1):
                text.take(first, last + 1)
                yield Hit("film", "portra-800", first, last + 1)

    def _matches(self, folded: str) -> Iterator[tuple[str, Scalar, int, int]]:
        for found in _LENS.finditer(folded):
            yield "lens_mm", int(next(filter(None, found.groups()))), found.start(), found.end()
        for found in _STOP.finditer(folded):
            yield "aperture", float(found[1].replace(",", ".")), found.start(), found.end()
        for pattern in (_AFTER_LENS, _BEFORE_LENS, _APERTURE):
            for found in pattern.finditer(folded):
                place = found.span() if pattern is _APERTURE else found.span(1)
                yield "aperture", float(found[1].replace(",", ".")), *place
        for found in _RATIO.finditer(folded):
            ratio = self._aspects.get((found[1], found[2])) or self._aspects.get(
                (f"{found[1]}x{found[2]}",)
            )
            if ratio:
                yield "aspect", ratio, found.start(), found.end()

    def _warmth(self, folded: str) -> Iterator[tuple[str, Scalar, int, int]]:
        """'Warmth plus two'."""
        for found in _WARMTH.finditer(folded):
            sign = -1 if found["sign"] in ("minus", "-") else 1
            yield "warmth", sign * self._figure(found["by"]), found.start(), found.end()

    def _spoken(self, folded: str) -> Iterator[tuple[str, Scalar, int, int]]:
        """Figures in words, or that only their neighbours explain: 'two point eight', '85, f2'."""
        optics = re.search(
            r"\b(?:f ?/? ?\d|aperture|lens|mm|mil|bokeh|wide open|shallower|f[- ]stop|stop)\b",
            folded,
        )
        for found in _SPOKEN_STOP.finditer(folded):
            yield (
                "aperture",
                float(f"{self._figure(found['whole'])}.{self._figure(found['part'])}"),
                *found.span(),
            )
        for found in _SPOKEN_F.finditer(folded):
            yield "aperture", float(self._figure(found["whole"])), *found.span()
        for found in _SPOKEN_LENS.finditer(folded):
            tens, unit = (
                next(filter(None, (found[f"{part}{nth}"] for nth in ("", 2, 3, 4))), None)
                for part in ("tens", "unit")
            )
            hundred = {"thirty five": 135, "thirty-five": 135, "oh five": 105, "hundred": 100}
            spelt = self._figure(tens) + (self._figure(unit) if unit else 0) if tens else 0
            yield "lens_mm", spelt or hundred[found["hundred"]], *found.span()
        if optics:
            for slot, pattern in (("aperture", _TELLING), ("lens_mm", _BESIDE_STOP)):
                for found in pattern.finditer(folded):
                    yield (
                        slot,
                        float(found[1]) if slot == "aperture" else int(found[1]),
                        *found.span(1),
                    )

    def _figure(self, said: str) -> int:
        return int(said) if said.isdecimal() else self._numbers.get(said, 0)

    def _aspect_words(self, text: Text) -> Iterator[Hit]:
        for index in range(len(text.words)):
            for size in (3, 2, 1):
                if index + size > len(text.words):
                    continue
                key = tuple(text.words[index : index + size])
                named = self._aspects.get(key)
                plain = key[0][0].isdigit() and "to" not in key
                worn = text.words[index - 1 : index] == ["pocket"]
                if named is None or plain or worn or not text.free(index, index + size):
                    continue
                text.take(index, index + size)
                yield Hit("aspect", named, index, index + size)

    def _counts(self, text: Text) -> Iterator[Hit]:
        for index in range(len(text.words)):
            number = self._number(text, index)
            part = text.folded[max(0, text.tokens[index].start - 1)] == "/"
            if number is None or part or not text.free(index, index + 1):
                continue
            last = self._counted(text, index + 1)
            value = self._prompts.normalise("count", number)
            if last and value is not None:
                text.take(index, last)
                yield Hit("count", value, index, last)

    def _number(self, text: Text, index: int) -> int | None:
        word, before = text.words[index], tuple(text.words[max(0, index - 2) : index])
        if word == "dozen":
            return 6 if "half" in before else 12
        if word == "trio" and text.words[index + 1 : index + 2] == ["of"]:
            return 3
        if word == "of" and before in (("a", "couple"), ("a", "pair")):
            return 2
        if word.isdecimal() and len(word) < 3:
            return int(word)
        return self._numbers.get(word) if self._numbers.get(word, 99) <= 12 else None

    @staticmethod
    def _asked_for(text: Text, index: int) -> bool:
        """'Give me four', 'I'd like six please': a number at the end of a wish."""
        ends = index == len(text.words) or text.tokens[index].pause
        ends = ends or text.words[index] in (
            "please",
            "pls",
            "then",
            "instead",
            "tops",
            "max",
            "now",
            "in",
        )
        lead = tuple(text.words[max(0, index - 3) : index - 1])
        alone = index - 1 == text.clause_of(index - 1)[0]
        told = lead in (*_GIVE, *_MAKE, *_FOR_ME) or lead[-1:] in _DO
        if text.words[index - 2 : index - 1] == ["a"]:
            told = told or tuple(text.words[max(0, index - 4) : index - 2]) in (
                *_GIVE,
                ("i'll", "take"),
            )
        return ends and (told or (alone and text.words[index : index + 1] in (["please"], ["pls"])))

    def _counted(self, text: Text, index: int) -> int:
        """Where a count ends: 'of them', 'pictures', 'different shots'; 0 when it is none."""
        after = text.words[index : index + 2]
        if self._asked_for(text, index):
            return index
        one = text.words[index - 1] == "one"
        if (
            after[:1] == ["of"]
            and after[1:] in (["them"], ["those"], ["these"], ["each"])
            and not one
        ):
            return index + 2
        if after in (["different", "ones"], ["more", "please"]):
            return index + 2
        before = text.words[max(0, index - 3) : index - 1]
        if before[-1:] == ["of"] and before[0] in _SETS and after[:1] != ["years"]:
            return index
        for skip, word in enumerate(after):
            if word in self._pictures and text.joined(index - 1, index + skip + 1):
                plain = skip == 0 or after[0] in ("different", "more", "separate", "good", "nice")
                return index + skip + 1 if plain else 0
        return 0
