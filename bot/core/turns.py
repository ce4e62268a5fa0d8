"""What a person did once."""

from msgspec import Struct

from bot.core.intents import Intent

MAX_TEXT = 4000


class Upload(Struct, frozen=True):
    """A photo as it arrived: untrusted bytes and the name it came with."""

    data: bytes
    name: str = ""


class Turn(Struct, frozen=True):
    """One thing a person did: said something, tapped a choice, sent a photo (perhaps with words).

    `session` and `person` are platform-prefixed ids ("web:…"); `client_id` makes a repeated
    delivery of the same turn harmless. `intent` is what a command means outright; the text is then
    only its argument ("4" for a series). `about` is the render the person points at, `more` are
    further photos of the same album. `places` are the platform-prefixed ids of the chat, channel
    or guild it came from, for guest lists. `shared`: others read what is answered.
    `language` is what their device speaks ("de", "es-ES").
    """

    session: str
    person: str
    text: str = ""
    choice: str | None = None
    photo: Upload | None = None
    more: tuple[Upload, ...] = ()
    client_id: str = ""
    intent: Intent | None = None
    about: str = ""
    places: tuple[str, ...] = ()
    shared: bool = False
    language: str = ""
