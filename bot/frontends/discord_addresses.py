"""Who is talked to, and where, on Discord."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeVar

import discord
from msgspec import Struct

T = TypeVar("T")
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


def places_of(source: discord.Interaction | discord.Message) -> tuple[str, ...]:
    """The guild and the channel it came from, for guest lists."""
    # An interaction's guild is None where the bot itself is no member; its id is always there.
    guild = getattr(source, "guild_id", None) or getattr(source.guild, "id", None)
    channel = getattr(source.channel, "id", None)
    return tuple(f"{PREFIX}:{each}" for each in (guild, channel) if each)


@dataclass(slots=True)
class Call:
    """A guild message that names the bot, and the reply that leads to the private answer.

    `after` is the last place of the transcript that the person has seen, once an answer waits;
    `knock` the reply to this or an earlier call, `knocked` whether it stands under this one.
    """

    message: discord.Message
    after: int | None = None
    knock: discord.Message | None = None
    knocked: bool = False


class Doors:
    """How each session is reached now: an interaction (15 minutes), or a call in the guild."""

    def __init__(self) -> None:
        self._open: OrderedDict[str, discord.Interaction] = OrderedDict()
        self._calls: OrderedDict[str, Call] = OrderedDict()

    def open(self, session_id: str, interaction: discord.Interaction) -> None:
        """From now on the session is answered through this interaction."""
        self._calls.pop(session_id, None)
        _keep(self._open, session_id, interaction)

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

    def called(self, session_id: str, message: discord.Message) -> None:
        """Somebody spoke to the bot before everybody; an unseen answer stays unseen."""
        before = self._calls.get(session_id)
        call = Call(message, before.after, before.knock) if before else Call(message)
        _keep(self._calls, session_id, call)

    def call(self, session_id: str) -> Call | None:
        """The call that waits for an answer."""
        return self._calls.get(session_id)


def _keep(kept: OrderedDict[str, T], session_id: str, value: T) -> None:
    kept[session_id] = value
    kept.move_to_end(session_id)
    if len(kept) > MAX_OPEN:
        kept.popitem(last=False)
