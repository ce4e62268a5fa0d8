"""The page's protocol: what a browser may say on its socket, and what it hears beside postings."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from bot.core.replies import Posted

ClientId = Annotated[str, Meta(min_length=1, max_length=80)]


class Hello(Struct, frozen=True, tag_field="kind", tag="hello"):
    """The page is here and has seen everything up to `after`; also its sign of life.

    `zone` is the browser's time zone (IANA), `language` what it speaks ("de-AT").
    """

    after: Annotated[int, Meta(ge=0)] = 0
    zone: Annotated[str, Meta(max_length=64)] = ""
    language: Annotated[str, Meta(max_length=35)] = ""


class Said(Struct, frozen=True, tag_field="kind", tag="text"):
    """The person wrote something. `client_id` stays the same when the page repeats itself."""

    text: str
    client_id: ClientId


class Tapped(Struct, frozen=True, tag_field="kind", tag="choice"):
    """The person tapped a choice."""

    choice: Annotated[str, Meta(min_length=1, max_length=200)]
    client_id: ClientId


class Ready(Struct, frozen=True):
    """The answer to `Hello`: who this browser is (opaque) and the highest place in the transcript.

    A page that remembers another `ready`, or has seen a higher `last`, starts from a blank wall.
    `first` is the lowest place there still is (0: not looked up): what is older was erased.
    """

    ready: str
    last: int
    first: int = 0


class Ack(Struct, frozen=True):
    """This turn is answered; the page need not send it again."""

    ack: str


Frame = Hello | Said | Tapped
_FRAME: msgspec.json.Decoder[Frame] = msgspec.json.Decoder(Frame)


def decode(raw: str | bytes) -> Frame:
    """A frame from JSON. Raises `msgspec.MsgspecError` or ValueError when it is not one."""
    return _FRAME.decode(raw)


def encode(frame: Posted | Ready | Ack) -> str:
    """JSON text of what the page hears. An entry with place 0 is shown but not kept."""
    return msgspec.json.encode(frame).decode()
