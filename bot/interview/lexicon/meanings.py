"""Paraphrases understood by the likeness of sentences: small embeddings, shipped in a wheel."""

import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, cast

from msgspec import Struct

from bot.core.spec import Scalar
from prompts.paraphrases import Paraphrase, Paraphrases

if TYPE_CHECKING:
    import numpy as np

SAFE = 0.72
"""Likeness (cosine, -1..1) from which a paraphrase counts as said, where nothing else is near."""
LIKELY = 0.45
"""Likeness from which a paraphrase is worth a question."""
PENDING_LIKELY = 0.33
"""The same for a value of the slot just asked about."""
APART = 0.08
"""How much likelier one value must be than the next to be offered alone."""
FROM_TALK = 0.1
"""How much likelier a value must be than small talk."""
SAFELY_APART = 0.15

Embed = Callable[[list[str]], "np.ndarray"]
"""Sentences as unit vectors, float32 (n, d)."""

log = logging.getLogger(__name__)


class Guess(Struct, frozen=True):
    """Values a sentence may mean, the likeliest first; `safe` when the first may be taken."""

    meant: tuple[tuple[str, Scalar], ...] = ()
    safe: bool = False


@cache
def embedder() -> Embed:
    """The model in the wheel of wordllama, once for the process; blocks for about a second."""
    import wordllama

    # The weights lie in the package; without its folder the library would go and fetch them.
    home = Path(wordllama.__file__).parent
    model = wordllama.WordLlama.load(cache_dir=home, disable_download=True)
    return lambda sentences: cast("np.ndarray", model.embed(sentences, norm=True))


class Meanings:
    """Compares a sentence with every paraphrase. Loads once, about a second; then 0.1 ms each."""

    def __init__(self, paraphrases: Paraphrases, connect: Callable[[], Embed] = embedder) -> None:
        """`connect` is a seam for tests."""
        self._paraphrases, self._connect = paraphrases, connect
        self._lock = Lock()
        self._embed: Embed | None = None
        self._broken = False

    def load(self) -> None:
        """Import the library and embed the paraphrases; blocks, so call it off the event loop."""
        with self._lock:
            if self._embed is not None or self._broken:
                return
            try:
                self._prepare()
            except Exception:  # the library is optional to the reader, whatever ails it
                self._broken = True
                log.warning("paraphrases are not understood", exc_info=True)

    @property
    def loaded(self) -> bool:
        """Whether there is nothing left to wait for."""
        return self._embed is not None or self._broken

    def guess(self, sentence: str, pending: str = "") -> Guess:
        """What the sentence may mean; `pending` is the slot just asked about.

        Nothing before `load`.
        """
        if self._embed is None:
            return Guess()
        vector = self._embed([sentence])[0]
        talk = float((self._talk @ vector).max())
        likeness = self._best(self._means @ vector)
        asked = [pair for pair in likeness if pair[1].slot == pending]
        if asked and asked[0][0] >= max(PENDING_LIKELY, talk + FROM_TALK / 2):
            return _decided(asked, talk)
        if likeness[0][0] < max(LIKELY, talk + FROM_TALK):
            return Guess()
        return _decided(likeness, talk)

    def _prepare(self) -> None:
        embed = self._connect()
        sentences = [p.says for p in self._paraphrases.means]
        self._means = embed(sentences)
        self._talk = embed(list(self._paraphrases.talk))
        self._embed = embed

    def _best(self, likeness: "np.ndarray") -> list[tuple[float, Paraphrase]]:
        """The likeliest paraphrase of each value, the likeliest value first."""
        best: dict[tuple[str, Scalar], tuple[float, Paraphrase]] = {}
        for alike, said in zip(likeness.tolist(), self._paraphrases.means, strict=True):
            key = (said.slot, said.value)
            if key not in best or alike > best[key][0]:
                best[key] = (alike, said)
        return sorted(best.values(), key=lambda pair: -pair[0])


def _decided(likeness: list[tuple[float, Paraphrase]], talk: float) -> Guess:
    (first, said), *others = likeness
    second, other = others[0] if others else (0.0, None)
    meant = [(said.slot, said.value)]
    if other is not None and first - second < APART:
        meant.append((other.slot, other.value))
    safe = first >= SAFE and first - second >= SAFELY_APART and first - talk >= SAFELY_APART
    return Guess(tuple(meant), safe)
