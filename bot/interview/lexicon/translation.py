"""A message in another language, word by word in English; each English word knows its source."""

import re

from msgspec import Struct, structs

from bot.interview.lexicon.glossary import Glossary, Kind, bare, split
from bot.interview.lexicon.tokens import LONGEST, Source, Text, Token, fold, tokenise, words
from prompts import Prompts

_TENS = re.compile(r"[2-9]0")
_BEFORE_NOUN = ("adjective", "material")
_NOUNS = ("noun", "person")
_SMALL = ("the", "of", "of the", "of a", "a", "her", "some", "in", "in the", "about", "from")
_YEARS = ("years", "years old", "of years old")
_HAIR = ("brown", "red", "grey")


class Piece(Struct, frozen=True):
    """English for the source characters `start` to `end`; `pause` stands before it."""

    english: str
    kind: Kind
    start: int
    end: int
    pause: bool


class Translator:
    """Tells languages apart and reads the ones it has a glossary for as English."""

    def __init__(self, prompts: Prompts) -> None:
        self._glossaries = [
            Glossary(code, language, prompts) for code, language in prompts.languages.items()
        ]
        self._prompts = prompts
        self._english = _english(prompts)
        self._names = {
            words(name)
            for slot in prompts.slots.values()
            for value in slot.values.values()
            for name in (*value.words, *value.short, value.label, str(value.id))
        }

    def text(self, raw: str) -> Text:
        """The message as English, whichever language it is in."""
        raw = raw[:LONGEST]
        tokens = _split(tokenise(fold(raw)))
        heard = [token.word for token in tokens]
        glossary = None if tuple(heard) in self._names else self._language(heard)
        if glossary is None:
            return Text(raw)
        pieces = _pieces(raw, tokens, glossary)
        tail = raw[tokens[-1].end :]
        understood = sum(glossary.known([bare(word) for word in heard])) / len(heard)
        return _text(raw, tail, understood, _ordered(_aged(pieces, self._prompts), glossary))

    def _language(self, tokens: list[str]) -> Glossary | None:
        """The language with most words of its own, unless English has as many; then English."""
        keys = [bare(token) for token in tokens]
        english = [token in self._english for token in tokens]
        best, most = None, 0
        for glossary in self._glossaries:
            known = glossary.known(keys)
            own = sum(k and not e for k, e in zip(known, english, strict=True))
            others = sum(e and not k for k, e in zip(known, english, strict=True))
            if own > most and own > others:
                best, most = glossary, own
        return best


def _english(prompts: Prompts) -> frozenset[str]:
    """Words that speak for English."""
    worn = prompts.lexicon.clothes
    colours = {word for name in prompts.scenery.colours for word in words(name)}
    described = {word for word in worn.descriptions if word.isalpha()}
    return prompts.lexicon.common | worn.garments | worn.materials | described | colours


def _split(tokens: list[Token]) -> list[Token]:
    """Elided articles as tokens of their own."""
    found = []
    for token in tokens:
        at = token.start
        for number, piece in enumerate(split(token.word)):
            pause = token.pause and number == 0
            found.append(Token(piece, at, at + len(piece), pause))
            at += len(piece)
    return found


def _pieces(raw: str, tokens: list[Token], glossary: Glossary) -> list[Piece]:
    """The longest phrases of the glossary; what it does not know stays as it is."""
    keys = glossary.mended([bare(token.word) for token in tokens])
    pieces, index = [], 0
    while index < len(tokens):
        found = glossary.at(keys, index)
        if found and any(token.pause for token in tokens[index + 1 : index + found[1]]):
            found = glossary.at(keys[index : index + 1], 0)
        first = tokens[index]
        meaning, size = found or (None, 1)
        end = tokens[index + size - 1].end
        english = meaning.english if meaning else raw[first.start : end]
        kind = meaning.kind if meaning else "word"
        pieces.append(Piece(english, kind, first.start, end, first.pause))
        index += size
    return pieces


def _aged(pieces: list[Piece], prompts: Prompts) -> list[Piece]:
    """'Anfang 40', 'la quarantaine', 'd'une trentaine d'années': as English says a decade."""
    aged: list[Piece] = []
    owner = _owner(pieces, prompts)
    for said in pieces:
        piece, third = said, _third(aged)
        decade = piece.english.removesuffix("s")
        if piece.kind == "decade" or (third and _TENS.fullmatch(decade)):
            first = piece
            while aged and aged[-1].english in (*_SMALL, third) and not first.pause:
                first = aged.pop()
            english = f"in {owner} {f'{third} {decade}s'.strip()}"
            piece = Piece(english, "decade", first.start, piece.end, first.pause)
        if piece.english.isdecimal() and _nearly(aged) and not piece.pause:
            aged.pop()
        if not (piece.english in _YEARS and aged and aged[-1].kind == "decade"):
            aged.append(piece)
    return aged


def _nearly(pieces: list[Piece]) -> bool:
    """'Frau um die (40)': the about between a person and an age is no part of who they are."""
    last = [piece.english for piece in pieces[-1:]]
    return last == ["about"] and len(pieces) > 1 and pieces[-2].kind == "person"


def _third(pieces: list[Piece]) -> str:
    """The early, mid or late that stands last, but for small words; or ""."""
    for piece in reversed(pieces[-3:]):
        if piece.kind == "third":
            return piece.english
        if piece.english not in _SMALL:
            return ""
    return ""


def _owner(pieces: list[Piece], prompts: Prompts) -> str:
    said = {word for piece in pieces for word in piece.english.lower().split()}
    women, men = said & prompts.lexicon.people.women, said & prompts.lexicon.people.men
    return "her" if women and not men else "his" if men and not women else "their"


def _ordered(pieces: list[Piece], glossary: Glossary) -> list[Piece]:
    return _nouns_last(_denied(pieces, glossary), glossary)


def _denied(pieces: list[Piece], glossary: Glossary) -> list[Piece]:
    """'Not' goes to what it denies: 'die Brille nicht', 'je ne souris pas'."""
    out: list[Piece] = []
    verb = None
    for number, piece in enumerate(pieces):
        if piece.pause:
            verb = None
        ends = number + 1 == len(pieces) or pieces[number + 1].pause
        if piece.english.lower() in ("ne", "n'") and glossary.language.ne:
            verb = len(out)
            continue
        if piece.english == "not" and (verb is not None or (ends and not piece.pause)):
            at = verb if verb is not None else _clause(out)
            pause = at < len(out) and out[at].pause
            if at < len(out):
                out[at] = structs.replace(out[at], pause=False)
            out.insert(at, structs.replace(piece, pause=pause))
            verb = None
            continue
        out.append(piece)
    return out


def _clause(pieces: list[Piece]) -> int:
    """Where the clause at the end begins."""
    at = len(pieces) - 1
    while at > 0 and not pieces[at].pause:
        at -= 1
    return max(at, 0)


def _nouns_last(pieces: list[Piece], glossary: Glossary) -> list[Piece]:
    """'camisa blanca' as 'white shirt', 'chemise en lin blanc' as 'white linen shirt'."""
    out, index = [], 0
    while index < len(pieces):
        last = _described(pieces, index, glossary) if pieces[index].kind in _NOUNS else index
        beside = [
            _of(p, pieces[index]) for p in pieces[index + 1 : last + 1] if p.kind in _BEFORE_NOUN
        ]
        if beside:
            moved = [*reversed(beside), pieces[index]]
            pause = pieces[index].pause
            out += [structs.replace(p, pause=pause and n == 0) for n, p in enumerate(moved)]
            index = last + 1
        else:
            out.append(pieces[index])
            index += 1
    return out


def _of(adjective: Piece, noun: Piece) -> Piece:
    """'homme brun' speaks of his hair."""
    if noun.kind == "person" and adjective.english in _HAIR:
        return structs.replace(adjective, english=f"{adjective.english}-haired")
    return adjective


def _described(pieces: list[Piece], index: int, glossary: Glossary) -> int:
    """The last piece that describes the noun at `index`."""
    last = at = index
    while at + 1 < len(pieces) and not pieces[at + 1].pause:
        at += 1
        piece = pieces[at]
        if piece.kind in _BEFORE_NOUN:
            last = at
        elif not _links(pieces, at, glossary):
            break
    ends = last + 1 == len(pieces) or pieces[last + 1].pause or pieces[last + 1].english == "and"
    return last if glossary.language.nouns_first or ends else index


def _links(pieces: list[Piece], at: int, glossary: Glossary) -> bool:
    """A small word before a cloth: 'en lin', 'de cuero'."""
    follows = at + 1 < len(pieces) and pieces[at + 1].kind == "material"
    return follows and pieces[at].english in ("of", "in", "on")


def _text(raw: str, tail: str, understood: float, pieces: list[Piece]) -> Text:
    english, sources, before = "", [], None
    for piece in pieces:
        english += _gap(raw, before, piece)
        sources.append(Source(len(english), piece.start, piece.end))
        english += piece.english
        before = piece
    return Text(raw, english + tail, sources, understood)


def _gap(raw: str, before: Piece | None, piece: Piece) -> str:
    """What stood between two pieces, where they are still neighbours; else a space."""
    if before is None:
        return ""
    gap = raw[before.end : piece.start] if before.end <= piece.start else " "
    if any(char.isalnum() for char in gap):
        return ", " if piece.pause else " "
    touching = not gap and before.english[-1:].isalnum() and piece.english[:1].isalnum()
    return " " if touching or not gap else gap
