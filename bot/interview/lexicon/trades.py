"""What somebody does, where no list of trades is long enough."""

import re

from bot.interview.lexicon.hits import Hit
from bot.interview.lexicon.tokens import Text
from prompts import Prompts

_ENDS = (
    r"(?=$|[,.;:!?)\n]| (?:and|with|who|in|at|from|for|so|but|looking|wanting|wearing|needing|needs"
    r"|aged|on|by|based|working|living|too|here|now|near|outside|turned|, )\b)"
)
_INTRODUCED = re.compile(
    r"\b(?:i'?m|i am|she'?s|she is|he'?s|he is|i work as|works? as|working as|we need our|new)"
    r" (?:only |just |actually |also |still )?(?:an? |the )?"
    rf"(?P<who>(?:[a-z'-]+ ){{0,3}}?[a-z-]+){_ENDS}"
)
_OFFICE = re.compile(
    r"(?:^|[.,;:!] |\b(?:i'?m|i am|is|our|the|a|new) )(?:the |a |our )?(?P<who>(?:vice |deputy "
    r"|managing )?"
    r"(?:head|director|vp|president|dean|chair|minister|secretary|editor|chief|professor)"
    rf" of (?:the )?(?:[a-z]+ ){{0,2}}?[a-z]+){_ENDS}"
)
_VOCATION = re.compile(
    r"\bi (?:also )?(?P<verb>play|teach|farm|drive|run|own|coach|breed|restore|repair|design|study"
    r"|brew|paint|bake|write|sell|build|grow|keep|make|grind|carve|throw|knit|translate|fix)"
    rf" (?:the |a |an |my own |my )?(?P<what>(?:[a-z'-]+ ){{0,2}}?[a-z-]+){_ENDS}"
)
_AGENTS = {
    "play": "player", "teach": "teacher", "farm": "farmer", "drive": "driver", "run": "owner",
    "own": "owner", "coach": "coach", "breed": "breeder", "restore": "restorer",
    "repair": "repairer", "design": "designer", "study": "student", "brew": "brewer",
    "paint": "painter", "bake": "baker", "write": "writer", "sell": "seller", "build": "builder",
    "grow": "grower", "keep": "keeper", "make": "maker", "grind": "grinder", "carve": "carver",
    "throw": "thrower", "knit": "knitter", "translate": "translator", "fix": "fixer",
}  # fmt: skip
_ALONE = re.compile(
    r"\bi (?:also )?(?P<verb>sing|act|dance|box|surf|sculpt|cook|sew|weave|busk|preach|paint|write"
    r"|bake|farm|teach|garden)"
    r"(?=$|[,.;!]| (?:in|for|with|professionally|and|at) )"
)
_DOERS = {
    "sing": "singer", "act": "actor", "dance": "dancer", "box": "boxer", "surf": "surfer",
    "sculpt": "sculptor", "cook": "cook", "sew": "tailor", "weave": "weaver", "busk": "busker",
    "preach": "preacher", "paint": "painter", "write": "writer", "bake": "baker",
    "farm": "farmer", "teach": "teacher", "garden": "gardener",
}  # fmt: skip
_OF_CLASSES = frozenset({"teach", "study"})
"""'Physics teacher', yet 'watercolour painter'."""
_SHORTEST = 3
_LIKENED = ("as if", "like", "as though", "wish", "says")
_NO_OBJECT = frozenset(
    {"a", "at", "better", "blinking", "by", "do", "down", "every", "everything", "faces", "for",
     "forgetting", "fun", "getting", "hearing", "her", "his", "home", "in", "it", "late", "less",
     "marathons", "me", "mistakes", "money", "more", "my", "notes", "nothing", "on", "out",
     "seeing", "sense", "something", "sure", "that", "them", "things", "this", "time", "to",
     "too", "up", "well", "what", "with", "you", "your",}
)  # fmt: skip


class Trades:
    """Reads trades by how a sentence introduces them."""

    def __init__(self, prompts: Prompts) -> None:
        self._naming, self._young = prompts.lexicon.naming, prompts.lexicon.people.young

    def introduced(self, text: Text) -> tuple[int, int] | None:
        """'I'm a marble sculptor': whatever ends like a trade is one, where it is said so."""
        if (office := _OFFICE.search(text.folded)) and (place := text.span(*office.span("who"))):
            return place if text.free(*place) else None
        for found in _INTRODUCED.finditer(text.folded):
            if text.folded[: found.start()].rstrip().endswith(_LIKENED):
                continue
            span = text.span(*found.span("who"))
            head = found["who"].split()[-1]
            odd = {*found["who"].split()[:-1]} & self._naming.no_trades
            named = self._naming.trade_ends and head.endswith(self._naming.trade_ends)
            if span and text.free(*span) and named and head not in self._naming.no_trades | odd:
                return None if odd else span
        return None

    def vocation(self, text: Text) -> Hit | None:
        """'I play cello', 'I farm sheep': a cello player, a sheep farmer."""
        if found := _ALONE.search(text.folded):
            return _named(text, found.span("verb"), _DOERS[found["verb"]])
        found = _VOCATION.search(text.folded)
        if found is None or text.folded[: found.start()].rstrip().endswith(_LIKENED):
            return None
        what = found["what"].split()
        if what[0] in _NO_OBJECT or what[-1] in self._young or len(what[-1]) < _SHORTEST:
            return None
        if found["verb"] not in _OF_CLASSES and not what[-1].endswith("ss"):
            what[-1] = what[-1].removesuffix("s")
        place = found.start("verb"), found.end("what")
        return _named(text, place, f"{' '.join(what)} {_AGENTS[found['verb']]}")


def _named(text: Text, place: tuple[int, int], who: str) -> Hit | None:
    span = text.span(*place)
    return Hit("subject", who, *span) if span and text.free(*span) else None
