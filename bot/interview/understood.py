"""What a language model must answer: the schema it is shown and the check its answer passes."""

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from bot.core.ports import Intent
from bot.core.spec import SLOTS

MAX_ANSWER = 20_000
_MAX_OBJECTS = 40
_THOUGHTS = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_DECODER = json.JSONDecoder()


class Malformed(Exception):
    """An answer that is not what was asked for; the message tells the model why."""


def _known(changes: Any) -> Any:  # noqa: ANN401 - untrusted JSON
    """Leave out slots that do not exist: a slip the rest of the answer need not pay for."""
    return [c for c in changes if _slot_of(c) in SLOTS] if isinstance(changes, list) else changes


def _slot_of(change: Any) -> object:  # noqa: ANN401 - untrusted JSON
    return change.get("slot") if isinstance(change, dict) else change


if TYPE_CHECKING:
    SlotName = str
else:
    SlotName = Literal[SLOTS]


class Change(BaseModel):
    """One slot as the model heard it."""

    model_config = ConfigDict(extra="forbid")

    slot: SlotName
    value: str | float
    quote: str


class Understood(BaseModel):
    """A model's reading. No defaults and no extras, as strict schemas demand."""

    model_config = ConfigDict(extra="forbid")

    intent: Intent
    set: Annotated[list[Change], BeforeValidator(_known)]
    clear: Annotated[list[SlotName], BeforeValidator(_known)]
    topic: str | None
    reply: str | None


def parse(text: str) -> Understood:
    """The answer in a model's text, with its thoughts, fences and chatter around it set aside.

    Raises `Malformed`.
    """
    found = _objects(_THOUGHTS.sub("", text[:MAX_ANSWER]))
    if not found:
        raise Malformed("there is no JSON object in the answer")
    try:
        return Understood.model_validate(_completed(found[0]))
    except ValidationError as error:
        raise Malformed(reasons(error)) from error


def reasons(error: ValidationError) -> str:
    """What is wrong, in a line the model can act on."""
    wrong = error.errors(include_url=False, include_input=False)[:3]
    return "; ".join(f"{'.'.join(map(str, e['loc'])) or 'answer'}: {e['msg']}" for e in wrong)


def _objects(text: str) -> list[dict[str, Any]]:
    """JSON objects standing in a text, those that name an intent first."""
    found, at = [], text.find("{")
    for _ in range(_MAX_OBJECTS):
        if at < 0:
            break
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            found.append(value)
        at = text.find("{", end)
    return sorted(found, key=lambda value: "intent" not in value)


def _completed(answer: dict[str, Any]) -> dict[str, Any]:
    """Fill in what a server without schemas may leave out because it is empty."""
    return {"set": [], "clear": [], "topic": None, "reply": None, **answer}
