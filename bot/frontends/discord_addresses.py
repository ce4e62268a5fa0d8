"""Who is talked to, and where, on Discord."""

from collections import OrderedDict

import discord
from msgspec import Struct

PREFIX = "discord"
MAX_OPEN = 2000


class Address(Struct, frozen=True):
    """A person, and the guild channel they spoke in (0: their direct messages)."""

    user: int
    channel: int = 0

    @property
    def session(self) -> str:
        """The session's id: of the person in private, of the person in that channel elsewhere."""
        tail = f":{self.channel}" if self.channel else ""
        return f"{PREFIX}:{self.user}{tail}"

    @property
    def person(self) -> str:
        """The person's id."""
        return f"{PREFIX}:{self.user}"


def address_of(session_id: str) -> Address:
    """The address in a session's id.

    >>> address_of("discord:5:77")
    Address(user=5, channel=77)
    """
    user, _, channel = session_id.removeprefix(f"{PREFIX}:").partition(":")
    return Address(int(user), int(channel or 0))


def address_for(interaction: discord.Interaction) -> Address:
    """Where an interaction came from."""
    in_guild = interaction.guild_id is not None
    return Address(interaction.user.id, (interaction.channel_id or 0) if in_guild else 0)


def places_of(interaction: discord.Interaction) -> tuple[str, ...]:
    """The guild and the channel it came from, for guest lists."""
    ids = (interaction.guild_id, interaction.channel_id)
    return tuple(f"{PREFIX}:{each}" for each in ids if each)


class Doors:
    """The interactions still open for answers: Discord lets us in for 15 minutes."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, discord.Interaction] = OrderedDict()

    def open(self, session_id: str, interaction: discord.Interaction) -> None:
        """From now on the session is answered through this interaction."""
        self._open[session_id] = interaction
        self._open.move_to_end(session_id)
        if len(self._open) > MAX_OPEN:
            self._open.popitem(last=False)

    def get(self, session_id: str) -> discord.Interaction | None:
        """The interaction to answer through, unless its time is over."""
        interaction = self._open.get(session_id)
        if interaction and interaction.is_expired():
            self.shut(session_id)
            return None
        return interaction

    def shut(self, session_id: str) -> None:
        """Its token is dead."""
        self._open.pop(session_id, None)
