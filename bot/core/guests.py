"""Who is let in, and who may run the studio: ids from the settings, the same on every platform."""

from bot.core.events import platform_of
from bot.core.turns import Turn
from bot.errors import NotAdmitted

LOCAL = frozenset({"console"})
"""Whoever sits at this machine's terminal owns the place."""


class Guests:
    """`allow` names people, chats, guilds ("telegram:123") or whole platforms ("web"); empty lets
    everybody in. `admins` are people, and are always let in.
    """

    def __init__(
        self, allow: frozenset[str] = frozenset(), admins: frozenset[str] = frozenset()
    ) -> None:
        self._allow, self._admins = allow, admins

    def admit(self, turn: Turn) -> None:
        """Let a turn pass.

        Raises:
            NotAdmitted: It comes from somebody, and somewhere, that is not on the list.
        """
        platform = platform_of(turn.person)
        known = {turn.person, platform, *turn.places}
        if self._allow and not known & self._allow and not self.is_admin(turn.person):
            raise NotAdmitted(turn.person)

    def is_admin(self, person: str) -> bool:
        """Whether this person may run the studio."""
        return person in self._admins or platform_of(person) in LOCAL
