"""One answer of a language model, whole or as it comes; no client library here."""

from typing import Any, Literal

from msgspec import Struct

from bot.interview.understood import MAX_ANSWER, Malformed, Understood, broken_off, parse

CHARACTERS_A_TOKEN = 4
LONGEST_HEAD = 6000  # characters before the reply; every slot set and quoted takes 2,000
LONGEST_REPLY = 1600
Manner = Literal["counted", "streamed", "whole"]
"""How an answer is asked for: as it comes with tokens counted at the end, as it comes, or whole."""


class ModelFailed(Exception):
    """The model gave no reading. `rest_s`: how long it asked to be left alone, in seconds;
    `answered`: there was an answer, and it was of no use.
    """

    def __init__(self, detail: str, rest_s: float = 0.0, *, answered: bool = False) -> None:
        super().__init__(detail)
        self.rest_s, self.answered = rest_s, answered


class NoStream(Exception):
    """The server was asked for a stream and sent none."""


class Manners:
    """Remembers in which manner a server answers; starts with the best."""

    def __init__(self) -> None:
        self.now: Manner = "counted"

    def lower(self) -> bool:
        """Ask for less from now on; False when there is nothing less."""
        before = self.now
        self.now = {"counted": "streamed"}.get(before, "whole")  # type: ignore[assignment]  # both are manners
        return self.now != before


class Answer(Struct):
    """What has come so far. Token counts are None until the server tells them."""

    content: str = ""
    refusal: str = ""
    finish: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    begun: bool = False

    def add(self, chunk: Any) -> None:  # noqa: ANN401 - the client library's, or a server's fancy
        """The next part of a stream."""
        self.begun = True
        for choice in (chunk.choices or ())[:1]:
            self._take(choice.delta, choice.finish_reason)
        self._count(chunk)

    def take(self, completion: Any) -> None:  # noqa: ANN401 - as above
        """A whole answer."""
        self.begun = True
        choice = completion.choices[0]
        self._take(choice.message, choice.finish_reason)
        self._count(completion)

    @property
    def enough(self) -> bool:
        """Whether more of it would be of no use."""
        reply = self.content.find('"reply"')
        head = MAX_ANSWER if "<think>" in self.content else LONGEST_HEAD
        return len(self.content) > (reply + LONGEST_REPLY if reply >= 0 else head)

    def tokens(self, asked: str) -> tuple[int, int, bool]:
        """Tokens read and written, and whether they are estimated from the characters."""
        if self.prompt_tokens is None or self.completion_tokens is None:
            written = len(self.content)
            return len(asked) // CHARACTERS_A_TOKEN, written // CHARACTERS_A_TOKEN, True
        return self.prompt_tokens, self.completion_tokens, False

    def _take(self, part: Any, finish: str | None) -> None:  # noqa: ANN401 - as above
        self.content += part.content or ""
        self.refusal += getattr(part, "refusal", None) or ""
        self.finish = finish or self.finish

    def _count(self, source: Any) -> None:  # noqa: ANN401 - as above
        if usage := getattr(source, "usage", None):
            self.prompt_tokens = usage.prompt_tokens
            self.completion_tokens = usage.completion_tokens


def understood(answer: Answer) -> Understood:
    """The reading in an answer. Raises `Malformed` (ask again) or `ModelFailed` (do not)."""
    if answer.refusal or answer.finish == "content_filter":
        answer.content = ""  # whatever there was of it is not to be used
        detail = "the model refused" if answer.refusal else "the answer was filtered"
        raise ModelFailed(detail, answered=True)
    try:
        return parse(answer.content)
    except Malformed as error:
        if kept := broken_off(answer.content):
            return kept
        if answer.finish == "length":
            raise ModelFailed("the answer was cut off", answered=True) from error
        raise
