"""What the bot and its worker process say to each other: one JSON object a line.

The bot asks (`Setup` once, then `Ask`, `Together` and `CallOff`); the worker says `Hello` once it
has its studio, then any number of `Progressed` and one `Answer` or `Refusal` per call.
"""

import msgspec
from msgspec import Raw, Struct, field

from engine import errors
from engine.base import Capabilities
from engine.shots import LightPlan, Shot


class Setup(Struct, frozen=True, tag="setup"):
    """The first line: which studio to build ("package.module:function") and with what settings."""

    factory: str
    settings: dict[str, str]
    warm: bool = True


class Plan(Struct, frozen=True, tag="plan"):
    """What is to be expected of these shots?"""

    shots: tuple[Shot, ...]


class Receive(Struct, frozen=True, tag="receive"):
    """Store the upload that lies in this file."""

    path: str


class Draw(Struct, frozen=True, tag="draw"):
    """Draw this light plan."""

    plan: LightPlan


class Shoot(Struct, frozen=True, tag="shoot"):
    """Make this shot; `job` is for the log."""

    job: str
    shot: Shot


class Ping(Struct, frozen=True, tag="ping"):
    """Are you there?"""


class Ask(Struct, frozen=True, tag="ask"):
    """A numbered call; exactly one `Answer` or `Refusal` with its number follows."""

    call: int
    what: Plan | Receive | Draw | Shoot | Ping


class Together(Struct, frozen=True, tag="together"):
    """Shots to be made at once; each is a call of its own."""

    asks: tuple[Ask, ...]


class CallOff(Struct, frozen=True, tag="call_off"):
    """Let this call end at the studio's next report."""

    call: int


class Hello(Struct, frozen=True, tag="hello"):
    """The worker's first line: its studio is built."""

    capabilities: Capabilities


class Progressed(Struct, frozen=True, tag="progressed"):
    """`fraction` (0..1) of `step` is done; `preview` is the blob of a first look, or ""."""

    call: int
    step: str
    fraction: float
    preview: str = ""


class Answer(Struct, frozen=True, tag="answer"):
    """What the call returned, as JSON of the type its asker expects."""

    call: int
    result: Raw


class Refusal(Struct, frozen=True, tag="refusal"):
    """The call raised an `EngineError`: its class's name and its parts."""

    call: int
    kind: str
    code: str
    detail: str = ""
    facts: dict[str, str | int] = field(default_factory=dict)


Request = Setup | Ask | Together | CallOff
Reply = Hello | Progressed | Answer | Refusal

_REQUEST: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)
_REPLY: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)


def to_line(message: Request | Reply) -> bytes:
    """One line, newline included."""
    return msgspec.json.encode(message) + b"\n"


def to_request(line: bytes) -> Request:
    """What the bot said. Raises `msgspec.DecodeError`."""
    return _REQUEST.decode(line)


def to_reply(line: bytes) -> Reply:
    """What the worker said. Raises `msgspec.DecodeError`, also for a library's stray print."""
    return _REPLY.decode(line)


def to_refusal(call: int, error: errors.EngineError) -> Refusal:
    """An error, ready to cross the process."""
    kind = next(c.__name__ for c in type(error).__mro__ if c.__name__ in _kinds())
    return Refusal(call, kind, error.code, error.detail, error.facts)


def to_error(refusal: Refusal) -> errors.EngineError:
    """The error that crossed, of the class it was raised as."""
    kind = _kinds().get(refusal.kind, errors.EngineError)
    return kind(refusal.detail, code=refusal.code, **refusal.facts)


def _kinds() -> dict[str, type[errors.EngineError]]:
    return {k: v for k, v in vars(errors).items() if _is_error(v)}


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, errors.EngineError)
