"""What stands behind the sitter: the backdrops, and every colour by name."""

import re
from pathlib import Path

from msgspec import Struct
from rapidfuzz import fuzz, process

from prompts.colour import apart, lab
from prompts.errors import PromptError
from prompts.files import read_toml, toml_files
from prompts.vocab import NEAR, Value, check_words

HEX = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE)
"""A colour as hex."""
KINDS = (
    "seamless", "canvas", "gradient", "blur", "brick", "marble", "plaster", "foliage", "city",
    "window", "library",
)  # fmt: skip

_FILLER = re.compile(r"\b(?:an?|the|my|background|backdrop|back|paper|wall|studio)\b")


class BackdropEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A backdrop. `colour` and `accent` are sRGB "#rrggbb"; `id` resolves to this entry again."""

    id: str
    kind: str
    colour: str
    label: str
    accent: str | None = None
    words: tuple[str, ...] = ()
    reason: str = ""

    @property
    def tone(self) -> str:
        """The label as the picture prompt says it, without a kind it names itself: 'light grey'."""
        named = self.kind if self.kind in ("seamless", "canvas", "gradient") else ""
        return self.label.lower().replace(named, "").strip()


class Scenery(Struct, frozen=True):
    """Backdrops by id and colours (hex) by name."""

    backdrops: dict[str, BackdropEntry]
    colours: dict[str, str]
    named: dict[str, str]

    def find(self, text: str, fuzzy: bool = True) -> BackdropEntry | None:
        """The backdrop of an id, a backdrop's word, a hex or a colour's name; else None.

        Misspelt names find the closest one when `fuzzy`.
        """
        folded = " ".join(text.casefold().split())
        return (
            self._exact(folded)
            or self._exact(" ".join(_FILLER.sub(" ", folded).split()))
            or (self._closest(folded) if fuzzy else None)
        )

    def _exact(self, folded: str) -> BackdropEntry | None:
        if HEX.fullmatch(folded):
            return _plain_colour(folded, _long_hex(folded))
        if folded in self.named:
            return self.backdrops[self.named[folded]]
        if folded in self.colours:
            return _plain_colour(folded, self.colours[folded])
        bare = folded.removesuffix("seamless").removeprefix("seamless").strip()
        return self._exact(bare) if bare != folded and bare else None

    def _closest(self, folded: str) -> BackdropEntry | None:
        names = [*self.named, *self.colours]
        found = process.extractOne(folded, names, scorer=fuzz.ratio, score_cutoff=NEAR)
        return self._exact(found[0]) if found else None

    def spoken(self, entry: BackdropEntry) -> str:
        """The entry's tone in words: a plain hex colour by the nearest colour that has a name."""
        if not HEX.fullmatch(entry.id):
            return entry.tone
        wanted = lab(entry.colour)
        return min(self.colours, key=lambda name: apart(lab(self.colours[name]), wanted))

    def value(self, entry: BackdropEntry) -> Value:
        """The entry as a value of the backdrop slot."""
        return Value(entry.id, entry.label, entry.words, prompt=entry.tone, explain=entry.reason)


def load_scenery(folder: Path, colours: Path) -> Scenery:
    """Backdrops of a folder and the colours of a file.

    Raises `PromptError` for a doubled id or word, an unknown kind, a colour that is no hex.
    """
    hexes = read_toml(colours, dict[str, str])
    for name, value in hexes.items():
        _check_hex(colours.name, name, value)
    backdrops: dict[str, BackdropEntry] = {}
    for path in toml_files(folder):
        entry = read_toml(path, BackdropEntry)
        _check(path, entry, backdrops)
        backdrops[entry.id] = entry
    scenery = Scenery(backdrops, {k.casefold(): v for k, v in hexes.items()}, {})
    check_words(folder.name, [scenery.value(entry) for entry in backdrops.values()])
    named = {w.casefold(): e.id for e in backdrops.values() for w in (e.id, e.label, *e.words)}
    return Scenery(backdrops, scenery.colours, named)


def _check(path: Path, entry: BackdropEntry, known: dict[str, BackdropEntry]) -> None:
    if entry.id in known:
        raise PromptError(path.name, "id", f"{entry.id} is taken")
    if entry.id != path.stem:
        raise PromptError(path.name, "id", "differs from the file's name")
    if entry.kind not in KINDS:
        raise PromptError(path.name, "kind", f"{entry.kind} is none of {', '.join(KINDS)}")
    _check_hex(path.name, "colour", entry.colour)
    if entry.accent is not None:
        _check_hex(path.name, "accent", entry.accent)


def _check_hex(file: str, key: str, value: str) -> None:
    if not HEX.fullmatch(value):
        raise PromptError(file, key, f"{value} is no #rrggbb colour")


def _plain_colour(name: str, colour: str) -> BackdropEntry:
    return BackdropEntry(name, "seamless", colour, f"{name[:1].upper()}{name[1:]} seamless")


def _long_hex(text: str) -> str:
    return text if len(text) == 7 else "#" + "".join(c * 2 for c in text[1:])
