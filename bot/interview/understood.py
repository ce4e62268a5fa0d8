"""What a language model must answer: the schema it is shown and the check its answer passes."""

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import from_json

from bot.core.ports import Intent
from bot.core.spec import SLOTS

MAX_ANSWER = 20_000
_MAX_OBJECTS = 40
_THOUGHTS = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
_SENTENCE_END = re.compile(r"[.!?…](?=\s|\Z)|[。！？]")
_DECODER = json.JSONDecoder()


class Malformed(Exception):
    """An answer that is not what was asked for; the message tells the model why."""


def _known(changes: Any) -> Any:  # noqa: ANN401 - untrusted JSON
    """Leave out slots that do not exist: a slip the rest of the answer need not pay for."""
    if not isinstance(changes, list):
        return changes
    return [c for c in map(_unquoted, changes) if c.get("slot") in SLOTS]


def _unquoted(change: Any) -> dict[str, Any]:  # noqa: ANN401 - untrusted JSON
    """A bare slot's name is a change without a quote: well formed, and never believed."""
    return change if isinstance(change, dict) else {"slot": change, "quote": ""}


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


class Removal(BaseModel):
    """A slot the sitter no longer wants."""

    model_config = ConfigDict(extra="forbid")

    slot: SlotName
    quote: str


class Understood(BaseModel):
    """A model's reading. No defaults and no extras, as strict schemas demand.

    The order matters: a server that enforces the schema writes the reply last, so that it can be
    spoken while it is written, with everything else already checked.
    """

    model_config = ConfigDict(extra="forbid")

    intent: Intent
    evidence: str
    set: Annotated[list[Change], BeforeValidator(_known)]
    clear: Annotated[list[Removal], BeforeValidator(_known)]
    topic: str | None
    reply: str | None


_HEAD = frozenset(Understood.model_fields) - {"reply"}


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


def growing(text: str) -> Understood | None:
    """An answer that is still being written, as soon as nothing but its reply is missing.

    The reply is as far as it goes. None while anything else may still come.
    """
    if '"reply"' not in text:
        return None
    bare = _THOUGHTS.sub("", text[:MAX_ANSWER])
    try:
        answer = from_json(bare[max(bare.find("{"), 0) :], allow_partial="trailing-strings")
        before, last = [*answer][:-1], [*answer][-1:]
        if last != ["reply"] or not _HEAD.issubset(before):
            return None
        return Understood.model_validate(answer)
    except (ValueError, TypeError):
        return None


def broken_off(text: str) -> Understood | None:
    """What can be kept of an answer that ended too early: all of it, when only its reply suffered.

    The reply ends with its last whole sentence, or shows that it was cut.
    """
    answer = growing(text)
    if answer is None or not answer.reply:
        return answer
    ends = [found.end() for found in _SENTENCE_END.finditer(answer.reply)]
    cut = answer.reply[: ends[-1]] if ends else f"{answer.reply.rpartition(' ')[0]}…"
    return answer.model_copy(update={"reply": cut})


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
    return {"evidence": "", "set": [], "clear": [], "topic": None, "reply": None, **answer}
