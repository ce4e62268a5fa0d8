"""What reading the sitter's words with a language model took: tokens, and what they cost."""

from collections.abc import Iterable

from msgspec import Struct

MILLION = 1_000_000


class Usage(Struct, frozen=True):
    """Questions put to a model, and what they took.

    `cost` is in the currency of the prices that were set. `estimated`: at least one answer came
    without the server's own count (it was broken off, say), so four characters count as a token.
    """

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    estimated: bool = False

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost + other.cost,
            self.estimated or other.estimated,
        )


class Prices(Struct, frozen=True):
    """What a million tokens cost: those the model reads, and those it writes."""

    prompt: float = 0.0
    completion: float = 0.0

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The cost of so many tokens."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / MILLION


def total(used: Iterable[Usage]) -> Usage:
    """All of it together, such as a session's: `total(e.usage for e in exchanges)`."""
    found = Usage()
    for usage in used:
        found = found + usage
    return found
