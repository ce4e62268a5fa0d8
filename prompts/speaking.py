"""In which language sentences are said just now, and which one a person writes."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from msgspec import Struct

from prompts.errors import PromptError
from prompts.files import read_toml

_LANGUAGE: ContextVar[str] = ContextVar("northlight_language", default="")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")


class Tongues(Struct, frozen=True, forbid_unknown_fields=True):
    """Words by language that only it has, and what asks for one, lower case."""

    words: dict[str, frozenset[str]]
    asking: dict[str, tuple[str, ...]]

    def of(self, text: str, least: int = 1) -> str:
        """The language (two letters) a text asks for or is written in, "" where it does not show.

        `least` of its words have to be that language's: one ("merci") is no change of tongue yet.

        >>> import prompts
        >>> tongues = prompts.load().tongues
        >>> tongues.of("ein Porträt für meine Website, bitte"), tongues.of("85 mm")
        ('de', '')
        """
        low = text.casefold().replace("’", "'")
        asked = [code for code, phrases in self.asking.items() if any(p in low for p in phrases)]
        if len(asked) == 1:
            return asked[0]
        said = set(_WORD.findall(low))
        scores = sorted((len(said & words), code) for code, words in self.words.items())
        (second, _), (first, code) = scores[-2:]
        return code if first > second and first >= least else ""


def load_tongues(path: Path) -> Tongues:
    """The file; raises `PromptError` where a word is two languages' or there is only one."""
    found = read_toml(path, Tongues)
    if len(found.words) < 2:
        raise PromptError(path.name, "words", "needs two languages")
    seen: dict[str, str] = {}
    for code, words in found.words.items():
        for word in words:
            if seen.setdefault(word, code) != code:
                raise PromptError(path.name, f"words.{code}", f"{word!r} is {seen[word]} too")
    return found


def speaking() -> str:
    """The language of this task's sentences ("de"), "" for English."""
    return _LANGUAGE.get()


def speak(locale: str) -> None:
    """Say what follows in this task, and in tasks it starts, in a locale's language."""
    _LANGUAGE.set(locale.replace("_", "-").partition("-")[0].lower())


@contextmanager
def in_language(locale: str) -> Iterator[None]:
    """Say what stands within in a locale's language."""
    before = _LANGUAGE.get()
    speak(locale)
    try:
        yield
    finally:
        _LANGUAGE.set(before)
