"""What was found in a message."""

from msgspec import Struct

from bot.core.spec import Scalar


class Hit(Struct, frozen=True):
    """A value of a slot, read from the tokens `first` up to `last`."""

    slot: str
    value: Scalar
    first: int
    last: int
    negated: bool = False
