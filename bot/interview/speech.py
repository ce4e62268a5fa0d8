"""What of an answer may be spoken while a model is still writing it."""

from collections.abc import Awaitable, Callable

from bot.core.ports import Speaking
from bot.interview.understood import Understood, growing

STEP = 8
"""Characters between two sayings: about a word or two."""


class Speech:
    """Follows a growing answer and speaks its reply, whole words at a time.

    Nothing is spoken before all commands are there, and only what `fit` (which checks the whole
    reading) makes of the reply: the words on the screen never run ahead of what is believed.
    """

    def __init__(self, speaking: Speaking, fit: Callable[[Understood], Awaitable[str]]) -> None:
        self._speaking, self._fit = speaking, fit
        self._heard = 0
        self._said = ""

    async def follow(self, answer: str) -> None:
        """Hear all of the answer so far; speak what is new in it."""
        if self._heard <= len(answer) < self._heard + STEP:
            return
        self._heard = len(answer)
        heard = growing(answer)
        if heard is not None and heard.reply:
            await self._say(_whole_words(await self._fit(heard)))

    async def _say(self, text: str) -> None:
        if len(text) > len(self._said):
            self._said = text
            await self._speaking(text)


def _whole_words(text: str) -> str:
    """Without the word that is still being written; scripts without spaces go as they come."""
    head, space, tail = text.rpartition(" ")
    return head if space and len(tail) < 2 * STEP else text
