"""From strict schemas down to plain text: how an answer is got out of whatever server is there."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from bot.interview.understood import Malformed, Understood

Step = Literal["schema", "json_object", "text"]
Message = dict[str, str]
Ask = Callable[[Step, list[Message]], Awaitable[Understood]]
STEPS: tuple[Step, ...] = ("schema", "json_object", "text")

SLIPS = 3
"""Answers in a row that could not be used at first, after which a step is left."""
_SHAPE = (
    "Answer with exactly one JSON object and nothing else. It must fit this JSON schema:\n{schema}"
)
_REPAIR = "Your answer could not be used: {reason}. Answer again, with the JSON object only."


class Unsupported(Exception):
    """The server does not know this step. `streams`: it said that streaming is the trouble."""

    def __init__(self, detail: str, streams: bool = False) -> None:
        super().__init__(detail)
        self.streams = streams


class Ladder:
    """Finds the strictest step a server masters, and remembers it.

    One ladder belongs to one server. A step the server rejects is left for the next one down; an
    answer that cannot be used is asked for once more, a step lower, with the reason. One slip
    leaves the step as it was: only `slips` in a row say that it does not hold there.
    """

    def __init__(self, slips: int = SLIPS) -> None:
        self._best = self._slipped = 0
        self._slips = slips

    @property
    def step(self) -> Step:
        """Where the next question starts."""
        return STEPS[self._best]

    async def climb(self, ask: Ask, messages: list[Message]) -> Understood:
        """The answer to `messages`, which `ask` puts to the server at a step.

        Raises `Malformed`, or whatever else than that and `Unsupported` `ask` raises.
        """
        at, found = await self._descend(ask, self._best, messages)
        self._best = at
        if not isinstance(found, Malformed):
            self._slipped = 0
            return found
        self._slipped += 1
        repair = {"role": "user", "content": _REPAIR.format(reason=found)}
        lower, found = await self._descend(ask, min(at + 1, len(STEPS) - 1), [*messages, repair])
        if isinstance(found, Malformed):
            raise found
        if self._slipped >= self._slips:
            self._best, self._slipped = lower, 0
        return found

    async def _descend(
        self, ask: Ask, start: int, messages: list[Message]
    ) -> tuple[int, Understood | Malformed]:
        for at, step in enumerate(STEPS[start:], start):
            try:
                return at, await ask(step, _instructed(step, messages))
            except Malformed as problem:
                return at, problem
            except Unsupported:
                if step == STEPS[-1]:
                    raise
        raise AssertionError("the last step returns or raises")


def response_format(step: Step) -> dict[str, Any]:
    """What a request at this step says about the form of its answer."""
    if step == "text":
        return {}
    if step == "json_object":
        return {"response_format": {"type": "json_object"}}
    schema = {"name": "reading", "strict": True, "schema": Understood.model_json_schema()}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def _instructed(step: Step, messages: list[Message]) -> list[Message]:
    """Below the first step the schema travels in the system prompt."""
    if step == "schema":
        return messages
    shape = _SHAPE.format(schema=json.dumps(Understood.model_json_schema()))
    first, *rest = messages
    return [{**first, "content": f"{first['content']}\n\n{shape}"}, *rest]
